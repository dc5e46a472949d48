"""Theory against simulation for policies of the public debate: exact statements, AGREES everywhere.

The false-alarm level of 1e-3 is shared by all chains and the seed is fixed in advance; AGREES means that a formula
wrong by 5 % in any generation would have been called DISAGREES with a probability of at least 90 %.
"""

import pytest

from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.catalogue import EXACT_POLICIES
from modelcollapse.validation.comparison import compare


@pytest.mark.parametrize("name", EXACT_POLICIES)
def test_exact_statements_about_policies_agree(name):
    level = 1e-3 / len(EXACT_POLICIES)
    comparison = compare(EXACT_POLICIES[name], level=level, tolerance=0.05, replicates=6144, seed=29)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES

"""Theory against simulation on rows that a verifier has judged: AGREES everywhere.

Label noise decides what is kept, so that it is drawn. The false-alarm level of 1e-3 is shared by all chains, the seed
is fixed in advance; AGREES means that a formula wrong by 7 % in any generation would have been called DISAGREES with a
probability of at least 90 %.
"""

import pytest

from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.catalogue import VERIFIED
from modelcollapse.validation.comparison import compare

LEVEL = 1e-3 / len(VERIFIED)
LADDER = {1: 2048, 2: 3072, 4: 2560}
# Where the noise of the labels is the whole error, or rows are few, the same 7 % take a multiple of the replicates.
MULTIPLE = {"revised, few rows": 2, "twelve generations, unbiased": 2.5}


@pytest.mark.parametrize("name", VERIFIED)
def test_deterministic_equivalents_agree_on_a_ladder(name):
    replicates = {scale: int(count * MULTIPLE.get(name, 1)) for scale, count in LADDER.items()}
    comparison = compare(VERIFIED[name], level=LEVEL, tolerance=0.07, replicates=replicates, seed=27)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES

"""Theory against simulation over mixtures, random projections and their loops: AGREES everywhere.

The false-alarm level of 1e-3 is shared by all of these chains, the seeds are fixed in advance, label noise is
integrated out. AGREES means that a formula wrong by 5 % in any generation would have been called DISAGREES with a
probability of at least 90 %.
"""

from __future__ import annotations

import pytest

from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.catalogue import EQUIVALENT_MIXTURES, EXACT_MIXTURES
from modelcollapse.validation.comparison import compare

LEVEL = 1e-3 / (len(EXACT_MIXTURES) + len(EQUIVALENT_MIXTURES))
REPLICATES = 4096
LADDER = {1: 1024, 2: 1536, 4: 1024}
# Errors that vary more from draw to draw, or less, show the same 5 % in a multiple of the replicates.
MULTIPLE = {
    "pooled, random shift, a half": 2,
    "pooled, random shift, most": 2,
    "three sources, random shift": 2,
    "projections, of the truth each time": 2,
    "few rows, ridgeless": 2.5,
    "few rows, ridgeless, the wide first": 2.5,
    "few rows, some with a penalty": 1.5,
    "few rows, blended with a shift": 1.5,
    "another covariance": 0.5,
    "weights and another covariance": 0.5,
    "less of another covariance": 0.5,
    "loop, replaced": 0.75,
    "loop, blended": 0.75,
    "kept, pooled, steep": 0.75,
    "kept, blended": 0.75,
    "mixture, mostly previous": 0.75,
}


@pytest.mark.parametrize("name", EXACT_MIXTURES)
def test_exact_statements_agree(name):
    """At finite size: pooled least squares, isotropic ridgeless projections, projections wider than the rank."""
    replicates = int(REPLICATES * MULTIPLE.get(name, 1))
    comparison = compare(EXACT_MIXTURES[name], level=LEVEL, tolerance=0.05, replicates=replicates, seed=25)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES


@pytest.mark.parametrize("name", EQUIVALENT_MIXTURES)
def test_deterministic_equivalents_agree_on_a_ladder(name):
    """At three sizes, extrapolated: ridge fits and projections of mixtures, their loops, weights and covariances."""
    replicates = {scale: int(count * MULTIPLE.get(name, 1)) for scale, count in LADDER.items()}
    comparison = compare(EQUIVALENT_MIXTURES[name], level=LEVEL, tolerance=0.05, replicates=replicates, seed=26)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES

"""Theory against simulation over the catalogue of chains: AGREES everywhere, with the detectable errors printed.

Each comparison has a false-alarm level of 1e-3 for its whole chain, so that a suite of 35 true statements fails by
chance with a probability below 3.5 %; the seeds are fixed in advance. AGREES means that a formula wrong by 5 % (by 2 %
in the sharp cells) would have been called DISAGREES with a probability of at least 90 %. What this cannot detect:
smaller errors, which the exact anchors and the mutants of tests/validation/test_sabotage.py are for.
The chains of the sharp cells are judged there only, which says more than 5 % would.
"""

from __future__ import annotations

import pytest

from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.catalogue import EQUIVALENT, EQUIVALENT_FURTHER, EXACT, EXACT_FURTHER
from modelcollapse.validation.comparison import compare

LEVEL = 1e-3
# Errors without a variance are judged by their law, which takes many cheap replicates; large dimensions vary little.
REPLICATES = {
    "least squares, rows = rank + 2": 32768,
    "least squares, rows = rank + 1": 49152,
    "least squares, rows = rank": 65536,
    "least squares, spiked, four generations": 1024,
    "least squares, steep, dimension 200": 256,
}
FURTHER: dict[str, int] = {}
LADDER = {1: 16384, 2: 12288, 4: 6144}
LONG_LADDER = {1: 40960, 2: 32768, 4: 16384}
SHARP = ("ridge, isotropic, rows above", "ridge, linear spectrum")
# Drawn without rows, label noise included: more replicates, in a small part of the time.
WITHOUT_ROWS = {
    "ridge, isotropic, rows above": 6,
    "ridge, isotropic, rows below": 4,
    "isotropic generators below, then ridge": 4,
    "blended labels, ridge, isotropic": 4,
}
# Errors that vary less from draw to draw show the same 5 % in a part of the replicates.
PART = {
    "ridge, power law, rows above": 4,
    "ridge, power law, rows = dimension": 2,
    "ridge, spiked, rows above": 2,
    "ridge, spiked, rows below": 2,
    "ridge, two levels": 4,
    "ridge, random truth": 2,
    "ridge, two noises in a generation": 4,
    "ridge, eight generations": 4,
    "ridge, tiny penalties, rows above": 4,
    "generators, then ridge": 4,
    "generators, then minimum norm below": 2,
    "rephrased, ridge": 2,
    "blended labels, ridge, two levels": 4,
    "one weight for all rows, ridge": 4,
}


def ladder(name: str, counts: dict[int, int] = LADDER) -> dict[int, int]:
    """Replicates of each size."""
    return {scale: WITHOUT_ROWS.get(name, 1) * count // PART.get(name, 1) for scale, count in counts.items()}


@pytest.mark.parametrize("name", EXACT)
def test_exact_statements_agree(name):
    comparison = compare(EXACT[name], level=LEVEL, tolerance=0.05, replicates=REPLICATES.get(name, 4096), seed=20)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES


@pytest.mark.parametrize("name", [name for name in EQUIVALENT if name not in SHARP])
def test_deterministic_equivalents_agree_on_a_ladder(name):
    comparison = compare(EQUIVALENT[name], level=LEVEL, tolerance=0.05, replicates=ladder(name), seed=21)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES


@pytest.mark.parametrize("name", EXACT_FURTHER)
def test_exact_statements_about_stores_and_labellers_agree(name):
    """At a false-alarm level of 1e-3 for all of these chains together."""
    level = LEVEL / len(EXACT_FURTHER)
    comparison = compare(EXACT_FURTHER[name], level=level, tolerance=0.05, replicates=FURTHER.get(name, 6144), seed=23)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES


@pytest.mark.parametrize("name", EQUIVALENT_FURTHER)
def test_equivalents_of_blends_and_kept_rows_agree_on_a_ladder(name):
    comparison = compare(EQUIVALENT_FURTHER[name], level=LEVEL, tolerance=0.05, replicates=ladder(name), seed=24)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES


@pytest.mark.timeout(600)  # 110 seconds on a core of its own
@pytest.mark.parametrize("name", SHARP)
def test_deterministic_equivalents_agree_to_two_percent(name):
    comparison = compare(EQUIVALENT[name], level=LEVEL, tolerance=0.02, replicates=ladder(name, LONG_LADDER), seed=22)
    print(f"{name}: {comparison}")
    assert comparison.verdict is Verdict.AGREES

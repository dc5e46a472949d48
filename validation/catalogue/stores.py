"""Chains fitted by least squares on everything generated so far, or on one design that is labelled again and again."""

from __future__ import annotations

from ...theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    Chain,
    Generation,
    MinimumNorm,
    SameRows,
    Source,
    accumulate,
)
from .populations import isotropic, power, rank_deficient, spiked

_FIT = MinimumNorm()


def _two_noises() -> Chain:
    step = Generation((Source(11, 0.2, PREVIOUS), Source(13, 0.6, PREVIOUS)), _FIT, memory=ACCUMULATE)
    return Chain(power(10), (step,) * 3)


def _relabelled(noises: tuple[float, ...], rows: int) -> Chain:
    """One design, labelled by model after model; every fit sees the last labels only."""
    first, *later = noises
    again = tuple(Generation((Source(rows, s, PREVIOUS, covariates=SameRows(1)),), _FIT) for s in later)
    return Chain(spiked(9), (Generation((Source(rows, first, PREVIOUS),), _FIT), *again))


EXACT: dict[str, Chain] = {
    "accumulation, power law": accumulate(power(10), 3, 24, 0.4, _FIT),
    "accumulation, unequal rows and noises": accumulate(spiked(8), 3, [20, 33, 26], [0.5, 0.3, 0.6], _FIT),
    "accumulation, rank below dimension": accumulate(rank_deficient(), 3, 31, 0.45, _FIT),
    "accumulation, isotropic, five generations": accumulate(isotropic(8), 5, 18, 0.3, _FIT),
    "accumulation, close to the rank": accumulate(power(10, 2.5), 3, 16, 0.35, _FIT),
    "accumulation, growing rows": accumulate(isotropic(9), 4, [17, 22, 29, 40], 0.5, _FIT),
    "accumulation, two noises in a generation": _two_noises(),
    "accumulation, no noise": accumulate(power(9), 3, 21, 0.0, _FIT),
    "accumulation on the same rows": accumulate(isotropic(10), 3, 22, 0.4, _FIT, same_rows=True),
    "accumulation on the same rows, unequal noises": accumulate(
        power(9), 4, 23, [0.3, 0.6, 0.4, 0.5], _FIT, same_rows=True
    ),
    "the same rows labelled again": _relabelled((0.4, 0.3, 0.5), 21),
}

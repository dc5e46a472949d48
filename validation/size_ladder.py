"""Deterministic equivalents on a ladder of sizes: the gap to the experiment must vanish as the size grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from .agreement import Band, Judgement, Standard, judge_gap
from .confidence import Estimate, combine, student_quantile
from .measured import Array

ALLOWANCE = 0.005  # least gap at infinite size that is held against a formula


def richardson_weights(scales: Sequence[int]) -> Array:
    """Row k holds the weights that read the coefficient of (1/c)^k off the values at the sizes c.

    Exact where the values are a polynomial in 1/c of degree below the number of sizes.

    >>> richardson_weights((1, 2, 4))[0] * 3
    array([ 1., -6.,  8.])
    """
    return np.asarray(np.linalg.inv(np.vander(1.0 / np.asarray(scales, dtype=np.float64), increasing=True)))


@final
@dataclass(frozen=True)
class Ladder:
    """Relative gaps between experiment and theory at several sizes, and what they extrapolate to.

    $$ gap(c) = mean(c) / theory(c) - 1 = a_0 + a_1 / c + a_2 / c^2 + ... $$
    A correct deterministic equivalent has a_0 = 0; a_1 is its finite-size correction at the base size.

    Attributes:
        scales: c, how many times as large as the base each size is.
        gaps: one row per size, one `Estimate` per generation.
    """

    scales: tuple[int, ...]
    gaps: tuple[tuple[Estimate, ...], ...]

    @classmethod
    def measured(cls, scales: Sequence[int], theories: Sequence[Array], errors: Sequence[Array]) -> Ladder:
        """From theory (N,) and replicates (R, N) at each size; a theory of 0 or infinity has no relative gap."""
        gaps = tuple(
            tuple(_gap(column, float(value)) for column, value in zip(replicates.T, theory, strict=True))
            for theory, replicates in zip(theories, errors, strict=True)
        )
        return cls(tuple(scales), gaps)

    def coefficient(self, order: int, generation: int) -> Estimate:
        """The coefficient a_order of the gap of `generation` (1-based)."""
        weights = richardson_weights(self.scales)[order]
        return combine(weights, [row[generation - 1] for row in self.gaps])

    def missed(self, generation: int, finite_size: float = 0.0) -> float:
        """Upper bound for what the extrapolation misses, f^K prod(1/c) for K sizes and a relative gap f / c.

        f is the larger of `finite_size`, what theory expects, and of what is seen at the smallest size. This bounds the
        steepest cases known: the gap 1 / (c m - 1) of least squares at a margin of m >= 2 rows, and a ridge of 0.001
        with as many rows as directions, where a_0 = -0.011 remains from a base of 16.
        """
        smallest = int(np.argmin(self.scales))
        seen = abs(self.gaps[smallest][generation - 1].value - self.coefficient(0, generation).value)
        largest = max(finite_size, self.scales[smallest] * seen)
        return float(largest ** len(self.scales) / math.prod(self.scales))


def judge_ladder(generation: int, theory: float, ladder: Ladder, finite_size: float, standard: Standard) -> Judgement:
    """The judgement of the gap extrapolated to infinite size.

    Args:
        generation: 1..N.
        theory: the number at the base size.
        ladder: gaps at several sizes.
        finite_size: the relative gap that theory expects at the base size, if it says anything.
        standard: level and tolerance.
    """
    limit, missed = ladder.coefficient(0, generation), ladder.missed(generation, finite_size)
    band = Band(max(ALLOWANCE, missed), standard.tolerance, missed)
    quantile = student_quantile(standard.spent, max(limit.replicates, 2))
    rule = (
        f"Deterministic equivalent on sizes {' : '.join(map(str, ladder.scales))}: DISAGREES where the interval of the "
        f"gap extrapolated to infinite size lies beyond {band.allowance:.2g}, AGREES where it lies within "
        f"{standard.tolerance:.2g} and an error of that size would have been detected; the extrapolation may miss "
        f"{missed:.1g}, less from a larger base."
    )
    return judge_gap(generation, theory, limit, quantile, band, standard, rule)


def allocate(weights: Array, deviations: Array, costs: Array, budget: float) -> Array:
    """Replicates per size that minimise Var(a_0) = sum w^2 sd^2 / n at a total cost sum cost n = budget.

    $$ n_c \\propto |w_c| sd_c / \\sqrt{cost_c} $$

    >>> allocate(np.array([1.0, 2.0]), np.array([0.5, 0.5]), np.array([1.0, 4.0]), 100.0)
    array([20., 20.])
    """
    shape = np.abs(weights) * deviations / np.sqrt(costs)
    total = float(np.sum(shape * costs))
    return np.asarray(shape * budget / total if total > 0 else np.full(len(weights), budget / np.sum(costs)))


def _gap(errors: Array, theory: float) -> Estimate:
    if theory == 0 or not math.isfinite(theory):
        return Estimate(math.nan, math.nan, math.nan, len(errors))
    return Estimate.mean(errors).gap(theory)

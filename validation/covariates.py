"""Real covariates against Gaussian ones of the same covariance: does Gaussian theory hold on a data set?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from ..theory.problem import SpecificationError
from .agreement import Band, Judgement, Standard, judge_gap
from .confidence import Estimate, Once, combine, student_quantile
from .measured import Array, Measured

LEVEL = 0.01
TOLERANCE = 0.05


@final
@dataclass(frozen=True, eq=False)
class CovariateRatio:
    """Error on real covariates over error on Gaussian ones, per generation.

    Attributes:
        value: (N,) ratio of the two means; 1 where only the covariance of the covariates matters.
        standard_error: (N,) to first order in the two standard errors.
    """

    value: Array
    standard_error: Array


def covariate_ratio(gaussian: Measured, real: Measured) -> CovariateRatio:
    """The ratio of two independent measurements.

    $$ r = b / a, \\qquad se(r)^2 = (se_b / a)^2 + (b se_a / a^2)^2 $$

    Args:
        gaussian: mean a > 0 and standard error of N generations.
        real: mean b and standard error of the same generations.

    Raises:
        SpecificationError: for different numbers of generations, or a Gaussian mean that is not positive.
    """
    _require_comparable(gaussian.mean, real.mean)
    value = real.mean / gaussian.mean
    spread = np.hypot(real.standard_error, value * gaussian.standard_error) / gaussian.mean
    return CovariateRatio(value, spread)


def judge_covariates(
    gaussian: Array, real: Array, *, tolerance: float = TOLERANCE, level: float = LEVEL
) -> tuple[Judgement, ...]:
    """One verdict for each generation on the gap b / a - 1 between mean errors on real and on Gaussian covariates.

    AGREES where the interval of the gap lies within the tolerance, DISAGREES where it lies beyond, else UNRESOLVED; the
    intervals of all generations hold together.

    Args:
        gaussian: (R, N) error of every replicate on Gaussian rows.
        real: (R', N) the same on rows of the data set, drawn independently.
        tolerance: the relative gap that counts as none, > 0.
        level: probability that any of the intervals misses its gap, in (0, 1).

    Raises:
        SpecificationError: as `covariate_ratio`.
    """
    _require_comparable(gaussian.mean(axis=0), real.mean(axis=0))
    standard = Standard(level, tolerance, gaussian.shape[1], Once())
    rule = (
        "Error on real rows against error on Gaussian rows: AGREES where the interval of the relative gap lies within "
        f"{tolerance:.2g}, DISAGREES where it lies beyond."
    )
    judgements = []
    for generation, (without, with_) in enumerate(zip(gaussian.T, real.T, strict=True), start=1):
        a, b = Estimate.mean(without), Estimate.mean(with_)
        # Linear in the two means; the weights are the derivatives of b / a.
        gap = combine(np.array([1 / a.value, -b.value / a.value**2]), [b, a])
        gap = replace(gap, value=b.value / a.value - 1)
        quantile = student_quantile(standard.share, max(gap.replicates, 2))
        band = Band(tolerance, tolerance)
        judgements.append(judge_gap(generation, a.value, gap, quantile, band, standard, rule))
    return tuple(judgements)


def _require_comparable(gaussian: Array, real: Array) -> None:
    if len(real) != len(gaussian):
        raise SpecificationError("real", len(real), f"{len(gaussian)} generations, as in the Gaussian run")
    if not np.all(gaussian > 0):
        raise SpecificationError("gaussian", gaussian, "positive errors")

"""Real covariates against Gaussian ones of the same covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from ..theory.problem import SpecificationError
from .measured import Array, Measured


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
    if len(real.mean) != len(gaussian.mean):
        raise SpecificationError("real", len(real.mean), f"{len(gaussian.mean)} generations, as in the Gaussian run")
    if not np.all(gaussian.mean > 0):
        raise SpecificationError("gaussian", gaussian.mean, "positive errors")
    value = real.mean / gaussian.mean
    spread = np.hypot(real.standard_error, value * gaussian.standard_error) / gaussian.mean
    return CovariateRatio(value, spread)

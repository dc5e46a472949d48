"""Estimators: how a generation is fitted to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from . import checks
from .checks import Scalar


@final
@dataclass(frozen=True)
class Ridge:
    """Ridge regression: argmin_w (1/n) sum_i (y_i - x_i'w)^2 + penalty |w|^2, with n the rows that enter the fit.

    Args:
        penalty: > 0, in the units of the covariance (scikit-learn's `alpha` is n * penalty).

    >>> Ridge(0.0)
    Traceback (most recent call last):
    ...
    modelcollapse.theory.problem.errors.SpecificationError: penalty: got 0.0; allowed: a finite number > 0 ...
    """

    penalty: Scalar

    def __post_init__(self) -> None:
        object.__setattr__(self, "penalty", checks.positive("penalty", self.penalty))


@final
@dataclass(frozen=True)
class MinimumNorm:
    """Least squares without a penalty; of all minimisers the one of least norm."""


Estimator: TypeAlias = Ridge | MinimumNorm

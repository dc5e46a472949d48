"""Estimators: how a generation is fitted to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

from . import checks
from .checks import Scalar
from .errors import SpecificationError


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


@final
@dataclass(frozen=True)
class RandomProjection:
    """Ridge regression on random features: f(x) = v'S x with S of shape (width, d), entries N(0, 1/width).

    $$ \\hat v = \\arg\\min_v \\tfrac1n \\sum_i (y_i - v'S x_i)^2 + \\mathrm{penalty}\\,|v|^2 $$

    Args:
        width: number of features, a whole number >= 1.
        penalty: > 0 on |v|^2; None is the limit of no penalty, the fit of least norm |v|.
        redraw: False uses the S of the nearest earlier generation with a projection (of the same width); the first
            projection of a chain is drawn in any case.
    """

    width: Any
    penalty: Scalar | None = None
    redraw: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", checks.size("width", self.width))
        if self.penalty is not None:
            object.__setattr__(self, "penalty", checks.positive("penalty", self.penalty))
        checks.flag("redraw", self.redraw)


Estimator: TypeAlias = Ridge | MinimumNorm | RandomProjection


def require_estimator(field: str, value: Any) -> Any:
    """`value`, refused unless it is an estimator."""
    if not isinstance(value, Ridge | MinimumNorm | RandomProjection):
        raise SpecificationError(field, value, "Ridge(penalty), MinimumNorm() or RandomProjection(width, penalty)")
    return value

"""Practical rules: how the penalty of a fit is chosen from data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from . import checks
from .checks import Scalar, Vector
from .errors import SpecificationError


@final
@dataclass(frozen=True)
class CrossValidated:
    """The penalty with the least generalised cross-validation, on the rows of the fit."""


@final
@dataclass(frozen=True)
class HeldOut:
    """The penalty with the least squared error on real rows that are drawn for the purpose in every generation.

    Args:
        rows: their number, a whole number >= 1; None is the limit of many rows, which see the excess error itself.
        noise: standard deviation of their label noise, >= 0; many rows do not see it.

    >>> HeldOut(rows=0)
    Traceback (most recent call last):
    ...
    modelcollapse.theory.problem.errors.SpecificationError: rows: got 0; allowed: a whole number >= 1 ...
    """

    rows: Any = None
    noise: Scalar = 0.0

    def __post_init__(self) -> None:
        if self.rows is not None:
            object.__setattr__(self, "rows", checks.size("rows", self.rows))
        object.__setattr__(self, "noise", checks.nonnegative("noise", self.noise))


Tuning: TypeAlias = CrossValidated | HeldOut

CROSS_VALIDATED, HELD_OUT = CrossValidated(), HeldOut()


def require_tuning(value: Any) -> None:
    """Refuse anything but a practical rule."""
    if not isinstance(value, CrossValidated | HeldOut):
        raise SpecificationError("rule", value, "CROSS_VALIDATED, HELD_OUT or HeldOut(rows, noise)")


def offered_penalties(choices: Any) -> Vector:
    """The penalties among which a rule selects, shape (C,).

    Raises:
        SpecificationError: unless they are numbers > 0, at least one.

    >>> offered_penalties([1, 2])
    array([1., 2.])
    """
    offered = None if checks.is_tracer(choices) else checks.vector("choices", choices)
    if offered is None or not np.all(offered > 0):
        raise SpecificationError("choices", choices, "at least one number > 0, in one dimension")
    return np.asarray(offered)

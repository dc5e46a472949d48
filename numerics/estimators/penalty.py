"""All estimators are ridge regression, without a penalty for minimum norm."""

from __future__ import annotations

from typing import assert_never

from ...theory.problem.checks import Scalar
from ...theory.problem.estimator import Estimator, MinimumNorm, RandomProjection, Ridge


def penalty(estimator: Estimator) -> Scalar:
    """The penalty lambda on |w|^2, zero for the minimum norm.

    >>> from modelcollapse.theory.problem import MinimumNorm, Ridge
    >>> penalty(Ridge(0.5)), penalty(MinimumNorm())
    (0.5, 0.0)
    """
    match estimator:
        case Ridge():
            return estimator.penalty
        case MinimumNorm():
            return 0.0
        case RandomProjection():
            return 0.0 if estimator.penalty is None else estimator.penalty
        case _:
            assert_never(estimator)

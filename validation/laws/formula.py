"""A user's formula as laws see it: one checked error per generation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from ...theory.problem import Chain, NoTheorem
from ..measured import Array
from .law import Errors, NotCovered, Violation

# Gives a `Prediction`, anything else that has its `.error`, or the errors themselves.
Formula: TypeAlias = Callable[[Chain], Any]
Covers: TypeAlias = Callable[[Chain], bool]


def errors_by(formula: Formula, covers: Covers | None = None) -> Errors:
    """The errors that a formula gives for a chain.

    Raises:
        NotCovered: for chains that `covers` denies, or for which the formula raises `NoTheorem`.
        Violation: for answers that are not one number per generation.
    """

    def errors(chain: Chain) -> Array:
        if covers is not None and not covers(chain):
            raise NotCovered
        try:
            answer = formula(chain)
        except NoTheorem:
            raise NotCovered from None
        try:
            values = np.asarray(getattr(answer, "error", answer), dtype=np.float64)
        except (TypeError, ValueError):
            raise Violation(f"the answer is no array of numbers: {answer!r}") from None
        if values.shape != (len(chain),) or np.isnan(values).any():
            raise Violation(f"the answer is not one number for each of {len(chain)} generations: {values.tolist()}")
        return values

    return errors

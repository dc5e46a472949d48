"""What a law is, and how its equalities are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias, final

import numpy as np
from hypothesis import strategies as st

from ...theory.problem import Chain
from ..measured import Array

ROUNDING = 1e-9  # relative; far above the rounding of any formula, far below any mistake in one
CANCELLATION = 1e-12  # of the terms that a formula may subtract from one another

Errors: TypeAlias = Callable[[Chain], Array]  # a formula, whose answers are checked
Cases: TypeAlias = Callable[[], st.SearchStrategy[Any]]


class About(Enum):
    """What a law speaks of."""

    FORMULA = "a formula for the error of chains"
    PREDICTION = "predictions"
    SPECIFICATION = "chains as specifications"
    SPECTRUM = "a spectrum"
    TARGET = "a target on a spectrum"


class Violation(AssertionError):
    """A case in which a law does not hold."""


class NotCovered(Exception):
    """A chain that a law has made and the formula does not speak of."""


@final
@dataclass(frozen=True, eq=False)
class Law:
    """A statement that holds whatever the numbers; its name and its wording are those of a function.

    Attributes:
        holds: takes the formula (laws about formulas only), what was drawn, and raises `Violation`.
        about: what it speaks of.
        cases: strategies for what it speaks of: families of chains, spectra, or pairs of a target and a spectrum.
        applies: which of the cases it speaks of.
        details: strategy for what else it needs, as a tuple, from the case.
        equivalents: whether only deterministic equivalents obey it, not what is exact at finite size.
    """

    holds: Callable[..., None]
    about: About
    cases: tuple[Cases, ...]
    applies: Callable[[Any], bool]
    details: Callable[[Any], st.SearchStrategy[tuple[Any, ...]]]
    equivalents: bool = False

    @property
    def name(self) -> str:
        """In words."""
        return self.holds.__name__.replace("_", " ")

    @property
    def statement(self) -> str:
        """One sentence with its formula."""
        return " ".join((self.holds.__doc__ or "").split())

    def drawn(self, cases: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[tuple[Any, ...]]:
        """Tuples (case, *details), from other cases where they are given."""
        chosen = (st.one_of([family() for family in self.cases]) if cases is None else cases).filter(self.applies)
        return chosen.flatmap(lambda case: self.details(case).map(lambda details: (case, *details)))


def law(
    *cases: Cases,
    about: About = About.FORMULA,
    applies: Callable[[Any], bool] = lambda case: True,
    details: Callable[[Any], st.SearchStrategy[tuple[Any, ...]]] = lambda case: st.just(()),
    equivalents: bool = False,
) -> Callable[[Callable[..., None]], Law]:
    """Make a law of the function that is decorated."""
    return lambda holds: Law(holds, about, cases, applies, details, equivalents)


def same(left: Any, right: Any, scale: Any = 0.0, within: float = ROUNDING, of: str = "values") -> None:
    """Raise `Violation` unless both are the same up to rounding.

    Args:
        left, right: arrays of one shape.
        scale: size of terms that may cancel in either; infinite values are compared as they are.
        within: relative tolerance.
        of: what is compared, in words.

    >>> same([1.0, 2.0], [1.0, 2.5], of="errors")
    Traceback (most recent call last):
    ...
    modelcollapse.validation.laws.law.Violation: errors: [1.0, 2.0] against [1.0, 2.5]
    """
    left, right = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    finite = np.isfinite(left) & np.isfinite(right) if left.shape == right.shape else False
    if left.shape == right.shape and np.array_equal(left[~finite], right[~finite]):
        size = np.maximum(np.abs(left[finite]), np.abs(right[finite]))
        margin = within * size + CANCELLATION * np.broadcast_to(scale, left.shape)[finite]
        if np.all(np.abs(left[finite] - right[finite]) <= margin):
            return
    raise Violation(f"{of}: {left.tolist()} against {right.tolist()}")


def no_more(left: Any, right: Any, of: str = "errors") -> None:
    """Raise `Violation` where `left` exceeds `right` by more than rounding."""
    left, right = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if left.shape != right.shape or not np.all(left <= right * (1 + ROUNDING)):
        raise Violation(f"{of}: {left.tolist()} should not exceed {right.tolist()}")


def less(left: Any, right: Any, of: str = "errors") -> None:
    """Raise `Violation` unless `left` is smaller than `right` by more than rounding, or both are infinite."""
    left, right = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if left.shape != right.shape or not np.all((left < right * (1 - ROUNDING)) | (np.isinf(left) & np.isinf(right))):
        raise Violation(f"{of}: {left.tolist()} should be smaller than {right.tolist()}")


def true(holds: Any, reason: str) -> None:
    """Raise `Violation` for that reason unless it holds."""
    if not holds:
        raise Violation(reason)

"""The shape of a named check."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from ..theory.evaluation.lowering import UnsupportedExpression
from ..theory.rules.statement import Statement
from .measured import Array

ROUNDING = 1e-9  # relative; far above the rounding of either side, far below any mistake in a formula


class Compared(NamedTuple):
    """What a check has compared: values, references and how far they may be apart, of one shape."""

    values: Array
    references: Array
    margins: Array


_HEARD: ContextVar[list[Compared] | None] = ContextVar("heard", default=None)


@final
@dataclass(frozen=True)
class Check:
    """A yes-or-no question about statements; its name and its description are those of a function.

    Attributes:
        question: whether a statement passes; it does not read the true statement to judge a mutant of it.
        statements: names of the statements that it can judge.
    """

    question: Callable[[Statement], bool]
    statements: frozenset[str]

    @classmethod
    def of(cls, question: Callable[[Statement], bool], *statements: Statement) -> Check:
        """The check for these statements and their mutants."""
        return cls(question, frozenset(statement.name for statement in statements))

    def passes(self, statement: Statement) -> bool:
        """The answer; a statement that cannot be evaluated, or divides by zero, does not pass."""
        try:
            return self.question(statement)
        except (UnsupportedExpression, TypeError, ArithmeticError):  # SymPy's float(...) raises a TypeError
            return False

    def evidence(self, statement: Statement) -> tuple[bool, tuple[Compared, ...]]:
        """The answer, and all numbers that it was found by; none where the question is about symbols."""
        heard: list[Compared] = []
        token = _HEARD.set(heard)
        try:
            return self.passes(statement), tuple(heard)
        finally:
            _HEARD.reset(token)

    @property
    def name(self) -> str:
        """In words."""
        return self.question.__name__.replace("_", " ")

    @property
    def description(self) -> str:
        """What is compared with what."""
        return " ".join((self.question.__doc__ or "").split())


def agree(value: Array | float, reference: Array | float, margin: Array | float = 0.0) -> bool:
    """Whether both are the same up to rounding and an absolute margin; never for NaN or infinities."""
    value, reference = np.asarray(value, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    allowed = margin + ROUNDING * np.abs(reference)
    heard = _HEARD.get()
    if heard is not None:
        heard.append(Compared(*np.broadcast_arrays(value, reference, allowed)))
    if not np.all(np.isfinite(value)):
        return False
    return bool(np.all(np.abs(value - reference) <= allowed))

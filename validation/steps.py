"""An expression in Gaussian matrices as a list of steps on matrices, each of them done once.

Like the pencil, it is read from right to left and never expanded; unlike the pencil, every step is an operation on
numbers. Equal expressions applied to equal matrices are one step, so that what traces share is computed once for all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, final

from ..theory.algebra.expression import Deterministic, Expression, Gaussian, Inverse, Product, Space, Sum
from ..theory.algebra.polynomial import Letter, Polynomial
from ..theory.algebra.structure import Structures
from ..theory.problem import SpecificationError


class Operation(Enum):
    """What a step does with the results of earlier ones."""

    IDENTITY = "the identity"
    FUNCTION = "a deterministic matrix times a result"
    DESIGN = "a Gaussian matrix times a result"
    SUM = "the sum of results"
    SOLUTION = "the inverse of the first result times the second"


class Step(NamedTuple):
    """One matrix.

    Attributes:
        operation: how it is made.
        rows, cols: its shape.
        inputs: the numbers of the steps that it is made from.
        value: of the deterministic matrix.
        matrix: the name of the Gaussian matrix.
        transposed: whether that is transposed.
    """

    operation: Operation
    rows: Space
    cols: Space
    inputs: tuple[int, ...] = ()
    value: Polynomial | None = None
    matrix: str = ""
    transposed: bool = False


class Pair(NamedTuple):
    """A trace tr [D L' R] with a deterministic D.

    Attributes:
        name: of the trace.
        front: D.
        left, right: the steps that give L and R; None for the identity.
    """

    name: str
    front: Polynomial
    left: int | None
    right: int


@final
@dataclass(frozen=True, eq=False)
class Steps:
    """How named traces are computed.

    Attributes:
        steps: in an order in which each needs only earlier ones.
        pairs: the traces.
        matrices: the Gaussian matrices by name, none of them transposed.
        spectral: letters that are functions of the eigendirection.
    """

    steps: tuple[Step, ...]
    pairs: tuple[Pair, ...]
    matrices: dict[str, Gaussian]
    spectral: frozenset[Letter]

    @classmethod
    def of(cls, parts: Iterable[tuple[str, Expression]]) -> Steps:
        """Read named square expressions.

        Raises:
            SpecificationError: where two matrices have one name.

        >>> from modelcollapse.theory.algebra.model import Model, ridge
        >>> from modelcollapse.theory.algebra.risk import risk
        >>> m = Model(); X = m.design("X", "T")
        >>> made = Steps.of(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda")).parts)
        >>> sum(step.operation is Operation.SOLUTION for step in made.steps)  # R, in bias and variance
        1
        """
        reader = _Reader()
        pairs = tuple(reader.trace(name, expression) for name, expression in parts)
        return cls(tuple(reader.steps), pairs, reader.matrices, frozenset(reader.spectral))

    @property
    def spaces(self) -> frozenset[Space]:
        """The spaces of all matrices."""
        return frozenset(space for step in self.steps for space in (step.rows, step.cols))

    @property
    def letters(self) -> frozenset[Letter]:
        """The letters that need a value."""
        values = [step.value for step in self.steps if step.value is not None] + [pair.front for pair in self.pairs]
        for matrix in self.matrices.values():
            values += [matrix.row_covariance, matrix.column_covariance]
        return frozenset(space.size for space in self.spaces).union(*(value.letters for value in values))


class _Reader:
    """The steps so far, and what has been seen."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.spectral: set[Letter] = set()
        self._numbers: dict[Any, int] = {}
        self._structures = Structures()

    @property
    def matrices(self) -> dict[str, Gaussian]:
        """The Gaussian matrices by name."""
        return self._structures.matrices

    def trace(self, name: str, expression: Expression) -> Pair:
        """A trace, cut in the middle: the halves of tr [S M V M'] are M' and V M', of which M' is computed once."""
        front, factors = Polynomial.number(1), _factors(expression)
        if len(factors) > 1 and isinstance(factors[0], Deterministic):
            front = factors[0].value
            self.spectral |= factors[0].spectral
            del factors[0]
        middle = len(factors) // 2
        one = self.step(Step(Operation.IDENTITY, expression.cols, expression.cols))
        right = one
        for factor in reversed(factors[middle:]):
            right = self.applied(factor, right)
        if not middle:
            return Pair(name, front, None, right)
        left = one
        for factor in factors[:middle]:
            left = self.applied(factor.T, left)
        return Pair(name, front, left, right)

    def applied(self, expression: Expression, to: int) -> int:
        """The step that gives an expression times an earlier result."""
        key = (self._structures.number(expression), to)
        if key not in self._numbers:
            self._numbers[key] = self._applied(expression, to)
        return self._numbers[key]

    def _applied(self, expression: Expression, to: int) -> int:
        rows, cols = expression.rows, self.steps[to].cols
        match expression:
            case Deterministic():
                self.spectral |= expression.spectral
                return self.step(Step(Operation.FUNCTION, rows, cols, (to,), expression.value))
            case Gaussian():
                self._structures.remember(expression)
                self.spectral |= expression.spectral
                design = Step(Operation.DESIGN, rows, cols, (to,), None, expression.name, expression.transposed)
                return self.step(design)
            case Sum():
                terms = tuple(self.applied(term, to) for term in expression.terms)
                return self.step(Step(Operation.SUM, rows, cols, terms))
            case Product():
                for factor in reversed(expression.factors):
                    to = self.applied(factor, to)
                return to
            case Inverse():
                space = expression.body.cols
                body = self.applied(expression.body, self.step(Step(Operation.IDENTITY, space, space)))
                return self.step(Step(Operation.SOLUTION, rows, cols, (body, to)))
            case _:
                raise SpecificationError("expression", expression, "a matrix; use risk(...) for estimators")

    def step(self, step: Step) -> int:
        """The number of a step, taken only once."""
        if step not in self._numbers:
            self._numbers[step] = len(self.steps)
            self.steps.append(step)
        return self._numbers[step]


def _factors(expression: Expression) -> list[Expression]:
    """The factors of nested products."""
    if not isinstance(expression, Product):
        return [expression]
    return [factor for part in expression.factors for factor in _factors(part)]

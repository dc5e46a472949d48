"""Equal parts of expressions, and which matrix a name stands for."""

from __future__ import annotations

from typing import Any, final

from ..problem.errors import SpecificationError
from .expression import Deterministic, Expression, Gaussian


@final
class Structures:
    """Numbers that equal expressions share, however often they were written, and the matrices of all names."""

    def __init__(self) -> None:
        self.matrices: dict[str, Gaussian] = {}
        self._numbers: dict[Any, int] = {}
        self._known: dict[int, tuple[int, Expression]] = {}  # an expression is held so that its id stays its own

    def number(self, expression: Expression) -> int:
        """A number that equal expressions share.

        >>> from .model import Model
        >>> m, structures = Model(), Structures(); X = m.design("X", "T")
        >>> structures.number(X.T @ X) == structures.number(X.T @ X), structures.number(X) == structures.number(X.T)
        (True, False)
        """
        if id(expression) not in self._known:
            number = self._numbers.setdefault(self._key(expression), len(self._numbers))
            self._known[id(expression)] = (number, expression)
        return self._known[id(expression)][0]

    def remember(self, matrix: Gaussian) -> None:
        """Note a matrix under its name.

        Raises:
            SpecificationError: where the name stands for another one.
        """
        plain = matrix.T if matrix.transposed else matrix
        assert isinstance(plain, Gaussian)
        known = self.matrices.setdefault(matrix.name, plain)
        if _law(known) != _law(plain):
            raise SpecificationError(
                "name", matrix.name, "one name for each random matrix (two differ in shape or law)"
            )

    def _key(self, expression: Expression) -> Any:
        match expression:
            case Deterministic():
                return ("fixed", expression.space, expression.value)
            case Gaussian():
                return ("gaussian", expression.name, expression.transposed, _law(expression))
            case _:
                return (type(expression).__name__, *(self.number(part) for part in expression.parts))


def _law(matrix: Gaussian) -> tuple[Any, ...]:
    return matrix.outer, matrix.inner, matrix.row_covariance, matrix.column_covariance

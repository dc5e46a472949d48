"""Rectangular Gaussian matrices, the letters of a word."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, final

from ..problem.checks import ByContent
from ..problem.errors import SpecificationError
from .factor import Factor, Space, covariance, factor


@final
@dataclass(frozen=True, eq=False)
class Gaussian(ByContent):
    """A matrix X of jointly Gaussian entries with mean zero, E X_ai X_bj = R_ab C_ij, or its transpose.

    Args:
        name: matrices of different names are independent.
        rows: the space of its rows.
        columns: the space of its columns.
        row_covariance: R, a number, a function of the symbols of `rows`, or an array; the identity unless given.
        column_covariance: C, the same on `columns`.
        transposed: whether this letter is X'.

    Raises:
        SpecificationError: for a covariance that does not fit its space, or has negative eigenvalues.

    >>> X = Gaussian("X", Space("rows", 12), Space("directions", 3), column_covariance=2)
    >>> X.left.name, X.right.name, X.T.left.name, X.T.T == X
    ('rows', 'directions', 'directions', True)
    """

    name: str
    rows: Space
    columns: Space
    row_covariance: Any = 1
    column_covariance: Any = 1
    transposed: bool = False

    def __post_init__(self) -> None:
        for field in ("rows", "columns"):
            if not isinstance(getattr(self, field), Space):
                raise SpecificationError(field, getattr(self, field), "a Space")
        for field, space in (("row_covariance", self.rows), ("column_covariance", self.columns)):
            read = covariance(field, getattr(self, field), space)
            object.__setattr__(self, field, read.scalar if read.matrix is None else read.matrix)

    @property
    def T(self) -> Gaussian:
        """The transpose, the same matrix read the other way."""
        return dataclasses.replace(self, transposed=not self.transposed)

    @property
    def matrix(self) -> Gaussian:
        """The matrix itself, whichever way this letter reads it."""
        return self.T if self.transposed else self

    @property
    def left(self) -> Space:
        """What stands to the left of the letter acts on this space."""
        return self.columns if self.transposed else self.rows

    @property
    def right(self) -> Space:
        """What stands to the right of the letter acts on this space."""
        return self.rows if self.transposed else self.columns

    def ends(self) -> tuple[Factor, Factor]:
        """The covariances at the left and at the right end of the letter."""
        read = (
            factor("row_covariance", self.row_covariance, self.rows),
            factor("column_covariance", self.column_covariance, self.columns),
        )
        return read[::-1] if self.transposed else read

"""Deterministic factors of a word, and the spaces that they act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..problem import checks
from ..problem.errors import SpecificationError
from ..problem.notation import Spectral
from ..rules.trace import distributed_over

SYMMETRY = 1e-12  # relative; a covariance made as a product of floats is symmetric up to its rounding


@final
@dataclass(frozen=True)
class Space:
    """A space of vectors, such as the rows or the directions of a design.

    Args:
        name: spaces of different names do not fit one another.
        size: the trace of the identity, a whole number >= 1 or a symbol; where a covariance is a function of the
            eigenvalue, the number of its positive eigenvalues.
        symbols: what commuting factors on it may be functions of, such as the eigenvalue s of a covariance.

    Raises:
        SpecificationError: for a size that is none.

    >>> from modelcollapse.theory.problem import notation
    >>> Factor(1 + notation.s).trace(Space("directions", notation.rank, (notation.s,)))
    r + tr[s]
    """

    name: str
    size: Any
    symbols: tuple[Spectral, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", checks.size("size", self.size))


@final
@dataclass(frozen=True, eq=False)
class Factor:
    """A number or a function of the eigenvalue, times a matrix where there is one.

    Attributes:
        scalar: a number, or a SymPy expression in the space's symbols.
        matrix: shape (size, size), or None for the identity.
    """

    scalar: Any = 1
    matrix: NDArray[np.float64] | None = None

    @property
    def T(self) -> Factor:
        """The transpose."""
        return self if self.matrix is None else Factor(self.scalar, self.matrix.T)

    def __matmul__(self, other: Factor) -> Factor:
        scalar = self.scalar * other.scalar
        if self.matrix is None or other.matrix is None:
            return Factor(scalar, other.matrix if self.matrix is None else self.matrix)
        return Factor(scalar, self.matrix @ other.matrix)

    def trace(self, space: Space) -> Any:
        """tr over the space: a number where all is given in numbers, else with `Trace` atoms."""
        if self.matrix is not None:
            return self.scalar * float(np.trace(self.matrix))
        if not checks.is_symbolic(self.scalar):
            return self.scalar * space.size
        return distributed_over(self.scalar, space.size)

    def array(self, space: Space) -> Any:
        """As one array of shape (size, size): float64, or of expressions where a symbol is in it."""
        matrix = np.eye(space.size) if self.matrix is None else self.matrix
        return matrix * (float(self.scalar) if checks.is_number(self.scalar) else self.scalar)


def factor(field: str, value: Any, space: Space) -> Factor:
    """A deterministic factor on a space, from what a user gives.

    Args:
        field: the argument's name, for errors.
        value: a number, a SymPy expression in the symbols of the space, or an array of shape (size, size).
        space: what it acts on.

    Raises:
        SpecificationError: for anything else.

    >>> factor("middle", [[1, 2], [3, 4]], Space("directions", 2)).trace(Space("directions", 2))
    5.0
    """
    allowed = "a finite number, " + (f"a function of {space.symbols}" if space.symbols else "an expression without s")
    if isinstance(space.size, int):
        allowed += f", or a finite array of shape ({space.size}, {space.size})"
    if is_matrix(value):
        return Factor(1, _matrix(field, value, space, allowed))
    if checks.is_tracer(value):
        raise SpecificationError(field, value, allowed)
    checks.real(field, value)
    if checks.is_symbolic(value) and not value.atoms(Spectral) <= set(space.symbols):
        raise SpecificationError(field, value, allowed)
    return Factor(value)


def covariance(field: str, value: Any, space: Space) -> Factor:
    """A covariance on a space: as `factor`; a matrix must be symmetric without negative eigenvalues.

    Raises:
        SpecificationError: for anything else.

    >>> covariance("covariance", [[1, 2], [2, 1]], Space("directions", 2))
    Traceback (most recent call last):
    ...
    modelcollapse.theory.problem.errors.SpecificationError: covariance: got [[1, 2], [2, 1]]; allowed: a symmetric...
    """
    read = factor(field, value, space)
    if not is_nonnegative(read, space):
        raise SpecificationError(field, value, "a symmetric matrix with eigenvalues >= 0, or a variance >= 0")
    return read


def is_nonnegative(read: Factor, space: Space) -> bool:
    """Whether a factor is symmetric without negative eigenvalues, up to rounding; symbols pass unless known negative.

    >>> is_nonnegative(factor("weight", [[1, 2], [2, 1]], Space("directions", 2)), Space("directions", 2))
    False
    """
    if read.scalar.is_negative if checks.is_symbolic(read.scalar) else read.scalar < 0:
        return False
    if read.matrix is None:
        return True
    scale = SYMMETRY * float(np.max(np.abs(read.matrix)))
    symmetric = bool(np.all(np.abs(read.matrix - read.matrix.T) <= scale))
    return symmetric and bool(np.linalg.eigvalsh(read.matrix)[0] >= -space.size * scale)


def is_matrix(value: Any) -> bool:
    """Whether a value is meant as a matrix: an array or a list, whatever its shape."""
    return isinstance(value, list | tuple) or getattr(value, "ndim", 0) > 0


def _matrix(field: str, value: Any, space: Space, allowed: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(value)
    except Exception:  # ragged lists, tracers
        raise SpecificationError(field, value, allowed) from None
    right = array.dtype.kind in "iuf" and array.shape == (space.size, space.size) and np.all(np.isfinite(array))
    if isinstance(value, np.ma.MaskedArray) or not right:
        raise SpecificationError(field, value, allowed)
    array = array.astype(np.float64)
    array.setflags(write=False)
    return array

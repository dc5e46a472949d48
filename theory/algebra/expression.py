"""Noncommutative expressions in Gaussian and deterministic matrices: the estimator as the user writes it.

An expression is an immutable tree whose shared parts are shared objects; shapes are checked when it is built. Nothing
is ever expanded: the factored form that the user writes is the form that is derived from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any, final

from ..problem.errors import SpecificationError
from .polynomial import ONE_POLYNOMIAL, Letter, Polynomial, from_sympy


@final
@dataclass(frozen=True)
class Space:
    """A coordinate space: the features, the rows of one design, the outputs of one projection.

    Attributes:
        name: what it is; spaces with the same name are the same.
        size: the letter of its dimension.
    """

    name: str
    size: Letter

    def __str__(self) -> str:
        return f"{self.size} ({self.name})"


UNIT = Space("single number", "1")  # the columns of a vector


class Expression(ABC):
    """A matrix or a vector; `@`, `+`, `-`, numbers and letters times it, and `.T` build larger ones."""

    __array_ufunc__ = None  # so that NumPy does not spread an expression over the entries of an array

    @property
    @abstractmethod
    def shape(self) -> tuple[Space, Space]:
        """Spaces of the rows and of the columns."""

    @cached_property
    @abstractmethod
    def _transpose(self) -> Expression:
        """The transpose of a matrix."""

    @property
    def rows(self) -> Space:
        """The space of the rows."""
        return self.shape[0]

    @property
    def cols(self) -> Space:
        """The space of the columns."""
        return self.shape[1]

    @property
    def T(self) -> Expression:
        """The transpose of a matrix.

        Raises:
            SpecificationError: for vectors.
        """
        if self.cols == UNIT:
            allowed = "a matrix: estimators are linear in truths and noises; risk(...) takes the square"
            raise SpecificationError("transpose", self, allowed)
        return self._transpose

    def __matmul__(self, other: Expression) -> Expression:
        return product(self, other)

    def __add__(self, other: Any) -> Expression:
        return add(self, other)

    def __radd__(self, other: Any) -> Expression:
        return add(self, other)

    def __neg__(self) -> Expression:
        return scaled(-1, self)

    def __sub__(self, other: Any) -> Expression:
        return add(self, -other)

    def __rsub__(self, other: Any) -> Expression:
        return add(-self, other)

    def __mul__(self, factor: Any) -> Expression:
        return scaled(factor, self)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Expression:
        return scaled(from_sympy("divisor", divisor) ** -1, self)

    @cached_property
    def parts(self) -> tuple[Expression, ...]:
        """The expressions that this one is made of."""
        return ()

    @cached_property
    def has_source(self) -> bool:
        """Whether the truth, an offset or a noise occurs."""
        return any(part.has_source for part in self.parts)

    @cached_property
    def has_direction(self) -> bool:
        """Whether a matrix occurs that need not commute with the covariances."""
        return any(part.has_direction for part in self.parts)

    def __repr__(self) -> str:
        return str(self)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Deterministic(Expression):
    """A commuting function of the spectral letters of a space.

    Attributes:
        space: where it acts.
        value: the function, a polynomial in spectral letters and scalars.
        spectral: which letters are functions of the eigendirection.
        directional: whether it stands for a matrix such as w_0 w_0', which commutes only in effect, under a trace.
    """

    space: Space
    value: Polynomial
    spectral: frozenset[Letter] = frozenset()
    directional: bool = False

    @property
    def shape(self) -> tuple[Space, Space]:
        return self.space, self.space

    @cached_property
    def _transpose(self) -> Expression:
        return self

    @cached_property
    def has_direction(self) -> bool:
        return self.directional

    def __str__(self) -> str:
        return f"({self.value})" if len(self.value.terms) > 1 else str(self.value)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Gaussian(Expression):
    """A matrix X of jointly Gaussian entries, E[X M X'] = R tr(C M) and E[X' M X] = C tr(R M).

    Attributes:
        name: two matrices with one name are one matrix.
        outer, inner: spaces of the rows and of the columns of X.
        row_covariance, column_covariance: R and C.
        spectral: which letters of theirs are functions of the eigendirection.
        transposed: whether this is X'.
    """

    name: str
    outer: Space
    inner: Space
    row_covariance: Polynomial
    column_covariance: Polynomial
    spectral: frozenset[Letter] = frozenset()
    transposed: bool = False

    @property
    def shape(self) -> tuple[Space, Space]:
        return (self.inner, self.outer) if self.transposed else (self.outer, self.inner)

    @cached_property
    def _transpose(self) -> Gaussian:
        return replace(self, transposed=not self.transposed)

    def __str__(self) -> str:
        return self.name + ("'" if self.transposed else "")


class Role(Enum):
    """What a random vector is."""

    TRUTH = "truth"
    OFFSET = "offset"
    NOISE = "noise"


@final
@dataclass(frozen=True, eq=False, repr=False)
class Source(Expression):
    """A vector that the estimator is linear in: the truth, an offset from it, or label noise.

    Attributes:
        name: of the vector.
        role: what it is; only squares of truths and offsets are ever needed, noises are white.
        space: where it lives.
        second: mean square of its coordinate in each eigendirection.
        spectral: which letters are functions of the eigendirection.
        mean: letter of its coordinate's mean, where that does not vanish; the products of two such means count.
    """

    name: str
    role: Role
    space: Space
    second: Polynomial
    spectral: frozenset[Letter] = frozenset()
    mean: Letter | None = None

    @property
    def shape(self) -> tuple[Space, Space]:
        return self.space, UNIT

    @cached_property
    def _transpose(self) -> Expression:
        return self  # never asked for: `T` refuses vectors

    @cached_property
    def has_source(self) -> bool:
        return True

    def __str__(self) -> str:
        return self.name


@final
@dataclass(frozen=True, eq=False, repr=False)
class Product(Expression):
    """Two or more factors."""

    factors: tuple[Expression, ...]

    @cached_property
    def shape(self) -> tuple[Space, Space]:
        return self.factors[0].rows, self.factors[-1].cols

    @cached_property
    def parts(self) -> tuple[Expression, ...]:
        return self.factors

    @cached_property
    def _transpose(self) -> Expression:
        return joined(*(factor.T for factor in reversed(self.factors)))

    def __str__(self) -> str:
        return " ".join(f"({factor})" if isinstance(factor, Sum) else str(factor) for factor in self.factors)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Sum(Expression):
    """Two or more terms of one shape."""

    terms: tuple[Expression, ...]

    @cached_property
    def shape(self) -> tuple[Space, Space]:
        return self.terms[0].rows, self.terms[0].cols

    @cached_property
    def parts(self) -> tuple[Expression, ...]:
        return self.terms

    @cached_property
    def _transpose(self) -> Expression:
        return Sum(tuple(term.T for term in self.terms))

    def __str__(self) -> str:
        return " + ".join(str(term) for term in self.terms)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Inverse(Expression):
    """The inverse of a square expression."""

    body: Expression

    @cached_property
    def shape(self) -> tuple[Space, Space]:
        return self.body.cols, self.body.rows

    @cached_property
    def parts(self) -> tuple[Expression, ...]:
        return (self.body,)

    @cached_property
    def _transpose(self) -> Expression:
        return Inverse(self.body.T)

    def __str__(self) -> str:
        return f"({self.body})^-1"


def identity(space: Space) -> Deterministic:
    """The identity of a space."""
    return Deterministic(space, Polynomial.number(1))


def product(first: Expression, second: Expression) -> Expression:
    """first @ second.

    Raises:
        SpecificationError: where the inner sizes differ, naming both shapes.
    """
    if not isinstance(second, Expression):
        raise SpecificationError("right factor", second, "an expression")
    if first.cols != second.rows:
        raise SpecificationError(
            f"product of {first} and {second}",
            f"{shape_of(first)} @ {shape_of(second)}",
            f"{first.cols} rows in the right factor",
        )
    return joined(first, second)


def joined(*factors: Expression) -> Expression:
    """A product of factors whose shapes fit: neighbouring deterministic ones are one, identities are left out."""
    flat: list[Expression] = []
    for position, factor in enumerate(factors):
        # The last factor is kept whole: later generations contain it, and what is shared must stay one object.
        last = position == len(factors) - 1 and position > 0
        for part in factor.factors if isinstance(factor, Product) and not last else (factor,):
            before = flat[-1] if flat else None
            if isinstance(part, Deterministic) and isinstance(before, Deterministic):
                flat[-1] = _fused(before, part)
            else:
                flat.append(part)
    kept = [part for part in flat if not (isinstance(part, Deterministic) and part.value == ONE_POLYNOMIAL)]
    return Product(tuple(kept)) if len(kept) > 1 else (kept or flat)[0]


def _fused(first: Deterministic, second: Deterministic) -> Deterministic:
    if first.directional and second.directional:
        raise SpecificationError("product", f"{first} {second}", "at most one direction: two need not commute")
    spectral, directional = first.spectral | second.spectral, first.directional or second.directional
    return Deterministic(first.space, first.value * second.value, spectral, directional)


def add(first: Expression, second: Any) -> Expression:
    """first + second; a number or a name stands for that multiple of the identity, an unbound noise takes its rows.

    Raises:
        SpecificationError: where the shapes differ, naming both.
    """
    if hasattr(second, "bound"):
        second = second.bound(first.rows, first.cols)
    if not isinstance(second, Expression):
        if first.rows != first.cols:
            raise SpecificationError(f"sum with {first}", second, f"a matrix of shape {shape_of(first)}")
        second = Deterministic(first.rows, from_sympy("summand", second))
    if (first.rows, first.cols) != (second.rows, second.cols):
        raise SpecificationError(
            f"sum of {first} and {second}", f"{shape_of(first)} + {shape_of(second)}", "terms of one shape"
        )
    left = first.terms if isinstance(first, Sum) else (first,)
    return Sum((*left, *(second.terms if isinstance(second, Sum) else (second,))))


def summed(terms: Iterable[Expression]) -> Expression:
    """The sum of one or more terms."""
    first, *others = terms
    for other in others:
        first = first + other
    return first


def scaled(factor: Any, expression: Expression) -> Expression:
    """A number, a name or a polynomial times an expression."""
    return joined(Deterministic(expression.rows, from_sympy("factor", factor)), expression)


def inv(expression: Expression) -> Expression:
    """The inverse of a square expression.

    Raises:
        SpecificationError: for other shapes, for vectors inside, and for directions that need not commute.
    """
    if not isinstance(expression, Expression):
        raise SpecificationError("inverse", expression, "an expression")
    if expression.rows != expression.cols:
        raise SpecificationError(f"inverse of {expression}", shape_of(expression), "a square expression")
    if expression.has_source:
        raise SpecificationError("inverse", expression, "no truth, offset or noise inside (estimators are linear)")
    if expression.has_direction:
        raise SpecificationError("inverse", expression, "matrices that commute (a direction may stand under a trace)")
    return Inverse(expression)


def shape_of(expression: Expression) -> str:
    """Rows and columns in words."""
    return f"[{expression.rows} x {expression.cols}]"

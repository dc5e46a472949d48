r"""Linear pencils: a rational expression in random matrices as one block of the inverse of a linear one.

An input vector is pushed through the expression from right to left. Its value is a *form*, a sum of c y and l X r y
over nodes y. Where a Gaussian matrix meets a form that already contains one, the form is given a name: a new node z
with the row z - form = 0. An inverse of e applied to a form is a new node y with the row e(y) - form = 0. Forms are
hash-consed, so that what the user's factored expression shares is computed once; nothing is expanded. The rows
together are the pencil Q = F + sum l X r, and the expression is V' Q^{-1} U with U the input.

The ridge resolvent alone gives [[n lambda, X'], [-X, 1]]; no square roots of covariances are needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, assert_never, final

from ..problem.errors import SpecificationError
from .expression import Deterministic, Expression, Gaussian, Inverse, Product, Source, Space, Sum
from .polynomial import ONE_POLYNOMIAL, ZERO, Letter, Polynomial
from .structure import Structures

FormKey: TypeAlias = tuple[Any, ...]  # (node,) or (gaussian, transposed, right polynomial, node)
Form: TypeAlias = dict[FormKey, Polynomial]


class RandomTerm(NamedTuple):
    """left X right in one entry of the pencil."""

    row: int
    left: Polynomial
    matrix: Gaussian
    right: Polynomial
    column: int


@final
@dataclass(frozen=True, eq=False)
class Pencil:
    """Q = F + sum of random terms, on nodes that each live in a space.

    Attributes:
        spaces: of the nodes.
        fixed: the nonzero entries of F.
        random: the random terms.
        outputs: for each named expression its input node and the coefficients of the nodes it is a combination of.
        spectral: the space of every spectral letter.
    """

    spaces: tuple[Space, ...]
    fixed: dict[tuple[int, int], Polynomial]
    random: tuple[RandomTerm, ...]
    outputs: tuple[tuple[str, int, dict[int, Polynomial]], ...]
    spectral: dict[Letter, Space]

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.spaces)


def pencil(parts: Iterable[tuple[str, Expression]]) -> Pencil:
    """The pencil of named square expressions.

    Raises:
        SpecificationError: where an inverse has no deterministic part (a ridge is missing).

    >>> from .model import Model, inv
    >>> m = Model(); X = m.design("X", "T")
    >>> made = pencil([("resolvent", inv(X.T @ X + "lambda"))])
    >>> made.size, sorted(made.fixed)  # the input and [[lambda, X'], [-X, 1]]
    (3, [(0, 0), (1, 0), (1, 1), (2, 2)])
    """
    builder = _Builder()
    outputs = tuple(builder.output(name, expression) for name, expression in parts)
    builder.refuse_ambiguous_letters()
    return Pencil(tuple(builder.spaces), builder.fixed, tuple(builder.random), outputs, builder.spectral)


class _Builder:
    """Nodes, rows and what has been seen while expressions are pushed through."""

    def __init__(self) -> None:
        self.spaces: list[Space] = []
        self.fixed: dict[tuple[int, int], Polynomial] = {}
        self.random: list[RandomTerm] = []
        self.spectral: dict[Letter, Space] = {}
        self._scalars: set[Letter] = set()
        self._nodes: dict[Any, int] = {}
        self._structures = Structures()

    def output(self, name: str, expression: Expression) -> tuple[str, int, dict[int, Polynomial]]:
        """Push the input through an expression."""
        source = self._node(("input", expression.cols), expression.cols)
        self.fixed.setdefault((source, source), ONE_POLYNOMIAL)
        form = self.apply(expression, {(source,): ONE_POLYNOMIAL})
        if any(len(key) > 1 for key in form):
            form = {(self._named(form, expression.rows),): ONE_POLYNOMIAL}
        return name, source, {key[0]: coefficient for key, coefficient in form.items()}

    def apply(self, expression: Expression, form: Form) -> Form:
        """The form that an expression makes of one."""
        match expression:
            case Deterministic():
                self._register(expression.spectral, expression.space)
                self._scalars |= expression.value.letters - expression.spectral
                return {key: expression.value * coefficient for key, coefficient in form.items()}
            case Gaussian():
                return self._multiplied(expression, form)
            case Sum():
                return _added(self.apply(term, form) for term in expression.terms)
            case Product():
                for factor in reversed(expression.factors):
                    form = self.apply(factor, form)
                return form
            case Inverse():
                return self._solved(expression, form)
            case Source():
                raise SpecificationError("expression", expression, "a matrix; use risk(...) for estimators")
            case _:
                assert_never(expression)  # type: ignore[arg-type]

    def _multiplied(self, matrix: Gaussian, form: Form) -> Form:
        self._structures.remember(matrix)
        self._register(matrix.spectral, matrix.inner)
        if any(len(key) > 1 for key in form):
            form = {(self._named(form, matrix.cols),): ONE_POLYNOMIAL}
        return {
            (matrix.name, matrix.transposed, coefficient, key[0]): ONE_POLYNOMIAL for key, coefficient in form.items()
        }

    def _solved(self, inverse: Inverse, form: Form) -> Form:
        body = inverse.body
        if isinstance(body, Product) and all(factor.rows == factor.cols for factor in body.factors):
            for factor in body.factors:
                form = self._solved(Inverse(factor), form)
            return form
        key = ("inverse", self._structures.number(body), _frozen(form))
        if key not in self._nodes:
            node = self._node(key, inverse.rows)
            row = self.apply(body, {(node,): ONE_POLYNOMIAL})
            if (node,) not in row:
                raise SpecificationError(
                    f"inverse of {body}",
                    "no deterministic part",
                    "a matrix plus a positive ridge: derive with the ridge, then take its limit to 0",
                )
            self._add_row(node, _added((row, _negative(form))))
        return {(self._nodes[key],): ONE_POLYNOMIAL}

    def _named(self, form: Form, space: Space) -> int:
        key = ("named", _frozen(form))
        if key not in self._nodes:
            node = self._node(key, space)
            self._add_row(node, _added(({(node,): ONE_POLYNOMIAL}, _negative(form))))
        return self._nodes[key]

    def _node(self, key: Any, space: Space) -> int:
        if key not in self._nodes:
            self._nodes[key] = len(self.spaces)
            self.spaces.append(space)
        return self._nodes[key]

    def _add_row(self, node: int, row: Form) -> None:
        for key, coefficient in row.items():
            if len(key) == 1:
                self.fixed[node, key[0]] = coefficient
            else:
                name, transposed, right, column = key
                matrix = self._structures.matrices[name]
                oriented = matrix.T if transposed else matrix
                assert isinstance(oriented, Gaussian)
                self.random.append(RandomTerm(node, coefficient, oriented, right, column))

    def _register(self, letters: Iterable[Letter], space: Space) -> None:
        for letter in letters:
            if self.spectral.setdefault(letter, space) != space:
                raise SpecificationError("spectral letter", letter, f"a letter of one space, not of two ({space})")

    def refuse_ambiguous_letters(self) -> None:
        """Raise `SpecificationError` for a letter that is a number in one place and an eigenvalue in another."""
        refuse_two_meanings(self._scalars | {space.size for space in self.spaces}, self.spectral)


def refuse_two_meanings(scalars: Iterable[Letter], spectral: Collection[Letter]) -> None:
    """Raise `SpecificationError` for a letter that is a number in one place and an eigenvalue in another."""
    both = sorted(set(scalars).intersection(spectral))
    if both:
        raise SpecificationError(
            "letter", both[0], "one meaning: it is a number here and a function of the eigendirection there"
        )


def _added(forms: Iterable[Form]) -> Form:
    result: Form = {}
    for form in forms:
        for key, coefficient in form.items():
            result[key] = result.get(key, ZERO) + coefficient
    return {key: coefficient for key, coefficient in result.items() if coefficient}


def _negative(form: Form) -> Form:
    return {key: -coefficient for key, coefficient in form.items()}


def _frozen(form: Form) -> frozenset[tuple[FormKey, Polynomial]]:
    return frozenset(form.items())

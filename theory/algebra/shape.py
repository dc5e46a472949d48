"""Which generations are one and the same map but for the names of their matrices, noises and numbers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import final

from .expression import Deterministic, Expression, Gaussian, Inverse, Product, Role, Source, Space, Sum
from .polynomial import Letter, Polynomial
from .risk import sources_of


@final
@dataclass(frozen=True)
class Shape:
    """A model as a function of the model before it.

    Attributes:
        key: equal for models that are one up to names.
        letters: its scalar letters, in the order in which they are met.
    """

    key: Hashable
    letters: tuple[Letter, ...]


def shape_of_model(model: Expression, before: Expression, truth: Source) -> Shape:
    """The shape of a generation.

    Args:
        model: the new model.
        before: the model that labels its rows, of which only the truth and the offsets count.
        truth: w_0.

    >>> from .model import Model, ridge
    >>> m = Model(); w, shapes = m.truth, []
    >>> for g in "123":
    ...     X, before = m.design("X" + g, "T" + g), w
    ...     w = ridge(X, X @ w + m.noise("sigma"), "lambda")
    ...     shapes.append(shape_of_model(w, before, m.truth))
    >>> len({shape.key for shape in shapes}), [shape.letters for shape in shapes[:2]]
    (1, [('T1', 'lambda', 'sigma'), ('T2', 'lambda', 'sigma')])
    """
    reader = _Reader(model, before, truth)
    return Shape(reader.key, tuple(reader.letters))


class _Reader:
    """A model written down with numbers for names, a part that is met again by where it was met first."""

    def __init__(self, model: Expression, before: Expression, truth: Source) -> None:
        self.before, self.truth = before, truth
        self.letters: dict[Letter, int] = {}
        self._names: dict[str, int] = {}
        self._places: dict[int, int] = {}
        self._lines: list[Hashable] = []
        self._read(model)
        self.key = tuple(self._lines)

    def _read(self, part: Expression) -> int:
        if id(part) not in self._places:
            line = self._line(part)
            self._places[id(part)] = len(self._lines)
            self._lines.append(line)
        return self._places[id(part)]

    def _line(self, part: Expression) -> Hashable:
        if part is self.before:
            return ("before", tuple(self._vector(one) for one in _vectors(part)))
        match part:
            case Deterministic():
                value = self._polynomial(part.value, part.spectral)
                return ("fixed", self._space(part.space), value, part.spectral, part.directional)
            case Gaussian():
                spaces = self._space(part.outer), self._space(part.inner)
                laws = (
                    self._polynomial(part.row_covariance, part.spectral),
                    self._polynomial(part.column_covariance, part.spectral),
                )
                return ("gaussian", self._name(part.name), *spaces, *laws, part.spectral, part.transposed)
            case Source():
                if part.role is not Role.NOISE:
                    return ("vector", self._vector(part))
                return ("noise", self._name(part.name), self._space(part.space), self._polynomial(part.second))
            case Product() | Sum() | Inverse():
                return (type(part).__name__, tuple(self._read(one) for one in part.parts))
            case _:
                raise AssertionError(part)

    def _vector(self, source: Source) -> Hashable:
        return source.name, source.role, source.second, source.spectral, source.mean

    def _space(self, space: Space) -> Hashable:
        if space == self.truth.space:
            return space
        return self._name(space.name), self._letter(space.size)

    def _name(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def _letter(self, letter: Letter) -> Hashable:
        """A number, but for the dimension, which keeps its name."""
        return letter if letter == self.truth.space.size else self.letters.setdefault(letter, len(self.letters))

    def _polynomial(self, value: Polynomial, spectral: frozenset[Letter] = frozenset()) -> Hashable:
        known = {one: one if one in spectral else self._letter(one) for one in sorted(value.letters)}
        terms = ((frozenset((known[one], power) for one, power in term), at) for term, at in value.terms.items())
        return frozenset(terms)


def _vectors(expression: Expression) -> list[Source]:
    return [one for one in sources_of(expression) if one.role is not Role.NOISE]

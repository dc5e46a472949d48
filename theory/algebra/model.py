r"""The vocabulary in which an estimator is written.

>>> m = Model()
>>> X = m.design("X", rows="T")
>>> w = ridge(X, X @ m.truth + m.noise("sigma"), "lambda")
>>> print(w)
(X' X + T*lambda)^-1 X' (X w_0 + e_1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, final

from ..problem.errors import SpecificationError
from .expression import (
    UNIT,
    Deterministic,
    Expression,
    Gaussian,
    Role,
    Source,
    Space,
    identity,
    inv,
    scaled,
    shape_of,
    summed,
)
from .polynomial import Letter, Polynomial, from_sympy, total


@final
@dataclass(frozen=True)
class Noise:
    """Label noise that takes the rows of what it is added to."""

    name: str
    variance: Polynomial

    def bound(self, rows: Space, cols: Space) -> Source:
        """The noise as a vector of those rows."""
        if cols != UNIT:
            raise SpecificationError("noise", f"{self.name} added to {cols} columns", "labels, which are vectors")
        return Source(self.name, Role.NOISE, rows, self.variance)

    def __neg__(self) -> Noise:
        return self  # white noise is symmetric


@dataclass
class Model:
    """Where an estimator lives: the features, their test covariance, the truth.

    Args:
        dimension: letter of the number of features.
        covariance: of the features under which the risk is taken; its eigenvalue is written s for "Sigma", s_2 for
            "Sigma_2", and as it is for other names.

    Designs, projections, noises and offsets are made by its methods; each call of `noise` makes another noise.
    """

    dimension: Letter = "d"
    covariance: str = "Sigma"
    _names: dict[str, Expression] = field(default_factory=dict, repr=False)
    _noises: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        for name in ("dimension", "covariance"):
            _word(name, getattr(self, name))

    @property
    def features(self) -> Space:
        """The space of the features."""
        return Space("features", self.dimension)

    @property
    def truth(self) -> Source:
        """The vector w_0, with mean square theta in each eigendirection."""
        return self.offset("w_0", "theta", Role.TRUTH)

    @property
    def metric(self) -> Deterministic:
        """The covariance of the test points."""
        return self.spectrum(self.covariance)

    def spectrum(self, name: str) -> Deterministic:
        """A covariance of the features, commuting with all others of the model."""
        letter = _spectral("spectrum", eigenvalue_letter(_word("spectrum", name)))
        return Deterministic(self.features, Polynomial.letter(letter), frozenset({letter}))

    def direction(self, name: str) -> Deterministic:
        """A matrix such as u u' that need not commute: allowed once, linearly, under a trace."""
        letter = _spectral("direction", name)
        return Deterministic(self.features, Polynomial.letter(letter), frozenset({letter}), directional=True)

    def offset(self, name: str, second: Letter, role: Role = Role.OFFSET) -> Source:
        """A vector of features with mean square `second` in each eigendirection, independent of all others."""
        made = self._known(name)
        _spectral("second", second)
        if name.startswith("e_"):
            raise SpecificationError("name", name, "a name that does not begin with e_, as those of noises do")
        if made is None:
            vector = Source(name, role, self.features, Polynomial.letter(second), frozenset({second}))
            made = self._names.setdefault(name, vector)
        if not isinstance(made, Source) or made.second != Polynomial.letter(second):
            raise SpecificationError("name", name, "a name that nothing else has")
        return made

    def design(self, name: str, rows: Any, covariance: Any = None) -> Gaussian:
        """Rows of features, independent, Gaussian.

        Args:
            name: of the matrix; the same name again is an error, use the object.
            rows: letter of their number, or the rows of another design.
            covariance: a name, a function of spectra, or 1 for the identity; the model's unless given.
        """
        outer = rows if isinstance(rows, Space) else Space(f"rows of {name}", _letter("rows", rows))
        inside = self.metric if covariance is None else self._covariance(covariance)
        one = Polynomial.number(1)
        return self._new(name, Gaussian(name, outer, self.features, one, inside.value, inside.spectral))

    def projection(self, name: str, width: Any, variance: Any = None) -> Gaussian:
        """A random projection of the features onto `width` outputs, with entries N(0, 1/width) unless another is given.

        Args:
            name: of the matrix.
            width: letter of the number of outputs.
            variance: of an entry.
        """
        size = _letter("width", width)
        entry = Polynomial.letter(size, -1) if variance is None else _positive("variance", variance)
        outer = Space(f"outputs of {name}", size)
        return self._new(name, Gaussian(name, outer, self.features, entry, Polynomial.number(1)))

    def noise(self, deviation: Any) -> Noise:
        """Fresh label noise with this standard deviation; it takes the rows of the labels that it is added to."""
        self._noises += 1
        return Noise(f"e_{self._noises}", from_sympy("noise", deviation) ** 2)

    def _covariance(self, given: Any) -> Deterministic:
        if isinstance(given, str):
            return self.spectrum(given)
        if not isinstance(given, Expression):
            return Deterministic(self.features, _positive("covariance", given))
        if not isinstance(given, Deterministic) or given.directional or given.space != self.features:
            raise SpecificationError(
                "covariance", given, "a name or a function of spectra (nothing random, no direction) of the features"
            )
        return given

    def _known(self, name: str) -> Expression | None:
        return self._names.get(_word("name", name))

    def _new(self, name: str, made: Gaussian) -> Gaussian:
        if self._known(name) is not None:
            raise SpecificationError("name", name, "a name that no other matrix has")
        self._names[name] = made
        return made


@final
@dataclass(frozen=True)
class Stack:
    """Designs, or their labels, one under the other, each block with a weight in the fit."""

    blocks: tuple[Expression, ...]
    weights: tuple[Polynomial, ...]


Rows: TypeAlias = Expression | Stack
TAU = "tau"  # in print


def stack(*blocks: Expression, weights: Sequence[Any] | None = None) -> Stack:
    """Blocks of rows under each other.

    Args:
        blocks: designs, or vectors of labels.
        weights: of the blocks in the fit, for designs; 1 unless given.
    """
    if weights is not None and not isinstance(weights, list | tuple):
        raise SpecificationError("weights", weights, "a list of weights, one for each block")
    given = [1] * len(blocks) if weights is None else list(weights)
    for block in blocks:
        if not isinstance(block, Expression):
            raise SpecificationError("block", block, "a design, or a vector of labels")
    if not blocks or len(given) != len(blocks):
        raise SpecificationError("weights", weights, f"one for each of the {len(blocks)} blocks, of which there is one")
    if len({block.cols for block in blocks}) > 1:
        raise SpecificationError("blocks", [shape_of(block) for block in blocks], "blocks with the same columns")
    return Stack(blocks, tuple(_positive("weight", weight) for weight in given))


def ridge(design: Rows, labels: Rows, penalty: Any) -> Expression:
    r"""The minimiser of $(1/n) \sum_i a_i (y_i - x_i'w)^2 + \lambda |w|^2$, n the number of all rows.

    Args:
        design: X, or a stack of designs with weights a.
        labels: y, in blocks as the design is.
        penalty: lambda, positive.

    Raises:
        SpecificationError: where design and labels do not fit, or the penalty is 0 (take the limit afterwards).
    """
    blocks = design if isinstance(design, Stack) else stack(design)
    answers = labels if isinstance(labels, Stack) else stack(labels)
    if len(blocks.blocks) != len(answers.blocks):
        raise SpecificationError(
            "labels", f"{len(answers.blocks)} blocks", f"{len(blocks.blocks)} blocks, as in the design"
        )
    if any(weight != Polynomial.number(1) for weight in answers.weights):
        raise SpecificationError("labels", labels, "labels without weights; weights belong to the designs")
    for answer in answers.blocks:
        if answer.cols != UNIT:
            raise SpecificationError("labels", answer, f"vectors, not {shape_of(answer)}")
    ridge_strength = _positive("penalty", penalty, "a positive penalty; derive with it, then take its limit to 0")
    rows = total(Polynomial.letter(block.rows.size) for block in blocks.blocks)
    paired = list(zip(blocks.blocks, answers.blocks, blocks.weights, strict=True))
    gram = summed(_weighted(weight, x.T @ x) for x, _, weight in paired)
    moments = summed(_weighted(weight, x.T @ y) for x, y, weight in paired)
    space = blocks.blocks[0].cols
    return inv(gram + scaled(rows * ridge_strength, identity(space))) @ moments


def eigenvalue_letter(name: str) -> Letter:
    """How the eigenvalue of a covariance is written.

    >>> eigenvalue_letter("Sigma"), eigenvalue_letter("Sigma_2"), eigenvalue_letter("c")
    ('s', 's_2', 'c')
    """
    return f"s{name.removeprefix('Sigma')}" if name.startswith("Sigma") else name


def _word(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value.split()) != 1:
        raise SpecificationError(name, value, "a word")
    return value


def _spectral(name: str, letter: Any) -> Letter:
    """A letter for a function of the eigendirection."""
    if _word(name, letter) == TAU:
        raise SpecificationError(name, letter, "another letter; tau stands for s theta")
    return str(letter)


def _positive(name: str, value: Any, allowed: str = "a positive number, a letter, or a polynomial") -> Polynomial:
    polynomial = from_sympy(name, value)
    if polynomial.is_number() and not polynomial.terms.get((), 0) > 0:
        raise SpecificationError(name, value, allowed)
    return polynomial


def _letter(name: str, value: Any) -> Letter:
    polynomial = from_sympy(name, value)
    if len(polynomial.letters) != 1 or polynomial != Polynomial.letter(next(iter(polynomial.letters))):
        raise SpecificationError(name, value, "a letter, whose number is given when the formula is evaluated")
    return next(iter(polynomial.letters))


def _weighted(weight: Polynomial, expression: Expression) -> Expression:
    return expression if weight == Polynomial.number(1) else scaled(weight, expression)

r"""A chain written as an expression in Gaussian matrices: the reading of every chain that has no rule of its own.

Rows that are used again are the same matrix, so that nothing is assumed independent that is not. Equal numbers of one
kind share a letter, which lets the engine merge what is equal.

- Rows drawn from a fit to T earlier rows X, x ~ N(0, c X'X/T), are Z X sqrt(c/T) with fresh white Z.
- Disturbed rows are labelled as X and fitted as X + u U with white U.
- A lottery among labellers splits the rows in proportion: the counts fluctuate by O(sqrt(n)), which is O(1/n) in the
  error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, assert_never, final

from ..algebra.expression import Expression, Gaussian, Role, Source, Space, scaled
from ..algebra.model import Model, Noise, ridge, stack
from ..algebra.polynomial import Letter, Polynomial, from_sympy
from ..problem import checks
from ..problem import source as parts
from ..problem.chain import Chain
from ..problem.covariates import Fresh, Perturbed, Refitted, SameRows
from ..problem.errors import SpecificationError
from ..problem.estimator import MinimumNorm, RandomProjection, Ridge
from ..problem.generation import Generation
from ..problem.labels import Blend, LabelledBy, Labels, Lottery, Previous, Recorded, Shifted, Truth
from ..problem.memory import Accumulate, Subsample
from ..problem.selection import KeepAll
from ..problem.spectrum import Spectrum
from ..problem.target import Target
from ..rules.fits import Fit, fits_of
from .hypotheses import SIMULATE, require
from .products import is_centred

# Eigenvalues, second moments and means of truth and offsets, the dimension.
_RESERVED = re.compile(r"(s|theta|mu)(_\d+)?|d")
Row = tuple[Expression, Expression, Polynomial]  # what the fit sees, labels, weight


@final
@dataclass(frozen=True, eq=False)
class Expressed:
    """A chain as expressions.

    Attributes:
        model: the engine's model.
        truth: w_0.
        vectors: the truth and the offsets.
        first: model 0, the truth and the offset from it that is given.
        estimators: w_1, ..., w_N.
        scalars: the number of every letter that is not spectral.
        spectra: eigenvalues, by spectral letter.
        second_moments, means: of the truth and the offsets, by spectral letter.
        noises: the generation whose labels each noise belongs to.
        white: whether rows reach directions in which the population has no variance.
    """

    model: Model
    truth: Source
    vectors: tuple[Source, ...]
    first: Expression
    estimators: tuple[Expression, ...]
    scalars: dict[Letter, Any]
    spectra: dict[Letter, Spectrum]
    second_moments: dict[Letter, Target]
    means: dict[Letter, Target]
    noises: dict[str, int]
    white: bool


@lru_cache(maxsize=32)
def independent_fits(reading: Expressed) -> tuple[Fit, ...] | None:
    """The generations under derived rules, or None where they depend on each other or have no reduced form."""
    return fits_of(zip((reading.first, *reading.estimators), reading.estimators, strict=False), reading.truth)


def express(chain: Chain) -> Expressed:
    """Write a chain as expressions.

    Raises:
        NoTheorem: for chains with selections, samples of a store, or fits without a penalty.
    """
    first = _Writer(chain, _Letters())
    first.written()
    return _Writer(chain, first.letters.once_more()).written()


@dataclass
class _Letters:
    """One letter for each distinct number of a kind; kinds in `single` have one number, and need no index."""

    single: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    values: dict[Letter, Any] = field(default_factory=dict)
    known: dict[str, list[tuple[Any, Letter]]] = field(default_factory=dict)

    def of(self, kind: str, value: Any) -> Letter:
        """The letter of a number; a symbol is its own, so that no number may take its name."""
        if checks.is_symbolic(value) and value.is_Symbol:
            if _RESERVED.fullmatch(value.name):
                raise SpecificationError("symbol", value, f"another name; {value} stands for what every chain has")
            self.values[value.name] = value
            return str(value.name)
        known = self.known.setdefault(kind, [])
        for other, letter in known:
            if checks.same(other, value):
                return letter
        letter = kind if kind in self.single and kind not in self.symbols else f"{kind}_{len(known) + 1}"
        while letter in self.symbols:
            letter += "'"
        known.append((value, letter))
        self.values[letter] = value
        return letter

    def once_more(self) -> _Letters:
        """Fresh letters that know which kinds have a single number, and which names are taken by symbols."""
        single = frozenset(kind for kind, known in self.known.items() if len(known) == 1)
        symbols = frozenset(letter for letter, value in self.values.items() if checks.is_symbolic(value))
        return _Letters(single, symbols)


class _Writer:
    """Matrices, labels and models written so far."""

    def __init__(self, chain: Chain, letters: _Letters) -> None:
        self.chain = chain
        self.letters = letters
        self.model = Model()
        self.white = False
        self.spectra: dict[Letter, Spectrum] = {"s": chain.population.spectrum}
        self.second_moments: dict[Letter, Target] = {}
        self.means: dict[Letter, Target] = {}
        self.truth = self._vector("w_0", Role.TRUTH, "", chain.population.target)
        self.models: list[Expression] = []
        self.designs: dict[tuple[int, int], Expression] = {}
        self.labels: dict[tuple[int, int], Expression] = {}
        self.noises: dict[str, int] = {}
        self.store: list[Row] = []
        self.offsets: dict[Any, Source] = {}
        self.projection: Gaussian | None = None
        # An object of its own, so that a model that labels rows is told from the truth that labels others.
        self.first: Expression = replace(self.truth)
        if chain.initial is not None:
            self.first = self.first + self._offset("initial", chain.initial)

    def written(self) -> Expressed:
        """All generations."""
        for number, step in enumerate(self.chain.generations, start=1):
            require(isinstance(step.selection, KeepAll), f"no rows are selected (generation {number})")
            require(
                not isinstance(step.memory, Subsample),
                f"a fit sees all rows of its generation or of the store (generation {number} sees a sample)",
            )
            self.models.append(self._fit(number, step, self._rows(number, step)))
        return Expressed(
            self.model,
            self.truth,
            (self.truth, *self.offsets.values()),
            self.first,
            tuple(self.models),
            self.letters.values,
            self.spectra,
            self.second_moments,
            self.means,
            self.noises,
            self.white,
        )

    def _rows(self, number: int, step: Generation) -> list[Row]:
        """The rows that enter the fit of a generation; the store keeps all that are generated."""
        kept, own = [], []
        for position, source in enumerate(step.sources):
            if isinstance(source, parts.Kept):
                there = (source.generation, source.source)
                require(there in self.labels, "kept rows have one labeller (not a lottery)")
                kept.append((self.designs[there], self.labels[there], self._weight(source.weight)))
            else:
                own += self._generated(number, position, source)
        self.store += own
        return list(self.store) if isinstance(step.memory, Accumulate) else kept + own

    def _generated(self, number: int, position: int, source: parts.Source) -> list[Row]:
        weight = self._weight(source.weight)
        if isinstance(source.labels, Lottery):
            require(isinstance(source.covariates, Fresh), "rows labelled by lot are fresh")
            return [
                self._row(number, (number, position, k), source, labels, source.rows * probability, weight)
                for k, (labels, probability) in enumerate(source.labels.parts)
            ]
        return [self._row(number, (number, position), source, source.labels, source.rows, weight)]

    def _row(
        self, number: int, place: tuple[int, ...], source: parts.Source, labels: Labels, rows: Any, weight: Polynomial
    ) -> Row:
        clean, seen = self._design(place, source, rows)
        answer = self._answer(number, labels, clean)
        if not (checks.is_concrete(source.noise) and source.noise == 0):
            name = "e_" + ",".join(map(str, place))
            answer = answer + Noise(name, Polynomial.letter(self.letters.of("sigma", source.noise), 2))
            self.noises[name] = number
        if len(place) == 2:
            self.designs[place[0], place[1]] = seen
            self.labels[place[0], place[1]] = answer
        return seen, answer, weight

    def _design(self, place: tuple[int, ...], source: parts.Source, rows: Any) -> tuple[Expression, Expression]:
        """The rows as labelled and as the fit sees them."""
        name = ",".join(map(str, place))
        match source.covariates:
            case Fresh():
                fresh = self.model.design(f"X_{name}", self.letters.of("n", rows), self._covariance(source.covariance))
                return fresh, fresh
            case SameRows(generation, position):
                require((generation, position) in self.designs, "rows labelled again were not labelled by lot")
                again = self.designs[generation, position]
                return again, again
            case Perturbed(std):
                clean = self.model.design(f"X_{name}", self.letters.of("n", rows))
                if checks.is_concrete(std) and std == 0:
                    return clean, clean
                self.white = True
                disturbance = self.model.design(f"U_{name}", clean.rows, covariance=1)
                return clean, clean + scaled(self.letters.of("u", std), disturbance)
            case Refitted():
                refitted = self._refitted(name, source.covariates, rows)
                return refitted, refitted
            case _ as never:
                assert_never(never)

    def _refitted(self, name: str, law: Refitted, rows: Any) -> Expression:
        plain = law.rank is None and checks.is_concrete(law.shrink) and law.shrink == 0
        require(plain, "rows are drawn from the plain fit to earlier rows (neither shrunk nor cut to a rank)")
        require((law.generation, law.source) in self.designs, "the rows that others are fitted to have one labeller")
        earlier = self.designs[law.generation, law.source]
        size = self.letters.of("n", rows)
        mixing = Gaussian(
            f"Z_{name}",
            Space(f"rows of Z_{name}", size),
            earlier.rows,
            Polynomial.number(1),
            Polynomial.letter(earlier.rows.size, -1) * Polynomial.letter(self.letters.of("c", law.rescale)),
        )
        return mixing @ earlier

    def _answer(self, number: int, labels: Labels, design: Expression) -> Expression:
        """Labels before label noise."""
        if isinstance(labels, Blend):
            total: Expression | None = None
            for part, share in labels.parts:
                own = scaled(self._share(share), self._answer(number, part, design))
                total = own if total is None else total + own
            assert total is not None
            return total
        if isinstance(labels, Recorded):
            return self.labels[labels.generation, labels.source]
        return design @ self._labeller(number, labels)

    def _labeller(self, number: int, labels: Any) -> Expression:
        match labels:
            case Truth():
                return self.truth
            case Previous():
                return self.models[-1] if number > 1 else self.first
            case LabelledBy(generation):
                return self.models[generation - 1]
            case Shifted():
                return self.truth + self._offset(labels, labels.offset)
            case _:
                raise AssertionError(labels)

    def _offset(self, key: Any, target: Target) -> Source:
        key = _hashable(key)
        if key not in self.offsets:
            index = f"_{len(self.offsets) + 1}"
            self.offsets[key] = self._vector(f"delta{index}", Role.OFFSET, index, target)
        return self.offsets[key]

    def _vector(self, name: str, role: Role, index: str, target: Target) -> Source:
        """The truth or an offset; products of means are needed where neither vanishes."""
        second, mean = f"theta{index}", f"mu{index}"
        self.second_moments[second] = target
        centred = is_centred(target, self.chain.population.spectrum)
        if not centred:
            self.means[mean] = target
        letter = Polynomial.letter(second)
        return Source(name, role, self.model.features, letter, frozenset({second}), None if centred else mean)

    def _covariance(self, spectrum: Spectrum | None) -> Any:
        if spectrum is None or spectrum == self.chain.population.spectrum:
            return None
        for letter, known in self.spectra.items():
            if known == spectrum:
                return "Sigma" + letter.removeprefix("s")
        self.spectra[f"s_{len(self.spectra) + 1}"] = spectrum
        return f"Sigma_{len(self.spectra)}"

    def _weight(self, weight: Any) -> Polynomial:
        if checks.is_concrete(weight) and weight == 1:
            return Polynomial.number(1)
        return Polynomial.letter(self.letters.of("a", weight))

    def _share(self, share: Any) -> Any:
        return from_sympy("share", share) if checks.is_symbolic(share) else self.letters.of("b", share)

    def _fit(self, number: int, step: Generation, rows: list[Row]) -> Expression:
        estimator = step.estimator
        if isinstance(estimator, MinimumNorm) or (
            isinstance(estimator, RandomProjection) and estimator.penalty is None
        ):
            require(False, f"a positive penalty in every fit (generation {number} has none)", _WITH_PENALTY)
        designs = [seen for seen, _, _ in rows]
        if isinstance(estimator, RandomProjection):
            outputs = self._projected(number, estimator)
            designs = [seen @ outputs.T for seen in designs]
        assert isinstance(estimator, Ridge | RandomProjection)
        fit = ridge(
            stack(*designs, weights=[weight for _, _, weight in rows]),
            stack(*(answer for _, answer, _ in rows)),
            self.letters.of("lambda", estimator.penalty),
        )
        return outputs.T @ fit if isinstance(estimator, RandomProjection) else fit

    def _projected(self, number: int, estimator: RandomProjection) -> Gaussian:
        if estimator.redraw or self.projection is None:
            self.projection = self.model.projection(f"S_{number}", self.letters.of("m", estimator.width))
        return self.projection


_WITH_PENALTY = f"Ridge(penalty) with a small penalty, or {SIMULATE}"


def _hashable(key: Any) -> Any:
    """Equal offsets share one draw; those that hold tracers are equal to themselves alone."""
    try:
        hash(key)
    except TypeError:
        return id(key)
    return key

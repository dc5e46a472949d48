"""A chain: what is trained on what, generation after generation."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any, final

from . import checks
from .errors import SpecificationError
from .estimator import RandomProjection, Ridge
from .generation import Generation
from .interchange import reading, writing
from .memory import FORGET, Subsample
from .population import Population
from .references import check_initial, check_references, rows_of_fits
from .scaling import scaled_generation, shared_out
from .selection import KEEP_ALL
from .source import Kept, Source
from .target import Target


@final
@dataclass(frozen=True)
class All:
    """Every generation."""


ALL = All()


@final
@dataclass(frozen=True)
class Chain:
    """A self-training scheme: model 0 is the truth w_0; generation g = 1..N is fitted on labels of earlier models.

    Args:
        population: covariates and truth.
        generations: a non-empty tuple of `Generation`.
        initial: offset of model 0 from the truth, a `Target`; None for none.

    Raises:
        SpecificationError: for other types, and for references to generations, sources or offsets that are not there.

    >>> from modelcollapse.theory.problem import *
    >>> step = Generation((Source(50, 0.3, PREVIOUS),), Ridge(0.1))
    >>> len(Chain(Population(Isotropic(20), UniformTarget()), (step,) * 3))
    3
    """

    population: Population
    generations: tuple[Generation, ...]
    initial: Target | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.population, Population):
            raise SpecificationError("population", self.population, "a Population")
        generations = checks.members("generations", self.generations, "a non-empty tuple of Generation")
        object.__setattr__(self, "generations", generations)
        for generation in self.generations:
            if not isinstance(generation, Generation):
                raise SpecificationError("generations", generation, "only Generation objects")
        check_initial(self.population, self.initial)
        check_references(self.population, self.generations)

    @cached_property
    def rows(self) -> tuple[Any, ...]:
        """Number of rows that enter the fit of each generation, kept and stored rows included.

        >>> from modelcollapse.theory.problem import *
        >>> step = Generation((Source(50, 0.3, PREVIOUS),), Ridge(0.1), memory=ACCUMULATE)
        >>> Chain(Population(Isotropic(20), UniformTarget()), (step,) * 3).rows
        (50, 100, 150)
        """
        return rows_of_fits(self.generations)

    def __repr__(self) -> str:
        """Runs of equal generations are written once, times their number."""
        runs = [(step, sum(1 for _ in run)) for step, run in groupby(self.generations)]
        steps = " + ".join(f"({step!r},)" + (f" * {count}" if count > 1 else "") for step, count in runs)
        start = "" if self.initial is None else f", initial={self.initial!r}"
        return f"Chain({self.population!r}, {steps}{start})"

    def __len__(self) -> int:
        return len(self.generations)

    def with_(
        self,
        *,
        generation: int | All = ALL,
        penalty: Any = None,
        noise: Any = None,
        rows: Any = None,
        estimator: Any = None,
        population: Population | None = None,
    ) -> Chain:
        """A new chain with some values replaced, in one generation (1-based) or in all of them.

        Args:
            generation: which generation the first four changes apply to.
            penalty: the estimator becomes `Ridge(penalty)`; a `RandomProjection` keeps its features.
            noise: the label noise of every source that generates rows.
            rows: the rows of the generation; refused for several sources, where it is ambiguous, and for kept rows.
            estimator: the estimator itself.
            population: another population, for the whole chain.

        >>> from modelcollapse.theory.problem import *
        >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=2, rows=50, noise=0.3)
        >>> [g.estimator.penalty for g in chain.with_(penalty=0.5, generation=2).generations]
        [0.001, 0.5]
        """
        if penalty is not None and estimator is not None:
            raise SpecificationError("penalty", penalty, "either a penalty or an estimator, not both")
        chosen = self._positions(generation)
        steps = {id(self.generations[index]): self.generations[index] for index in chosen}  # one and the same stays one
        new = {name: _changed(step, noise, rows, penalty, estimator) for name, step in steps.items()}
        changed = [new[id(step)] if index in chosen else step for index, step in enumerate(self.generations)]
        return Chain(self.population if population is None else population, tuple(changed), self.initial)

    def scaled(self, times: int) -> Chain:
        """The chain `times` as large: eigenvalues repeated, target shared out, rows multiplied.

        The deterministic equivalent does not change; times -> infinity is the proportional limit.
        """
        times = checks.concrete_size("times", times)
        if times == 1:
            return self
        population = self.population.scaled(times)
        initial = None if self.initial is None else shared_out(self.initial, times)
        steps = tuple(scaled_generation(step, times) for step in self.generations)
        return Chain(population, steps, initial)

    def to_toml(self) -> str:
        """The chain as TOML, which `from_toml` reads back to an equal one: numbers keep every bit.

        Raises:
            SpecificationError: naming a symbol, a traced value, or a class that is not the package's own.
            MissingExtra: without the library `tomli-w`.

        >>> from modelcollapse.theory.problem import *
        >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=1000, rows=50, noise=0.3)
        >>> "count = 1000" in chain.to_toml(), Chain.from_toml(chain.to_toml()) == chain
        (True, True)
        """
        return writing.written(self.population, self.generations, self.initial)

    @classmethod
    def from_toml(cls, text: str, *, largest: int = reading.LARGEST_TEXT) -> Chain:
        """The chain that a TOML text describes; nothing in it is run.

        Args:
            text: as `to_toml` makes it, or as a person does.
            largest: characters that are read at most.

        Raises:
            SpecificationError: naming the place in the text, what is there, and what may be.
        """
        return cls(**reading.read(text, largest))

    def _repr_html_(self) -> str:
        """The population, then one row for every run of equal generations."""
        rows, number = [], 0
        for step, run in groupby(self.generations):
            first, number = number + 1, number + sum(1 for _ in run)
            span = str(first) if first == number else f"{first}–{number}"
            sources = "; ".join(_in_words(source) for source in step.sources)
            fit = [str(step.estimator), *(str(part) for part in (step.selection, step.memory) if part not in _USUAL)]
            cells = (span, sources, ", ".join(fit))
            rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
        head = "<tr><th>generation</th><th>sources</th><th>estimator</th></tr>"
        start = "" if self.initial is None else f", model 0 off by {self.initial}"
        title = f"{self.population.spectrum}, {self.population.target}{start}"
        return f"<p>{html.escape(title)}</p><table>{head}{''.join(rows)}</table>"

    def _positions(self, generation: int | All) -> Sequence[int]:
        if isinstance(generation, All):
            return range(len(self))
        number = checks.concrete_size("generation", generation)
        if number > len(self):
            raise SpecificationError("generation", generation, f"ALL or a whole number from 1 to {len(self)}")
        return (number - 1,)


_USUAL = (KEEP_ALL, FORGET)


def _in_words(source: Source | Kept) -> str:
    if isinstance(source, Kept):
        return f"the rows of generation {source.generation}, source {source.source}, again"
    said = repr(source).removeprefix(f"Source(rows={source.rows!r}, noise={source.noise!r}, labels=").removesuffix(")")
    return f"{source.rows} rows by {said}, noise {source.noise}"


def _changed(step: Generation, noise: Any, rows: Any, penalty: Any, estimator: Any) -> Generation:
    sources = step.sources
    if rows is not None and not (len(sources) == 1 and isinstance(sources[0], Source)):
        raise SpecificationError("rows", rows, "a generation with a single source, which generates its rows")
    memory = step.memory
    if rows is not None and isinstance(memory, Subsample):
        if memory.rows != step.rows:
            raise SpecificationError("rows", rows, f"a generation that samples as many rows as it makes, {step.rows}")
        memory = Subsample(rows)
    changes = {name: value for name, value in (("noise", noise), ("rows", rows)) if value is not None}
    sources = tuple(replace(source, **changes) if isinstance(source, Source) else source for source in sources)
    if penalty is not None:
        projected = isinstance(step.estimator, RandomProjection)
        estimator = replace(step.estimator, penalty=penalty) if projected else Ridge(penalty)
    estimator = step.estimator if estimator is None else estimator
    return replace(step, sources=sources, estimator=estimator, memory=memory)

"""A chain: what is trained on what, generation after generation."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, final

from . import checks
from .errors import SpecificationError
from .estimator import Ridge
from .generation import Generation
from .population import Population


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

    >>> from modelcollapse.theory.problem import *
    >>> step = Generation((Source(50, 0.3, PREVIOUS),), Ridge(0.1))
    >>> len(Chain(Population(Isotropic(20), UniformTarget()), (step,) * 3))
    3
    """

    population: Population
    generations: tuple[Generation, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.population, Population):
            raise SpecificationError("population", self.population, "a Population")
        if isinstance(self.generations, list):
            object.__setattr__(self, "generations", tuple(self.generations))
        if not isinstance(self.generations, tuple) or not self.generations:
            raise SpecificationError("generations", self.generations, "a non-empty tuple of Generation")
        for generation in self.generations:
            if not isinstance(generation, Generation):
                raise SpecificationError("generations", generation, "only Generation objects")

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
            penalty: the estimator becomes `Ridge(penalty)`.
            noise: the label noise of every source.
            rows: the rows of the generation; refused for several sources, where it is ambiguous.
            estimator: the estimator itself.
            population: another population, for the whole chain.

        >>> from modelcollapse.theory.problem import *
        >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=2, rows=50, noise=0.3)
        >>> [g.estimator.penalty for g in chain.with_(penalty=0.5, generation=2).generations]
        [0.001, 0.5]
        """
        if penalty is not None and estimator is not None:
            raise SpecificationError("penalty", penalty, "either a penalty or an estimator, not both")
        if penalty is not None:
            estimator = Ridge(penalty)
        chosen = self._positions(generation)
        changed = tuple(
            _changed(step, noise, rows, estimator) if index in chosen else step
            for index, step in enumerate(self.generations)
        )
        return Chain(self.population if population is None else population, changed)

    def scaled(self, times: int) -> Chain:
        """The chain `times` as large: eigenvalues repeated, target shared out, rows multiplied.

        The deterministic equivalent does not change; times -> infinity is the proportional limit.
        """
        times = checks.concrete_size("times", times)
        population = self.population.scaled(times)
        steps = tuple(
            replace(step, sources=tuple(replace(s, rows=s.rows * times) for s in step.sources))
            for step in self.generations
        )
        return Chain(population, steps)

    def _repr_html_(self) -> str:
        """The population, then one row for every run of equal generations."""
        rows, number = [], 0
        for step, run in groupby(self.generations):
            first, number = number + 1, number + sum(1 for _ in run)
            span = str(first) if first == number else f"{first}–{number}"
            sources = "; ".join(f"{s.rows} rows by {type(s.labels).__name__}, noise {s.noise}" for s in step.sources)
            cells = (span, sources, str(step.estimator))
            rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
        head = "<tr><th>generation</th><th>sources</th><th>estimator</th></tr>"
        title = f"{self.population.spectrum}, {self.population.target}"
        return f"<p>{html.escape(title)}</p><table>{head}{''.join(rows)}</table>"

    def _positions(self, generation: int | All) -> Sequence[int]:
        if isinstance(generation, All):
            return range(len(self))
        number = checks.concrete_size("generation", generation)
        if number > len(self):
            raise SpecificationError("generation", generation, f"ALL or a whole number from 1 to {len(self)}")
        return (number - 1,)


def _changed(step: Generation, noise: Any, rows: Any, estimator: Any) -> Generation:
    sources = step.sources
    if rows is not None and len(sources) > 1:
        raise SpecificationError("rows", rows, "a generation with a single source")
    if noise is not None:
        sources = tuple(replace(source, noise=noise) for source in sources)
    if rows is not None:
        sources = tuple(replace(source, rows=rows) for source in sources)
    return Generation(sources, step.estimator if estimator is None else estimator)

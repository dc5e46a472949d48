"""Which form of least squares fits each generation: decided here, from counts of rows that are in general position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Fresh, Perturbed, Refitted, SameRows
from ...theory.problem.estimator import RandomProjection
from ...theory.problem.memory import Accumulate, Subsample
from ...theory.problem.source import Source
from ..estimators.forms import Form, Route
from ..estimators.penalty import penalty
from ..selections.judging import is_judged
from .directions import Directions
from .numbers import number


@dataclass(frozen=True)
class Standing:
    """The rows of a fit: how many, how many of them in general position, and whether all of them are."""

    rows: int
    independent: int

    @property
    def general(self) -> bool:
        """Whether any `dimension` of the rows are linearly independent."""
        return self.independent == self.rows


def forms(chain: Chain, where: Directions, *, for_any_rows: bool) -> tuple[tuple[Form, ...], list[int]]:
    """The forms that must be compiled, and the position of each generation's form among them.

    Args:
        chain: the chain.
        where: its directions.
        for_any_rows: whether the forms must serve every number of rows, so that one compilation serves them all.
    """
    chosen = [form_of(chain, g, where) for g in range(1, len(chain) + 1)]
    wanted = set(chosen)
    if for_any_rows:
        wanted = {form for g in range(1, len(chain) + 1) for form in _possible(chain, g, where)} | wanted
    listed = tuple(sorted(wanted, key=lambda form: (form.width or 0, form.route.value)))
    return listed, [listed.index(form) for form in chosen]


def form_of(chain: Chain, g: int, where: Directions) -> Form:
    """The form of generation g.

    With a penalty either form of the normal equations is regular; without one their matrix must have full rank.
    """
    estimator, standing = chain.generations[g - 1].estimator, standing_of(chain, g, where)
    width = _width(estimator)
    size = where.count if width is None else width
    if is_judged(chain):  # nobody knows how many rows are left
        return Form(Route.PRIMAL if number("penalty", penalty(estimator)) > 0 else Route.SINGULAR, width)
    if number("penalty", penalty(estimator)) > 0:
        return Form(Route.PRIMAL if standing.rows >= size else Route.DUAL, width)
    if standing.independent >= size and size <= where.count:
        return Form(Route.PRIMAL, width)
    if standing.general and standing.rows < size and standing.rows <= where.count:
        return Form(Route.DUAL, width)
    return Form(Route.SINGULAR, width)


def standing_of(chain: Chain, g: int, where: Directions) -> Standing:
    """The rows that enter the fit of generation g."""
    rows = checks.concrete_size("rows", chain.rows[g - 1])
    memory, names = chain.generations[g - 1].memory, list(_entering(chain, g))
    counts = {name: count for name, (count, full) in ((n, _new_rows(chain, n, where)) for n in names) if full}
    independent = sum(counts.values())
    if isinstance(memory, Subsample):
        all_general = len(counts) == len(names) == len(set(names))
        return Standing(rows, rows if all_general else 0)
    return Standing(rows, independent)


def _possible(chain: Chain, g: int, where: Directions) -> Iterator[Form]:
    """The forms of generation g, whatever its numbers of rows."""
    estimator, width = chain.generations[g - 1].estimator, _width(chain.generations[g - 1].estimator)
    yield Form(Route.PRIMAL, width)
    if (width or where.count) > 1:
        yield Form(Route.DUAL, width)
    if number("penalty", penalty(estimator)) == 0 and (width is not None or not standing_of(chain, g, where).general):
        yield Form(Route.SINGULAR, width)


def _width(estimator: object) -> int | None:
    return checks.concrete_size("width", estimator.width) if isinstance(estimator, RandomProjection) else None


def _entering(chain: Chain, g: int) -> Iterator[tuple[int, int]]:
    """Generation and position of the sources whose covariates first brought in the rows of a fit."""
    step = chain.generations[g - 1]
    first = 1 if isinstance(step.memory, Accumulate | Subsample) else g
    for kept in step.kept:
        yield _root(chain, kept.generation, kept.source)
    for h in range(first, g + 1):
        for position, source in enumerate(chain.generations[h - 1].sources):
            if isinstance(source, Source):
                yield _root(chain, h, position)


def _source(chain: Chain, generation: int, position: int) -> Source:
    source = chain.generations[generation - 1].sources[position]
    assert isinstance(source, Source)
    return source


def _root(chain: Chain, generation: int, position: int) -> tuple[int, int]:
    covariates = _source(chain, generation, position).covariates
    while isinstance(covariates, SameRows):
        generation, position = covariates.generation, covariates.source
        covariates = _source(chain, generation, position).covariates
    return generation, position


def _new_rows(chain: Chain, name: tuple[int, int], where: Directions) -> tuple[int, bool]:
    """Number of rows that a source draws, and whether they vary in every direction."""
    source = _source(chain, *name)
    count = checks.concrete_size("rows", source.rows)
    covariates = source.covariates
    if isinstance(covariates, Refitted):
        old = _new_rows(chain, _root(chain, covariates.generation, covariates.source), where)
        uncut = covariates.rank is None or covariates.rank >= where.count
        seen = old[1] and old[0] >= where.count
        return count, uncut and (seen or number("shrink", covariates.shrink) > 0)
    if isinstance(covariates, Perturbed) and number("std", covariates.std) > 0:
        return count, True
    assert isinstance(covariates, Fresh | Perturbed)
    spectrum = chain.population.spectrum if source.covariance is None else source.covariance
    return count, bool(np.all(where.spread(spectrum) > 0))

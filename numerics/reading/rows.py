"""Which rows a generation makes, which it reads again, and where earlier ones stand until they are last read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Perturbed, Refitted, SameRows
from ...theory.problem.generation import Generation
from ...theory.problem.memory import Forget, Subsample
from ...theory.problem.source import Source
from .numbers import number
from .registers import Life, allocate

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
# Generation and position of a source, and whether its rows are meant as they were labelled, before any disturbance.
Name = tuple[int, int, bool]


class Refits(NamedTuple):
    """Sources whose rows are drawn from a Gaussian that is fitted to earlier rows; axes: generations, refits."""

    old: Integers  # (..., rows) places on the shelf, its size for none
    fitted_to: Floats  # number of rows of the old source
    rows: Floats  # number of new rows
    rescale: Floats
    shrink: Floats
    rank: Floats


@dataclass(frozen=True)
class Layout:
    """Tables of places. The rows of a fit are read from: the shelf, the block as fitted, the block as labelled."""

    rows: int  # places in a block
    shelf: int  # places on the shelf
    fitted: int  # places in a fit
    source: Integers  # (generations, rows) the source that each row of a block belongs to
    origin: Integers | None  # (generations, rows) places in: drawn rows, the shelf, refits; None: all are drawn
    pick: Integers | None  # (generations, candidates) rows that may enter the fit; None: the block as it is
    root_weight: Floats  # (generations, candidates) root of the weight, 0 on padding
    taken: Integers  # (generations,) candidates that enter
    shuffled: NDArray[np.bool_] | None  # (generations,) whether they are drawn; None: never
    renew: Integers | None  # (generations, shelf) what stands on the shelf afterwards
    refits: Refits | None


@dataclass(frozen=True)
class _Reader:
    """A chain and the number of places and of present rows that a source of some rows takes."""

    chain: Chain
    places_of: Callable[[int], int]
    present_of: Callable[[int], int]

    def source(self, name: Name) -> Source:
        source = self.chain.generations[name[0] - 1].sources[name[1]]
        assert isinstance(source, Source)
        return source

    def rows(self, name: Name) -> int:
        return checks.concrete_size("rows", self.source(name).rows)

    def clean(self, reference: SameRows | Refitted) -> Name:
        """The rows of a source as it generated them."""
        source = self.source((reference.generation, reference.source, False))
        return reference.generation, reference.source, isinstance(source.covariates, Perturbed)

    def generated(self, g: int) -> list[Name]:
        return [(g, p, False) for p, s in enumerate(self.chain.generations[g - 1].sources) if isinstance(s, Source)]

    def fitted(self, g: int) -> list[tuple[Name, float]]:
        """What may enter the fit of generation g, and its weight."""
        step = self.chain.generations[g - 1]
        if isinstance(step.memory, Forget):
            again = [((k.generation, k.source, False), number("weight", k.weight)) for k in step.kept]
            return again + [(name, number("weight", self.source(name).weight)) for name in self.generated(g)]
        stored = [name for h in range(1, g + 1) for name in self.generated(h)]
        return [(name, number("weight", self.source(name).weight)) for name in stored]

    def read_again(self, g: int) -> Iterator[Name]:
        """Rows of earlier generations that generation g reads."""
        for source in self.chain.generations[g - 1].generated:
            if isinstance(source.covariates, SameRows | Refitted):
                yield self.clean(source.covariates)
        yield from (name for name, _ in self.fitted(g) if name[0] < g)

    def starts(self, g: int) -> dict[Name, int]:
        """First place of each source in the block of generation g."""
        starts, place = {}, 0
        for name in self.generated(g):
            starts[name] = place
            place += self.places_of(self.rows(name))
        return starts

    def block(self, g: int) -> int:
        return sum(self.places_of(self.rows(name)) for name in self.generated(g))


def layout(chain: Chain, places_of: Callable[[int], int], present_of: Callable[[int], int], *, compact: bool) -> Layout:
    """Read the rows of a chain.

    Args:
        chain: the chain.
        places_of: number of places of a source with so many rows.
        present_of: number of its places that hold a row; the others are zero.
        compact: whether blocks may have such gaps between their sources.

    Raises:
        TooLarge: when the tables do not fit into memory.
    """
    reader, numbers = _Reader(chain, places_of, present_of), range(1, len(chain) + 1)
    rows = max(reader.block(g) for g in _distinct(chain.generations))
    checks.require_memory("rows", len(chain) * float(rows), 6 * 8)
    fitted = _places_in_fits(reader)
    checks.require_memory("rows", len(chain) * float(fitted), 6 * 8)
    last = {name: g for g in numbers for name in reader.read_again(g)}
    names = sorted(last)
    held, shelf = allocate([Life(n[0], last[n], places_of(reader.rows(n))) for n in names])
    places = dict(zip(names, held, strict=True))
    shuffled = np.array([isinstance(step.memory, Subsample) for step in chain.generations])
    several = max(len(step.generated) for step in chain.generations) > 1
    direct = not shelf and not shuffled.any() and not (several and compact)
    source = np.zeros((len(chain), rows), np.int64)
    for g in numbers:
        sizes = [places_of(reader.rows(name)) for name in reader.generated(g)]
        source[g - 1, : sum(sizes)] = np.repeat(np.arange(len(sizes)), sizes)
    pick, root_weight = _entering(reader, places, shelf, rows, fitted)
    taken = [
        checks.concrete_size("rows", s.memory.rows) if isinstance(s.memory, Subsample) else fitted
        for s in chain.generations
    ]
    return Layout(
        rows=rows,
        shelf=shelf,
        fitted=fitted if not shuffled.all() else max(taken),
        source=source,
        origin=_origins(reader, places, rows, shelf),
        pick=None if direct else pick,
        root_weight=root_weight,
        taken=np.array(taken, np.int64),
        shuffled=shuffled if shuffled.any() else None,
        renew=_renewal(reader, places, shelf, rows) if shelf else None,
        refits=_refits(reader, places, shelf),
    )


def _distinct(generations: tuple[Generation, ...]) -> list[int]:
    """Numbers of the generations, equal objects once."""
    return sorted({id(step): g for g, step in enumerate(generations, start=1)}.values())


def _places_in_fits(reader: _Reader) -> int:
    return max(
        sum(reader.places_of(reader.rows(name)) for name, _ in reader.fitted(g))
        for g in range(1, len(reader.chain) + 1)
    )


def _entering(
    reader: _Reader, places: dict[Name, Integers], shelf: int, rows: int, fitted: int
) -> tuple[Integers, Floats]:
    """Places of the rows of each fit, those that exist first, and the roots of their weights."""
    pick, root_weight = np.zeros((len(reader.chain), fitted), np.int64), np.zeros((len(reader.chain), fitted))
    for g in range(1, len(reader.chain) + 1):
        starts, end = reader.starts(g), 0
        for name, weight in reader.fitted(g):
            count = reader.present_of(reader.rows(name))
            here = places[name][:count] if name[0] < g else shelf + starts[name] + np.arange(count)
            pick[g - 1, end : end + count] = here
            root_weight[g - 1, end : end + count] = np.sqrt(weight)
            end += count
    return pick, root_weight


def _renewal(reader: _Reader, places: dict[Name, Integers], shelf: int, rows: int) -> Integers:
    """What each place of the shelf holds after each generation."""
    renew = np.tile(np.arange(shelf), (len(reader.chain), 1))
    for name, held in places.items():
        start = reader.starts(name[0])[name[0], name[1], False]
        renew[name[0] - 1, held] = shelf + name[2] * rows + start + np.arange(held.size)
    return renew


def _origins(reader: _Reader, places: dict[Name, Integers], rows: int, shelf: int) -> Integers | None:
    """Where the rows of each block come from."""
    refit_rows, any_old = _refit_rows(reader), False
    origin = np.tile(np.arange(rows), (len(reader.chain), 1))
    for g in range(1, len(reader.chain) + 1):
        refit = 0
        for name, start in reader.starts(g).items():
            covariates = reader.source(name).covariates
            here = slice(start, start + reader.places_of(reader.rows(name)))
            if isinstance(covariates, SameRows):
                origin[g - 1, here] = rows + places[reader.clean(covariates)]
                any_old = True
            elif isinstance(covariates, Refitted):
                count = here.stop - here.start
                origin[g - 1, here] = rows + shelf + refit * refit_rows + np.arange(count)
                refit, any_old = refit + 1, True
    return origin if any_old else None


def _refit_sources(reader: _Reader, g: int) -> list[tuple[Name, Refitted]]:
    pairs = [(name, reader.source(name).covariates) for name in reader.generated(g)]
    return [(name, covariates) for name, covariates in pairs if isinstance(covariates, Refitted)]


def _refit_rows(reader: _Reader) -> int:
    """Places of the largest refitted source."""
    found = [n for g in range(1, len(reader.chain) + 1) for n, _ in _refit_sources(reader, g)]
    return max((reader.places_of(reader.rows(name)) for name in found), default=0)


def _refits(reader: _Reader, places: dict[Name, Integers], shelf: int) -> Refits | None:
    found = [_refit_sources(reader, g) for g in range(1, len(reader.chain) + 1)]
    slots = max(len(pairs) for pairs in found)
    if slots == 0:
        return None
    most = max(places[reader.clean(covariates)].size for pairs in found for _, covariates in pairs)
    shape = len(found), slots
    values = {field: np.ones(shape) for field in Refits._fields[1:]}
    old = np.full((*shape, most), shelf, np.int64)
    for g, pairs in enumerate(found):
        for k, (name, covariates) in enumerate(pairs):
            held, origin = places[reader.clean(covariates)], reader.clean(covariates)
            old[g, k, : held.size] = held
            dimension = reader.chain.population.dimension
            rank = dimension if covariates.rank is None else covariates.rank
            entries = (reader.rows(origin), reader.rows(name), covariates.rescale, covariates.shrink, rank)
            for field, entry in zip(Refits._fields[1:], entries, strict=True):
                values[field][g, k] = number(field, entry)
    return Refits(old, **values)

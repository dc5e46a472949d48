"""Fits on rows of several labellers: once, again and again, and with weights and covariances of their own.

Sizes lie near each other as often as not: rows, width and rank are where a fit has its thresholds. All spectra have six
different levels at most, so that JAX compiles little.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Estimator,
    Generation,
    Levels,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    Spectrum,
)
from .numbers import lengths, noises, penalties, rows_between, weights
from .spectra import listed, power_laws
from .targets import offsets, populations

LEVELS = 6
MULTIPLICITIES = ((2,) * LEVELS, (1, 4, 1, 1, 3, 2), (5, 1, 1, 1, 1, 1))
MOST_SOURCES, MOST_SHIFTS = 3, 2
MOST_ROWS, MOST_WIDTH = 60, 40


@st.composite
def mixture_chains(draw: st.DrawFn) -> Chain:
    """One fit on one to three sources of rows, labelled by the truth and up to two shifted truths.

    Ridge regression or a random projection, with penalties from 1e-6 to 100.

    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without the search for the smallest
    >>> len(find(mixture_chains(), lambda chain: len(chain.generations[0].sources) == 3, settings=first))
    1
    """
    population = draw(populations(_six_levels()))
    sources = draw(_sources(population, draw(_shifts(population.spectrum, MOST_SHIFTS))))
    fit = draw(_fits(population, sum(source.rows for source in sources), _small_and_large_penalties()))
    return Chain(population, (Generation(sources, fit),))


@st.composite
def mixing_loops(draw: st.DrawFn) -> Chain:
    """One or three fits, each on rows of the truth, of a shifted truth and of the model before.

    All of ridge regression, or all on random projections drawn anew, with a penalty or (narrow ones) without.
    """
    population = draw(populations(_six_levels()))
    shifts, projected = draw(_shifts(population.spectrum, 1)), draw(st.booleans())
    narrow = st.builds(RandomProjection, rows_between(1, population.spectrum.rank() - 1))
    steps = []
    for _ in range(draw(lengths())):
        sources = draw(_sources(population, [PREVIOUS, *shifts]))
        rows = sum(source.rows for source in sources)
        wide = _projections(population, rows, penalties())
        fits = st.one_of(wide, wide, narrow) if projected else st.builds(Ridge, penalties())
        steps.append(Generation(sources, draw(fits)))
    return Chain(population, tuple(steps))


@st.composite
def weighted_mixtures(draw: st.DrawFn) -> Chain:
    """Mixtures whose sources may have weights, 0 among them, and covariances of their own."""
    chain = draw(mixture_chains())
    (step,) = chain.generations
    fitted = draw(st.integers(0, len(step.sources) - 1))  # has a weight in any case
    sources = [
        replace(
            source,
            weight=draw(weights() if position == fitted else weights() | st.just(0.0)),
            covariance=draw(st.none() | _spectra_of(chain.population.dimension)),
        )
        for position, source in enumerate(step.generated)
    ]
    return Chain(chain.population, (replace(step, sources=tuple(sources)),))


def _six_levels() -> st.SearchStrategy[Spectrum]:
    """Six different eigenvalues at most, some repeated, with or without directions of no variance."""
    repeated = st.sampled_from(MULTIPLICITIES).flatmap(_repeated)
    return st.one_of(power_laws(LEVELS), listed(LEVELS), repeated)


def _repeated(multiplicities: tuple[int, ...]) -> st.SearchStrategy[Spectrum]:
    drawn, silent = listed(len(multiplicities)), st.integers(0, 2)
    return st.builds(lambda s, zeros: _levels(s.values, multiplicities, zeros), drawn, silent)


def _levels(values: Any, multiplicities: tuple[int, ...], zeros: int) -> Spectrum:
    return Levels([*values, 0.0], (*multiplicities, zeros)) if zeros else Levels(values, multiplicities)


def _spectra_of(dimension: int) -> st.SearchStrategy[Spectrum]:
    """Covariances in so many directions."""
    return st.one_of(power_laws(dimension), listed(dimension))


def _shifts(spectrum: Spectrum, most: int) -> st.SearchStrategy[list[Any]]:
    """Up to so many shifted truths, fixed or random."""
    shifts: st.SearchStrategy[Any] = st.builds(Shifted, st.one_of(offsets(spectrum)), st.integers(0, 1))
    return st.lists(shifts, max_size=most)


@st.composite
def _sources(draw: st.DrawFn, population: Population, others: list[Any]) -> tuple[Source, ...]:
    """One to three sources of the truth and other labellers, with at least a row each."""
    total = draw(rows_between(1, MOST_ROWS) | _near(population.spectrum.rank()))
    cuts = draw(st.lists(st.integers(1, total - 1), unique=True, max_size=MOST_SOURCES - 1)) if total > 1 else []
    bounds = [0, *sorted(cuts), total]
    labels = st.sampled_from([TRUTH, *others])
    return tuple(Source(end - start, draw(noises()), draw(labels)) for start, end in pairwise(bounds))


def _fits(population: Population, rows: int, penalty: st.SearchStrategy[float]) -> st.SearchStrategy[Estimator]:
    return st.one_of(st.builds(Ridge, penalty), _projections(population, rows, penalty))


def _projections(
    population: Population, rows: int, penalty: st.SearchStrategy[float]
) -> st.SearchStrategy[RandomProjection]:
    widths = rows_between(1, MOST_WIDTH) | _near(rows) | _near(population.spectrum.rank())
    return st.builds(RandomProjection, widths, penalty)


def _near(size: int) -> st.SearchStrategy[int]:
    """That number, or one next to it."""
    return st.integers(max(size - 1, 1), size + 1)


def _small_and_large_penalties() -> st.SearchStrategy[float]:
    """Penalties over eight decades, 1e-6 to 100."""
    return st.builds(lambda digit, power: float(f"{digit}e{power}"), st.integers(1, 10), st.integers(-6, 1))

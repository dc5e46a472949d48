"""Fits on rows of several labellers: once, again and again, and with weights and covariances of their own.

Sizes lie near each other as often as not: rows, width and rank are where a fit has its thresholds. All spectra have six
positive levels, so that JAX compiles little; strategies are made once, because making them takes longer than a draw.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Estimator,
    Generation,
    Isotropic,
    Labels,
    Levels,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    Spectrum,
    Target,
)
from .numbers import lengths, noises, penalties, rows_between, weights
from .spectra import listed, power_laws
from .targets import offsets, targets

LEVELS = 6
MULTIPLICITIES = ((1, 2, 1, 1, 3, 1), (3, 1, 1, 1, 1, 1))
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
    population = population_of_six_levels(draw)
    others = draw(_shifts(population.dimension, 2))
    rows = draw(_rows(population.spectrum.rank()))
    fit = draw(_estimators(draw(_widths(rows, population.spectrum.rank())), small=True))
    return Chain(population, (Generation(_sources(draw, rows, others), fit),))


@st.composite
def mixing_loops(draw: st.DrawFn) -> Chain:
    """One or three fits, each on rows of the truth, of a shifted truth and of the model before.

    All of ridge regression, or all on random projections drawn anew, with a penalty or, narrower than the rank and at
    least 2 away from the rows, without.

    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without the search for the smallest
    >>> len(find(mixing_loops(), lambda chain: len(chain) > 1, settings=first))
    3
    """
    population = population_of_six_levels(draw)
    rank, others = population.spectrum.rank(), [PREVIOUS, *draw(_shifts(population.dimension, 1))]
    projected, steps = draw(_EITHER), []
    for _ in range(draw(_LENGTHS)):
        rows = draw(_rows(rank))
        steps.append(Generation(_sources(draw, rows, others), _fit(draw, projected, rows, rank)))
    return Chain(population, tuple(steps))


@st.composite
def weighted_mixtures(draw: st.DrawFn) -> Chain:
    """Mixtures whose sources may have weights, 0 among them, and covariances of their own.

    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without the search for the smallest
    >>> chain = find(weighted_mixtures(), lambda chain: chain.generations[0].sources[0].weight == 0, settings=first)
    >>> len(chain.generations[0].sources) > 1
    True
    """
    chain = draw(_MIXTURES)
    (step,) = chain.generations
    weighed = [draw(_WEIGHTS_OR_NONE) for _ in step.sources]
    weighed[draw(_position(len(weighed)))] = draw(_WEIGHTS)
    sources = [
        replace(source, weight=weight, covariance=draw(_covariances(chain.population.dimension)))
        for source, weight in zip(step.generated, weighed, strict=True)
    ]
    return Chain(chain.population, (replace(step, sources=tuple(sources)),))


def population_of_six_levels(draw: st.DrawFn) -> Population:
    """Six positive levels, some repeated, with or without directions of no variance, and a truth."""
    spectrum = draw(_SPECTRA)
    return Population(spectrum, draw(_truths(spectrum.dimension)))


def _levels(values: Spectrum, multiplicities: tuple[int, ...], zeros: int) -> Spectrum:
    levels: list[Any] = list(values.eigenvalues())
    return Levels([*levels, 0.0], (*multiplicities, zeros)) if zeros else Levels(levels, multiplicities)


def _sources(draw: st.DrawFn, total: int, others: list[Labels]) -> tuple[Source, ...]:
    """One to three sources of the truth and other labellers, with at least a row each."""
    cuts = {draw(_cut(total)) for _ in range(draw(_CUTS))} if total > 1 else set[int]()
    bounds = [0, *sorted(cuts), total]
    labellers = (TRUTH, *others)
    labelled = [labellers[draw(_position(len(labellers)))] for _ in bounds[1:]]
    return tuple(
        Source(end - start, draw(_NOISES), labels)
        for (start, end), labels in zip(pairwise(bounds), labelled, strict=True)
    )


def _fit(draw: st.DrawFn, projected: bool, rows: int, rank: int) -> Estimator:
    if not projected:
        return draw(_estimators(None))
    if draw(_EITHER):
        narrow = [width for width in range(1, rank) if abs(width - rows) > 1]
        return RandomProjection(narrow[draw(_position(len(narrow)))])
    return draw(_estimators(draw(_projected_widths(rows, rank))))


@cache
def _truths(dimension: int) -> st.SearchStrategy[Target]:
    return targets(Isotropic(dimension))


@cache
def _shifts(dimension: int, most: int) -> st.SearchStrategy[list[Labels]]:
    """Up to so many shifted truths, fixed or random."""
    drawn = st.one_of(offsets(Isotropic(dimension)))
    return st.lists(st.builds(Shifted, drawn, st.integers(0, 1)), max_size=most)


@cache
def _covariances(dimension: int) -> st.SearchStrategy[Spectrum | None]:
    return st.one_of(st.none(), power_laws(dimension), listed(dimension))


@cache
def _rows(rank: int) -> st.SearchStrategy[int]:
    return rows_between(1, MOST_ROWS) | _near(rank)


@cache
def _widths(rows: int, rank: int) -> st.SearchStrategy[int | None]:
    return st.none() | _projected_widths(rows, rank)


@cache
def _projected_widths(rows: int, rank: int) -> st.SearchStrategy[int]:
    return rows_between(1, MOST_WIDTH) | _near(rows) | _near(rank)


@cache
def _estimators(width: int | None, small: bool = False) -> st.SearchStrategy[Estimator]:
    """Ridge regression, or a projection to a width, with small and large or with moderate penalties."""
    penalty = _SMALL_AND_LARGE if small else penalties()
    return st.builds(Ridge, penalty) if width is None else st.builds(RandomProjection, st.just(width), penalty)


@cache
def _cut(total: int) -> st.SearchStrategy[int]:
    return st.integers(1, total - 1)


@cache
def _position(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


@cache
def _near(size: int) -> st.SearchStrategy[int]:
    """That number, or one next to it."""
    return st.integers(max(size - 1, 1), size + 1)


_EITHER, _CUTS, _LENGTHS, _NOISES, _WEIGHTS = st.booleans(), st.integers(0, 2), lengths(), noises(), weights()
_WEIGHTS_OR_NONE, _MIXTURES = _WEIGHTS | st.just(0.0), mixture_chains()
_SMALL_AND_LARGE = st.builds(lambda digit, power: float(f"{digit}e{power}"), st.integers(1, 10), st.integers(-6, 1))
_REPEATED = st.builds(_levels, listed(LEVELS), st.sampled_from(MULTIPLICITIES), st.integers(0, 2))
_SPECTRA: st.SearchStrategy[Spectrum] = st.one_of(power_laws(LEVELS), listed(LEVELS), _REPEATED)

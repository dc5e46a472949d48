"""Estimators, memories, labels, covariates, sources and generations to try a statement on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from ...theory.problem import (
    ACCUMULATE,
    FORGET,
    FRESH,
    PREVIOUS,
    TRUTH,
    Blend,
    Covariates,
    Estimator,
    Generation,
    Kept,
    LabelledBy,
    Labels,
    Lottery,
    Memory,
    MinimumNorm,
    Perturbed,
    RandomProjection,
    Recorded,
    Refitted,
    Ridge,
    SameRows,
    Shifted,
    Source,
    Spectrum,
    Subsample,
)
from .numbers import decimals, noises, penalties, rows_between, weights
from .spectra import spectra
from .targets import offsets

WIDTH = 8  # of every random projection: those that are used again must have the width they had
ROWS = (4, 60)


def estimators() -> st.SearchStrategy[Estimator]:
    """Any estimator.

    >>> from hypothesis import find
    >>> find(estimators(), lambda estimator: isinstance(estimator, RandomProjection)).width
    8
    """
    projected = st.builds(RandomProjection, st.just(WIDTH), st.none() | penalties(), st.booleans())
    return st.one_of(st.builds(Ridge, penalties()), st.just(MinimumNorm()), projected)


def memories(stored: int) -> st.SearchStrategy[Memory]:
    """Any memory, where so many rows have been generated."""
    return st.one_of(st.just(FORGET), st.just(ACCUMULATE), st.builds(Subsample, rows_between(1, stored)))


def simple_labels(spectrum: Spectrum, number: int) -> st.SearchStrategy[Any]:
    """Labels of a single labeller, in generation `number`."""
    kinds = [st.just(TRUTH), st.just(PREVIOUS), st.builds(Shifted, st.one_of(offsets(spectrum)), st.integers(0, 1))]
    if number > 1:
        kinds.append(st.builds(LabelledBy, st.integers(1, number - 1)))
    return st.one_of(kinds)


def labels(spectrum: Spectrum, number: int) -> st.SearchStrategy[Labels]:
    """Any labels without recorded ones, in generation `number`."""
    simple = simple_labels(spectrum, number)
    blends = st.builds(_two_parts, st.just(Blend), simple, simple, decimals(1, 9, places=1))
    lotteries = st.builds(_two_parts, st.just(Lottery), simple | blends, simple, decimals(1, 9, places=1))
    return st.one_of(simple, blends, lotteries)


@st.composite
def sources(draw: st.DrawFn, spectrum: Spectrum, earlier: Sequence[Generation] = ()) -> Source:
    """A source of the generation that follows `earlier`, on a population with `spectrum`."""
    number = len(earlier) + 1
    covariates = draw(_covariates(spectrum, earlier))
    rows = draw(rows_between(*ROWS))
    if isinstance(covariates, SameRows):
        rows = earlier[covariates.generation - 1].sources[covariates.source].rows  # type: ignore[union-attr]
    labelled = draw(labels(spectrum, number))
    if isinstance(covariates, SameRows) and draw(st.booleans()):
        recorded = Recorded(covariates.generation, covariates.source)
        labelled = Blend(((recorded, 0.25), (draw(simple_labels(spectrum, number)), 0.75)))
    covariance = None
    if covariates == FRESH:
        covariance = draw(st.none() | spectra(spectrum.dimension))
    return Source(rows, draw(noises()), labelled, draw(weights()), covariance, covariates)


@st.composite
def generations(draw: st.DrawFn, spectrum: Spectrum, earlier: Sequence[Generation] = ()) -> Generation:
    """The generation that follows `earlier`: one or two sources, kept rows, any estimator and memory."""
    parts: list[Source | Kept] = draw(st.lists(sources(spectrum, earlier), min_size=1, max_size=2))
    places = _places(earlier)
    again: bool = draw(st.booleans())
    if places and again:
        generation, source = draw(st.sampled_from(places))
        return Generation((*parts, Kept(generation, source, draw(weights()))), draw(estimators()))
    stored = sum(step.rows for step in earlier) + sum(part.rows for part in parts if isinstance(part, Source))
    return Generation(tuple(parts), draw(estimators()), memory=draw(memories(stored)))


def _covariates(spectrum: Spectrum, earlier: Sequence[Generation]) -> st.SearchStrategy[Covariates]:
    kinds: list[st.SearchStrategy[Covariates]] = [st.just(FRESH), st.builds(Perturbed, noises())]
    places = _places(earlier)
    if places:
        there = st.sampled_from(places)
        ranks = st.none() | st.integers(1, spectrum.dimension)
        kinds.append(there.map(lambda place: SameRows(*place)))
        kinds.append(st.builds(_refitted, there, decimals(5, 20, 1), decimals(0, 10, 1), ranks))
    return st.one_of(kinds)


def _places(earlier: Sequence[Generation]) -> list[tuple[int, int]]:
    """Generation and position of every earlier source that generates rows."""
    return [
        (number, position)
        for number, step in enumerate(earlier, start=1)
        for position, source in enumerate(step.sources)
        if isinstance(source, Source)
    ]


def _refitted(place: tuple[int, int], rescale: float, shrink: float, rank: int | None) -> Refitted:
    return Refitted(*place, rescale, shrink, rank)


def _two_parts(kind: Any, first: Any, second: Any, share: float) -> Any:
    return kind(((first, share), (second, 1.0 - share)))

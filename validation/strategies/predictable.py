"""Chains that theory covers, family by family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Generation,
    LabelledBy,
    MinimumNorm,
    Population,
    Ridge,
    Source,
    accumulate,
    accumulate_subsample,
    blend_labels,
    demystified,
    replace,
    retain_real,
)
from .mixtures import mixing_loops
from .numbers import decimals, dimensions, lengths, noises, penalties, rows_between
from .spectra import isotropic, listed, power_laws, rank_deficient, spectra
from .targets import populations


def predictable_chains() -> st.SearchStrategy[Chain]:
    """Chains that `predict` answers: every one of `families()`.

    >>> from hypothesis import Phase, find, settings
    >>> from modelcollapse import predict
    >>> first = settings(phases=[Phase.generate], database=None)  # without the search for the smallest
    >>> bool(predict(find(predictable_chains(), lambda chain: True, settings=first)).error[-1] > 0)
    True
    """
    return st.one_of([family() for family in families()])


def families() -> tuple[Callable[[], st.SearchStrategy[Chain]], ...]:
    """The families that `predictable_chains` draws from."""
    return (
        ridge_chains,
        least_squares_chains,
        subspace_chains,
        ridgeless_chains,
        generator_chains,
        accumulating_chains,
        blended_chains,
        mixed_chains,
        keeping_chains,
        mixing_loops,
    )


@st.composite
def ridge_chains(draw: st.DrawFn, population: st.SearchStrategy[Population] | None = None) -> Chain:
    """Ridge regression in every generation, each on fresh rows that the model before labels.

    Args:
        population: strategy for covariates and truth; None takes `populations()`.
    """
    drawn, count = draw(populations() if population is None else population), draw(lengths())
    rows = _each(draw, count, rows_between(4, 60))
    fits = [Ridge(penalty) for penalty in _each(draw, count, penalties())]
    return replace(drawn, count, rows, _each(draw, count, noises()), fits)


@st.composite
def least_squares_chains(draw: st.DrawFn) -> Chain:
    """Least squares in every generation, with at least rank + 2 rows."""
    population, count = draw(populations()), draw(lengths())
    return replace(population, count, _enough(draw, population, count), _each(draw, count, noises()), MinimumNorm())


@st.composite
def subspace_chains(draw: st.DrawFn) -> Chain:
    """Minimum norm on equal eigenvalues, rows on both sides of the rank and at least 2 away from it."""
    dimension, count = draw(dimensions()), draw(lengths())
    population = draw(populations(isotropic(dimension)))
    sides = rows_between(1, dimension - 2) | rows_between(dimension + 2, 3 * dimension)
    return replace(population, count, _each(draw, count, sides), _each(draw, count, noises()), MinimumNorm())


@st.composite
def ridgeless_chains(draw: st.DrawFn) -> Chain:
    """Minimum norm on unequal eigenvalues, with fewer rows than directions."""
    dimension, count = draw(dimensions()), draw(lengths())
    population = draw(populations(st.one_of(power_laws(dimension), listed(dimension), rank_deficient(dimension))))
    few = rows_between(1, population.spectrum.rank() - 2)
    return replace(population, count, _each(draw, count, few), _each(draw, count, noises()), MinimumNorm())


@st.composite
def generator_chains(draw: st.DrawFn) -> Chain:
    """Two generators fitted by least squares, then ridge regression."""
    population = draw(populations())
    return demystified(
        population,
        generators=2,
        generator_rows=_enough(draw, population, 1)[0],
        generator_noise=draw(noises()),
        rows=draw(rows_between(4, 60)),
        noise=draw(noises()),
        estimator=Ridge(draw(penalties())),
    )


@st.composite
def accumulating_chains(draw: st.DrawFn) -> Chain:
    """Least squares on all rows so far, fresh in every generation or the first ones labelled anew."""
    population, count = draw(populations()), draw(lengths())
    same = draw(st.booleans())
    rows: Any = _enough(draw, population, count)
    noise = _each(draw, count, noises())
    return accumulate(population, count, rows[0] if same else rows, noise, MinimumNorm(), same_rows=same)


@st.composite
def blended_chains(draw: st.DrawFn) -> Chain:
    """Labels blended from the truth and the model before, fitted by ridge regression or least squares."""
    population, count = draw(populations()), draw(lengths())
    fit = Ridge(draw(penalties())) if draw(st.booleans()) else MinimumNorm()
    rows, noise = _enough(draw, population, count), _each(draw, count, noises())
    return blend_labels(population, count, rows, noise, fit, real_share=draw(decimals(1, 9, 1)))


@st.composite
def mixed_chains(draw: st.DrawFn) -> Chain:
    """Least squares on rows of two labellers, the truth and an earlier model."""
    population = draw(populations())
    steps = []
    for number in range(1, draw(lengths()) + 1):
        earlier = LabelledBy(draw(st.integers(1, number - 1))) if number > 1 and draw(st.booleans()) else PREVIOUS
        real = Source(draw(rows_between(2, 40)), draw(noises()), TRUTH)
        steps.append(
            Generation((real, Source(_enough(draw, population, 1)[0], draw(noises()), earlier)), MinimumNorm())
        )
    return Chain(population, tuple(steps))


@st.composite
def keeping_chains(draw: st.DrawFn) -> Chain:
    """Least squares on real rows that are kept for ever and fresh ones that the model before labels."""
    population = draw(populations(spectra(draw(st.sampled_from((6, 12))))))
    real, fresh = _enough(draw, population, 2)
    return retain_real(
        population,
        3,
        real + fresh,
        draw(noises()),
        MinimumNorm(),
        share=real / (real + fresh),
        same_rows=True,
        real_noise=draw(noises()),
    )


@st.composite
def subsampling_chains(draw: st.DrawFn) -> Chain:
    """Least squares on samples of the store, with so many rows that only the limit of many counts."""
    population = draw(populations(spectra(6)))
    return accumulate_subsample(population, 3, draw(rows_between(400, 2000)), draw(noises()), MinimumNorm())


def _enough(draw: st.DrawFn, population: Population, count: int) -> list[int]:
    """Rows with which least squares has an error of finite mean."""
    rank = population.spectrum.rank()
    return _each(draw, count, rows_between(rank + 2, 3 * rank + 20))


def _each(draw: st.DrawFn, count: int, values: st.SearchStrategy[Any]) -> list[Any]:
    """One value per generation, half of the time the same in all of them."""
    equal = values.map(lambda value: [value] * count)
    return draw(equal | st.lists(values, min_size=count, max_size=count))

"""Chains whose generated rows a verifier judges.

Tolerances are drawn in units of the largest spread that residuals may have and rows in such numbers that every fit is
left with enough of them; offsets are at most three times the label noise, beyond which a label that is drawn again is
nearly the same. Six levels and one verifier, so that JAX compiles little.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st

from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Estimator,
    GaussianTarget,
    Generation,
    Isotropic,
    MinimumNorm,
    NormWindow,
    Resample,
    ResidualWindow,
    Revise,
    Ridge,
    Selection,
    Source,
    Spectrum,
    Target,
    TopShare,
    Unreliable,
)
from .mixtures import population_of_six_levels
from .numbers import decimals, lengths, penalties, rows_between
from .targets import offsets

Judge = TypeVar("Judge", ResidualWindow, NormWindow, TopShare)


@st.composite
def verified_chains(draw: st.DrawFn) -> Chain:
    """Ridge regression or least squares on rows that a verifier judges by their residuals, with or without real rows.

    Model 0 and the verifier are off the truth. All selections are drawn, one for all generations or one for each.

    >>> from hypothesis import Phase, find, settings
    >>> from modelcollapse.theory.problem import TopShare
    >>> first = settings(phases=[Phase.generate], database=None)  # without the search for the smallest
    >>> def keeps_a_share(chain):
    ...     return isinstance(chain.generations[0].selection, TopShare)
    >>> find(verified_chains(), keeps_a_share, settings=first).initial is None
    False
    """
    population, count = population_of_six_levels(draw), draw(_LENGTHS)
    spectrum = population.spectrum
    noises = draw(st.lists(_NOISES, min_size=count, max_size=count))
    initial, verifier = (_offset(draw, spectrum, min(noises)) for _ in range(2))
    fit = draw(_FITS)
    labellers = [0.0 * spectrum.eigenvalues(), _second_moments(initial, spectrum)]
    if isinstance(fit, Ridge):  # which may leave no more than the zero model
        labellers.append(_second_moments(population.target, spectrum))
    # |l - b|^2 <= 2 |l|^2 + 2 |b|^2 for each labeller l.
    farthest = max(float(np.sum(one)) for one in labellers)
    spread = (max(noises) ** 2 + 2 * farthest + 2 * float(np.sum(_second_moments(verifier, spectrum)))) ** 0.5
    judges = _selections(draw, verifier, min(noises), spread, spectrum.rank(), 1 if draw(_EITHER) else count)
    real, share = draw(_REAL_ROWS), draw(_REAL_SHARES)
    labels = Blend(((TRUTH, share), (PREVIOUS, 1.0 - share))) if share else PREVIOUS
    steps = []
    for number, noise in enumerate(noises):
        known = (Source(real, draw(_NOISES), TRUTH),) if real else ()
        rows = draw(_MANY_ROWS if isinstance(fit, MinimumNorm) else _FEW_ROWS)
        steps.append(Generation((*known, Source(rows, noise, labels)), fit, judges[number % len(judges)]))
    return Chain(population, tuple(steps), initial)


def _offset(draw: st.DrawFn, spectrum: Spectrum, noise: float) -> Target:
    """Fixed or random coordinates of a size that is counted in label noises."""
    drawn = draw(_directions(spectrum.dimension))
    size = float(np.sum(_second_moments(drawn, spectrum)))
    times = noise * draw(_SIZES) / size**0.5 if size else 0.0  # what lies where nothing varies has no size
    if isinstance(drawn, GaussianTarget):
        return GaussianTarget(drawn.variances * times**2)
    assert isinstance(drawn, Coefficients)
    return Coefficients(drawn.values * times)


def _second_moments(target: Target, spectrum: Spectrum) -> Any:
    """In units of error."""
    return spectrum.eigenvalues() * target.second_moments(spectrum)


def _selections(
    draw: st.DrawFn, verifier: Target, noise: float, spread: float, rank: int, count: int
) -> list[Selection]:
    return [_selection(draw, verifier, noise, spread, rank) for _ in range(count)]


def _selection(draw: st.DrawFn, verifier: Target, noise: float, spread: float, rank: int) -> Selection:
    kind = draw(_KINDS)
    tolerance = spread * draw(_TOLERANCES)
    if kind == "revise":
        return Revise(verifier, tolerance, draw(_SHARES))
    if kind == "share":
        return _perhaps_erring(draw, TopShare(verifier, draw(_SHARES)))
    if kind == "norm":
        part = draw(_PARTS)
        return _perhaps_erring(draw, NormWindow(verifier, part * tolerance / rank**0.5, (1 - part) * tolerance))
    judge = _perhaps_erring(draw, _window(draw, verifier, noise, tolerance))
    return judge if kind == "window" else Resample(judge, draw(_TRIES), draw(_EITHER))


def _window(draw: st.DrawFn, verifier: Target, noise: float, tolerance: float) -> ResidualWindow:
    """About 0, or about any number."""
    if draw(_EITHER):
        return ResidualWindow(verifier, -tolerance, tolerance)
    lower = noise * draw(_LOWER)  # within two noises of 0, so that some rows are kept
    return ResidualWindow(verifier, lower, lower + 2 * tolerance)


def _perhaps_erring(draw: st.DrawFn, judge: Judge) -> Judge | Unreliable:
    return Unreliable(judge, draw(_FALSE_KEEPS), draw(_FALSE_DROPS)) if draw(_EITHER) else judge


@cache
def _directions(dimension: int) -> st.SearchStrategy[Target]:
    return st.one_of(offsets(Isotropic(dimension)))


_EITHER, _LENGTHS, _NOISES = st.booleans(), lengths(), decimals(50, 200)
_KINDS = st.sampled_from(("window", "norm", "share", "again", "revise"))
_FITS: st.SearchStrategy[Estimator] = st.just(MinimumNorm()) | st.builds(Ridge, penalties())
_SIZES, _TOLERANCES, _LOWER = decimals(1, 30, 1), decimals(3, 25, 1), decimals(-20, 10, 1)
_SHARES, _PARTS, _TRIES = decimals(1, 10, 1), decimals(0, 9, 1), st.integers(1, 5)
_FALSE_KEEPS, _FALSE_DROPS = decimals(0, 5, 1), decimals(0, 3, 1)
_MANY_ROWS, _FEW_ROWS = rows_between(300, 1000), rows_between(20, 300)
_REAL_ROWS, _REAL_SHARES = st.just(0) | rows_between(1, 100), st.sampled_from((0.0, 0.0, 0.3, 0.8))

"""Mixtures of real and synthetic rows, random projections, and loops of both: fits with several labellers.

Chains fall into families of one shape each (dimension, numbers of generations and sources, widths), so that simulators
are compiled for a family; within it spectra, truths, shifts, rows, shares, noises, weights, penalties and the order of
the estimators vary. Label noise has the larger part of the errors, so that they vary little from draw to draw; rows and
widths of fits without a penalty stand five or more apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
    Labels,
    Levels,
    MinimumNorm,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    Spectrum,
    UniformTarget,
)

_FIT = MinimumNorm()
_FLAT = Population(Levels([1.6, 0.7, 0.25], [6, 6, 4]), UniformTarget(0.1))
_STEEP = Population(Levels([2.9, 0.6, 0.08], [4, 6, 6]), UniformTarget(0.1))
_SLOPE = Population(Levels([1.4, 0.9, 0.3], [3, 7, 6]), Coefficients(np.linspace(0.12, -0.07, 16)))
_DRAWN = Population(Levels([1.1, 0.8, 0.4], [5, 5, 6]), GaussianTarget(np.linspace(0.002, 0.01, 16)))
_OTHER = Levels([0.5, 1.3, 0.6], [6, 6, 4])  # a covariance of its own, in the same eigenbasis
_WIDE = Population(Levels([1.5, 0.8, 0.3], [8, 8, 8]), UniformTarget(0.06))
_WIDE_SLOPE = Population(Levels([1.2, 0.9, 0.5], [6, 8, 10]), Coefficients(np.linspace(0.08, -0.04, 24)))
_SPHERE = Population(Isotropic(12, scale=1.3), UniformTarget(0.8))
_SMALL = Population(Levels([2.1, 1.2, 0.3], [3, 3, 2]), UniformTarget(0.7))
_SMALL_SLOPE = Population(Levels([1.7, 0.9, 0.2], [2, 4, 2]), Coefficients(np.linspace(0.6, -0.4, 8)))


def _fixed(dimension: int, size: float = 0.11) -> Shifted:
    return Shifted(Coefficients(size * np.linspace(1.0, -0.6, dimension)))


def _random(dimension: int, size: float = 0.006) -> Shifted:
    return Shifted(GaussianTarget(size * np.linspace(1.5, 0.5, dimension)))


def _blend(share: float, *, of: Shifted | None = None) -> Blend:
    """`share` of the model before, or of a shifted truth, and the truth for the rest."""
    return Blend(((TRUTH, 1 - share), (PREVIOUS if of is None else of, share)))


def _chain(
    population: Population,
    estimators: Sequence[Estimator],
    *parts: tuple[int, float, Labels],
    weights: Sequence[float] = (1.0, 1.0, 1.0),
    covariance: Spectrum | None = None,
) -> Chain:
    """One generation for each estimator, on sources of (rows, noise, labels); the second has the covariance."""
    sources = tuple(
        Source(rows, noise, labels, weight=weight, covariance=covariance if position == 1 else None)
        for position, ((rows, noise, labels), weight) in enumerate(zip(parts, weights, strict=False))
    )
    return Chain(population, tuple(Generation(sources, estimator) for estimator in estimators))


def _exact_mixtures() -> dict[str, Chain]:
    """Pooled least squares; in the second generation of three sources the first model labels, too."""
    fixed, random = _fixed(8, 0.5), _random(8, 0.08)
    two, three = (_FIT,), (_FIT, _FIT)
    return {
        "pooled, fixed shift, a fifth": _chain(_SMALL, two, (24, 0.6, TRUTH), (6, 0.6, fixed)),
        "pooled, fixed shift, a half": _chain(_SMALL_SLOPE, two, (15, 0.5, TRUTH), (15, 0.3, fixed)),
        "pooled, fixed shift, three fifths": _chain(_SMALL, two, (12, 0.7, TRUTH), (18, 0.5, fixed)),
        "pooled, fixed shift, most": _chain(_SMALL, two, (5, 0.4, TRUTH), (25, 0.5, fixed)),
        "pooled, random shift, a fifth": _chain(_SMALL_SLOPE, two, (24, 0.5, TRUTH), (6, 0.4, random)),
        "pooled, random shift, a half": _chain(_SMALL, two, (15, 0.4, TRUTH), (15, 0.6, random)),
        "pooled, random shift, most": _chain(_SMALL_SLOPE, two, (4, 0.5, TRUTH), (26, 0.5, random)),
        "three sources, fixed shift": _chain(_SMALL, three, (10, 0.5, TRUTH), (8, 0.4, fixed), (12, 0.6, PREVIOUS)),
        "three sources, random shift": _chain(
            _SMALL_SLOPE, three, (5, 0.6, TRUTH), (15, 0.5, random), (10, 0.4, PREVIOUS)
        ),
        "three sources, little of each": _chain(_SMALL, three, (22, 0.5, TRUTH), (3, 0.3, random), (5, 0.7, PREVIOUS)),
        "three sources, blended with a shift": _chain(
            _SMALL, three, (12, 0.5, TRUTH), (8, 0.4, _blend(0.6, of=fixed)), (10, 0.5, PREVIOUS)
        ),
        "three sources, a shift with less noise": _chain(
            _SMALL_SLOPE, three, (13, 0.7, TRUTH), (13, 0.2, fixed), (4, 0.5, PREVIOUS)
        ),
        "pooled loop, four generations": _chain(_SMALL, (_FIT,) * 4, (12, 0.5, TRUTH), (18, 0.4, PREVIOUS)),
        "pooled loop, few real rows": _chain(_SMALL_SLOPE, (_FIT,) * 4, (4, 0.6, TRUTH), (26, 0.5, PREVIOUS)),
        "pooled loop, mostly real": _chain(_SMALL_SLOPE, (_FIT,) * 4, (25, 0.4, TRUTH), (5, 0.9, PREVIOUS)),
        "pooled loop, two blends": _chain(_SMALL, (_FIT,) * 4, (13, 0.6, _blend(0.2)), (17, 0.5, _blend(0.9))),
        "pooled loop, a blend beside the truth": _chain(_SMALL, (_FIT,) * 4, (10, 0.5, TRUTH), (20, 0.4, _blend(0.7))),
    }


def _exact_projections() -> dict[str, Chain]:
    """Ridgeless and isotropic, width below rows and dimension; or neither rows nor width below the rank."""

    def sphere(order: str, noise: float, *rows: int, labels: Labels = PREVIOUS) -> Chain:
        known = {"n": RandomProjection(4), "w": RandomProjection(8)}
        steps = [(Source(number, noise, labels), known[one]) for one, number in zip(order, rows * 2, strict=True)]
        return Chain(_SPHERE, tuple(Generation((source,), estimator) for source, estimator in steps))

    wider = RandomProjection(13)
    return {
        "projections, six generations": sphere("nwnwnw", 0.6, 24, 24, 24),
        "projections, wide and narrow": sphere("wwnnwn", 0.5, 20, 24, 17),
        "projections, narrow after wide": sphere("wnnwnw", 0.9, 24, 16, 14),
        "projections, blended labels": sphere("nwwnwn", 0.6, 22, 18, 24, labels=_blend(0.6)),
        "projections, of the truth each time": sphere("nwnwnw", 0.7, 16, 19, 24, labels=TRUTH),
        "projections, narrow at last": sphere("wnwwnn", 0.8, 24, 19, 21),
        "projections, mostly of the truth": sphere("nwwnwn", 0.5, 21, 24, 18, labels=_blend(0.3)),
        "projections, few rows": sphere("wwwnnn", 0.4, 24, 15, 18),
        "wider than the rank": _chain(_SMALL, (wider, wider), (14, 0.5, PREVIOUS), (16, 0.4, PREVIOUS)),
        "wider than the rank, blended labels": _chain(
            _SMALL_SLOPE, (wider, wider), (6, 0.5, _blend(0.6)), (24, 0.6, _blend(0.6))
        ),
    }


def _ridge_and_projections() -> dict[str, Chain]:
    """Three sources (truth, shifted truth, model before), a ridge fit and a projection to half the dimension."""
    fixed, random = _fixed(16), _random(16)

    def narrow(penalty: float | None = None) -> RandomProjection:
        return RandomProjection(8, penalty)

    def chain(
        population: Population,
        estimators: Sequence[Estimator],
        shift: Labels,
        rows: tuple[int, int, int] = (12, 10, 10),
        noises: tuple[float, float, float] = (0.9, 0.7, 0.8),
        last: Labels = PREVIOUS,
    ) -> Chain:
        labels = (TRUTH, shift, last)
        return _chain(population, estimators, *zip(rows, noises, labels, strict=True))

    return {
        "mixture, ridge then projection": chain(_FLAT, (Ridge(0.2), narrow(0.15)), fixed),
        "mixture, projection then ridge": chain(_FLAT, (narrow(0.1), Ridge(0.3)), fixed, (8, 16, 8)),
        "mixture, steep, random shift": chain(_STEEP, (Ridge(0.1), narrow(0.2)), random),
        "mixture, mostly shifted": chain(_SLOPE, (narrow(0.3), Ridge(0.15)), _fixed(16, 0.08), (5, 22, 5)),
        "mixture, mostly previous": chain(_FLAT, (Ridge(0.25), narrow(0.25)), random, (4, 4, 24)),
        "mixture, truth at random": chain(_DRAWN, (narrow(0.2), Ridge(0.2)), fixed, (16, 8, 8)),
        "mixture, large penalties": chain(_FLAT, (Ridge(1.2), narrow(0.9)), random, noises=(1.2, 1.0, 1.4)),
        "mixture, small penalties": chain(_SLOPE, (narrow(0.01), Ridge(0.08)), fixed),
        "mixture, ridgeless projection": chain(_FLAT, (narrow(), Ridge(0.2)), fixed),
        "mixture, ridge then ridgeless": chain(_STEEP, (Ridge(0.3), narrow()), random, (14, 6, 12)),
        "mixture, blend with the model before": chain(
            _SLOPE, (Ridge(0.2), narrow(0.1)), fixed, (10, 8, 14), last=_blend(0.5)
        ),
        "mixture, blend with a shift": chain(_FLAT, (narrow(0.2), Ridge(0.1)), _blend(0.7, of=random), (8, 14, 10)),
        "mixture, real rows few and clean": chain(
            _FLAT, (Ridge(0.2), narrow(0.2)), fixed, (6, 14, 12), (0.3, 1.0, 0.9)
        ),
    }


def _few_rows() -> dict[str, Chain]:
    """Fewer rows than dimensions: no projection (r), and widths below rows (n), between (m), and above both (w)."""
    fixed, random = _fixed(24, 0.06), _random(24, 0.002)
    widths, rows = {"n": 4, "m": 18, "w": 30}, {"n": 12, "m": 8, "w": 8, "r": 8}

    def fit(letter: str, penalty: float | None) -> Estimator:
        if letter in widths:
            return RandomProjection(widths[letter], penalty)
        return _FIT if penalty is None else Ridge(penalty)

    def chain(
        population: Population, order: str, penalties: Sequence[float | None], quarters: int, shift: Labels
    ) -> Chain:
        """So many quarters of the rows are real."""
        steps = []
        for letter, penalty in zip(order, penalties, strict=True):
            real = rows[letter] * quarters // 4
            sources = Source(real, 1.0), Source(rows[letter] - real, 0.8, shift)
            steps.append(Generation(sources, fit(letter, penalty)))
        return Chain(population, tuple(steps))

    none: Sequence[float | None] = (None,) * 4
    return {
        "few rows, ridgeless": chain(_WIDE, "rnmw", none, 2, fixed),
        "few rows, ridgeless, the wide first": chain(_WIDE_SLOPE, "wmnr", none, 1, random),
        "few rows, penalties": chain(_WIDE, "mrwn", (0.2, 0.1, 0.3, 0.4), 3, random),
        "few rows, some with a penalty": chain(_WIDE_SLOPE, "nrmw", (0.3, None, 0.1, None), 1, fixed),
        "few rows, blended with a shift": chain(_WIDE, "mnwr", (0.05, 0.3, 0.1, 0.08), 2, _blend(0.6, of=fixed)),
    }


def _wide_projections() -> dict[str, Chain]:
    """Widths equal to the dimension and to the number of rows, which only a penalty allows."""
    at_dimension, at_rows = 16, 24

    def chain(population: Population, widths: tuple[int, int], penalty: float, real: int) -> Chain:
        estimators = [RandomProjection(width, penalty) for width in widths]
        return _chain(population, estimators, (real, 0.9, TRUTH), (24 - real, 0.8, PREVIOUS))

    return {
        "widths = dimension, then rows": chain(_FLAT, (at_dimension, at_rows), 0.2, 10),
        "widths = rows, then dimension": chain(_STEEP, (at_rows, at_dimension), 0.1, 6),
        "widths = rows, then dimension, slope": chain(_SLOPE, (at_rows, at_dimension), 0.4, 14),
    }


def _long_loops() -> dict[str, Chain]:
    """Six generations on projections, drawn anew or kept."""

    def loop(
        population: Population,
        penalty: float | None,
        *parts: tuple[int, float, Labels],
        kept: bool = False,
    ) -> Chain:
        first = RandomProjection(8, penalty)
        later = RandomProjection(8, penalty, redraw=not kept)
        return _chain(population, (first, *(later,) * 5), *parts)

    replaced = (12, 0.8, PREVIOUS), (12, 0.7, PREVIOUS)
    pooled = (9, 0.9, TRUTH), (15, 0.7, PREVIOUS)
    return {
        "loop, replaced": loop(_FLAT, 0.2, *replaced),
        "loop, replaced, ridgeless": loop(_SLOPE, None, *replaced),
        "loop, pooled": loop(_FLAT, 0.1, *pooled),
        "loop, pooled, steep": loop(_STEEP, 0.25, (4, 0.8, TRUTH), (20, 0.8, PREVIOUS)),
        "loop, pooled, ridgeless": loop(_SLOPE, None, *pooled),
        "loop, blended": loop(_FLAT, 0.15, (10, 0.8, _blend(0.7)), (14, 0.9, _blend(0.4))),
        "kept, replaced": loop(_FLAT, 0.2, *replaced, kept=True),
        "kept, pooled": loop(_FLAT, 0.3, *pooled, kept=True),
        "kept, pooled, steep": loop(_STEEP, 0.15, (6, 0.9, TRUTH), (18, 0.8, PREVIOUS), kept=True),
        "kept, blended": loop(_SLOPE, 0.2, (10, 0.8, _blend(0.7)), (14, 0.9, PREVIOUS), kept=True),
    }


def _weighted() -> dict[str, Chain]:
    """What the engine derives: weights, on a projection, and in a ridge fit beside another covariance."""
    fixed = _fixed(16)
    projected, ridge = (RandomProjection(8, 0.2),), (Ridge(0.2),)
    rows = (14, 0.8, TRUTH), (10, 0.7, fixed), (8, 0.9, PREVIOUS)
    return {
        "weights, projection": _chain(_FLAT, projected, *rows, weights=(1.0, 0.4, 2.0)),
        "another covariance": _chain(_FLAT, ridge, *rows, covariance=_OTHER),
        "weights and another covariance": _chain(_FLAT, ridge, *rows, weights=(1.0, 0.4, 2.0), covariance=_OTHER),
        "less of another covariance": _chain(_FLAT, (Ridge(0.5),), *rows, weights=(1.5, 0.2, 0.7), covariance=_OTHER),
    }


EXACT: dict[str, Chain] = _exact_mixtures() | _exact_projections()
EQUIVALENT: dict[str, Chain] = (
    _ridge_and_projections() | _few_rows() | _wide_projections() | _long_loops() | _weighted()
)

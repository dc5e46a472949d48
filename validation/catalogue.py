"""A catalogue of chains: every statement of the book, at generic parameters.

Dimensions of the exact ones run from 10 to 200. The others start at 24 or 32, where a size ladder is affordable;
sizes and numbers of generations are shared where nothing is lost by it, so that few simulations have to be
compiled.
"""

from __future__ import annotations

import numpy as np

from ..theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Isotropic,
    Levels,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    Source,
    SourceCondition,
    Spiked,
    UniformTarget,
    demystified,
    grow,
    replace,
)

_LEAST_SQUARES = MinimumNorm()
_SMALL = 24


def _power(dimension: int, exponent: float = 1.5, source: float = 0.4) -> Population:
    return Population(PowerLaw(dimension, exponent), SourceCondition(source, scale=0.7))


def _isotropic(dimension: int) -> Population:
    return Population(Isotropic(dimension, scale=1.3), UniformTarget(norm_squared=2.1))


def _spiked(dimension: int) -> Population:
    return Population(Spiked(dimension, [9.0, 4.0], bulk=0.6), UniformTarget(norm_squared=1.7))


def _ridge(population: Population, rows: object, noise: object, *penalties: float) -> Chain:
    return replace(population, len(penalties), rows, noise, [Ridge(penalty) for penalty in penalties])


def _two_level() -> Population:
    return Population(Levels([2.2, 0.15], [8, 16]), UniformTarget(norm_squared=1.4))


def _random_truth() -> Population:
    return Population(PowerLaw(_SMALL, 1.2), GaussianTarget(0.3 + 0.05 * np.arange(_SMALL)))


def _linear() -> Population:
    return Population(Eigenvalues(np.linspace(0.1, 2.4, _SMALL)), Coefficients(np.linspace(0.9, -0.5, _SMALL)))


def _rank_deficient() -> Population:
    return Population(Levels([1.9, 0.0, 0.4], [10, 5, 7]), UniformTarget(norm_squared=2.3))


def _two_noises() -> Chain:
    step = Generation((Source(22, 0.2, PREVIOUS), Source(26, 0.6, PREVIOUS)), Ridge(0.04))
    return Chain(_power(_SMALL), (step,) * 3)


EXACT: dict[str, Chain] = {
    "least squares, isotropic": replace(_isotropic(10), 3, 26, 0.4, _LEAST_SQUARES),
    "least squares, power law, unequal": replace(_power(30), 3, [52, 71, 90], [0.3, 0.5, 0.2], _LEAST_SQUARES),
    "least squares, spiked, four generations": replace(_spiked(50), 4, 85, [0.2, 0.3, 0.5, 0.7], _LEAST_SQUARES),
    "least squares, steep, dimension 200": replace(_power(200, 3.0), 2, 440, 0.3, _LEAST_SQUARES),
    "least squares, growing rows": grow(_power(20), 6, lambda g: 22 + 18 * g, 0.35, _LEAST_SQUARES),
    "least squares, rank below dimension": replace(_rank_deficient(), 3, [29, 41, 33], 0.45, _LEAST_SQUARES),
    "least squares, close to the rank": replace(_isotropic(12), 2, 21, 0.3, _LEAST_SQUARES),
    "least squares, rows = rank + 2": replace(_power(11), 2, 13, 0.3, _LEAST_SQUARES),
    "least squares, rows = rank + 1": replace(_isotropic(12), 2, 13, 0.6, _LEAST_SQUARES),
    "least squares, rows = rank": replace(_spiked(10), 2, 10, 0.4, _LEAST_SQUARES),
    "least squares, no noise": replace(_power(15), 2, 33, 0.0, _LEAST_SQUARES),
    "least squares, the truth returns": Chain(
        _power(16),
        (
            Generation((Source(40, 0.3, PREVIOUS),), _LEAST_SQUARES),
            Generation((Source(36, 0.5),), _LEAST_SQUARES),
            Generation((Source(44, 0.2, PREVIOUS),), _LEAST_SQUARES),
        ),
    ),
    "minimum norm, isotropic, below the rank": replace(_isotropic(40), 3, [15, 22, 12], 0.3, _LEAST_SQUARES),
    "minimum norm, isotropic, both sides": replace(_isotropic(24), 4, [12, 41, 15, 37], 0.4, _LEAST_SQUARES),
    "minimum norm, isotropic, no noise": replace(_isotropic(30), 3, [14, 21, 18], 0.0, _LEAST_SQUARES),
}

EQUIVALENT: dict[str, Chain] = {
    "ridge, power law, rows above": _ridge(_power(_SMALL), 48, 0.3, 0.02, 0.05, 0.03),
    "ridge, power law, rows below": _ridge(_power(_SMALL), [15, 13, 18], 0.3, 0.06, 0.03, 0.08),
    "ridge, power law, rows = dimension": _ridge(_power(_SMALL), _SMALL, 0.25, 0.05, 0.09, 0.07),
    "ridge, isotropic, rows above": _ridge(_isotropic(_SMALL), 48, [0.5, 0.3, 0.4], 0.1, 0.2, 0.3),
    "ridge, isotropic, rows below": _ridge(_isotropic(_SMALL), 17, 0.4, 0.2, 0.4, 0.3),
    "ridge, spiked, rows above": _ridge(_spiked(_SMALL), 48, 0.5, 0.3, 0.05, 0.2),
    "ridge, spiked, rows below": _ridge(_spiked(_SMALL), 16, 0.4, 0.5, 0.3, 0.4),
    "ridge, two levels": _ridge(_two_level(), [48, 32, 40], [0.4, 0.2, 0.3], 0.05, 0.02, 0.1),
    "ridge, linear spectrum": _ridge(_linear(), 40, 0.6, 0.1, 0.3, 0.2),
    "ridge, random truth": _ridge(_random_truth(), 44, 0.7, 0.03, 0.06, 0.04),
    "ridge, two noises in a generation": _two_noises(),
    "ridge, eight generations": _ridge(
        _power(_SMALL), 60, [0.3, 0.2, 0.25, 0.35, 0.4, 0.15, 0.3, 0.2], *np.geomspace(0.004, 0.06, 8)
    ),
    "ridge, tiny penalties, rows above": _ridge(_power(_SMALL), 60, 0.3, 1e-8, 1e-10, 1e-12),
    "ridge, tiny penalties, rows below": _ridge(_power(_SMALL, 1.1), 12, 0.2, 1e-9, 1e-7, 1e-11),
    "minimum norm, power law, below the rank": replace(_power(32, 1.3), 2, [14, 11], 0.2, _LEAST_SQUARES),
    "generators, then ridge": demystified(
        _power(_SMALL), generators=3, generator_rows=60, generator_noise=0.2, rows=38, noise=0.3, estimator=Ridge(0.04)
    ),
    "isotropic generators below, then ridge": demystified(
        _isotropic(_SMALL),
        generators=2,
        generator_rows=15,
        generator_noise=0.3,
        rows=40,
        noise=0.5,
        estimator=Ridge(0.2),
    ),
    "generators, then minimum norm below": demystified(
        _power(_SMALL, 1.2),
        generators=2,
        generator_rows=55,
        generator_noise=0.25,
        rows=12,
        noise=0.15,
        estimator=MinimumNorm(),
    ),
}

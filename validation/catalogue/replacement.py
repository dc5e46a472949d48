"""Chains in which every generation is fitted on fresh rows that one model labelled."""

from __future__ import annotations

import numpy as np

from ...theory.problem import (
    PREVIOUS,
    Chain,
    Generation,
    MinimumNorm,
    Population,
    Ridge,
    Source,
    demystified,
    grow,
    replace,
)
from .populations import SMALL, isotropic, linear, power, random_truth, rank_deficient, spiked, two_levels

_LEAST_SQUARES = MinimumNorm()


def _ridge(population: Population, rows: object, noise: object, *penalties: float) -> Chain:
    return replace(population, len(penalties), rows, noise, [Ridge(penalty) for penalty in penalties])


def _two_noises() -> Chain:
    step = Generation((Source(22, 0.2, PREVIOUS), Source(26, 0.6, PREVIOUS)), Ridge(0.04))
    return Chain(power(SMALL), (step,) * 3)


EXACT: dict[str, Chain] = {
    "least squares, isotropic": replace(isotropic(10), 3, 26, 0.4, _LEAST_SQUARES),
    "least squares, power law, unequal": replace(power(30), 3, [52, 71, 90], [0.3, 0.5, 0.2], _LEAST_SQUARES),
    "least squares, spiked, four generations": replace(spiked(50), 4, 85, [0.2, 0.3, 0.5, 0.7], _LEAST_SQUARES),
    "least squares, steep, dimension 200": replace(power(200, 3.0), 2, 440, 0.3, _LEAST_SQUARES),
    "least squares, growing rows": grow(power(20), 6, lambda g: 22 + 18 * g, 0.35, _LEAST_SQUARES),
    "least squares, rank below dimension": replace(rank_deficient(), 3, [29, 41, 33], 0.45, _LEAST_SQUARES),
    "least squares, close to the rank": replace(isotropic(12), 2, 21, 0.3, _LEAST_SQUARES),
    "least squares, rows = rank + 2": replace(power(11), 2, 13, 0.3, _LEAST_SQUARES),
    "least squares, rows = rank + 1": replace(isotropic(12), 2, 13, 0.6, _LEAST_SQUARES),
    "least squares, rows = rank": replace(spiked(10), 2, 10, 0.4, _LEAST_SQUARES),
    "least squares, no noise": replace(power(15), 2, 33, 0.0, _LEAST_SQUARES),
    "least squares, the truth returns": Chain(
        power(16),
        (
            Generation((Source(40, 0.3, PREVIOUS),), _LEAST_SQUARES),
            Generation((Source(36, 0.5),), _LEAST_SQUARES),
            Generation((Source(44, 0.2, PREVIOUS),), _LEAST_SQUARES),
        ),
    ),
    "minimum norm, isotropic, below the rank": replace(isotropic(40), 3, [15, 22, 12], 0.3, _LEAST_SQUARES),
    "minimum norm, isotropic, both sides": replace(isotropic(24), 4, [12, 41, 15, 37], 0.4, _LEAST_SQUARES),
    "minimum norm, isotropic, no noise": replace(isotropic(30), 3, [14, 21, 18], 0.0, _LEAST_SQUARES),
}

EQUIVALENT: dict[str, Chain] = {
    "ridge, power law, rows above": _ridge(power(SMALL), 48, 0.3, 0.02, 0.05, 0.03),
    "ridge, power law, rows below": _ridge(power(SMALL), [15, 13, 18], 0.3, 0.06, 0.03, 0.08),
    "ridge, power law, rows = dimension": _ridge(power(SMALL), SMALL, 0.25, 0.05, 0.09, 0.07),
    "ridge, isotropic, rows above": _ridge(isotropic(SMALL), 48, [0.5, 0.3, 0.4], 0.1, 0.2, 0.3),
    "ridge, isotropic, rows below": _ridge(isotropic(SMALL), 17, 0.4, 0.2, 0.4, 0.3),
    "ridge, spiked, rows above": _ridge(spiked(SMALL), 48, 0.5, 0.3, 0.05, 0.2),
    "ridge, spiked, rows below": _ridge(spiked(SMALL), 16, 0.4, 0.5, 0.3, 0.4),
    "ridge, two levels": _ridge(two_levels(), [48, 32, 40], [0.4, 0.2, 0.3], 0.05, 0.02, 0.1),
    "ridge, linear spectrum": _ridge(linear(), 40, 0.6, 0.1, 0.3, 0.2),
    "ridge, random truth": _ridge(random_truth(), 44, 0.7, 0.03, 0.06, 0.04),
    "ridge, two noises in a generation": _two_noises(),
    "ridge, eight generations": _ridge(
        power(SMALL), 60, [0.3, 0.2, 0.25, 0.35, 0.4, 0.15, 0.3, 0.2], *np.geomspace(0.004, 0.06, 8)
    ),
    "ridge, tiny penalties, rows above": _ridge(power(SMALL), 60, 0.3, 1e-8, 1e-10, 1e-12),
    "ridge, tiny penalties, rows below": _ridge(power(SMALL, 1.1), 12, 0.2, 1e-9, 1e-7, 1e-11),
    "minimum norm, power law, below the rank": replace(power(32, 1.3), 2, [14, 11], 0.2, _LEAST_SQUARES),
    "generators, then ridge": demystified(
        power(SMALL), generators=3, generator_rows=60, generator_noise=0.2, rows=38, noise=0.3, estimator=Ridge(0.04)
    ),
    "isotropic generators below, then ridge": demystified(
        isotropic(SMALL),
        generators=2,
        generator_rows=15,
        generator_noise=0.3,
        rows=40,
        noise=0.5,
        estimator=Ridge(0.2),
    ),
    "generators, then minimum norm below": demystified(
        power(SMALL, 1.2),
        generators=2,
        generator_rows=55,
        generator_noise=0.25,
        rows=12,
        noise=0.15,
        estimator=MinimumNorm(),
    ),
}

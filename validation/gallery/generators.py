"""A ridge fit after least-squares generators, as the pictures of [D] have it."""

from __future__ import annotations

from ...theory.problem import Chain, Population, Ridge, demystified


def after_generators(
    population: Population, count: int, generator_rows: int, rows: int, noise: float, penalty: float
) -> Chain:
    """Generators one after the other, and a ridge fit on labels of the last; all label noise is the same.

    Args:
        population: covariates and truth.
        count: of generators, >= 0.
        generator_rows: T_0 of each of them.
        rows: T of the last fit.
        noise: standard deviation of all label noise.
        penalty: of the last fit.

    >>> from modelcollapse.theory.problem import Isotropic, UniformTarget
    >>> after_generators(Population(Isotropic(4), UniformTarget()), 2, 30, 20, 0.3, 0.1).rows
    (30, 30, 20)
    """
    return demystified(
        population,
        generators=count,
        generator_rows=generator_rows,
        generator_noise=noise,
        rows=rows,
        noise=noise,
        estimator=Ridge(penalty),
    )

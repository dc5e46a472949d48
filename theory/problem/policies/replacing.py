"""Policies that forget: every generation sees only fresh rows that the model before it labelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import checks
from ..chain import Chain
from ..errors import SpecificationError
from ..estimator import Estimator, MinimumNorm, Ridge, require_estimator
from ..generation import Generation
from ..labels import PREVIOUS
from ..population import Population
from ..source import Source
from .entries import entries, made_of, number_of_generations


def replace(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
) -> Chain:
    """Every generation is fitted only on fresh rows that the model before it labelled.

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows of each generation, >= 1.
        noise: standard deviation of the label noise, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(9), UniformTarget()), generations=3, rows=[10, 20, 30], noise=0.5)
    >>> [step.rows for step in chain.generations]
    [10, 20, 30]
    """
    return Chain(population, _steps(number_of_generations(generations), rows, noise, estimator))


def grow(
    population: Population,
    generations: int = 10,
    rows: Callable[[int], int] = lambda g: 2000 * g,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
) -> Chain:
    """`replace` with rows(g) rows in generation g = 1..N.

    >>> from modelcollapse.theory.problem import *
    >>> chain = grow(Population(Isotropic(9), UniformTarget()), generations=3, rows=lambda g: 10 * g)
    >>> [step.rows for step in chain.generations]
    [10, 20, 30]
    """
    count = number_of_generations(generations)
    if not callable(rows):
        raise SpecificationError("rows", rows, "a function of the generation number, such as lambda g: 100 * g")
    return replace(population, count, [rows(g) for g in range(1, count + 1)], noise, estimator)


def demystified(
    population: Population,
    *,
    generators: int,
    generator_rows: Any,
    generator_noise: Any,
    rows: Any,
    noise: Any,
    estimator: Estimator = Ridge(1e-3),
    generator_estimator: Estimator | Sequence[Estimator] = MinimumNorm(),
) -> Chain:
    """The set-up of Dohmatob, Feng and Kempe (2024): n generators, then one downstream fit on the last one's labels.

    Args:
        population: covariates and truth.
        generators: n >= 0; n = 0 is training on clean data, and the `generator_` arguments are not read.
        generator_rows: T_0, rows of each generator.
        generator_noise: sigma_0, label noise of each generator.
        rows: T, rows of the downstream fit.
        noise: sigma, label noise of the downstream fit.
        estimator: the downstream estimator.
        generator_estimator: the generators' estimator.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(9), UniformTarget())
    >>> len(demystified(population, generators=4, generator_rows=30, generator_noise=0.2, rows=20, noise=0.1))
    5
    """
    count = number_of_generations(generators, "generators", least=0)
    first = _steps(count, generator_rows, generator_noise, generator_estimator, prefix="generator_") if count else ()
    return Chain(population, (*first, _step(rows, noise, estimator)))


def _steps(count: int, rows: Any, noise: Any, estimator: Any, prefix: str = "") -> tuple[Generation, ...]:
    """`count` generations on fresh rows; errors name the argument, prefix included."""
    return made_of(
        _step,
        entries(prefix + "rows", rows, count, checks.size),
        entries(prefix + "noise", noise, count, checks.nonnegative),
        entries(prefix + "estimator", estimator, count, require_estimator),
    )


def _step(rows: Any, noise: Any, estimator: Estimator) -> Generation:
    return Generation((Source(rows, noise, PREVIOUS),), estimator)

"""Policies: short names for the common chains. Scalars may be sequences with one entry per generation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import checks
from .chain import Chain
from .errors import SpecificationError
from .estimator import Estimator, MinimumNorm, Ridge
from .generation import Generation
from .population import Population
from .source import PREVIOUS, Source


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
        estimator: `Ridge` or `MinimumNorm`.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(9), UniformTarget()), generations=3, rows=[10, 20, 30], noise=0.5)
    >>> [step.rows for step in chain.generations]
    [10, 20, 30]
    """
    count = checks.concrete_size("generations", generations)
    checks.require_memory("generations", count, 2000)
    columns = zip(
        _per_generation("rows", rows, count),
        _per_generation("noise", noise, count),
        _per_generation("estimator", estimator, count),
        strict=True,
    )
    return Chain(population, tuple(Generation((Source(n, s, PREVIOUS),), e) for n, s, e in columns))


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
    count = checks.concrete_size("generations", generations)
    if not callable(rows):
        raise SpecificationError("rows", rows, "a function of the generation number, such as lambda g: 100 * g")
    checks.require_memory("generations", count, 2000)
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
        generators: n >= 0; n = 0 is training on clean data.
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
    count = checks.concrete_size("generators", generators, least=0)
    last = Generation((Source(rows, noise, PREVIOUS),), estimator)
    if count == 0:
        return Chain(population, (last,))
    first = replace(population, count, generator_rows, generator_noise, generator_estimator)
    return Chain(population, (*first.generations, last))


def _per_generation(field: str, value: Any, count: int) -> list[Any]:
    """One entry per generation from a scalar or a sequence of the right length."""
    if (checks.is_tracer(value) or isinstance(value, np.ndarray)) and value.ndim == 1:
        value = list(value)
    if not isinstance(value, list | tuple):
        return [value] * count
    if len(value) != count:
        raise SpecificationError(field, value, f"a single value or {count} of them, one per generation")
    return list(value)

"""Policies that disturb the data from one generation to the next: noise on purpose, covariates that are refitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import checks
from ..chain import Chain
from ..covariates import FRESH, Covariates, Perturbed, Refitted
from ..estimator import Estimator, Ridge, require_estimator
from ..generation import Generation
from ..labels import PREVIOUS, TRUTH
from ..population import Population
from ..source import Source
from .entries import entries, in_quadrature, is_zero, made_of, number_of_generations, part_of


def inject_noise(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
    *,
    label: Any = 0.0,
    input: Any = 0.0,
) -> Chain:
    """`replace` with noise added on purpose: to the model's labels, to the covariates that the fit sees, or to both.

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows of each generation, >= 1.
        noise: standard deviation of the label noise, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.
        label: standard deviation of the noise added to labels, >= 0; from generation 2 on, the first labels being real.
        input: standard deviation of the noise added to every covariate after labelling, >= 0; from generation 1 on.

    >>> from modelcollapse.theory.problem import *
    >>> chain = inject_noise(Population(Isotropic(9), UniformTarget()), 2, rows=40, noise=3.0, label=4.0, input=0.5)
    >>> [step.sources[0].noise for step in chain.generations]
    [3.0, 5.0]
    >>> chain.generations[0].sources[0].covariates
    Perturbed(std=0.5)
    """
    count = number_of_generations(generations)
    added = entries("label", label, count, checks.nonnegative)
    return Chain(
        population,
        made_of(
            _disturbed,
            entries("rows", rows, count, checks.size),
            entries("noise", noise, count, checks.nonnegative),
            entries("estimator", estimator, count, require_estimator),
            [0.0, *added[1:]],
            entries("input", input, count, checks.nonnegative),
        ),
    )


def regenerate_covariates(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
    *,
    real_share: Any = 0.0,
    rescale: Any = 1.0,
    shrink: Any = 0.0,
    rank: Any = None,
) -> Chain:
    """`replace` whose covariates are synthetic as well: drawn from a Gaussian fitted to those of the generation before.

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows of each generation that the model before labels, >= 1.
        noise: standard deviation of the label noise, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.
        real_share: every generation has round(real_share * rows) real rows in addition, in [0, 1].
        rescale, shrink, rank: of the refitted covariance, see `Refitted`; from generation 2 on.

    >>> from modelcollapse.theory.problem import *
    >>> chain = regenerate_covariates(Population(Isotropic(9), UniformTarget()), generations=3, rows=40)
    >>> [step.sources[0].covariates.generation for step in chain.generations[1:]]
    [1, 2]
    """
    count = number_of_generations(generations)
    rescales = entries("rescale", rescale, count, checks.positive)
    shrinks = entries("shrink", shrink, count, checks.share)
    ranks = entries("rank", rank, count, _rank)
    later = (Refitted(g, 0, rescales[g], shrinks[g], ranks[g]) for g in range(1, count))
    return Chain(
        population,
        made_of(
            _regenerated,
            entries("rows", rows, count, checks.size),
            entries("noise", noise, count, checks.nonnegative),
            entries("estimator", estimator, count, require_estimator),
            entries("real_share", real_share, count, checks.share),
            [FRESH, *later],
        ),
    )


def _rank(field: str, value: Any) -> int | None:
    return None if value is None else checks.concrete_size(field, value)


def _disturbed(rows: Any, noise: Any, estimator: Estimator, label: Any, std: Any) -> Generation:
    covariates = FRESH if is_zero(std) else Perturbed(std)
    return Generation((Source(rows, in_quadrature(noise, label), PREVIOUS, covariates=covariates),), estimator)


def _regenerated(rows: Any, noise: Any, estimator: Estimator, share: Any, covariates: Covariates) -> Generation:
    real = part_of(rows, "real_share", share)
    fresh = () if is_zero(real) else (Source(real, noise, TRUTH),)
    return Generation((Source(rows, noise, PREVIOUS, covariates=covariates), *fresh), estimator)

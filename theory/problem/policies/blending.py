"""Policies in which a label is a weighted mean of the truth and the model before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import checks
from ..chain import Chain
from ..covariates import Covariates
from ..estimator import Estimator, Ridge, require_estimator
from ..generation import Generation
from ..labels import PREVIOUS, TRUTH, Blend, Labels
from ..population import Population
from ..source import Source
from .accumulating import covariates_of
from .entries import entries, in_quadrature, is_zero, made_of, number_of_generations


def blend_labels(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
    *,
    real_share: Any = 0.618,
    same_rows: bool = False,
    real_noise: Any = None,
) -> Chain:
    """Every label is a blend of a real one and one that the model before gives the same row.

    $$ y = p\\,(x'w_0 + \\sigma_r \\epsilon) + (1 - p)\\,(x'w_{g-1} + \\sigma \\epsilon') $$

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows of each generation, >= 1.
        noise: sigma, standard deviation of the noise on the model's labels, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.
        real_share: p in [0, 1]; 0 is `replace`.
        same_rows: whether all generations label the covariates of the first anew (their noise is drawn anew too).
        real_noise: sigma_r, standard deviation of the noise on real labels, >= 0; None is `noise`.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(9), UniformTarget())
    >>> chain = blend_labels(population, 2, rows=40, noise=4.0, real_share=0.5, real_noise=3.0)
    >>> chain.generations[1].sources[0].noise  # sqrt(1.5^2 + 2^2)
    2.5
    """
    count = number_of_generations(generations)
    noises = entries("noise", noise, count, checks.nonnegative)
    reals = noises if real_noise is None else entries("real_noise", real_noise, count, checks.nonnegative)
    return Chain(
        population,
        made_of(
            _blended,
            entries("rows", rows, count, checks.size),
            noises,
            reals,
            entries("estimator", estimator, count, require_estimator),
            entries("real_share", real_share, count, checks.share),
            covariates_of(checks.flag("same_rows", same_rows), count),
        ),
    )


def rephrase(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
    *,
    synthetic_share: Any,
    extra_noise: Any = 0.0,
) -> Chain:
    """Every fresh real label is moved towards what the model before says of its row.

    $$ y = (1 - a)\\,(x'w_0 + \\sigma \\epsilon) + a\\, x'w_{g-1} + v\\, \\epsilon' $$

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows of each generation, >= 1.
        noise: sigma, standard deviation of the noise on real labels, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.
        synthetic_share: a in [0, 1].
        extra_noise: v, standard deviation of what rephrasing adds, >= 0.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(9), UniformTarget())
    >>> chain = rephrase(population, 2, rows=40, noise=4.0, synthetic_share=0.25, extra_noise=4.0)
    >>> chain.generations[1].sources[0].noise  # sqrt(3^2 + 4^2)
    5.0
    """
    count = number_of_generations(generations)
    return Chain(
        population,
        made_of(
            _rephrased,
            entries("rows", rows, count, checks.size),
            entries("noise", noise, count, checks.nonnegative),
            entries("estimator", estimator, count, require_estimator),
            entries("synthetic_share", synthetic_share, count, checks.share),
            entries("extra_noise", extra_noise, count, checks.nonnegative),
        ),
    )


def _blended(
    rows: Any, noise: Any, real_noise: Any, estimator: Estimator, share: Any, covariates: Covariates
) -> Generation:
    total = in_quadrature(share * real_noise, (1 - share) * noise)
    return Generation((Source(rows, total, _labels(share, 1 - share), covariates=covariates),), estimator)


def _rephrased(rows: Any, noise: Any, estimator: Estimator, share: Any, extra: Any) -> Generation:
    total = in_quadrature((1 - share) * noise, extra)
    return Generation((Source(rows, total, _labels(1 - share, share)),), estimator)


def _labels(real: Any, synthetic: Any) -> Labels:
    """The blend, or its only part where the other has no share."""
    if is_zero(real):
        return PREVIOUS
    if is_zero(synthetic):
        return TRUTH
    return Blend(((TRUTH, real), (PREVIOUS, synthetic)))

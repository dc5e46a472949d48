"""Policies that remember: every row ever generated stays in a store, with the label it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import checks
from ..chain import Chain
from ..covariates import FRESH, Covariates, SameRows
from ..estimator import Estimator, Ridge, require_estimator
from ..generation import Generation
from ..labels import PREVIOUS
from ..memory import ACCUMULATE, Subsample
from ..population import Population
from ..source import Source
from .entries import entries, made_of, number_of_generations


def accumulate(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
    *,
    same_rows: bool = False,
) -> Chain:
    """Every generation adds rows that the model before it labelled, and is fitted on all rows so far.

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows that each generation adds, >= 1.
        noise: standard deviation of the label noise, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.
        same_rows: whether all generations label the covariates of the first anew (Gerstgrasser, Schaeffer et al.,
            2024) instead of drawing fresh ones.

    >>> from modelcollapse.theory.problem import *
    >>> accumulate(Population(Isotropic(9), UniformTarget()), generations=3, rows=20, noise=0.5).rows
    (20, 40, 60)
    """
    count = number_of_generations(generations)
    return Chain(
        population,
        made_of(
            _accumulating,
            entries("rows", rows, count, checks.size),
            entries("noise", noise, count, checks.nonnegative),
            entries("estimator", estimator, count, require_estimator),
            covariates_of(checks.flag("same_rows", same_rows), count),
        ),
    )


def accumulate_subsample(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
) -> Chain:
    """`accumulate` at a fixed cost: the fit sees `rows` rows drawn without replacement from all rows so far.

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows that each generation adds to the store, and draws from it, >= 1.
        noise: standard deviation of the label noise, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.

    >>> from modelcollapse.theory.problem import *
    >>> chain = accumulate_subsample(Population(Isotropic(9), UniformTarget()), generations=3, rows=20, noise=0.5)
    >>> chain.rows, chain.generations[2].memory
    ((20, 20, 20), Subsample(rows=20))
    """
    count = number_of_generations(generations)
    return Chain(
        population,
        made_of(
            _subsampling,
            entries("rows", rows, count, checks.size),
            entries("noise", noise, count, checks.nonnegative),
            entries("estimator", estimator, count, require_estimator),
        ),
    )


def covariates_of(same_rows: bool, count: int) -> list[Covariates]:
    """Fresh rows everywhere, or from the second generation on those of the first."""
    return [FRESH] * count if not same_rows else [FRESH, *[SameRows(1)] * (count - 1)]


def _accumulating(rows: Any, noise: Any, estimator: Estimator, covariates: Covariates) -> Generation:
    return Generation((Source(rows, noise, PREVIOUS, covariates=covariates),), estimator, memory=ACCUMULATE)


def _subsampling(rows: Any, noise: Any, estimator: Estimator) -> Generation:
    return Generation((Source(rows, noise, PREVIOUS),), estimator, memory=Subsample(rows))

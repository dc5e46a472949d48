"""Policies with rows that the truth labels beside rows that the model before labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import checks
from ..chain import Chain
from ..errors import SpecificationError
from ..estimator import Estimator, Ridge, require_estimator
from ..generation import Generation
from ..labels import PREVIOUS, TRUTH
from ..population import Population
from ..source import Kept, Source
from .entries import entries, is_zero, made_of, number_of_generations, part_of


def retain_real(
    population: Population,
    generations: int = 10,
    rows: Any = 2000,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
    *,
    share: Any = 0.25,
    same_rows: bool = False,
    real_noise: Any = None,
    start_full: bool = False,
) -> Chain:
    """A share of the rows is real in every generation: k = round(share * rows) rows have labels of the truth.

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        rows: rows in the fit of each generation, real ones included, >= 1.
        noise: standard deviation of the label noise of rows that a model labels, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.
        share: in [0, 1]; 0 is `replace`, 1 is training on real rows for ever.
        same_rows: whether the same k real rows are kept, labels and all, instead of drawn afresh. Generation 1 is
            then fitted on these alone; `share` > 0 and `real_noise` are then single values.
        real_noise: standard deviation of the label noise of real rows, >= 0; None is `noise`.
        start_full: with `same_rows`, generation 1 is fitted on rows - k further real rows as well.

    >>> from modelcollapse.theory.problem import *
    >>> chain = retain_real(Population(Isotropic(9), UniformTarget()), generations=2, rows=40, noise=0.5, share=0.25)
    >>> chain.generations[1].sources
    (Source(rows=10, noise=0.5, labels=Truth()), Source(rows=30, noise=0.5, labels=Previous()))
    """
    count = number_of_generations(generations)
    sizes = entries("rows", rows, count, checks.size)
    noises = entries("noise", noise, count, checks.nonnegative)
    estimators = entries("estimator", estimator, count, require_estimator)
    full = checks.flag("start_full", start_full)
    if checks.flag("same_rows", same_rows):
        real = checks.nonnegative("real_noise", noises[0] if real_noise is None else real_noise)
        steps = _on_same_real_rows(sizes, noises, estimators, _real_rows(share, sizes[0]), real, full)
        return Chain(population, steps)
    if full:
        raise SpecificationError("start_full", start_full, "False, unless same_rows=True")
    reals = noises if real_noise is None else entries("real_noise", real_noise, count, checks.nonnegative)
    shares = entries("share", share, count, checks.share)
    return Chain(population, made_of(_on_fresh_rows, sizes, noises, estimators, shares, reals))


def mix(
    population: Population,
    generations: int = 10,
    *,
    real_rows: Any,
    synthetic_rows: Any,
    noise: Any = 0.3,
    estimator: Estimator | Sequence[Estimator] = Ridge(1e-3),
    synthetic_weight: Any = 1.0,
    real_noise: Any = None,
) -> Chain:
    """Every generation is fitted on fresh real rows and on weighted rows that the model before labelled.

    Args:
        population: covariates and truth.
        generations: N, a whole number >= 1.
        real_rows: rows with labels of the truth, >= 0.
        synthetic_rows: rows with labels of the model before, >= 0; not both 0.
        noise: standard deviation of the label noise of synthetic rows, >= 0.
        estimator: `Ridge`, `MinimumNorm` or `RandomProjection`.
        synthetic_weight: of a synthetic row in the objective, > 0; a real row has weight 1.
        real_noise: standard deviation of the label noise of real rows, >= 0; None is `noise`.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(9), UniformTarget())
    >>> mix(population, 2, real_rows=10, synthetic_rows=30, synthetic_weight=0.5).generations[1].sources
    (Source(rows=10, noise=0.3, labels=Truth()), Source(rows=30, noise=0.3, labels=Previous(), weight=0.5))
    """
    count = number_of_generations(generations)
    noises = entries("noise", noise, count, checks.nonnegative)
    return Chain(
        population,
        made_of(
            _mixed,
            entries("real_rows", real_rows, count, _size_or_none),
            entries("synthetic_rows", synthetic_rows, count, _size_or_none),
            noises,
            entries("estimator", estimator, count, require_estimator),
            entries("synthetic_weight", synthetic_weight, count, checks.positive),
            noises if real_noise is None else entries("real_noise", real_noise, count, checks.nonnegative),
        ),
    )


def _size_or_none(field: str, value: Any) -> Any:
    return checks.size(field, value, least=0)


def _real_rows(share: Any, rows: Any) -> Any:
    """Number of real rows that are kept for ever, at least one."""
    real = part_of(rows, "share", checks.positive("share", checks.share("share", share)))
    if is_zero(real):
        raise SpecificationError("share", share, f"a share of {rows} rows that is at least one row")
    return real


def _on_same_real_rows(
    rows: list[Any], noises: list[Any], estimators: list[Estimator], real: Any, real_noise: Any, full: bool
) -> tuple[Generation, ...]:
    """Real rows first; then these again, beside rows that the model before labels."""
    further = _if_any(rows[0] - real, real_noise, TRUTH) if full else ()
    first = Generation((Source(real, real_noise, TRUTH), *further), estimators[0])
    for total in rows[1:]:
        if not checks.is_symbolic(total - real) and total < real:
            raise SpecificationError("rows", total, f"at least {real}, the real rows that are kept")

    def later(total: Any, noise: Any, estimator: Estimator) -> Generation:
        return Generation((Kept(1), *_if_any(total - real, noise, PREVIOUS)), estimator)

    return (first, *made_of(later, rows[1:], noises[1:], estimators[1:]))


def _on_fresh_rows(rows: Any, noise: Any, estimator: Estimator, share: Any, real_noise: Any) -> Generation:
    real = part_of(rows, "share", share)
    return Generation((*_if_any(real, real_noise, TRUTH), *_if_any(rows - real, noise, PREVIOUS)), estimator)


def _mixed(real: Any, synthetic: Any, noise: Any, estimator: Estimator, weight: Any, real_noise: Any) -> Generation:
    sources = (*_if_any(real, real_noise, TRUTH), *_if_any(synthetic, noise, PREVIOUS, weight))
    if not sources:
        raise SpecificationError("synthetic_rows", synthetic, "a whole number >= 1 where real_rows is 0")
    return Generation(sources, estimator)


def _if_any(rows: Any, noise: Any, labels: Any, weight: Any = 1.0) -> tuple[Source, ...]:
    """The source, or nothing where it has no rows."""
    return () if is_zero(rows) else (Source(rows, noise, labels, weight=weight),)

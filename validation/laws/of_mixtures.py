"""Laws of fits on rows of several labellers: of their risks, rows, weights and widths."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...theory.evaluation.master import mixture_of_sources
from ...theory.evaluation.prediction import predict
from ...theory.problem import (
    FORGET,
    FRESH,
    TRUTH,
    Chain,
    Generation,
    Population,
    Previous,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    Spectrum,
    Target,
    Truth,
)
from ..strategies import mixed_chains, mixing_loops, mixture_chains, weighted_mixtures
from .law import About, Errors, law, same
from .of_generations import can_be_split
from .of_units import is_ridge_throughout
from .references import null_error
from .references_of_mixtures import mixtures
from .transformed import Coordinates

WIDE = 10**9
NEAR = 1e-7  # what a width of 1e9 is allowed


def an_order_of_sources(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """Another order of the sources of the generation that has most."""
    return st.tuples(st.permutations(range(max(len(step.sources) for step in chain.generations))))


def some_rows(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """A number of rows."""
    return st.tuples(st.integers(1, 60))


def a_generation_with_labellers(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """One of the generations whose first two sources have three rows or more."""
    return st.tuples(st.sampled_from([g for g in range(1, len(chain) + 1) if _can_move(chain.generations[g - 1])]))


def a_factor_of_shifts(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """A number to multiply offsets by."""
    return st.tuples(st.sampled_from((0.01, 0.3, 2.0, 20.0)))


def a_known_labeller(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """One of the sources that are not labelled at random."""
    sources = chain.generations[0].generated
    return st.tuples(st.sampled_from([k for k, one in enumerate(sources) if not _is_random(one, chain)]))


def has_a_known_labeller(chain: Chain) -> bool:
    """Whether the truth, or the truth and a fixed offset, labels a source."""
    return not all(_is_random(one, chain) for one in chain.generations[0].generated)


def rows_can_move(chain: Chain) -> bool:
    """Whether the first two sources of a generation have fresh rows that differ in nothing but labels and noise."""
    return any(_can_move(step) for step in chain.generations)


def has_shifts(chain: Chain) -> bool:
    """Whether a shifted truth, in no blend, labels rows."""
    return any(isinstance(one.labels, Shifted) for step in chain.generations for one in step.generated)


def is_on_one_covariance(chain: Chain) -> bool:
    """Fits with a penalty, on fresh rows of one covariance and weight; plain labellers; projections drawn anew."""
    return chain.initial is None and all(
        step.memory == FORGET
        and not step.kept
        and all(_is_plain(one) for one in step.generated)
        and _has_a_penalty(step.estimator)
        for step in chain.generations
    )


@law(mixture_chains, mixing_loops, mixed_chains, applies=can_be_split, details=an_order_of_sources)
def the_order_of_the_sources_does_not_matter(errors: Errors, chain: Chain, order: Any) -> None:
    """Sources k -> pi(k) in every generation leave every error as it is."""
    steps = [
        replace(step, sources=tuple(step.sources[k] for k in order if k < len(step.sources)))
        for step in chain.generations
    ]
    same(errors(Chain(chain.population, tuple(steps), chain.initial)), errors(chain), null_error(chain), of="errors")


@law(mixture_chains, mixing_loops, applies=can_be_split, details=some_rows)
def a_source_of_weight_0_counts_in_the_penalty_alone(errors: Errors, chain: Chain, rows: int) -> None:
    """alpha_k = 0 is the fit without source k and the penalty lambda n/(n - n_k), whatever its labels and noise."""
    with_it, without = [], []
    for step in chain.generations:
        silent = replace(step.generated[-1], rows=rows, noise=17.0, weight=0.0)
        with_it.append(replace(step, sources=(silent, *step.sources)))
        without.append(replace(step, estimator=_with_penalty(step.estimator, (step.rows + rows) / step.rows)))
    left, right = (errors(Chain(chain.population, tuple(steps), chain.initial)) for steps in (with_it, without))
    same(left, right, null_error(chain), of="errors")


@law(mixture_chains, mixing_loops, applies=is_ridge_throughout, equivalents=True)
def a_wide_projection_is_none(errors: Errors, chain: Chain) -> None:
    """RandomProjection(m, lambda) tends to Ridge(lambda) as m -> infinity: to 1e-7 at m = 1e9."""
    steps = [replace(step, estimator=RandomProjection(WIDE, _penalty(step))) for step in chain.generations]
    wide = Chain(chain.population, tuple(steps), chain.initial)
    same(errors(wide), errors(chain), within=NEAR, of="errors")


@law(mixture_chains, mixing_loops, mixed_chains, applies=rows_can_move, details=a_generation_with_labellers)
def collapse_is_quadratic_in_the_share_of_a_labeller(errors: Errors, chain: Chain, which: int) -> None:
    """At fixed n and lambda E(f), and zeta(f) = E(f) - E(0), is quadratic in f = n_2/n: third differences vanish."""
    step = chain.generations[which - 1]
    first, second = step.generated[:2]
    total = first.rows + second.rows

    def moved(rows: int) -> Any:
        parts = [replace(one, rows=own) for one, own in ((first, total - rows), (second, rows)) if own]
        steps = [*chain.generations]
        steps[which - 1] = replace(step, sources=(*parts, *step.sources[2:]))
        return errors(Chain(chain.population, tuple(steps), chain.initial))

    counts = (0, total // 3, 2 * total // 3, total)
    terms = [moved(rows) / math.prod(abs(rows - other) for other in counts if other != rows) for rows in counts]
    finite = np.isfinite(sum(terms))
    left, right = terms[0] + terms[2], terms[1] + terms[3]
    same(left[finite], right[finite], of="terms of either sign in the third difference")


@law(mixture_chains, mixing_loops, applies=has_shifts, details=a_factor_of_shifts)
def collapse_is_quadratic_in_the_shifts(errors: Errors, chain: Chain, times: float) -> None:
    """Offsets multiplied by c: E(c) + E(-c) - 2E(0) = c^2 (E(1) + E(-1) - 2E(0)), E(0) having true labels."""
    plain = errors(_with_shifts(chain, 0.0))
    small, large = (errors(_with_shifts(chain, c)) + errors(_with_shifts(chain, -c)) for c in (1.0, times))
    finite = np.isfinite(plain + small + large)
    left, right = large + 2 * times**2 * plain, times**2 * small + 2 * plain
    same(left[finite], right[finite], null_error(chain) * max(times**2, 1), of="E(c) + E(-c)")


@law(mixture_chains, mixing_loops, applies=is_on_one_covariance, equivalents=True)
def one_covariance_obeys_the_equations_of_many(errors: Errors, chain: Chain) -> None:
    """lambda = kappa (1 - df_1/n)(1 - df_1/m), r_k = sigma_k^2 + b_k + <S,S>/n sum p r, E = b + <S,S>/n sum p r."""
    same(errors(chain), mixtures(chain), null_error(chain), of="errors")


@law(mixture_chains, about=About.PREDICTION)
def the_master_theorem_holds_on_one_covariance(chain: Chain) -> None:
    """K sources with K risks have the error, bias and variance of their mean labeller with their disagreement."""
    master, pooled = mixture_of_sources(chain), predict(chain)
    for name in ("error", "bias", "variance"):
        same([getattr(master, name)], getattr(pooled, name), null_error(chain), of=name)


@law(weighted_mixtures, about=About.PREDICTION)
def the_risk_of_real_rows_is_their_noise_and_the_error(chain: Chain) -> None:
    """r_k = sigma_k^2 + E, E = bias + variance, for every source of the truth with the covariance of the test."""
    found = mixture_of_sources(chain)
    same(found.bias + found.variance, found.error, of="bias + variance")
    for risk, source in zip(found.risks, chain.generations[0].generated, strict=True):
        if source.labels == TRUTH and source.covariance in (None, chain.population.spectrum):
            same(risk, source.noise**2 + found.error, of="risk of real rows")


@law(weighted_mixtures, about=About.PREDICTION, applies=has_a_known_labeller, details=a_known_labeller)
def the_risk_of_a_source_is_the_error_measured_from_it(chain: Chain, which: int) -> None:
    """r_k = sigma_k^2 + E_k, E_k the error of the same fit against labeller k under Sigma_k (offset k fixed)."""
    source = chain.generations[0].generated[which]
    risk = mixture_of_sources(chain).risks[which]
    found = mixture_of_sources(_measured_from(chain, source))
    same(risk, source.noise**2 + found.error, of="risk")


def _is_random(source: Source, chain: Chain) -> bool:
    """Whether its labeller could not be told from the truth without a draw."""
    labels = source.labels
    return isinstance(labels, Shifted) and bool(
        np.any(labels.offset.variance(_directions(chain), chain.population.spectrum))
    )


def _is_plain(source: Source) -> bool:
    plain = isinstance(source.labels, Truth | Previous | Shifted)
    return plain and source.covariates == FRESH and source.covariance is None and source.weight == 1.0


def _has_a_penalty(estimator: Any) -> bool:
    drawn_anew = not isinstance(estimator, RandomProjection) or estimator.redraw
    return drawn_anew and getattr(estimator, "penalty", None) is not None


def _can_move(step: Generation) -> bool:
    if len(step.generated) < 2 or step.memory != FORGET or step.kept:
        return False
    first, second = step.generated[:2]
    fresh = all(one.covariates == FRESH for one in step.generated)
    return fresh and _alike(first, second) and first.rows + second.rows > 2


def _alike(first: Source, second: Source) -> bool:
    return bool(first.weight == second.weight and first.covariance == second.covariance)


def _penalty(step: Generation) -> Any:
    return step.estimator.penalty if isinstance(step.estimator, Ridge) else None


def _with_penalty(estimator: Any, times: float) -> Any:
    penalty = getattr(estimator, "penalty", None)
    return estimator if penalty is None else replace(estimator, penalty=penalty * times)


def _with_shifts(chain: Chain, times: float) -> Chain:
    """All offsets of shifted truths multiplied; the truth in their place for 0."""
    spectrum, k = chain.population.spectrum, _directions(chain)

    def labels(of: Any) -> Any:
        if not isinstance(of, Shifted):
            return of
        mean, variance = of.offset.mean(k, spectrum) + 0.0 * k, of.offset.variance(k, spectrum) + 0.0 * k
        return Shifted(Coordinates(times * mean, times**2 * variance), of.tag) if times else TRUTH

    steps = [
        replace(step, sources=tuple(replace(one, labels=labels(one.labels)) for one in step.generated))
        for step in chain.generations
    ]
    return Chain(chain.population, tuple(steps), chain.initial)


def _measured_from(chain: Chain, source: Source) -> Chain:
    """The same fit, the truth being what labels a source and its covariance that of the test."""
    (step,), population = chain.generations, chain.population
    spectrum, target = population.spectrum, population.target
    k, shifted = _directions(chain), isinstance(source.labels, Shifted)
    zero = source.labels.offset.mean(k, spectrum) if isinstance(source.labels, Shifted) else 0.0 * k

    def moved(of: Target, by: Any, under: Spectrum) -> Target:
        return Coordinates(of.mean(k, under) + by, of.variance(k, under) + 0.0 * k)

    def labels(of: Any) -> Any:
        if of == source.labels:
            return TRUTH
        if isinstance(of, Shifted):
            return Shifted(moved(of.offset, -zero, spectrum), of.tag)
        return Shifted(Coordinates(-zero, 0.0 * k)) if shifted else TRUTH

    sources = [
        replace(one, labels=labels(one.labels), covariance=spectrum if one.covariance is None else one.covariance)
        for one in step.generated
    ]
    seen = Population(source.covariance or spectrum, moved(target, zero, spectrum))
    return Chain(seen, (replace(step, sources=tuple(sources)),))


def _directions(chain: Chain) -> Any:
    return np.arange(1, chain.population.dimension + 1)


MIXTURES = (
    the_order_of_the_sources_does_not_matter,
    a_source_of_weight_0_counts_in_the_penalty_alone,
    a_wide_projection_is_none,
    collapse_is_quadratic_in_the_share_of_a_labeller,
    collapse_is_quadratic_in_the_shifts,
    one_covariance_obeys_the_equations_of_many,
    the_master_theorem_holds_on_one_covariance,
    the_risk_of_real_rows_is_their_noise_and_the_error,
    the_risk_of_a_source_is_the_error_measured_from_it,
)

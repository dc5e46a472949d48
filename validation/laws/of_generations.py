"""Laws of noise, labels and the order of generations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...theory.problem import (
    FORGET,
    FRESH,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    LabelledBy,
    Previous,
    Ridge,
    Source,
)
from ..strategies import factors, families, least_squares_chains, ridge_chains, weights
from .law import Errors, law, less, no_more, same
from .of_units import has_one_truth
from .references import null_error
from .transformed import cut, with_noise, with_sources, with_weights


def some_generation(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """One of the generations, or 0 for all of them."""
    return st.tuples(st.integers(0, len(chain)))


def one_that_others_follow(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """One of the generations, not the last."""
    return st.tuples(st.integers(1, len(chain) - 1))


def a_cut(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """A generation that is not the first."""
    return st.tuples(st.integers(2, len(chain)))


def has_several_generations(chain: Chain) -> bool:
    """Whether there is more than one generation."""
    return len(chain) > 1


def refers_to_nothing(chain: Chain) -> bool:
    """Whether every generation has fresh rows of its own only, labelled by the truth or the model before."""
    return all(
        step.memory == FORGET
        and not step.kept
        and all(one.covariates == FRESH and one.labels in (TRUTH, PREVIOUS) for one in step.generated)
        for step in chain.generations
    )


def can_be_split(chain: Chain) -> bool:
    """Whether no rows are referred to, so that sources may change their places."""
    return all(not step.kept and all(one.covariates == FRESH for one in step.generated) for step in chain.generations)


@law(*families(), details=some_generation)
def errors_grow_with_the_noise(errors: Errors, chain: Chain, which: int) -> None:
    """A larger sigma_g (all of them for g = 0) raises E_g, lowers no later error, and leaves the earlier ones."""
    first = max(which, 1)
    before = errors(chain)
    after = errors(with_noise(chain, lambda number, sigma: 1.5 * sigma if which in (0, number) else sigma))
    same(before[: first - 1], after[: first - 1], of="errors before the louder generation")
    no_more(before[first - 1 :], after[first - 1 :])
    less(before[first - 1], after[first - 1], of="error of the louder generation")


def passes_it_on_to_others(chain: Chain) -> bool:
    """Whether there are several generations, and each model learns from the one before."""
    return len(chain) > 1 and passes_noise_on(chain)


def passes_noise_on(chain: Chain) -> bool:
    """Whether every model after the first learns from the one before, and from no one else."""
    return refers_to_nothing(chain) and all(
        isinstance(one.labels, Previous) for step in chain.generations for one in step.generated
    )


@law(ridge_chains, least_squares_chains, applies=passes_it_on_to_others, details=one_that_others_follow)
def noise_is_felt_in_every_later_generation(errors: Errors, chain: Chain, which: int) -> None:
    """Where each model learns from the one before, a larger sigma_g raises every error from E_g on."""
    louder = with_noise(chain, lambda number, sigma: 20 * sigma if number == which else sigma)
    less(errors(chain)[which - 1 :], errors(louder)[which - 1 :])


@law(*families(), applies=has_several_generations)
def noise_of_different_generations_adds_up(errors: Errors, chain: Chain) -> None:
    """E(sigma_1, ..., sigma_N) - E(0) is the sum over g of E(0, ..., sigma_g, ..., 0) - E(0)."""
    silent = errors(chain.with_(noise=0.0))
    alone = [errors(_with_one_noise(chain, g)) for g in range(1, len(chain) + 1)]
    finite = np.isfinite(errors(chain))
    together = silent + sum(one - silent for one in alone)
    same(errors(chain)[finite], together[finite], null_error(chain), of="errors")


def _with_one_noise(chain: Chain, kept: int) -> Chain:
    return with_noise(chain, lambda number, sigma: sigma if number == kept else 0.0)


@law(*families(), applies=can_be_split)
def splitting_a_source_changes_nothing(errors: Errors, chain: Chain) -> None:
    """n rows and n/3 + 2n/3 rows with the same labels, noise and weight are the same rows."""

    def split(number: int, one: Source) -> tuple[Source, ...]:
        part = one.rows // 3
        return (replace(one, rows=part), replace(one, rows=one.rows - part)) if part else (one,)

    same(errors(with_sources(chain, split)), errors(chain), null_error(chain), of="errors")


@law(*families(), details=lambda chain: st.tuples(weights()))
def a_common_weight_goes_with_the_penalty(errors: Errors, chain: Chain, times: float) -> None:
    """All weights and all penalties multiplied by c are the same objective."""
    same(errors(with_weights(chain, times)), errors(chain), null_error(chain), of="errors")


@law(*families(), details=a_cut, applies=lambda chain: len(chain) > 1 and refers_to_nothing(chain))
def labels_of_the_truth_start_afresh(errors: Errors, chain: Chain, start: int) -> None:
    """Where the truth labels generation g, the errors from there on are those of the chain that starts at g."""
    renewed = with_sources(chain, lambda number, one: (replace(one, labels=TRUTH if number == start else one.labels),))
    afterwards = errors(cut(renewed, start, len(chain)))
    same(errors(renewed)[start - 1 :], afterwards, null_error(chain), of="errors")


@law(*families(), details=a_cut, applies=has_several_generations)
def later_generations_do_not_change_earlier_errors(errors: Errors, chain: Chain, start: int) -> None:
    """E_1, ..., E_{g-1} are those of the first g - 1 generations alone."""
    same(errors(cut(chain, 1, start - 1)), errors(chain)[: start - 1], null_error(chain), of="errors")


@law(least_squares_chains, applies=passes_it_on_to_others)
def the_previous_model_is_that_of_the_generation_before(errors: Errors, chain: Chain) -> None:
    """Labels of the previous model in generation g are labels of model g - 1."""
    named = with_sources(
        chain, lambda number, one: (replace(one, labels=LabelledBy(number - 1) if number > 1 else TRUTH),)
    )
    same(errors(named), errors(chain), null_error(chain), of="errors")


@law(ridge_chains, least_squares_chains, applies=passes_noise_on)
def a_blend_of_a_labeller_with_itself_is_that_labeller(errors: Errors, chain: Chain) -> None:
    """0.3 y + 0.7 y = y for labels y of the previous model."""
    twice = Blend(((PREVIOUS, 0.3), (PREVIOUS, 0.7)))
    blended = with_sources(chain, lambda number, one: (replace(one, labels=twice),))
    same(errors(blended), errors(chain), null_error(chain), of="errors")


@law(ridge_chains, applies=has_one_truth, details=lambda chain: st.tuples(factors()))
def an_enormous_penalty_leaves_the_zero_model(errors: Errors, chain: Chain, times: float) -> None:
    """As lambda -> infinity in every generation, every error tends to w_0' Sigma w_0."""
    largest = float(np.max(chain.population.spectrum.eigenvalues()))
    shrunk = chain.with_(estimator=Ridge(1e11 * times * largest))
    same(errors(shrunk), np.full(len(chain), null_error(chain)), 100 * null_error(chain), of="errors")


GENERATIONS = (
    errors_grow_with_the_noise,
    noise_is_felt_in_every_later_generation,
    noise_of_different_generations_adds_up,
    splitting_a_source_changes_nothing,
    a_common_weight_goes_with_the_penalty,
    labels_of_the_truth_start_afresh,
    later_generations_do_not_change_earlier_errors,
    the_previous_model_is_that_of_the_generation_before,
    a_blend_of_a_labeller_with_itself_is_that_labeller,
    an_enormous_penalty_leaves_the_zero_model,
)

"""Laws of `predict`: its parts fit together, and other routes give the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...theory.evaluation.backward import backward_error
from ...theory.evaluation.differentiation import gradient
from ...theory.evaluation.grid import vary
from ...theory.evaluation.prediction import predict
from ...theory.problem import Chain
from ..strategies import (
    families,
    generator_chains,
    least_squares_chains,
    populations,
    ridge_chains,
    ridgeless_chains,
    subsampling_chains,
    subspace_chains,
)
from ..strategies.spectra import listed
from .law import About, law, less, no_more, same, true
from .references import fits_of, null_error, spectrum_of, textbook_rows


def one_model_labels() -> st.SearchStrategy[Chain]:
    """Chains in which each model learns from the one before."""
    return st.one_of(ridge_chains(), least_squares_chains(), subspace_chains(), ridgeless_chains(), generator_chains())


@law(*families(), about=About.PREDICTION)
def bias_and_variance_make_the_error(chain: Chain) -> None:
    """E = (error without noise) + (what noise injects), both >= 0, and the first is `predict` without noise."""
    prediction = predict(chain)
    same(prediction.bias + prediction.variance, prediction.error, of="bias + variance")
    no_more(0 * prediction.bias, prediction.bias, of="bias")
    no_more(0 * prediction.variance, prediction.variance, of="variance")
    same(predict(chain.with_(noise=0.0)).error, prediction.bias, null_error(chain), of="error without noise")


@law(*families(), about=About.PREDICTION)
def variance_is_the_sum_over_generations(chain: Chain) -> None:
    """V_g is the sum over m of by_generation[g, m], which is zero for m > g."""
    prediction = predict(chain)
    same(prediction.by_generation.sum(axis=-1), prediction.variance, of="variance")
    true(not np.triu(prediction.by_generation, 1).any(), "labels of later generations injected something")


@law(one_model_labels, about=About.PREDICTION)
def the_error_is_the_sum_over_directions(chain: Chain) -> None:
    """E_g is the sum over k of by_mode[g, k], which is zero where s_k = 0."""
    prediction = predict(chain)
    same(prediction.by_mode.sum(axis=-1), prediction.error, of="error")
    silent = np.asarray(chain.population.spectrum.eigenvalues()) == 0
    true(not prediction.by_mode[:, silent].any(), "a direction without variance has an error")


@law(one_model_labels, about=About.PREDICTION)
def forwards_is_backwards(chain: Chain) -> None:
    """Mean and variance carried from the first fit to the last give the error that a weight carried back gives."""
    error, injected = backward_error(chain)
    prediction = predict(chain)
    same(error, prediction.error[-1], null_error(chain), of="last error")
    same(injected, prediction.by_generation[-1], null_error(chain), of="what each generation injected")


def small_ridge_chains() -> st.SearchStrategy[Chain]:
    """Ridge regression on six eigenvalues: what is differentiated or batched takes long to compile."""
    return ridge_chains(populations(listed(6)))


@law(small_ridge_chains, about=About.PREDICTION, details=lambda chain: st.tuples(st.sampled_from(("penalty", "noise"))))
def the_gradient_is_a_finite_difference(chain: Chain, name: str) -> None:
    """dE_N/dx is (E_N(x + h) - E_N(x - h))/2h to order h^2, for x the penalty or the noise throughout."""
    _, noise, penalties = fits_of(chain)
    at = float(penalties[-1] if name == "penalty" else noise[-1] ** 0.5)

    def build(value: Any) -> Chain:
        return chain.with_(**{name: value})

    def error(relative: float) -> float:
        return float(predict(build(at * (1 + relative))).error[-1])

    slopes = [(error(step) - error(-step)) / (2 * step * at) for step in (2e-3, 1e-3)]
    extrapolated = (4 * slopes[1] - slopes[0]) / 3  # the error of fourth order is left
    same(gradient(build)(at), extrapolated, within=1e-6, scale=1e5 * error(0.0) / at, of="slope")


@law(ridge_chains, about=About.PREDICTION)
def the_effective_ridge_solves_its_equation(chain: Chain) -> None:
    """n = df_1(kappa) + n lambda/kappa, and df_1(kappa) are the degrees of freedom."""
    prediction, (s, _) = predict(chain), spectrum_of(chain)
    rows, _, penalties = fits_of(chain)
    for g, kappa in enumerate(prediction.effective_ridge):
        same(textbook_rows(s, kappa, penalties[g], rows[g]), rows[g], of="rows at the effective ridge")
        same(np.sum(s / (s + kappa)), prediction.degrees_of_freedom[g], of="degrees of freedom")


@law(ridge_chains, about=About.PREDICTION)
def equivalents_scale(chain: Chain) -> None:
    """chain.scaled(2) has the same effective ridges, twice the degrees of freedom and half the finite-size gap."""
    small, large = predict(chain), predict(chain.scaled(2))
    same(large.effective_ridge, small.effective_ridge, of="effective ridge")
    same(large.degrees_of_freedom, 2 * small.degrees_of_freedom, of="degrees of freedom")
    same(2 * large.finite_size, small.finite_size, of="finite size")


@law(small_ridge_chains, about=About.PREDICTION)
def many_penalties_at_once(chain: Chain) -> None:
    """`vary` over penalties gives what `predict` gives for each of them."""
    penalties = [0.02, 0.6]
    table = vary(lambda penalty: chain.with_(penalty=penalty), {"penalty": penalties})
    same(table.error, [predict(chain.with_(penalty=penalty)).error for penalty in penalties], of="errors")


@law(one_model_labels, about=About.PREDICTION)
def norm_and_overlap_obey_cauchy_and_schwarz(chain: Chain) -> None:
    """(E w_g'w_0)^2 <= E|w_g|^2 E|w_0|^2, the directions with variance alone counted."""
    prediction, (_, truth) = predict(chain), spectrum_of(chain)
    finite = np.isfinite(prediction.norm)
    no_more(prediction.overlap[finite] ** 2, prediction.norm[finite] * truth.sum(), of="squared overlaps")


@law(subsampling_chains, about=About.PREDICTION)
def a_sample_of_everything_stays_bounded(chain: Chain) -> None:
    """With many rows a direction, samples of the store lose at most pi^2/2 - 2 times the first error for ever."""
    errors = predict(chain).error
    less(errors[:-1], errors[1:], of="errors of successive generations")
    no_more(errors, (math.pi**2 / 2 - 2) * errors[0] * np.ones(len(chain)))


PREDICTIONS = (
    bias_and_variance_make_the_error,
    variance_is_the_sum_over_generations,
    the_error_is_the_sum_over_directions,
    forwards_is_backwards,
    the_gradient_is_a_finite_difference,
    the_effective_ridge_solves_its_equation,
    equivalents_scale,
    many_penalties_at_once,
    norm_and_overlap_obey_cauchy_and_schwarz,
    a_sample_of_everything_stays_bounded,
)

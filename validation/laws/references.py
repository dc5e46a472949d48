"""Errors of chains by the textbook: closed forms and recursions in NumPy and SciPy, made without reading `theory`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq

from ...theory.problem import Chain
from ..measured import Array


def spectrum_of(chain: Chain) -> tuple[Array, Array]:
    """Positive eigenvalues s_k, and E w_{0,k}^2 there."""
    population = chain.population
    s = np.asarray(population.spectrum.eigenvalues())
    return s[s > 0], np.asarray(population.target.second_moments(population.spectrum))[s > 0]


def fits_of(chain: Chain) -> tuple[Array, Array, Array]:
    """Rows, noise variances and penalties (0 for least squares) of generations with one source each."""
    rows = np.array([float(step.rows) for step in chain.generations])
    noise = np.array([step.generated[0].noise ** 2 for step in chain.generations])
    return rows, noise, np.array([getattr(step.estimator, "penalty", 0.0) for step in chain.generations])


def effective_ridge(s: Array, rows: float, penalty: float) -> float:
    """kappa, the largest root of kappa = lambda + kappa df_1(kappa)/n; without a penalty df_1(kappa) = n, or 0."""
    if penalty == 0 and rows >= len(s):
        return 0.0

    def excess(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        return float(penalty / kappa + np.sum(s / (s + kappa)) / rows - 1.0)

    least = max(penalty, 1e-9 * float(np.min(s))) / 2
    return float(np.exp(brentq(excess, np.log(least), np.log(penalty + np.sum(s) / rows) + 1, xtol=1e-15, rtol=1e-15)))


def null_error(chain: Chain) -> float:
    """w_0' Sigma w_0, the error of the zero model."""
    s, truth = spectrum_of(chain)
    return float(s @ truth)


def one_ridge(s: Array, truth: Array, rows: float, penalty: float, noise_squared: float) -> float:
    """kappa^2 w_0' S (S + kappa)^{-2} w_0 / (1 - df_2/n) + sigma^2 df_2/(n - df_2)."""
    kappa = effective_ridge(s, rows, penalty)
    freedom = float(np.sum((s / (s + kappa)) ** 2))
    bias = kappa**2 * float(np.sum(s * truth / (s + kappa) ** 2))
    return (bias + noise_squared * freedom / rows) / (1 - freedom / rows)


def chain_of_ridge(chain: Chain) -> Array:
    """b_N = s; b_{g-1} = (s^2 b_g + chi_g kappa_g^2 s)/(s + kappa_g)^2; E = sum (b_0 - 2 s Q + s) w_0^2 + sigma^2 chi.

    chi_g = (1/n) tr b_g S (S + kappa_g)^{-2} / (1 - df_2/n) and Q the product of all s/(s + kappa_g).
    """
    (s, truth), (rows, noise, penalty) = spectrum_of(chain), fits_of(chain)
    kappas = [effective_ridge(s, n, penalty[g]) for g, n in enumerate(rows)]
    return np.array([_backwards(s, truth, rows[:g], noise[:g], kappas[:g]) for g in range(1, len(rows) + 1)])


def _backwards(s: Array, truth: Array, rows: Array, noise: Array, kappas: Sequence[float]) -> float:
    weight, kept, injected = s.copy(), np.ones_like(s), 0.0
    for n, sigma_squared, kappa in zip(rows[::-1], noise[::-1], kappas[::-1], strict=True):
        margin = 1 - np.sum((s / (s + kappa)) ** 2) / n
        chi = float(np.sum(weight * s / (s + kappa) ** 2) / n / margin)
        injected += sigma_squared * chi
        weight, kept = (s**2 * weight + chi * kappa**2 * s) / (s + kappa) ** 2, kept * s / (s + kappa)
    return float(np.sum((weight - 2 * s * kept + s) * truth)) + injected


def generators_then_ridge(chain: Chain) -> float:
    """The last error after n equal generators: one ridge, plus n sigma_0^2/(T_0 - d - 1) [df_2 + kappa^2 ...]."""
    (s, truth), (rows, noise, penalty) = spectrum_of(chain), fits_of(chain)
    count, n = len(rows) - 1, rows[-1]
    kappa = effective_ridge(s, n, penalty[-1])
    freedom = np.sum((s / (s + kappa)) ** 2)
    carried = freedom + kappa**2 * np.sum(1 / (s + kappa) ** 2) * freedom / (n - freedom)
    generators = count * noise[0] / (rows[0] - len(s) - 1) * carried
    return one_ridge(s, truth, n, penalty[-1], noise[-1]) + float(generators)


def replaced(chain: Chain) -> Array:
    """sum_g sigma_g^2 r/(n_g - r - 1)."""
    (s, _), (rows, noise, _) = spectrum_of(chain), fits_of(chain)
    return np.asarray(np.cumsum(noise * len(s) / (rows - len(s) - 1)))


def accumulated(chain: Chain) -> Array:
    """sum_g sigma_g^2 (n_g/N_g) r/(N_g - r - 1), N_g the rows so far."""
    (s, _), (rows, noise, _) = spectrum_of(chain), fits_of(chain)
    total = np.cumsum(rows)
    return np.asarray(np.cumsum(noise * rows / total * len(s) / (total - len(s) - 1)))


def relabelled(chain: Chain) -> Array:
    """r/(n - r - 1) sum_g sigma_g^2/g^2: the same n rows labelled anew by every model, all labels kept."""
    (s, _), (rows, noise, _) = spectrum_of(chain), fits_of(chain)
    copies = np.arange(1, len(rows) + 1)
    return np.asarray(len(s) / (rows[0] - len(s) - 1) * np.cumsum(noise / copies**2))


def subspaces(chain: Chain) -> Array:
    """(1 - prod_g r_g) w_0'Sigma w_0 + N_g with r_g = min(n_g/r, 1), N <- r_g N + sigma_g^2 gain_g; equal eigenvalues.

    The gain of minimum norm is n/(r - n - 1) below the rank and r/(n - r - 1) above it.
    """
    (s, truth), (rows, noise, _) = spectrum_of(chain), fits_of(chain)
    rank, kept, injected, errors = len(s), 1.0, 0.0, []
    for n, sigma_squared in zip(rows, noise, strict=True):
        share = min(n / rank, 1.0)
        gain = n / (rank - n - 1) if n < rank else rank / (n - rank - 1)
        kept, injected = kept * share, share * injected + sigma_squared * gain
        errors.append((1 - kept) * float(s @ truth) + injected)
    return np.array(errors)


def with_fresh_real_rows(chain: Chain) -> Array:
    """E_g = c_g E_{g-1} + sigma_g^2 r/(n - r - 1), where t of n rows have labels of the model before.

    c = t (2 + h)/(n (n + 2)) + t (t - 1)(n - h)/(n (n + 2)(n - 1)), h = (r n - 2)/(n - r - 1), sigma_g^2
    the average over rows.
    """
    rank, error, errors = len(spectrum_of(chain)[0]), 0.0, []
    for step in chain.generations:
        real, synthetic = step.generated
        n, t = real.rows + synthetic.rows, synthetic.rows
        noise = (real.rows * real.noise**2 + t * synthetic.noise**2) / n
        h = (rank * n - 2) / (n - rank - 1)
        factor = t * (2 + h) / (n * (n + 2)) + t * (t - 1) * (n - h) / (n * (n + 2) * (n - 1))
        error = factor * error + noise * rank / (n - rank - 1)
        errors.append(error)
    return np.array(errors)


def textbook_rows(s: Array, kappa: Any, penalty: Any, rows: Any) -> Any:
    """df_1(kappa) + n lambda/kappa, which is n at the effective ridge."""
    return np.sum(s / (s + kappa)) + rows * penalty / kappa

"""Predictions against closed forms typed from the papers' side: [D], exact least squares, isotropic minimum norm."""

import numpy as np
import pytest
from scipy.optimize import brentq

from modelcollapse.theory.evaluation.grid import vary
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    Coefficients,
    Eigenvalues,
    Isotropic,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    SourceCondition,
    UniformTarget,
    demystified,
    replace,
)
from modelcollapse.theory.rules.kind import Kind

from ..market import DIMENSION, POWER_LAW, TRUTH

TARGET = 1e-12


def effective_ridge(s, rows, penalty):
    """kappa (1 - df_1/n) = lambda for n > d and ordinary penalties, where the textbook form is accurate enough."""
    top = penalty + s.sum() / rows
    kappa = brentq(lambda k: k - penalty - k * np.sum(s / (s + k)) / rows, penalty, top, xtol=1e-300, rtol=1e-15)
    for _ in range(2):  # one more digit or two
        slope = 1 - np.sum((s / (s + kappa)) ** 2) / rows
        kappa -= (kappa - penalty - kappa * np.sum(s / (s + kappa)) / rows) / slope
    return kappa


def demystified_error(s, truth, generators, generator_rows, generator_noise, rows, noise, penalty):
    """[D]: bias, variance, and the term linear in the number of generators."""
    kappa = effective_ridge(s, rows, penalty)
    df2 = np.sum((s / (s + kappa)) ** 2)
    bias = kappa**2 * np.sum(truth * s / (s + kappa) ** 2) / (1 - df2 / rows)
    variance = noise**2 * df2 / (rows - df2)
    each = generator_noise**2 / (generator_rows - len(s) - 1)
    delta = generators * each * (df2 + kappa**2 * np.sum((s + kappa) ** -2.0) * df2 / (rows - df2))
    return bias, variance, delta


@pytest.mark.parametrize(("rows", "penalty"), [(7, 0.3), (17, 0.02), (60, 0.004)])
@pytest.mark.parametrize("generators", [0, 2, 5])
def test_the_model_collapse_formula(generators, rows, penalty):
    population = Population(Eigenvalues(POWER_LAW), Coefficients(TRUTH))
    arms = {"generator_rows": 31, "generator_noise": 0.45, "rows": rows, "noise": 0.7}
    prediction = predict(demystified(population, generators=generators, estimator=Ridge(penalty), **arms))
    bias, variance, delta = demystified_error(POWER_LAW, TRUTH**2, generators, 31, 0.45, rows, 0.7, penalty)
    assert prediction.error[-1] == pytest.approx(bias + variance + delta, rel=TARGET)
    assert prediction.bias[-1] == pytest.approx(bias, rel=TARGET)
    assert prediction.variance[-1] == pytest.approx(variance + delta, rel=TARGET)
    if generators == 2:
        np.testing.assert_allclose(prediction.by_generation[-1], [delta / 2, delta / 2, variance], rtol=TARGET)


@pytest.mark.parametrize("rows", [(14, 14, 14), (17, 29, 90), (90, 29, 17)])
def test_exact_errors_of_least_squares_add_up(rows):
    noise = np.array([0.3, 0.8, 0.45])
    population = Population(Eigenvalues(POWER_LAW), Coefficients(TRUTH))
    prediction = predict(replace(population, 3, rows=rows, noise=noise, estimator=MinimumNorm()))
    parts = noise**2 * DIMENSION / (np.array(rows) - DIMENSION - 1)
    np.testing.assert_allclose(prediction.error, np.cumsum(parts), rtol=TARGET)
    np.testing.assert_allclose(prediction.by_generation, np.tril(np.tile(parts, (3, 1))), rtol=TARGET)
    assert np.all(prediction.bias == 0)
    assert np.all(prediction.effective_ridge == 0)
    assert np.all(prediction.degrees_of_freedom == DIMENSION)


def isotropic(dimension=12, norm_squared=2.6, scale=1.0):
    return Population(Isotropic(dimension, scale), UniformTarget(norm_squared))


@pytest.mark.parametrize("rows", [(5, 7, 10), (9, 20, 4), (15, 8, 31)])
@pytest.mark.parametrize("scale", [1.0, 2.7])
def test_isotropic_minimum_norm_on_both_sides_of_the_threshold(rows, scale):
    """Exact: E = (1 - prod r) |w_0|^2 + N, N <- r N + sigma^2 g, r = min(n/d, 1); the noise has no scale."""
    noise, signal, noisy, expected, kept = (0.3, 0.8, 0.45), 1.0, 0.0, [], []
    for n, sigma in zip(rows, noise, strict=True):
        share = min(n / 12, 1)
        gain = n / (12 - n - 1) if n < 12 else 12 / (n - 12 - 1)
        signal, noisy = share * signal, share * noisy + sigma**2 * gain
        kept.append(signal)
        expected.append((1 - signal) * 2.6 * scale + noisy)
    prediction = predict(replace(isotropic(scale=scale), 3, rows=rows, noise=noise, estimator=MinimumNorm()))
    np.testing.assert_allclose(prediction.error, expected, rtol=TARGET)
    np.testing.assert_allclose(prediction.overlap, np.array(kept) * 2.6, rtol=TARGET)
    assert set(prediction.kind) == {Kind.EXACT}


def test_below_the_rank_the_signal_decays_and_the_error_saturates():
    """Without noise E|w_g|^2 = (n/d)^g |w_0|^2 and the error is what is missing from |w_0|^2."""
    prediction = predict(replace(isotropic(), 3, rows=5, noise=0.0, estimator=MinimumNorm()))
    left = (5 / 12) ** np.arange(1, 4) * 2.6
    np.testing.assert_allclose(prediction.norm, left, rtol=TARGET)
    np.testing.assert_allclose(prediction.error, 2.6 - left, rtol=TARGET)


def test_ridge_after_isotropic_generators_below_the_rank():
    """b_0 = r^n (1 + chi kappa^2)/(1 + kappa)^2 with chi = df_2/(T - df_2)."""
    d, rows, penalty, sigma0, sigma = 12, 17, 0.21, 0.35, 0.6
    population = isotropic(d)
    arms = {"generator_rows": 5, "generator_noise": sigma0, "rows": rows, "noise": sigma}
    prediction = predict(demystified(population, generators=2, estimator=Ridge(penalty), **arms))
    kappa = effective_ridge(np.ones(d), rows, penalty)
    df2, share = d / (1 + kappa) ** 2, 5 / d
    chi = df2 / (rows - df2)
    through = (1 + chi * kappa**2) / (1 + kappa) ** 2
    bias = (share**2 * through - 2 * share**2 / (1 + kappa) + 1) * 2.6
    generator_noise = sigma0**2 * 5 / (d - 5 - 1) * (1 + share)
    assert prediction.bias[-1] == pytest.approx(bias, rel=TARGET)
    assert prediction.variance[-1] == pytest.approx(generator_noise * through + sigma**2 * chi, rel=TARGET)
    assert prediction.kind == (Kind.EXACT, Kind.EXACT, Kind.EQUIVALENT)


def test_isotropic_ridge_chain_in_the_proportional_limit():
    """Published values at d = 10^8; the equivalent does not depend on the dimension."""
    chain = replace(Population(Isotropic(50), UniformTarget(1.0)), 3, rows=100, noise=0.5, estimator=Ridge(0.1))
    np.testing.assert_allclose(predict(chain).error, [0.1767837257, 0.3409881947, 0.4909028364], rtol=0, atol=5.1e-11)


def test_isotropic_effective_ridge_solves_its_quadratic():
    """kappa (1 - (d/n)/(1 + kappa)) = lambda, that is kappa^2 + kappa (1 - lambda - d/n) - lambda = 0."""
    d, rows, penalty = 12, 19, 0.3
    prediction = predict(replace(isotropic(d), 3, rows=rows, noise=0.4, estimator=Ridge(penalty)))
    b = 1 - penalty - d / rows
    kappa = (-b + np.sqrt(b * b + 4 * penalty)) / 2
    np.testing.assert_allclose(prediction.effective_ridge, kappa, rtol=TARGET)
    np.testing.assert_allclose(prediction.degrees_of_freedom, d / (1 + kappa), rtol=TARGET)


OPTIMAL_SCHEDULES = {
    # population, rows, noise, schedule; errors of the schedule, of the best single penalty, of no penalty (to 5 digits)
    "power 1.5": (PowerLaw(200, 1.5), 0.5, 300, 0.5, (0.0011, 0.0016, 0.0033, 0.0214), (0.05301, 0.06478)),
    "isotropic": (Isotropic(200), None, 400, 0.5, (1e-13, 0.004, 0.072, 0.482), (0.52550, 0.62587)),
    "few rows": (Isotropic(200), None, 100, 0.3, (1e-13, 1e-13, 0.045, 3.85), (0.98263, None)),
    "power 1.2": (
        PowerLaw(300, 1.2),
        0.6,
        100,
        0.2,
        (1e-14, 0.0003, 0.0008, 0.0017, 0.0039, 0.0150),
        (0.08372, 0.09553),
    ),
}
UNPENALISED = {"isotropic": 1.0, "few rows": 1.1062, "power 1.2": 0.1332}


@pytest.mark.parametrize("name", OPTIMAL_SCHEDULES)
def test_tables_of_optimal_penalties(name):
    """Errors at optimal penalties hardly depend on the printed digits of the penalties: only their square does."""
    spectrum, source, rows, noise, schedule, (free, single) = OPTIMAL_SCHEDULES[name]
    population = Population(spectrum, UniformTarget() if source is None else SourceCondition(source))
    ladder = [(penalty,) * len(schedule) for penalty in np.geomspace(2e-3, 0.5, 400)]
    candidates = [schedule, (1e-14,) * len(schedule), *ladder]

    def build(choice):
        estimators = [Ridge(penalty) for penalty in candidates[choice]]
        return replace(population, len(schedule), rows=rows, noise=noise, estimator=estimators)

    last = vary(build, {"choice": range(len(candidates))}).error[:, -1]
    assert last[0] == pytest.approx(free, abs=2e-5)
    if single is not None:
        assert last[2:].min() == pytest.approx(single, abs=2e-5)
    if name in UNPENALISED:
        assert last[1] == pytest.approx(UNPENALISED[name], abs=6e-5)

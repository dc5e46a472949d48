"""The spread over draws of least squares: in closed form for one generation, against sampled radii for several."""

import numpy as np
import pytest

from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.problem import (
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    MinimumNorm,
    NoTheorem,
    Population,
    Source,
    replace,
)

from ..market import MARKET, POWER_LAW, TRUTH

POPULATION = Population(Eigenvalues(POWER_LAW), Coefficients(TRUTH))
DIMENSION = 12


def least_squares(rows, noise):
    return replace(POPULATION, len(rows), rows=rows, noise=noise, estimator=MinimumNorm())


@pytest.mark.parametrize("rows", [16, 17, 30, 500])
def test_one_generation_has_an_f_law(rows):
    """E_1 = sigma^2 d/nu F(d, nu) with nu = n - d + 1, so Var = sigma^4 2 d (d + nu - 2)/((nu - 2)^2 (nu - 4))."""
    d, nu, noise = DIMENSION, rows - DIMENSION + 1, 0.7
    variance = noise**4 * 2 * d * (d + nu - 2) / ((nu - 2) ** 2 * (nu - 4))
    assert predict(least_squares((rows,), noise)).spread[0] == pytest.approx(np.sqrt(variance), rel=1e-12)


def sampled_errors(rows, noise, draws, generator):
    """Radius walk: Sigma^{1/2}(w_m - w_{m-1}) is a Gaussian vector times sigma/chi_{n-d+1}."""
    squared, errors = np.zeros(draws), []
    for n, sigma in zip(rows, noise, strict=True):
        step = sigma / np.sqrt(generator.chisquare(n - DIMENSION + 1, draws))
        along = np.sqrt(squared) + step * generator.normal(size=draws)
        squared = along**2 + step**2 * generator.chisquare(DIMENSION - 1, draws)
        errors.append(squared)
    return np.array(errors)


def test_several_generations_spread_like_sampled_ones():
    """Mean and variance of 400 000 draws, each within 4.06 standard errors: false alarm 5e-5 each, 3e-4 in all."""
    rows, noise, draws = (45, 60, 38), (0.3, 0.8, 0.45), 400_000
    errors = sampled_errors(rows, noise, draws, np.random.default_rng(20240213))
    prediction = predict(least_squares(rows, noise))
    mean, deviations = errors.mean(axis=1), errors - errors.mean(axis=1, keepdims=True)
    variance = (deviations**2).mean(axis=1)
    mean_error = np.sqrt(variance / draws)
    variance_error = (deviations**2).std(axis=1) / np.sqrt(draws)
    assert np.all(np.abs(mean - prediction.error) <= 4.06 * mean_error)
    assert np.all(np.abs(variance - prediction.spread**2) <= 4.06 * variance_error)
    assert np.all(variance_error / variance <= 0.005)  # so a formula wrong by 3 % is caught


@pytest.mark.parametrize(("rows", "finite"), [(12, False), (13, False), (14, False), (15, False), (16, True)])
def test_the_spread_is_infinite_within_three_rows_of_the_rank(rows, finite):
    spread = predict(least_squares((30, rows, 40), 0.3)).spread
    assert np.isfinite(spread).tolist() == [True, finite, finite]


def test_without_noise_nothing_varies():
    assert predict(least_squares((30, 13, 40), 0.0)).spread.tolist() == [0, 0, 0]
    spread = predict(least_squares((30, 13, 40), (0.3, 0.0, 0.0))).spread
    np.testing.assert_allclose(spread, predict(least_squares((30,), 0.3)).spread[0], rtol=1e-12)


@pytest.mark.parametrize("name", ["many rows", "generators, then ridge", "minimum norm below the rank"])
def test_other_chains_have_no_known_spread(name):
    with pytest.raises(NoTheorem):
        _ = predict(MARKET[name].chain).spread


def test_chains_that_start_afresh_have_no_known_spread():
    step = Generation((Source(30, 0.3, REAL),), MinimumNorm())
    with pytest.raises(NoTheorem):
        _ = predict(Chain(POPULATION, (step, step, step))).spread

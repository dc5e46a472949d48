"""Simulated chains against exact laws at finite size.

Every comparison of a mean is a z-test with |z| < 5, a false-alarm rate of 6e-7 for normal means; each test says which
relative error it would find. The least squares compared here has at least six rows more, or four fewer, than
directions, so that the errors have a finite variance.
"""

import numpy as np
import pytest
from scipy import stats

from modelcollapse.numerics.measurement.label_noise import DRAWN, INTEGRATED
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    Isotropic,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    Source,
    UniformTarget,
    replace,
)

LIMIT = 5.0


def assert_mean(simulation, expected, detectable):
    """|z| < 5 in every generation, with standard errors small enough to find `detectable` with power 1/2."""
    deviations = (simulation.mean - expected) / simulation.standard_error
    assert np.all(np.abs(deviations) < LIMIT), deviations
    assert np.all(LIMIT * simulation.standard_error < detectable * np.asarray(expected))


@pytest.mark.parametrize(("noise", "replicates", "detectable"), [(DRAWN, 8000, 0.06), (INTEGRATED, 4000, 0.04)])
def test_least_squares_after_replacement(noise, replicates, detectable):
    """E = sum_m sigma_m^2 d / (T_m - d - 1) for any covariance and any truth."""
    d, rows, sigma = 8, np.array([14, 25, 19]), np.array([0.3, 0.5, 0.4])
    population = Population(PowerLaw(d, 1.7), UniformTarget(3.0))
    chain = replace(population, 3, rows.tolist(), sigma.tolist(), MinimumNorm())
    expected = np.cumsum(sigma**2 * d / (rows - d - 1))
    assert_mean(simulate(chain, replicates, seed=1, noise=noise), expected, detectable)


@pytest.mark.parametrize("rows", [8, 11])
def test_radius_of_one_least_squares_fit(rows):
    """error / sigma^2 is chi2_d / chi2_{T-d+1}: also where its mean is infinite. Kolmogorov-Smirnov at level 1e-6."""
    d, sigma = 8, 0.7
    chain = replace(Population(PowerLaw(d, 2.0), UniformTarget()), 1, rows, sigma, MinimumNorm())
    errors = simulate(chain, 2000, seed=2).errors[:, 0]
    freedom = rows - d + 1
    assert stats.kstest(errors / sigma**2 * freedom / d, "f", args=(d, freedom)).pvalue > 1e-6


def test_minimum_norm_below_the_dimension():
    """Isotropic: E = (1 - prod r) |w_0|^2 + N, with N <- r N + sigma^2 g; both sides of rows = d in one chain."""
    d, rows, sigma, size = 12, [5, 21, 8], [0.6, 0.5, 0.7], 1.7
    chain = replace(Population(Isotropic(d), UniformTarget(size)), 3, rows, sigma, MinimumNorm())
    kept, injected, expected = 1.0, 0.0, []
    for count, deviation in zip(rows, sigma, strict=True):
        share = min(count / d, 1.0)
        gain = count / (d - count - 1) if count < d else d / (count - d - 1)
        kept, injected = kept * share, share * injected + deviation**2 * gain
        expected.append((1 - kept) * size + injected)
    assert_mean(simulate(chain, 4000, seed=3, noise=INTEGRATED), expected, 0.03)


def test_a_share_of_fresh_real_rows_keeps_the_error_bounded():
    """E_g = c E_{g-1} + sigma^2 d / (T - d - 1), least squares on t synthetic and T - t real rows of one noise."""
    d, total, t, sigma = 6, 24, 16, 0.5
    step = Generation((Source(total - t, sigma, TRUTH), Source(t, sigma, PREVIOUS)), MinimumNorm())
    chain = Chain(Population(PowerLaw(d, 0.8), UniformTarget()), (step,) * 4)
    h = (d * total - 2) / (total - d - 1)
    c = t * (2 + h) / (total * (total + 2)) + t * (t - 1) * (total - h) / (total * (total + 2) * (total - 1))
    expected = sigma**2 * d / (total - d - 1) * np.cumsum(c ** np.arange(4))
    assert_mean(simulate(chain, 4000, seed=5, noise=INTEGRATED), expected, 0.03)


def test_drawn_and_integrated_noise_have_one_mean():
    """Ridge on mixed sources, both forms of the fit: two-sample z-test, and integrating takes spread away."""
    steps = (
        Generation((Source(11, 0.6), Source(9, 0.4, PREVIOUS)), Ridge(0.05)),
        Generation((Source(2, 0.5), Source(3, 0.8, PREVIOUS)), Ridge(0.2)),
    ) * 2
    chain = Chain(Population(PowerLaw(7, 1.2), UniformTarget()), steps)
    drawn, integrated = simulate(chain, 4000, seed=6), simulate(chain, 4000, seed=7, noise=INTEGRATED)
    both = np.hypot(drawn.standard_error, integrated.standard_error)
    assert np.all(np.abs(drawn.mean - integrated.mean) < LIMIT * both)
    assert np.all(LIMIT * both < 0.08 * drawn.mean)
    assert np.all(integrated.standard_deviation < drawn.standard_deviation)


RIDGE = (Ridge(0.25), Ridge(0.25), MinimumNorm())
EIGENVALUES, TRUTHS = np.array([2.0, 1.0, 0.5, 0.25]), np.array([1.0, -2.0, 0.5, 3.0])


def small_chain(eigenvalues=EIGENVALUES, truths=TRUTHS, noise=0.5, factor=1.0):
    estimators = [Ridge(e.penalty * factor) if isinstance(e, Ridge) else e for e in RIDGE]
    return replace(Population(Eigenvalues(eigenvalues), Coefficients(truths)), 3, [6, 3, 9], noise, estimators)


@pytest.mark.parametrize("noise", [DRAWN, INTEGRATED])
def test_scaling_symmetries_hold_bitwise(noise):
    """Powers of two: w_0 and sigma scale the error, eigenvalues are compensated by w_0 and the penalty."""
    errors = simulate(small_chain(), 4, noise=noise).errors
    assert np.array_equal(simulate(small_chain(truths=4 * TRUTHS, noise=2.0), 4, noise=noise).errors, 16 * errors)
    rescaled = small_chain(16 * EIGENVALUES, TRUTHS / 4, factor=16.0)
    assert np.array_equal(simulate(rescaled, 4, noise=noise).errors, errors)


def test_the_sign_of_the_truth_is_irrelevant_without_noise():
    clean, flipped = small_chain(noise=0.0), small_chain(truths=-TRUTHS, noise=0.0)
    assert np.array_equal(simulate(clean, 4).errors, simulate(flipped, 4).errors)


def test_the_order_of_directions_is_irrelevant():
    """In law; two-sample z-test."""
    order = np.array([2, 0, 3, 1])
    one = simulate(small_chain(), 4000, seed=8, noise=INTEGRATED)
    other = simulate(small_chain(EIGENVALUES[order], TRUTHS[order]), 4000, seed=9, noise=INTEGRATED)
    both = np.hypot(one.standard_error, other.standard_error)
    assert np.all(np.abs(one.mean - other.mean) < LIMIT * both)
    assert np.all(LIMIT * both < 0.08 * one.mean)

"""The bivariate normal distribution function against mpmath, its own laws, and its derivatives against differences."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy.stats import norm

from modelcollapse.theory.evaluation.bivariate_normal import bivariate_cdf

# Next to +-1, thresholds that meet are the hard case: all of the mass turns within 1e-4 of a standard deviation.
POINTS = [
    (0.3, -0.7, 0.4),
    (-2.1, 1.3, -0.95),
    (0.0, 0.6, 0.8),
    (0.0, 0.0, -0.3),
    (1.1, 1.1 + 3e-5, 1 - 1e-9),
    (1.1, -1.1 + 3e-5, -1 + 1e-9),
    (-0.4, -0.4, 1 - 1e-6),
    (4.2, -3.9, -0.99),
    (-5.0, -6.0, 0.5),
]


def value(h, k, rho):
    with jax.enable_x64(True):
        return float(bivariate_cdf(h, k, rho))


def by_mpmath(h, k, rho):
    """int varphi(u) Phi((k - rho u)/q), cut where the inner function turns."""
    with mpmath.workdps(25):
        h, k, rho = map(mpmath.mpf, (h, k, rho))
        root = mpmath.sqrt(1 - rho**2)
        turn = k / rho
        cuts = {turn + step * root / abs(rho) for step in (-9, -2, 0, 2, 9)} | {mpmath.mpf(c) for c in (-14, -3, 0, 3)}
        ends = sorted(cut for cut in cuts if -14 <= cut < h)
        inside = mpmath.quad(lambda u: mpmath.npdf(u) * mpmath.ncdf((k - rho * u) / root), [*ends, h])
        return float(inside)


@pytest.mark.parametrize(("h", "k", "rho"), POINTS)
def test_it_is_accurate_at_every_correlation(h, k, rho):
    assert abs(value(h, k, rho) - by_mpmath(h, k, rho)) < 1e-14


def test_at_the_origin_it_is_an_angle():
    rhos = np.array([-1 + 1e-9, -0.7, 0.2, 0.999, 1 - 1e-9])
    found = [value(0.0, 0.0, rho) for rho in rhos]
    np.testing.assert_allclose(found, 0.25 + np.arcsin(rhos) / (2 * np.pi), atol=1e-15)


def test_without_correlation_it_is_a_product():
    np.testing.assert_allclose(value(0.4, -1.2, 0.0), norm.cdf(0.4) * norm.cdf(-1.2), rtol=1e-14)


@pytest.mark.parametrize(("h", "k"), [(0.4, -0.9), (0.0, 0.0), (-0.5, 0.5), (-0.2, -1.0)])
def test_at_full_correlation_it_is_the_limit(h, k):
    assert value(h, k, 1.0) == pytest.approx(min(norm.cdf(h), norm.cdf(k)), abs=1e-15)
    assert value(h, k, -1.0) == pytest.approx(max(norm.cdf(h) - norm.cdf(-k), 0), abs=1e-15)


@pytest.mark.parametrize(("h", "k", "rho"), POINTS[:4])
def test_quadrants_add_up(h, k, rho):
    total = value(h, k, rho) + value(h, -k, -rho) + value(-h, k, -rho) + value(-h, -k, rho)
    assert total == pytest.approx(1, abs=1e-15)
    assert value(h, k, rho) - value(-h, -k, rho) == pytest.approx(norm.cdf(h) + norm.cdf(k) - 1, abs=1e-15)


@pytest.mark.parametrize(("h", "k", "rho"), POINTS[:4])
def test_derivatives_are_those_of_differences(h, k, rho):
    with jax.enable_x64(True):
        slopes = jax.grad(bivariate_cdf, argnums=(0, 1, 2))(h, k, rho)
    point, step = np.array([h, k, rho]), 1e-5
    for slope, move in zip(slopes, np.eye(3) * step, strict=True):
        difference = (value(*(point + move)) - value(*(point - move))) / (2 * step)
        assert float(slope) == pytest.approx(difference, abs=1e-9)


def test_it_is_vectorised():
    with jax.enable_x64(True):
        h = jnp.linspace(-1.0, 1.0, 3)
        found = jax.jit(jax.vmap(bivariate_cdf, in_axes=(0, None, None)))(h, 0.2, 0.3)
    np.testing.assert_allclose(found, [value(float(one), 0.2, 0.3) for one in h], rtol=1e-14)

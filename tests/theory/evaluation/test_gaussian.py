"""Partial moments and means of normal variables, against many digits."""

import jax
import mpmath
import numpy as np
import pytest

from modelcollapse.theory.evaluation.gaussian import GRID, normal_mean, partial_moment, tries

INTERVALS = [(-1.0, 1.0), (0.2, 0.2 + 1e-9), (-3.0, -2.9), (12.0, np.inf), (-np.inf, 0.4), (-40.0, -30.0), (2.0, 1.0)]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_partial_moments_keep_their_digits(interval, order):
    lower, upper = interval
    with jax.enable_x64(True):
        found = float(partial_moment(order, lower, upper))
    assert found == pytest.approx(exact(order, lower, upper), rel=2e-13, abs=1e-16 if lower == -upper else 0)


def exact(order, lower, upper):
    """By distribution functions, with so many digits that their differences lose none that count."""
    if lower >= upper:
        return 0.0
    with mpmath.workdps(400):
        ends = [mpmath.mpf(end) for end in (lower, upper)]
        mass = mpmath.ncdf(ends[1]) - mpmath.ncdf(ends[0])
        low, high = (mpmath.mpf(0) if mpmath.isinf(end) else mpmath.npdf(end) for end in ends)
        if order == 1:
            return float(low - high)
        edges = [mpmath.mpf(0) if mpmath.isinf(end) else end for end in ends]
        return float(mass if order == 0 else mass + edges[0] * low - edges[1] * high)


def test_derivatives_are_the_integrand_at_the_limits():
    with jax.enable_x64(True):
        found = jax.grad(lambda upper: partial_moment(2, -0.3, upper))(0.7)
    assert float(found) == pytest.approx(0.49 * np.exp(-0.245) / np.sqrt(2 * np.pi), rel=1e-12)


def test_a_mean_that_has_not_converged_is_no_number():
    """A jump between two points of the sum is off by up to a step."""
    with jax.enable_x64(True):
        assert np.isnan(float(normal_mean(np.where(GRID > 0.0042, 1.0, 0.0))))
        assert float(normal_mean(np.cos(GRID))) == pytest.approx(np.exp(-0.5), rel=1e-14)


@pytest.mark.parametrize("chance", [1e-12, 1e-3, 0.3, 0.999999, 1.0])
@pytest.mark.parametrize("most", [1, 2, 7, 1000])
def test_tries(chance, most):
    with jax.enable_x64(True):
        found = float(tries(chance, float(most)))
    with mpmath.workdps(60):
        exact = float(mpmath.fsum((1 - mpmath.mpf(chance)) ** j for j in range(most)))
    assert found == pytest.approx(exact, rel=1e-13)

"""Mixtures over arrays of parameters: 50 digits next to the threshold, one chain at a time, limits, bad input.

The reference is the spec's own form of the theorem, with four sums that cancel, in 50-digit arithmetic.
"""

import itertools

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import modelcollapse as mc
from modelcollapse.theory.evaluation.collapse_over import collapse_over

LEVELS = {
    "isotropic": ([1.7], [1000]),
    "three levels": ([0.02, 0.9, 6.0], [500, 300, 200]),
    "steep": ([1e-6, 1e-3, 1.0, 30.0], [400, 300, 200, 100]),
}
TRUTH, SHIFT = 0.003, 0.0007  # mean squares of a coordinate
REAL_NOISE, SYNTHETIC_NOISE = 0.4, 0.7
NEAR = (999, 1000, 1001)
PENALTIES = (1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)


def population(name):
    values, counts = LEVELS[name]
    return mc.Population(mc.Levels(values, counts), mc.GaussianTarget([TRUTH] * sum(counts)))


def mixture(name, rows, synthetic, estimator):
    shifted = mc.Shifted(mc.GaussianTarget([SHIFT] * 1000))
    sources = mc.Source(rows - synthetic, REAL_NOISE), mc.Source(synthetic, SYNTHETIC_NOISE, shifted)
    return mc.Chain(population(name), (mc.Generation(sources, estimator),))


def in_fifty_digits(name, rows, width, penalty, share):
    """Error, bias, variance and zeta: kappa by bisection, then the sums as the theorem is printed."""
    values, counts = ([mpf(one) for one in part] for part in LEVELS[name])
    n, m, lam, f = mpf(rows), mpf(width), mpf(penalty), mpf(share)

    def df(power, kappa):
        return sum(c * (s / (s + kappa)) ** power for s, c in zip(values, counts, strict=True))

    def missing(kappa):
        first = df(1, kappa)
        return kappa * (1 - first / n) * (1 - first / m) - lam if first < min(n, m) else mpf(-1)

    low, high = mpf(10) ** -40, mpf(10) ** 6
    for _ in range(260):
        middle = mpmath.sqrt(low * high)
        low, high = (middle, high) if missing(middle) < 0 else (low, middle)
    kappa = low
    first, second = df(1, kappa), df(2, kappa)
    chi = (first - second) / (m - second)
    both = second + chi * (first - second)
    u = (both / n) / (1 - both / n)

    def summed(function, square):
        terms = (c * s * function(s / (s + kappa), s) for s, c in zip(values, counts, strict=True))
        return mpf(square) * sum(terms)

    bias = (1 + u) * (summed(lambda t, s: (1 - t) ** 2, TRUTH) + summed(lambda t, s: kappa * chi * t * t / s, TRUTH))
    noise = (1 - f) * mpf(REAL_NOISE) ** 2 + f * mpf(SYNTHETIC_NOISE) ** 2
    size, once, twice = (summed(lambda t, s, k=k: t**k, SHIFT) for k in (0, 1, 2))
    spilled = summed(lambda t, s: kappa * chi * t * t / s, SHIFT)
    zeta = f * u * size + f**2 * ((1 + u) * (twice + spilled) - 2 * u * once)
    return bias + noise * u + zeta, bias, noise * u, zeta


@pytest.mark.parametrize("name", LEVELS)
def test_next_to_the_threshold_fifty_digits_agree(name):
    """Rows, width and dimension equal up to 1e-3, penalties from 1e-10 to 1: finite, positive, right to 1e-9."""
    grid = list(itertools.product(NEAR, NEAR, PENALTIES))
    rows, width, penalty = (np.array(one, dtype=float) for one in zip(*grid, strict=True))
    found = collapse_over(
        mixture(name, 1000, 300, mc.RandomProjection(1000, 1.0)), rows=rows, width=width, penalty=penalty
    )
    with mpmath.workdps(50):
        expected = np.array([[float(one) for one in in_fifty_digits(name, *point, 0.3)] for point in grid]).T
    for value, reference in zip(found[:4], expected, strict=True):
        assert np.all(np.isfinite(value))
        assert np.all(value > 0)
        np.testing.assert_allclose(value, reference, rtol=1e-9)
    # The same to a few roundings, where the reference itself is not in the way.
    np.testing.assert_allclose(found.error, expected[0], rtol=1e-13)


@pytest.mark.parametrize(("rows", "width", "penalty"), [(999, 1000, 1e-10), (1001, 999, 1e-6), (1000, 1000, 1e-3)])
def test_one_chain_at_a_time_is_the_same(rows, width, penalty):
    chain = mixture("three levels", rows, 400, mc.RandomProjection(width, penalty))
    prediction, found = mc.predict(chain), collapse_over(chain)
    np.testing.assert_allclose(prediction.error[0], found.error, rtol=1e-13)
    np.testing.assert_allclose(prediction.variance[0], found.variance, rtol=1e-13)
    np.testing.assert_allclose(prediction.collapse_replace[0], found.collapse, rtol=1e-13)
    assert float(found.effective_ridge) == pytest.approx(prediction.effective_ridge[0], rel=1e-14)


@pytest.mark.parametrize(
    "estimator", [mc.Ridge(0.05), mc.MinimumNorm(), mc.RandomProjection(300), mc.RandomProjection(900)]
)
def test_every_estimator_below_the_rank(estimator):
    chain = mixture("three levels", 600, 200, estimator)
    np.testing.assert_allclose(collapse_over(chain).error, mc.predict(chain).error[0], rtol=1e-13)


def test_the_collapse_term_is_quadratic_in_the_synthetic_share():
    """Third differences of zeta at fixed rows and penalty vanish."""
    chain = mixture("three levels", 800, 200, mc.RandomProjection(500, 0.01))
    collapse = collapse_over(chain, synthetic_share=np.linspace(0.0, 1.0, 11)).collapse
    assert np.abs(np.diff(collapse, n=3)).max() < 1e-13 * collapse.max()
    assert collapse[0] == 0.0


def test_without_a_penalty_only_the_threshold_is_infinite():
    chain = mixture("three levels", 800, 200, mc.RandomProjection(500))
    found = collapse_over(chain, rows=[499.0, 500.0, 501.0, 1500.0])
    assert np.isinf(found.error).tolist() == [False, True, False, False]
    wide = collapse_over(chain, width=2000.0, rows=[999.0, 1000.0, 1250.0])
    assert np.isinf(wide.error).tolist() == [False, True, False]
    # Least squares: u = d/(n - d) = 4, zeta = c^2 [f^2 + f (1 - f) u], f = 1/4.
    size = SHIFT * (0.02 * 500 + 0.9 * 300 + 6.0 * 200)
    assert float(wide.collapse[2]) == pytest.approx(size * (1 / 16 + 3 / 16 * 4), rel=1e-13)
    assert float(wide.bias[2]) == 0.0


def test_many_rows_stop_at_the_plateau():
    """n -> infinity, no width: lambda^2 tr Gamma Sigma/(Sigma + lambda)^2 + f^2 tr Delta Sigma^3/(Sigma + lambda)^2."""
    chain = mixture("three levels", 1000, 500, mc.Ridge(0.3))
    s, counts = (np.array(one) for one in LEVELS["three levels"])
    expected = (counts * s * (TRUTH * 0.3**2 + 0.2**2 * SHIFT * s**2) / (s + 0.3) ** 2).sum()
    assert float(collapse_over(chain, rows=1e14, synthetic_share=0.2).error) == pytest.approx(expected, rel=1e-10)


def test_shapes_are_broadcast():
    chain = mixture("isotropic", 1000, 500, mc.RandomProjection(300, 0.1))
    found = collapse_over(chain, rows=np.full((3, 1), 700.0), synthetic_share=np.linspace(0, 1, 4))
    assert {value.shape for value in found} == {(3, 4)}
    assert {value.dtype for value in found} == {np.dtype(np.float64)}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"synthetic_share": [0.5, 1.5]}, "synthetic_share"),
        ({"synthetic_share": -0.1}, "synthetic_share"),
        ({"width": [0.5]}, "width"),
        ({"penalty": -1e-3}, "penalty"),
        ({"rows": [np.nan]}, "rows"),
    ],
)
def test_impossible_values_are_named(given, field):
    chain = mixture("isotropic", 1000, 500, mc.RandomProjection(300, 0.1))
    with pytest.raises(mc.SpecificationError, match=field):
        collapse_over(chain, **given)


def test_a_width_needs_a_projection():
    with pytest.raises(mc.SpecificationError, match="width"):
        collapse_over(mixture("isotropic", 1000, 500, mc.Ridge(0.1)), width=[300.0])


def test_other_chains_are_refused():
    loop = mc.mix(population("isotropic"), 2, real_rows=100, synthetic_rows=100, estimator=mc.Ridge(0.1))
    with pytest.raises(mc.NoTheorem, match="one generation"):
        collapse_over(loop)
    fixed = mc.Population(mc.Isotropic(6), mc.UniformTarget())
    shifted = mc.Shifted(mc.Coefficients([0.1] * 6))
    sources = mc.Source(20, 0.1), mc.Source(20, 0.1, shifted)
    with pytest.raises(mc.NoTheorem, match="independent"):
        collapse_over(mc.Chain(fixed, (mc.Generation(sources, mc.Ridge(0.1)),)))

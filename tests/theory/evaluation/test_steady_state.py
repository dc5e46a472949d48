"""What loops settle to: the fixed point against six hundred generations, closed forms, and how fast loops grow."""

import jax
import numpy as np
import pytest

from modelcollapse.theory.evaluation.differentiation import precise
from modelcollapse.theory.evaluation.limit import limit_of
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.evaluation.steady_state import growth_rate, steady_state
from modelcollapse.theory.problem import (
    PREVIOUS,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Isotropic,
    Levels,
    Lottery,
    MinimumNorm,
    NoTheorem,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    UniformTarget,
    accumulate,
)
from modelcollapse.theory.problem import TRUTH as REAL

LONG = 600
POPULATION = Population(Levels([1.7, 0.6, 0.2], [7, 9, 8]), Coefficients(np.linspace(0.5, -0.3, 24)))
SPHERE = Population(Isotropic(30, scale=1.3), UniformTarget(0.9))
FIXED = Shifted(Coefficients(np.linspace(0.3, -0.2, 24)))
RANDOM = Shifted(GaussianTarget(np.linspace(0.02, 0.08, 24)))


def blend(share, other=REAL):
    return Blend(((other, 1 - share), (PREVIOUS, share)))


def loop(estimator, *sources, population=POPULATION, generations=2):
    parts = tuple(Source(rows, noise, labels) for rows, noise, labels in sources)
    return Chain(population, (Generation(parts, estimator),) * generations)


def lasting(chain, generations=LONG):
    return Chain(chain.population, (chain.generations[-1],) * generations)


REPLACED = ((40, 0.6, PREVIOUS),)
POOLED = ((16, 0.6, REAL), (24, 0.5, PREVIOUS))
FEW = ((4, 0.6, REAL), (8, 0.5, PREVIOUS))
SHIFTS = ((10, 0.6, REAL), (12, 0.4, FIXED), (18, 0.5, PREVIOUS))
LOOPS = {
    "replaced, ridge": loop(Ridge(0.3), *REPLACED),
    "replaced, minimum norm below": loop(MinimumNorm(), (12, 0.5, PREVIOUS)),
    "replaced, projection with a penalty": loop(RandomProjection(14, 0.3), *REPLACED),
    "replaced, ridgeless projection, narrow": loop(RandomProjection(10), *REPLACED),
    "replaced, ridgeless projection, few rows": loop(RandomProjection(30), (8, 0.5, PREVIOUS)),
    "pooled, ridge": loop(Ridge(0.05), *POOLED),
    "pooled, minimum norm below": loop(MinimumNorm(), *FEW),
    "pooled, projection with a penalty": loop(RandomProjection(30, 0.1), *POOLED),
    "pooled, ridgeless projection, few rows": loop(RandomProjection(50), *FEW),
    "blended, ridge": loop(Ridge(0.02), (40, 0.6, blend(0.7))),
    "blended, least squares": loop(MinimumNorm(), (60, 0.6, blend(0.8))),
    "blended, ridgeless projection": loop(RandomProjection(9), (40, 0.6, blend(0.5))),
    "shifts and the model before, ridge": loop(Ridge(0.1), *SHIFTS),
    "shifts and the model before, projection": loop(RandomProjection(16, 0.2), *SHIFTS),
    "a random shift blended, ridge": loop(Ridge(0.1), (22, 0.4, blend(0.6, RANDOM)), (18, 0.5, REAL)),
    "by lot, ridge": loop(Ridge(0.1), (40, 0.5, Lottery(((REAL, 0.4), (PREVIOUS, 0.6))))),
    "isotropic, ridgeless projection": loop(RandomProjection(12), (60, 0.6, PREVIOUS), population=SPHERE),
}
UNBOUNDED = {
    "ridgeless projection, too few rows": loop(RandomProjection(18), (24, 0.5, PREVIOUS)),
    "isotropic, ridgeless projection": loop(RandomProjection(20), (36, 0.5, PREVIOUS), population=SPHERE),
    "pooled, next to least squares": loop(Ridge(1e-9), (3, 0.5, REAL), (22, 0.5, PREVIOUS)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_equals_six_hundred_generations(name):
    """The recursion is linear: what it started from has faded like z^600, z the growth rate."""
    chain = LOOPS[name]
    assert growth_rate(chain) ** LONG < 1e-14
    found, long = steady_state(chain), predict(lasting(chain))
    assert long.error[-1] == pytest.approx(long.error[-100], rel=1e-12)  # it has settled
    np.testing.assert_allclose(found.error, long.error[-1], rtol=1e-12)
    np.testing.assert_allclose(found.bias, long.bias[-1], rtol=1e-12)
    assert found.radius < 1


def test_predictions_know_their_limit():
    """The limit of a chain is the steady state of its last generation, however many like it there are."""
    chain = LOOPS["blended, ridge"]
    assert limit_of(chain) == steady_state(chain).error == steady_state(lasting(chain, 5)).error


def test_directions_share_the_error():
    """The error of each node is that after six hundred generations, and they sum to the whole."""
    found = steady_state(LOOPS["pooled, ridge"])
    counts = np.array([7, 9, 8])
    np.testing.assert_allclose(counts @ found.by_mode, found.error, rtol=1e-13)
    last = predict(lasting(LOOPS["pooled, ridge"])).by_mode[-1]
    middle = [np.mean(part) for part in np.split(last, [7, 16])]  # the truth varies within a node
    np.testing.assert_allclose(found.by_mode, middle, rtol=1e-12)


@pytest.mark.parametrize("name", UNBOUNDED)
def test_unbounded_loops_grow_at_their_rate(name):
    """The error is infinite in the end, and one generation multiplies it by z > 1 when everything else has faded."""
    chain = UNBOUNDED[name]
    found, rate = steady_state(chain), growth_rate(chain)
    assert found.error == limit_of(chain) == np.inf
    assert found.radius > 1
    errors = predict(lasting(chain)).error
    late = min(LONG - 1, int(600 / np.log(rate)))
    assert rate > 1
    assert errors[late] / errors[late - 1] == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize("name", ["pooled, ridge", "pooled, projection with a penalty", "by lot, ridge"])
def test_bounded_loops_settle_at_their_rate(name):
    """What label noise has to add fades like z^g, z < 1: the variance knows no other modes that fade as slowly."""
    chain = LOOPS[name]
    rate, limit = growth_rate(chain), steady_state(chain)
    left = (limit.error - limit.bias) - predict(lasting(chain)).variance
    late = int(np.log(1e-8) / np.log(rate))
    assert rate < 1
    assert left[late] / left[late - 1] == pytest.approx(rate, rel=1e-4)


@pytest.mark.parametrize(("real", "synthetic"), [(300, 700), (500, 500), (900, 100)])
def test_pooled_least_squares_in_proportion(real, synthetic):
    """E = s^2 u/(1 - p_2^2 - p_1 p_2 u), u = d/(n - d), s^2 the mean noise: a vanishing penalty, label noise alone."""
    population = Population(Isotropic(300), UniformTarget())
    chain = loop(Ridge(1e-13), (real, 0.8, REAL), (synthetic, 0.5, PREVIOUS), population=population)
    p, u = synthetic / 1000, 300 / 700
    noise = (1 - p) * 0.64 + p * 0.25
    assert steady_state(chain).error == pytest.approx(noise * u / (1 - p**2 - p * (1 - p) * u), rel=1e-9)
    assert growth_rate(chain) == pytest.approx(p**2 + p * (1 - p) * u, rel=1e-9)


@pytest.mark.parametrize("synthetic", [200, 500, 800])
def test_threshold_of_pooled_least_squares(synthetic):
    """Bounded if and only if u < 1 + 1/p_2, in terms of d/n = u/(1 + u)."""
    p = synthetic / 1000
    threshold = (1 + 1 / p) / (2 + 1 / p)
    for dimension, bounded in ((int(threshold * 1000) - 1, True), (int(threshold * 1000) + 2, False)):
        population = Population(Isotropic(dimension), UniformTarget())
        sources = (1000 - synthetic, 0.5, REAL), (synthetic, 0.5, PREVIOUS)
        chain = loop(Ridge(1e-13), *sources, population=population)
        assert np.isfinite(steady_state(chain).error) == bounded
        assert (growth_rate(chain) < 1) == bounded


@pytest.mark.parametrize(("width", "rows"), [(8, 40), (12, 60), (20, 43), (29, 200)])
def test_fresh_ridgeless_projections(width, rows):
    """E = |w_0|^2 + rho sigma^2/[f (1 - rho)], rho = m/(n - m - 1), f = 1 - m/d: nothing is left of the truth."""
    chain = loop(RandomProjection(width), (rows, 0.7, PREVIOUS), population=SPHERE)
    rho, f = width / (rows - width - 1), 1 - width / 30
    assert steady_state(chain).error == pytest.approx(1.3 * 0.9 + rho * 0.49 / (f * (1 - rho)), rel=1e-12)
    assert growth_rate(chain) == pytest.approx(width / 30 + f * rho, rel=1e-12)


@pytest.mark.parametrize(("rows", "bounded"), [(42, True), (40, False), (30, False)])
def test_fresh_ridgeless_projections_blow_up(rows, bounded):
    """If and only if rho > 1, which is m > (n - 1)/2."""
    chain = loop(RandomProjection(20), (rows, 0.7, PREVIOUS), population=SPHERE)
    assert np.isfinite(steady_state(chain).error) == bounded
    assert (growth_rate(chain) < 1) == bounded


def test_infinite_fits():
    """Rows within one of the width: the very first fit has an infinite error."""
    chain = loop(RandomProjection(10), (11, 0.7, PREVIOUS))
    assert steady_state(chain).error == growth_rate(chain) == np.inf


def test_noise_enters_by_its_variance():
    """Bias and variance: the error is affine in the variance of label noise."""
    errors = [steady_state(loop(Ridge(0.1), (40, noise, blend(0.7)))) for noise in (0.0, 1.0, 2.0)]
    assert errors[0].error == errors[1].bias == errors[2].bias
    variances = [found.error - found.bias for found in errors]
    assert variances[2] == pytest.approx(4 * variances[1], rel=1e-12)


def test_only_the_last_generation_matters():
    chain = LOOPS["pooled, ridge"]
    first = Generation((Source(13, 2.0),), MinimumNorm())
    longer = Chain(chain.population, (first, chain.generations[-1]))
    assert steady_state(longer).error == pytest.approx(steady_state(chain).error, rel=1e-14)


@pytest.mark.parametrize("estimator", [Ridge(0.1), RandomProjection(9)])
def test_derivative_with_respect_to_a_share(estimator):
    """Through the effective ridge and the fixed point, against central differences."""

    def error(share):
        return steady_state(loop(estimator, (44, 0.6, blend(share)))).error

    with precise():
        slope = float(jax.grad(error)(0.6))
    step = 1e-5
    assert slope == pytest.approx(float(error(0.6 + step) - error(0.6 - step)) / (2 * step), rel=1e-7)


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (accumulate(POPULATION, 3, 40, 0.5, MinimumNorm()), "a loop of fits on fresh rows"),
        (loop(RandomProjection(10, 0.2, redraw=False), *REPLACED), "the projection is drawn anew"),
    ],
)
def test_other_loops_are_refused(chain, words):
    with pytest.raises(NoTheorem, match=words):
        steady_state(chain)

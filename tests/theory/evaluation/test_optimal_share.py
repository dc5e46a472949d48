"""The share with the least error: known minima, ends and walls, and what is known of blended labels."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from modelcollapse.theory.evaluation.blended_loop import blended_steady_state
from modelcollapse.theory.evaluation.optimal_share import optimal_share
from modelcollapse.theory.problem import (
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Isotropic,
    Levels,
    MinimumNorm,
    NotCertified,
    Population,
    PowerLaw,
    Ridge,
    SourceCondition,
    SpecificationError,
    Spiked,
    UniformTarget,
    blend_labels,
)


def test_minima_by_hand():
    assert optimal_share(lambda p: (p - 0.3) ** 2) == pytest.approx(0.3, abs=1e-15)
    assert optimal_share(lambda p: 1 / p + 4 / (1 - p)) == pytest.approx(1 / 3, abs=1e-14)  # infinite at both ends
    assert optimal_share(lambda p: p - 1e-9 * jnp.log(p)) == pytest.approx(1e-9, rel=1e-12)
    assert optimal_share(lambda p: (1 - p) - 1e-9 * jnp.log1p(-p)) == pytest.approx(1 - 1e-9, abs=1e-15)
    assert optimal_share(lambda p: (p - 0.5) ** 2) == 0.5  # on the grid, where the slope is zero


def test_ends():
    assert optimal_share(lambda p: p) == 0.0
    assert optimal_share(lambda p: -p) == 1.0
    assert optimal_share(jnp.sqrt) == 0.0  # where the slope is infinite
    assert optimal_share(lambda p: (p - 0.3) ** 2, low=0.4, high=0.9) == 0.4
    assert optimal_share(lambda p: (p - 0.3) ** 2, high=0.2) == 0.2
    assert optimal_share(lambda p: p * 0.0) == 0.0  # the first of equal ones


@pytest.mark.parametrize("tilt", [-0.1, 0.1])
def test_of_several_minima_the_least(tilt):
    """cos(8 pi p) has minima at 1/8, 3/8, 5/8, 7/8; a tilt picks the first or the last: sin(8 pi p) = tilt/(8 pi)."""
    found = optimal_share(lambda p: jnp.cos(8 * math.pi * p) + tilt * p)
    nearest = 1 / 8 if tilt > 0 else 7 / 8
    assert found == pytest.approx(nearest - math.asin(tilt / (8 * math.pi)) / (8 * math.pi), abs=1e-14)


def test_errors_that_are_infinite_inside():
    """Infinite up to 0.37: the minimum of 1/(p - 0.37) + 100 p is at 0.47."""
    found = optimal_share(lambda p: jnp.where(p > 0.37, 1 / (p - 0.37) + 100 * p, jnp.inf))
    assert found == pytest.approx(0.47, abs=1e-12)
    close = optimal_share(lambda p: jnp.where(p > 0.37, 1 / (p - 0.37) + 1e8 * p, jnp.inf))
    assert close == pytest.approx(0.3701, abs=1e-12)  # between the wall and the nearest point of the grid


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (jnp.log, "falls up to the share 0.0"),
        (lambda p: jnp.log(1 - p), "falls up to the share 1.0"),
        (lambda p: jnp.where(p > 0.37, p, jnp.inf), "jumps to infinity"),
        (lambda p: p + jnp.inf, "no finite minimum"),
        (lambda p: jnp.where(p > 0.4, jnp.nan, p), "not a number"),
    ],
)
def test_nothing_is_given_out_that_is_no_minimum(error, reason):
    with pytest.raises(NotCertified, match=reason):
        optimal_share(error)


@pytest.mark.parametrize("bounds", [(0.5, 0.5), (0.6, 0.2), (-0.1, 1.0), (0.0, 1.5), (math.nan, 1.0), ("0", 1.0)])
def test_impossible_intervals(bounds):
    with pytest.raises(SpecificationError, match=r"low|high"):
        optimal_share(lambda p: p, *bounds)


@pytest.mark.parametrize("error", [0.3, lambda p: None, lambda p: float(p), lambda p: jnp.stack([p, p]), np.sqrt])
def test_what_is_no_function_of_a_share(error):
    with pytest.raises(SpecificationError, match="error"):
        optimal_share(error)


def test_the_world_of_the_user_is_left_alone():
    assert not jax.config.jax_enable_x64
    assert isinstance(optimal_share(lambda p: (p - 0.3) ** 2), float)
    assert not jax.config.jax_enable_x64


def best(population, rows, estimator=MinimumNorm(), noise=0.6, real_noise=None):
    def error(share):
        chain = blend_labels(
            population, 2, rows, noise, estimator, real_share=share, same_rows=True, real_noise=real_noise
        )
        return blended_steady_state(chain)

    return optimal_share(error)


RNG = np.random.default_rng(11)
POWER = Population(PowerLaw(40, 1.2), SourceCondition(0.4))
SPECTRA = {
    "power law": POWER,
    "isotropic": Population(Isotropic(40), UniformTarget(2.0)),
    "spikes": Population(Spiked(40, [30.0, 9.0], 0.2), UniformTarget()),
    "random": Population(Eigenvalues(RNG.exponential(size=40)), Coefficients(RNG.standard_normal(40))),
}


@pytest.mark.parametrize(("name", "rows"), [*((name, 70) for name in SPECTRA), ("power law", 25), ("random", 31)])
def test_without_a_penalty_it_is_the_golden_ratio(name, rows):
    """0.6180 whatever the spectrum and the truth, with fewer and with more rows than directions."""
    assert best(SPECTRA[name], rows) == pytest.approx(0.6180, abs=1e-4)


@pytest.mark.parametrize(("ratio", "share"), [(0.25, 0.390), (1.0, 0.618), (4.0, 0.828)])
def test_other_noise_ratios(ratio, share):
    found = best(POWER, 25 if ratio > 1 else 70, noise=0.6 * ratio**0.5, real_noise=0.6)
    assert found == pytest.approx(share, abs=1e-3)


def test_perfect_labels_of_the_model_need_no_real_ones():
    """pi^2 = nu (1 - pi), about nu^(1/2)."""
    shares = [best(POWER, 70, noise=ratio**0.5, real_noise=1.0) for ratio in (1e-2, 1e-4, 1e-6)]
    np.testing.assert_allclose(shares, [0.0951, 0.00995, 0.0009995], rtol=1e-3)


@pytest.mark.parametrize("seed", range(2))
def test_at_least_half_where_all_coordinates_of_the_truth_are_alike(seed):
    """Ridge, equal noise, Gamma proportional to the identity."""
    rng = np.random.default_rng(seed)
    s = rng.exponential(size=30) ** rng.uniform(0.5, 3.0)
    population = Population(Eigenvalues(s), GaussianTarget(np.full(30, rng.uniform(0.1, 3.0))))
    assert best(population, int(rng.integers(8, 80)), Ridge(10.0 ** rng.uniform(-3, 0))) >= 0.5


def test_large_penalties_want_real_labels():
    """The bias of lambda/pi outweighs the variance."""
    shares = [best(POWER, 30, Ridge(penalty)) for penalty in (0.003, 3.0)]
    assert 0.58 < shares[0] < shares[1] == 1.0


def test_a_truth_in_a_weak_tail_wants_fewer_real_labels():
    """60 eigenvalues 1 without any truth, 2000 of 0.002 with all of it: a larger penalty is better there."""
    truth = np.r_[np.zeros(60), np.ones(2000)]
    population = Population(Levels([1.0, 0.002], [60, 2000]), Coefficients(truth))
    assert best(population, 80, Ridge(0.01), noise=0.5**0.5) == pytest.approx(0.218, abs=5e-4)

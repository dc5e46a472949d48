"""Intervals and sequences: they cover what they promise, also near the edge of finite variance and under peeking."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from modelcollapse.validation.confidence import Estimate, Growing, Once, combine

EXPERIMENTS = 300
LEVEL = 0.05
MOST = int(binom.ppf(0.999, EXPERIMENTS, LEVEL))  # a true level of 5 % exceeds it in one test suite of a thousand


def inverse_wishart_traces(dimension, rows, count, rng):
    """tr W^{-1} of Wishart matrices by Bartlett's factor; the mean is dimension / (rows - dimension - 1)."""
    factor = np.zeros((count, dimension, dimension))
    for i in range(dimension):
        factor[:, i, i] = np.sqrt(rng.chisquare(rows - i, count))
        factor[:, i, :i] = rng.standard_normal((count, i))
    return (np.linalg.inv(factor) ** 2).sum((1, 2))


def misses(draw, truth, looks_at):
    """How many experiments have an interval, at any of their looks, that excludes the truth."""
    missed = 0
    for seed in range(EXPERIMENTS):
        errors = draw(np.random.default_rng(seed))
        for replicates, looks in looks_at:
            estimate = Estimate.mean(errors[:replicates])
            if abs(estimate.value - truth) > estimate.half_width(looks.quantile(LEVEL, replicates)):
                missed += 1
                break
    return missed


@pytest.mark.parametrize("margin", [4, 5, 8, 20])
@pytest.mark.parametrize("replicates", [256, 1024])
def test_the_interval_covers_also_where_the_fourth_moment_is_infinite(margin, replicates):
    d = 3

    def draw(rng):
        return inverse_wishart_traces(d, d + margin, replicates, rng)

    assert misses(draw, d / (margin - 1), [(replicates, Once())]) <= MOST


PEEKS = [(n, number) for number, n in enumerate(range(256, 4097, 256), start=1)]


def exponential(rng):
    return rng.exponential(size=4096)


def test_the_confidence_sequence_covers_at_all_looks_together():
    assert misses(exponential, 1.0, [(n, Growing(look)) for n, look in PEEKS]) <= MOST


def test_peeking_at_fixed_intervals_would_not_cover():
    assert misses(exponential, 1.0, [(n, Once()) for n, _ in PEEKS]) > MOST


def test_the_sequence_costs_at_most_half_as_much_again_as_one_interval():
    for replicates in (1024, 4096, 16384):
        assert 1.0 < Growing(1).quantile(1e-3, replicates) / Once().quantile(1e-3, replicates) < 1.5


def test_the_looks_spend_the_level_once():
    shares = [Growing(look).spent(LEVEL) for look in range(1, 10_000)]
    assert sum(shares) == pytest.approx(LEVEL * (1 - 1e-4))
    assert Once().spent(LEVEL) == LEVEL


def test_an_estimate_by_hand():
    estimate = Estimate.mean(np.array([1.0, 1.0, 1.0, 5.0]))
    assert estimate.value == 2.0
    assert estimate.standard_error == pytest.approx(1.0)  # variance 12 / 3, over 4 replicates
    assert estimate.skewness == pytest.approx((24 / 4) / 3**1.5 / 2)
    gap = estimate.gap(-4.0)
    assert (gap.value, gap.standard_error) == (1.5, 0.25)


def test_a_combination_is_the_estimate_of_the_combined_replicates():
    rng = np.random.default_rng(5)
    first, second = rng.exponential(size=(2, 100_000))
    parts = [Estimate.mean(first), Estimate.mean(second)]
    both, together = combine(np.array([3.0, -2.0]), parts), Estimate.mean(3.0 * first - 2.0 * second)
    assert both.value == pytest.approx(together.value)
    assert both.standard_error == pytest.approx(together.standard_error, rel=0.02)
    assert both.skewness == pytest.approx(together.skewness, rel=0.1)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_extreme_units_neither_overflow_nor_vanish(scale):
    errors = np.random.default_rng(1).exponential(size=300)
    plain, scaled = Estimate.mean(errors), Estimate.mean(errors * scale)
    assert scaled.standard_error == pytest.approx(plain.standard_error * scale)
    assert scaled.skewness == pytest.approx(plain.skewness)


def test_no_spread_and_a_single_replicate():
    assert Estimate.mean(np.full(300, 2.0)).half_width(3.0) == 0.0
    assert math.isinf(Estimate.mean(np.array([2.0])).standard_error)

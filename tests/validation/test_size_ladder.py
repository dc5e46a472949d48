"""The ladder of sizes: finite-size gaps are no error, whatever remains at infinite size is."""

import numpy as np
import pytest
from scipy.stats import binom

from modelcollapse.validation.agreement import Standard, Verdict
from modelcollapse.validation.confidence import Growing, Once
from modelcollapse.validation.size_ladder import ALLOWANCE, Ladder, allocate, judge_ladder, richardson_weights

SCALES = (1, 2, 4)
THEORY = 0.37
STANDARD = Standard(level=0.01, tolerance=0.02, generations=1, looks=Once())


def errors_at(scale, coefficients, replicates, rng, spread=0.12):
    """Replicates whose mean is THEORY (1 + a_0 + a_1 / c + ...) and whose spread shrinks like 1 / c."""
    gap = sum(a / scale**k for k, a in enumerate(coefficients))
    shape = (scale / spread) ** 2
    return THEORY * (1 + gap) * rng.gamma(shape, 1 / shape, size=(replicates, 1))


def ladder(coefficients, seed, replicates=1500, scales=SCALES):
    rng = np.random.default_rng(seed)
    errors = [errors_at(c, coefficients, replicates, rng) for c in scales]
    return Ladder.measured(scales, [np.array([THEORY])] * len(scales), errors)


def verdict(coefficients, seed, replicates=1500, standard=STANDARD):
    return judge_ladder(1, THEORY, ladder(coefficients, seed, replicates), 0.0, standard).verdict


@pytest.mark.parametrize("scales", [(1, 2, 4), (2, 3, 5), (1, 2, 3, 6)])
def test_richardson_is_exact_for_polynomials(scales):
    coefficients = [0.03, 0.8, -0.5, 0.2][: len(scales)]
    values = [sum(a / c**k for k, a in enumerate(coefficients)) for c in scales]
    assert richardson_weights(scales) @ values == pytest.approx(coefficients)


def test_the_weights_of_one_two_four():
    assert richardson_weights(SCALES)[0] == pytest.approx([1 / 3, -2.0, 8 / 3])
    assert richardson_weights((1,)) == pytest.approx(np.ones((1, 1)))


def test_gaps_that_vanish_with_size_agree():
    outcomes = [verdict((0.0, 0.15, -0.08), seed, 6000) for seed in range(40)]
    assert outcomes.count(Verdict.DISAGREES) == 0
    assert outcomes.count(Verdict.AGREES) >= 36


@pytest.mark.parametrize("wrong", [0.03, -0.03])
def test_three_percent_that_remain_disagree(wrong):
    outcomes = [verdict((wrong, 0.15, -0.08), seed, 6000) for seed in range(40)]
    assert outcomes.count(Verdict.DISAGREES) >= 39


@pytest.mark.parametrize("looks", [Once(), Growing(2)])
def test_the_level_is_kept(looks):
    standard = Standard(0.05, 0.02, 1, looks)
    alarms = 0
    for seed in range(300):
        measured = ladder((0.0, 0.1), seed, 400)
        limit = measured.coefficient(0, 1)
        alarms += judge_ladder(1, THEORY, measured, 0.0, standard).verdict is Verdict.DISAGREES
        assert limit.replicates == 400
    assert alarms <= binom.ppf(0.999, 300, 0.05)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_error_of_the_detectable_size_is_detected(sign):
    right = [judge_ladder(1, THEORY, ladder((0.0,), seed), 0.0, STANDARD) for seed in range(20)]
    detectable = np.median([judgement.detectable_error for judgement in right])
    truth_over_formula = 1 / (1 + sign * detectable) - 1
    caught = [verdict((truth_over_formula,), seed) is Verdict.DISAGREES for seed in range(200)]
    assert sum(caught) >= binom.ppf(0.001, 200, 0.9)


def test_the_finite_size_correction_is_recovered():
    first = ladder((0.0, 0.15, -0.08), seed=0, replicates=20_000).coefficient(1, 1)
    assert abs(first.value - 0.15) < 4 * first.standard_error
    assert first.standard_error < 0.03


def without_noise(gaps):
    errors = [np.full((300, 1), THEORY * (1 + gap)) for gap in gaps]
    return Ladder.measured(SCALES, [np.array([THEORY])] * 3, errors)


@pytest.mark.parametrize("margin", [2, 3, 4, 6, 12])
def test_what_the_extrapolation_misses_is_bounded(margin):
    measured = without_noise([1 / (c * margin - 1) for c in SCALES])
    assert 0 < abs(measured.coefficient(0, 1).value) < measured.missed(1)
    assert judge_ladder(1, THEORY, measured, 0.0, STANDARD).verdict is not Verdict.DISAGREES


def test_next_to_interpolation_the_ladder_claims_nothing():
    """Gaps measured at T = d = 16, 32, 64, isotropic, penalty 0.001, each to 0.1 %; theory expects a gap of order 1."""
    measured = without_noise([0.1298, 0.0473, 0.0151])
    assert abs(measured.coefficient(0, 1).value) > ALLOWANCE
    assert judge_ladder(1, THEORY, measured, 1.02, STANDARD).verdict is Verdict.UNRESOLVED
    assert judge_ladder(1, THEORY, without_noise([0.4] * 3), 1.02, STANDARD).verdict is Verdict.DISAGREES


def test_a_theory_of_zero_or_infinity_has_no_relative_gap():
    theories = [np.array([0.0, np.inf, THEORY])] * 3
    errors = [np.ones((300, 3))] * 3
    measured = Ladder.measured(SCALES, theories, errors)
    assert np.isnan([row[g].value for row in measured.gaps for g in (0, 1)]).all()
    assert np.isfinite(measured.coefficient(0, 3).value)


def test_the_allocation_is_optimal():
    rng = np.random.default_rng(7)
    weights, deviations, costs = richardson_weights(SCALES)[0], np.array([0.3, 0.2, 0.1]), np.array([1.0, 5.0, 30.0])
    best = allocate(weights, deviations, costs, budget=1000.0)
    assert best @ costs == pytest.approx(1000.0)

    def variance(replicates):
        return np.sum((weights * deviations) ** 2 / replicates)

    for _ in range(200):
        other = best * np.exp(0.1 * rng.normal(size=3))
        assert variance(other * 1000.0 / (other @ costs)) >= variance(best)


def test_without_spread_the_budget_is_shared_equally():
    assert allocate(np.ones(2), np.zeros(2), np.array([1.0, 3.0]), 8.0).tolist() == [2.0, 2.0]

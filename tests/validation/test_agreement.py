"""The judge of one number: three outcomes, a kept level, and a kept promise of what would be detected."""

import json
import math

import numpy as np
import pytest
from scipy.stats import binom

from modelcollapse.validation.agreement import (
    Band,
    Standard,
    Verdict,
    judge_exact,
    judge_single_size,
    judge_zero,
    unresolved,
)
from modelcollapse.validation.confidence import Growing, Once
from modelcollapse.validation.exact_law import WalkLaw

AGREES, DISAGREES, UNRESOLVED = Verdict.AGREES, Verdict.DISAGREES, Verdict.UNRESOLVED
# Three generations of least squares, d = 7, T = 33, 25, 41: the error of each has a known law and a known mean.
NOISE, FREEDOM = (0.3, 0.5, 0.4), (27, 19, 35)
LAWS = [WalkLaw(7, NOISE[:g], FREEDOM[:g]) for g in (1, 2, 3)]
MEANS = np.cumsum([7 * s**2 / (f - 2) for s, f in zip(NOISE, FREEDOM, strict=True)])


def judged(seed, replicates, standard, factor=1.0):
    rng = np.random.default_rng(seed)
    return [judge_exact(g, factor * MEANS[g - 1], LAWS[g - 1].draw(replicates, rng), standard) for g in (1, 2, 3)]


def share(verdict, outcomes):
    return np.mean([any(j.verdict is verdict for j in judgements) for judgements in outcomes])


def test_a_true_formula_is_rejected_no_more_often_than_the_level():
    standard = Standard(level=0.05, tolerance=0.02, generations=3, looks=Once())
    outcomes = [judged(seed, 512, standard) for seed in range(300)]
    assert share(DISAGREES, outcomes) * 300 <= binom.ppf(0.999, 300, 0.05)


def test_a_true_formula_is_rejected_no_more_often_under_peeking():
    false_alarms = 0
    for seed in range(300):
        errors = LAWS[0].draw(8192, np.random.default_rng(seed))
        looks = [
            judge_exact(1, MEANS[0], errors[:n], Standard(0.05, 0.02, 1, Growing(k))).verdict
            for k, n in enumerate((256, 512, 1024, 2048, 4096, 8192), start=1)
        ]
        false_alarms += DISAGREES in looks
    assert false_alarms <= binom.ppf(0.999, 300, 0.05)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("looks", [Once(), Growing(3)])
def test_an_error_of_the_detectable_size_is_detected(sign, looks):
    standard = Standard(0.01, 0.02, 1, looks)
    detectable = np.median([judged(seed, 2048, standard)[0].detectable_error for seed in range(1000, 1020)])
    caught = [judged(seed, 2048, standard, 1 + sign * detectable)[0].verdict is DISAGREES for seed in range(300)]
    assert np.sum(caught) >= binom.ppf(0.001, 300, 0.9)


def test_five_percent_is_surely_caught_where_two_percent_is_detectable():
    standard = Standard(0.01, 0.02, 3, Once())
    replicates = 65536
    outcomes = [judged(seed, replicates, standard, 1.05) for seed in range(100)]
    assert all(j.verdict is DISAGREES for judgements in outcomes for j in judgements)
    right = [j for seed in range(20) for j in judged(seed, replicates, standard)]
    assert max(j.detectable_error for j in right) <= 0.02
    assert sum(j.verdict is AGREES for j in right) >= 55


TABLE = [  # gap, half width, band -> verdict
    (0.001, 0.002, Band(0.0, 0.02), DISAGREES, 0.0005),
    (0.001, 0.002, Band(0.0, 0.02), AGREES, None),
    (0.015, 0.016, Band(0.0, 0.02), UNRESOLVED, None),
    (-0.03, 0.02, Band(0.0, 0.02), DISAGREES, None),
    (0.001, 0.019, Band(0.0, 0.02), UNRESOLVED, None),
    (0.004, 0.001, Band(0.005, 0.02), AGREES, None),
    (0.008, 0.001, Band(0.005, 0.02), DISAGREES, None),
    (0.006, 0.012, Band(0.005, 0.02), UNRESOLVED, None),
    (0.01, 0.005, Band(0.08, 0.02), AGREES, None),
    (0.05, 0.005, Band(0.08, 0.02), UNRESOLVED, None),
    (0.09, 0.005, Band(0.08, 0.02), DISAGREES, None),
    (math.nan, 0.005, Band(0.0, 0.02), UNRESOLVED, None),
]


@pytest.mark.parametrize(("gap", "half_width", "band", "verdict", "narrower"), TABLE)
def test_the_three_outcomes(gap, half_width, band, verdict, narrower):
    half_width = narrower or half_width
    assert band.verdict(gap, half_width, band.allowance + 1.4 * half_width) is verdict


def test_agreement_needs_power_and_not_only_closeness():
    band = Band(0.0, 0.02)
    assert band.verdict(gap=0.0, half_width=0.018, detectable=0.025) is UNRESOLVED
    assert band.verdict(gap=0.0, half_width=0.018, detectable=0.019) is AGREES


def test_few_replicates_are_not_judged():
    judgement = judge_exact(1, MEANS[0], LAWS[0].draw(255, np.random.default_rng(0)), Standard(0.01, 0.02, 1, Once()))
    assert judgement.verdict is UNRESOLVED
    assert "255 replicates" in judgement.rule
    assert math.isinf(judgement.detectable_error)


def test_a_single_size_leaves_room_for_the_finite_size_gap():
    rng, standard = np.random.default_rng(3), Standard(0.01, 0.02, 1, Once())
    errors = 1.06 * (1.0 + 0.1 * rng.standard_normal(4096))
    assert judge_single_size(1, 1.0, errors, 0.02, standard).verdict is UNRESOLVED
    assert judge_single_size(1, 1.0, errors, 0.01, standard).verdict is DISAGREES
    assert judge_single_size(1, 1.06, errors, 0.02, standard).verdict is AGREES


def test_zero_means_zero_up_to_rounding():
    standard = Standard(0.01, 0.02, 1, Once())
    assert judge_zero(1, np.full(300, 3e-17), 1.0, standard).verdict is AGREES
    assert judge_zero(1, np.full(300, 3e-17), 1e-3, standard).verdict is DISAGREES
    assert judge_zero(1, np.zeros(300), 0.0, standard).verdict is AGREES
    positive = judge_exact(1, 0.5, np.full(300, 3e-17), standard)
    assert positive.verdict is DISAGREES


def test_an_infinite_theory_of_a_finite_mean_is_wrong():
    standard = Standard(0.01, 0.02, 1, Once())
    errors = LAWS[0].draw(256, np.random.default_rng(0))
    assert judge_exact(1, math.inf, errors, standard).verdict is DISAGREES


def test_overflow_is_not_judged():
    errors = np.append(LAWS[0].draw(400, np.random.default_rng(0)), math.inf)
    assert judge_exact(1, MEANS[0], errors, Standard(0.01, 0.02, 1, Once())).verdict is UNRESOLVED


def test_a_judgement_carries_its_level_and_speaks_json():
    standard = Standard(0.01, 0.02, 3, Once())
    judgement = judged(0, 512, standard)[1]
    assert (judgement.level, judgement.generation, judgement.replicates) == (0.01, 2, 512)
    assert judgement.gap == pytest.approx(judgement.estimate / judgement.theory - 1)
    assert json.loads(json.dumps(judgement.to_dict()))["verdict"] == judgement.verdict.name
    assert unresolved(2, 1.0, np.ones(9), standard, "because").rule == "because"

"""Practical rules: what they select in the limit; simulations are in tests/validation/test_practical_rules.py."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse import CROSS_VALIDATED, HELD_OUT, practical_penalties, scheduled_error
from modelcollapse.theory.remedies.schedules import clean_optimal_penalties

CHOICES = np.geomspace(1e-4, 3.0, 60)
CHAIN = mc.replace(mc.Population(mc.PowerLaw(30, 1.2), mc.SourceCondition(0.4)), 3, [36, 45, 60], [0.4, 0.3, 0.5])

LONG = mc.replace(mc.Population(mc.PowerLaw(200, 1.5), mc.SourceCondition(0.5)), 8, 300, 0.5)


def test_no_rule_of_one_generation_foresees_the_next():
    """The oracle shrinks less at first and more at last; cross-validation does not even see what was lost before."""
    blind, seeing = (practical_penalties(LONG, rule, CHOICES) for rule in (CROSS_VALIDATED, HELD_OUT))
    oracle = mc.optimise_schedule(LONG, mc.FREE)
    errors = [oracle.error[-1], *(scheduled_error(LONG, one)[-1] for one in (seeing, blind))]
    assert errors == sorted(errors)
    for rule in (blind, seeing):
        assert rule[0] > oracle.penalty[0]
        assert rule[-1] < oracle.penalty[-1]
    step = CHOICES[1] / CHOICES[0]
    assert blind[0] == seeing[0] == pytest.approx(clean_optimal_penalties(LONG)[0], rel=step - 1)


def test_each_choice_is_the_best_of_its_generation():
    """Against brute force: chains of one generation more, whose last penalty is each of those offered."""
    penalties = practical_penalties(CHAIN, HELD_OUT, CHOICES)
    for generation in range(1, len(CHAIN) + 1):
        errors = []
        for penalty in CHOICES:
            fits = [mc.Ridge(one) for one in (*penalties[: generation - 1], penalty)]
            shorter = [step.sources for step in CHAIN.generations[:generation]]
            steps = tuple(mc.Generation(sources, fit) for sources, fit in zip(shorter, fits, strict=True))
            errors.append(mc.predict(mc.Chain(CHAIN.population, steps)).error[-1])
        assert CHOICES[np.argmin(errors)] == penalties[generation - 1]


def test_what_is_not_covered_is_refused():
    with pytest.raises(mc.SpecificationError, match="rule"):
        practical_penalties(CHAIN, "gcv", CHOICES)
    for choices in ([], [0.0, 1.0], [np.inf]):
        with pytest.raises(mc.SpecificationError, match="choices"):
            practical_penalties(CHAIN, HELD_OUT, choices)
    half = mc.Source(40, 0.3, mc.Blend(((mc.TRUTH, 0.5), (mc.PREVIOUS, 0.5))))
    mixed = mc.Chain(CHAIN.population, (mc.Generation((half,), mc.Ridge(0.1)),) * 2)
    with pytest.raises(mc.NoTheorem, match=r"labels all rows.*simulate_tuned"):
        practical_penalties(mixed, HELD_OUT, CHOICES)


def test_numbers_of_held_out_rows_that_grow_choose_alike():
    """Their noise is in the scores of all penalties."""
    found = [practical_penalties(CHAIN, rule, CHOICES) for rule in (HELD_OUT, mc.HeldOut(20, 3.0))]
    np.testing.assert_array_equal(*found)

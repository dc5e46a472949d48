"""Penalties that rules choose from data along a chain: simulations approach the limit, and what the oracle saves."""

import itertools

import numpy as np
import pytest

import modelcollapse as mc

CHOICES = np.geomspace(1e-4, 3.0, 60)
CHAIN = mc.replace(mc.Population(mc.PowerLaw(30, 1.2), mc.SourceCondition(0.4)), 3, [36, 45, 60], [0.4, 0.3, 0.5])
STEEP = mc.replace(mc.Population(mc.PowerLaw(60, 1.5), mc.SourceCondition(0.5)), 5, 90, 0.5)


@pytest.mark.parametrize(
    ("rule", "largest"), [(mc.CROSS_VALIDATED, 8), (mc.HELD_OUT, 4), (mc.HeldOut(360, 0.4), 4)], ids=repr
)
def test_simulations_approach_the_limit(rule, largest):
    """Where 30 directions choose widely, and cross-validation loses a third or more by it, hundreds choose alike."""
    penalties = mc.practical_penalties(CHAIN, rule, CHOICES)
    error = mc.scheduled_error(CHAIN, penalties)
    found = {}
    for times, replicates in ((1, 400), (2, 150), (largest, 60)):
        own = mc.HeldOut(times * rule.rows, rule.noise) if rule == mc.HeldOut(360, 0.4) else rule
        found[times] = mc.simulate_tuned(CHAIN.scaled(times), own, CHOICES, replicates)
    gap, deviation = found[largest].mean / error - 1, found[largest].standard_error / error
    assert np.all(np.abs(gap) < 0.02 + 3 * deviation)
    logarithms = [np.log(one.penalties) for one in found.values()]
    step = np.log(CHOICES[1] / CHOICES[0])
    assert np.all(np.abs(logarithms[-1].mean(axis=0) - np.log(penalties)) < step)
    if rule == mc.CROSS_VALIDATED:
        gaps = [one.mean[0] / error[0] - 1 for one in found.values()]
        assert gaps == sorted(gaps, reverse=True)
        assert gaps[0] > 0.3
        widths = [one.std(axis=0) for one in logarithms]
        assert np.all(widths[0] > widths[1])
        assert np.all(widths[1] > widths[2])


def test_the_oracle_beats_what_sees_the_truth_and_that_beats_what_sees_the_rows():
    """Each beats the next by more than five standard errors of the paired difference, as theory predicts."""
    oracle = mc.optimise_schedule(STEEP, mc.FREE)
    rules = (mc.HELD_OUT, mc.HeldOut(90, 0.5), mc.CROSS_VALIDATED)
    limits = [mc.scheduled_error(STEEP, mc.practical_penalties(STEEP, rule, CHOICES))[-1] for rule in rules]
    assert oracle.error[-1] < limits[0] == limits[1] < limits[2]
    ends = [mc.simulate(oracle.chain, 400, seed=1, sampler=mc.WISHART).errors[:, -1]]
    ends += [mc.simulate_tuned(STEEP, rule, CHOICES, 400, seed=1).errors[:, -1] for rule in rules]
    for better, worse in itertools.pairwise(ends):
        paired = worse - better
        assert paired.mean() > 5 * paired.std(ddof=1) / 20

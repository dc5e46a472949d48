"""Optimal schedules on drawn rows: the order of the remedies is the one that theory predicts."""

import itertools

import numpy as np
import pytest

import modelcollapse as mc

STEEP = mc.Population(mc.PowerLaw(60, 1.5), mc.SourceCondition(0.5))
FLAT = mc.Population(mc.PowerLaw(300, 1.2), mc.SourceCondition(0.6))
EVEN = mc.Population(mc.Isotropic(200), mc.UniformTarget())


@pytest.mark.parametrize(
    ("chain", "order", "replicates"),
    [
        (mc.replace(STEEP, 4, 90, 0.5), ("free", "shared", "last only"), 300),
        (mc.replace(FLAT, 6, 100, 0.2), ("free", "last only", "shared"), 80),
        (mc.replace(EVEN, 4, 400, 0.5), ("free", "last only", "shared"), 400),
        (mc.replace(EVEN, 4, 100, 0.3), ("free", "last only", "shared"), 4000),
    ],
    ids=["power 1.5", "power 1.2", "isotropic, 400 rows", "isotropic, 100 rows"],
)
def test_drawn_rows_confirm_the_order_of_the_schedules(chain, order, replicates):
    """Each beats the next by more than five standard errors of the paired difference."""
    freedoms = {"free": mc.FREE, "shared": mc.SHARED, "last only": mc.LAST_ONLY}
    schedules = {name: mc.optimise_schedule(chain, freedoms[name]) for name in order}
    predicted = [schedule.error[-1] for schedule in schedules.values()]
    assert predicted == sorted(predicted)
    arms = mc.compare_arms({name: schedule.chain for name, schedule in schedules.items()}, replicates, seed=8)
    for better, worse in itertools.pairwise(order):
        paired = arms.simulations[worse].errors[:, -1] - arms.simulations[better].errors[:, -1]
        assert paired.mean() > 5 * paired.std(ddof=1) / np.sqrt(replicates)

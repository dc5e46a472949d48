"""Optimal schedules of penalties: the specification's table, certificates, and shrinkage that comes late."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation.penalised import penalised
from modelcollapse.theory.remedies.schedules import clean_optimal_penalties, scheduled_error

STEEP = mc.Population(mc.PowerLaw(200, 1.5), mc.SourceCondition(0.5))
FLAT = mc.Population(mc.PowerLaw(300, 1.2), mc.SourceCondition(0.6))
EVEN = mc.Population(mc.Isotropic(200), mc.UniformTarget())
GRID = np.logspace(-6, 1, 200)  # on which the specification took two of its columns


class Row(NamedTuple):
    """A row of the specification's table (item 6)."""

    chain: mc.Chain
    free: float
    shared: float
    clean: float
    last_only: float
    none: float


TABLE = {
    "power 1.5, 4": Row(mc.replace(STEEP, 4, 300, 0.5), 0.05301, 0.06478, 0.07071, 0.10082, 2.0),
    "power 1.5, 8": Row(mc.replace(STEEP, 8, 300, 0.5), 0.08099, 0.10622, 0.12759, 0.15961, 4.0),
    "power 1.2": Row(mc.replace(FLAT, 6, 100, 0.2), 0.08372, 0.09553, 0.11503, 0.08814, 0.1332),
    "isotropic, 400 rows": Row(mc.replace(EVEN, 4, 400, 0.5), 0.52550, 0.62587, 0.63433, 0.53530, 1.0),
    "isotropic, 100 rows": Row(mc.replace(EVEN, 4, 100, 0.3), 0.98263, 1.0, 1.03613, 0.98270, 1.1062),
}
SCHEDULES = {
    "power 1.5, 4": [0.0011, 0.0016, 0.0033, 0.0214],
    "power 1.2": [0, 0.0003, 0.0008, 0.0017, 0.0039, 0.0150],
    "isotropic, 400 rows": [0, 0.004, 0.072, 0.482],
    "isotropic, 100 rows": [0, 0, 0.045, 3.85],
}


@cache
def optimised(name, freedom):
    return mc.optimise_schedule(TABLE[name].chain, freedom)


def printed(value):
    """Within the rounding of the table, at most 1e-4 of the value."""
    return pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_the_specification(name):
    row = TABLE[name]
    assert optimised(name, mc.FREE).error[-1] == printed(row.free)
    assert optimised(name, mc.SHARED).error[-1] == printed(row.shared)
    assert scheduled_error(row.chain, 0.0)[-1] == printed(row.none)


@pytest.mark.parametrize("name", TABLE)
def test_two_columns_of_the_table_are_least_on_a_grid_of_penalties(name):
    """Off the grid the best last penalty is better by up to 2e-4, the penalty best on clean data another by 3 %."""
    row, free = TABLE[name], penalised(TABLE[name].chain)
    one, last = np.ones(len(row.chain)), np.eye(len(row.chain))[-1]
    clean = free.on_clean_labels()
    best = GRID[np.argmin([clean.errors(free.coordinates(penalty * one))[0] for penalty in GRID])]
    assert free.errors(free.coordinates(best * one))[-1] == printed(row.clean)
    on_grid = min(free.errors(free.coordinates(penalty * last))[-1] for penalty in GRID)
    assert on_grid == printed(row.last_only)
    found = optimised(name, mc.LAST_ONLY)
    assert on_grid * (1 - 3e-4) < found.error[-1] <= on_grid
    np.testing.assert_array_equal(found.penalty[:-1], 0.0)
    exact = clean_optimal_penalties(row.chain)
    np.testing.assert_allclose(exact, best, rtol=0.05)
    assert clean.errors(free.coordinates(exact))[0] <= clean.errors(free.coordinates(best * one))[0]


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_schedules_of_the_specification(name):
    digits = 5e-5 if name.startswith("power") else 5e-4
    np.testing.assert_allclose(optimised(name, mc.FREE).penalty, SCHEDULES[name], rtol=2e-3, atol=digits)


@pytest.mark.parametrize("name", TABLE)
def test_every_optimum_is_certified_and_found_from_several_starts(name):
    for freedom in (mc.FREE, mc.SHARED, mc.LAST_ONLY):
        schedule = optimised(name, freedom)
        assert schedule.certified
        assert schedule.agreeing >= 4
        assert schedule.increasing is (freedom is not mc.SHARED)
    assert not np.any(optimised(name, mc.FREE).minimum.inside & (optimised(name, mc.FREE).penalty == 0))


@pytest.mark.parametrize("name", TABLE)
def test_other_penalties_are_worse(name):
    """Ten per cent in every penalty that is not at an end, and a little where it is."""
    schedule = optimised(name, mc.FREE)
    free = penalised(TABLE[name].chain)
    for generation in range(len(schedule.penalty)):
        for factor in (0.9, 1.1):
            changed = schedule.penalty.copy()
            changed[generation] = changed[generation] * factor if changed[generation] else 0.01 * free.small[generation]
            assert free.errors(free.coordinates(changed))[-1] > schedule.error[-1]


@pytest.mark.parametrize("name", ["power 1.5, 4", "power 1.2", "isotropic, 100 rows"])
def test_the_gradient_is_that_of_finite_differences(name):
    free = penalised(TABLE[name].chain)
    point = free.ends * np.linspace(0.2, 0.7, len(free.ends))
    slope, step = free.slope(point)[1], 2e-4

    def central(direction, width):
        ahead, behind = (free.errors(point + sign * width * direction)[-1] for sign in (1, -1))
        return (ahead - behind) / (2 * width)

    differences = [(4 * central(row, step) - central(row, 2 * step)) / 3 for row in np.eye(len(point))]
    np.testing.assert_allclose(slope, differences, rtol=1e-6)


def test_the_gradient_is_that_of_the_front_door():
    row = TABLE["power 1.5, 4"]
    penalties = np.array([0.002, 0.004, 0.01, 0.03])
    free = penalised(row.chain)
    by_penalty = mc.gradient(lambda one: mc.replace(STEEP, 4, 300, 0.5, [mc.Ridge(penalty) for penalty in one]))(
        penalties
    )
    stretch = 1 / (free.small + penalties) - 1 / (free.large + penalties)
    np.testing.assert_allclose(free.slope(free.coordinates(penalties))[1] * stretch, by_penalty, rtol=1e-9)


def test_a_schedule_is_a_chain_that_predict_reads_alike():
    schedule = optimised("power 1.5, 4", mc.FREE)
    np.testing.assert_allclose(mc.predict(schedule.chain).error, schedule.error, rtol=1e-12)
    bare = optimised("isotropic, 400 rows", mc.LAST_ONLY).chain.generations
    assert [type(step.estimator) for step in bare] == [mc.MinimumNorm] * 3 + [mc.Ridge]


def test_one_penalty_for_many_generations_on_few_rows_is_infinite():
    """The zero model is better than any other chain with one penalty: the column holds |w_0|^2."""
    schedule = optimised("isotropic, 100 rows", mc.SHARED)
    assert np.all(np.isinf(schedule.penalty))
    assert schedule.error[-1] == pytest.approx(1.0, rel=1e-11)
    assert schedule.certified
    assert not schedule.minimum.inside.any()
    assert schedule.minimum.slope[0] < 0  # up to the end


def test_a_family_lies_between_one_penalty_and_free_ones():
    name = "power 1.5, 4"
    schedule = optimised(name, mc.Parametric.geometric())
    assert optimised(name, mc.FREE).error[-1] < schedule.error[-1] < optimised(name, mc.SHARED).error[-1]
    assert schedule.certified
    np.testing.assert_allclose(np.diff(np.log(schedule.penalty), 2), 0.0, atol=1e-12)


def test_a_family_that_leaves_positive_penalties_on_its_way_has_the_free_optimum():
    """Two numbers for two generations, by a line, of which steps may lead below 0."""
    chain = mc.replace(EVEN, 2, 300, 0.5)
    line = mc.optimise_schedule(chain, mc.Parametric(lambda one, generation: one[0] + one[1] * generation, [0.1, 0.05]))
    free = mc.optimise_schedule(chain, mc.FREE)
    assert line.certified
    np.testing.assert_allclose(line.penalty, free.penalty, rtol=1e-6)


def test_noise_decides_where_to_shrink():
    """Without noise nowhere; with noise in the last generation only there."""
    none = mc.optimise_schedule(mc.replace(STEEP, 4, 300, 0.0), mc.FREE)
    assert none.error[-1] < 1e-20
    last = mc.optimise_schedule(mc.replace(STEEP, 4, 300, [0.0, 0.0, 0.0, 0.5]), mc.FREE)
    assert np.all(last.penalty[:-1] < 1e-9)
    assert last.penalty[-1] == pytest.approx(clean_optimal_penalties(last.chain)[-1], rel=1e-6)


def test_long_spectra_are_compressed():
    chain = mc.replace(mc.Population(mc.PowerLaw(30_000, 1.3), mc.SourceCondition(0.4)), 2, 400, 0.3, mc.Ridge(0.02))
    assert scheduled_error(chain, 0.02) == pytest.approx(mc.predict(chain).error, rel=1e-12)
    assert len(penalised(chain).problem.spectra.nodes.s) < 1000


def test_what_no_schedule_covers_is_refused():
    chain = mc.replace(EVEN, 2, 300, 0.5)
    with pytest.raises(mc.NoTheorem, match="ridge regression or least squares"):
        mc.optimise_schedule(chain.with_(estimator=mc.RandomProjection(50)), mc.FREE)
    with pytest.raises(mc.NoTheorem, match="fresh rows"):
        mc.optimise_schedule(mc.accumulate(EVEN, 2, rows=300, noise=0.5), mc.FREE)
    again = mc.Chain(EVEN, (chain.generations[0], mc.Generation((mc.Source(300, 0.5),), mc.Ridge(0.1))))
    with pytest.raises(mc.NoTheorem, match="starts from the truth"):
        mc.optimise_schedule(again, mc.FREE)


@pytest.mark.parametrize("noise", [0.0, 1e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("freedom", [mc.SHARED, mc.FREE], ids=["shared", "free"])
def test_little_noise_needs_little_penalty(noise, freedom):
    """All starts agree on an error that no other small penalty is below, down to rounding."""
    chain = mc.replace(mc.Population(mc.Isotropic(20), mc.UniformTarget()), 2, [40, 50], noise)
    schedule = mc.optimise_schedule(chain, freedom)
    last = schedule.error[-1]
    assert (schedule.minimum.reached >= 0).all()
    assert schedule.agreeing == len(schedule.minimum.reached)
    assert schedule.minimum.reached.min() == pytest.approx(last, rel=1e-9)
    for penalty in (0.0, 0.4 * noise**2, 0.5 * noise**2, 1e-9, 1e-6):
        assert last <= scheduled_error(chain, penalty)[-1] * (1 + 1e-8)


def test_the_slope_at_the_end_of_no_penalty_is_that_of_differences():
    """There lambda/kappa hardly changes while both do: right at the end, rounding would be fifty times the slope."""
    schedule = mc.optimise_schedule(
        mc.replace(mc.Population(mc.PowerLaw(60, 1.2), mc.UniformTarget()), 4, 300, 0.5), mc.FREE
    )
    assert schedule.certified
    assert not schedule.minimum.inside[0]
    free, step = penalised(schedule.chain), 1e-3
    at, ahead, further = (
        free.errors(schedule.minimum.coordinates + moved * step * np.eye(4)[0])[-1] for moved in (0, 1, 2)
    )
    assert schedule.minimum.slope[0] == pytest.approx((4 * ahead - further - 3 * at) / (2 * step) / at, rel=5e-3)


def test_as_many_rows_as_directions_need_a_penalty():
    """The variance is infinite without one, where labels are noisy; what `predict` says, too."""
    rank = EVEN.spectrum.rank()
    chain = mc.replace(EVEN, 3, [300, rank, 300], 0.5)
    assert np.isinf(mc.predict(chain.with_(estimator=mc.MinimumNorm())).error[1])
    with pytest.raises(mc.NoTheorem, match="not generation 2"):
        mc.optimise_schedule(chain, mc.LAST_ONLY)
    with pytest.raises(mc.NoTheorem, match="not generation 2"):
        scheduled_error(chain, [0.1, 0.0, 0.1])
    assert np.all(np.isfinite(scheduled_error(chain, [0.0, 0.1, 0.0])))
    assert scheduled_error(mc.replace(EVEN, 3, [300, rank, 300], 0.0), 0.0)[-1] < 1e-7  # 0, up to the root of rounding
    free = mc.optimise_schedule(chain, mc.FREE)
    assert free.penalty[1] > 0
    near = mc.optimise_schedule(mc.replace(EVEN, 2, [rank + 1, 300], 0.5), mc.LAST_ONLY)
    assert "generation 1: the limit of no penalty; exactly, the error without one is infinite" in str(near)


def test_bad_input_is_named():
    chain = mc.replace(EVEN, 2, 300, 0.5)
    for freedom in ("free", None, mc.Parametric):
        with pytest.raises(mc.SpecificationError, match="freedom"):
            mc.optimise_schedule(chain, freedom)
    with pytest.raises(mc.SpecificationError, match="start"):
        mc.optimise_schedule(chain, mc.Parametric(lambda parameters, generation: parameters[0], [-1.0]))
    with pytest.raises(mc.SpecificationError, match=r"jax\.numpy"):
        mc.optimise_schedule(chain, mc.Parametric(lambda parameters, generation: np.exp(parameters[0]), [-1.0]))
    with pytest.raises(mc.SpecificationError, match="family"):
        mc.Parametric(0.1, [1.0])
    for first in (0.0, -1.0):
        with pytest.raises(mc.SpecificationError, match="first"):
            mc.Parametric.geometric(first)
    for penalty in (-0.1, [0.1, 0.1, 0.1], np.nan):
        with pytest.raises(mc.SpecificationError, match="penalty"):
            scheduled_error(chain, penalty)

"""Samplers whose cost no dimension changes, at a hundred million directions and next to rows = dimension.

At dimension 1e8 the O(1/d) gap of deterministic equivalents is far below the standard errors of 2048 replicates, a few
1e-6 of the error: a wrong term of relative size 2e-5 would be found, one below 1e-5 would not.
"""

import dataclasses

import numpy as np
import pytest

from modelcollapse.numerics.sampling import BANDED, LEAST_SQUARES_WALK, Banded, LeastSquaresWalk
from modelcollapse.numerics.sampling.backends import JAX, JaxBackend
from modelcollapse.numerics.sampling.lanes import _compiled
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Generation,
    Isotropic,
    MinimumNorm,
    NotCertified,
    Population,
    PowerLaw,
    Ridge,
    Shifted,
    Source,
    Spiked,
    UniformTarget,
    replace,
)

LARGE = 10**8
ISOTROPIC = Population(Isotropic(LARGE), UniformTarget())
MIXED = Generation((Source(LARGE // 5, 0.5, TRUTH), Source(2 * LARGE, 0.3, PREVIOUS)), Ridge(0.05))
AT_LARGE = {
    "isotropic, few rows": replace(ISOTROPIC, 3, LARGE // 2, 0.5, Ridge(0.1)),
    "isotropic, many rows": replace(ISOTROPIC, 3, 2 * LARGE, 0.5, Ridge(0.1)),
    "least norm": replace(ISOTROPIC, 3, LARGE // 2, 0.5, MinimumNorm()),
    "spiked": replace(Population(Spiked(LARGE, [5.0, 3.0]), UniformTarget()), 3, 2 * LARGE, 0.5, Ridge(0.1)),
    "a mixture": Chain(ISOTROPIC, (MIXED,) * 5),
}


@pytest.mark.parametrize("name", AT_LARGE)
def test_theory_is_met_at_a_hundred_million_directions(name):
    chain = AT_LARGE[name]
    simulation = simulate(chain, 2048, seed=3)
    assert simulation.sampler.startswith(BANDED.title)
    theory = predict(chain).error
    assert np.all(np.abs(simulation.mean / theory - 1) < 1.5e-5)
    assert np.all(np.abs(simulation.mean - theory) < 4.5 * simulation.standard_error)


def test_values_of_the_specification():
    """Deterministic equivalents for rows = 2 d, penalty .1, noise .5, |w_0| = 1."""
    values = [0.1767837257, 0.3409881947, 0.4909028364]
    errors = simulate(AT_LARGE["isotropic, many rows"], 2048, seed=4).mean
    assert np.all(np.abs(errors / values - 1) < 1.5e-5)


def test_the_first_correction_is_that_of_the_dimension():
    """Third generation, rows = 2 d: the gap times d, and the relative standard deviation times its root, settle."""
    theory = 0.4909028364
    chain = replace(Population(Isotropic(50), UniformTarget()), 3, 100, 0.5, Ridge(0.1))
    errors = simulate(chain, 40_000, seed=5).errors[:, 2]
    assert 0.25 < 50 * abs(errors.mean() - theory) / theory < 0.55 * 2
    assert 1.3 < errors.std() / errors.mean() * np.sqrt(50) < 1.6


def test_least_squares_has_its_exact_mean_on_any_spectrum():
    """m sigma^2 d/(T - d - 1) after m generations; d T-distributed steps would miss it by sigma^2 d/(T - d - 2)."""
    chain = replace(Population(PowerLaw(20, 2.0), UniformTarget()), 5, 50, 0.3, MinimumNorm())
    simulation = simulate(chain, 200_000, seed=6)
    assert simulation.sampler.startswith(LEAST_SQUARES_WALK.title)
    exact = 0.09 * 20 / 29 * np.arange(1, 6)
    assert np.all(np.abs(simulation.mean - exact) < 4 * simulation.standard_error)


def cut(work, unknowns):
    program = dataclasses.replace(work.lanes.program, unknowns=unknowns)
    return dataclasses.replace(work, lanes=dataclasses.replace(work.lanes, program=program))


@pytest.mark.parametrize("ratio", [0.5, 0.99, 1.0, 1.01, 1.2, 4.0])
@pytest.mark.parametrize("penalty", [0.1, 0.001, None])
def test_twice_as_many_unknowns_change_nothing(ratio, penalty):
    dimension = 1500
    estimator = MinimumNorm() if penalty is None else Ridge(penalty)
    chain = replace(Population(Isotropic(dimension), UniformTarget()), 2, round(ratio * dimension), 0.5, estimator)
    work = BANDED.work(chain, seed=7)
    once, twice = work.batch(0, 64), cut(work, 2 * work.lanes.program.unknowns).batch(0, 64)
    np.testing.assert_allclose(once, twice, rtol=1e-10)


def test_a_band_that_is_cut_too_short_is_made_longer():
    """Twenty unknowns at rows = dimension are wrong by a tenth and more; the work notices and takes what is needed."""
    chain = replace(Population(Isotropic(1000), UniformTarget()), 1, 1000, 0.5, Ridge(0.01))
    work = BANDED.work(chain, seed=8)
    short = cut(work, 20)
    errors, gaps, *_ = short.lanes.fields(0, 64)
    assert np.max(np.abs(errors / work.batch(0, 64) - 1)) > 0.1
    assert np.all(gaps > 1e-10 * errors)
    np.testing.assert_allclose(short.batch(0, 64), work.batch(0, 64), rtol=1e-10)


def test_what_cannot_be_cut_is_refused(monkeypatch):
    monkeypatch.setattr("modelcollapse.numerics.sampling.banded.sampler.LARGEST_UNKNOWNS", 10)
    chain = replace(Population(Isotropic(1000), UniformTarget()), 1, 1000, 0.5, Ridge(0.01))
    with pytest.raises(NotCertified, match=r"replicate 0 has in generation 1 .* by truncation"):
        cut(BANDED.work(chain, seed=8), 20).batch(0, 64)


@pytest.mark.parametrize("sampler", [Banded(JaxBackend(batch=64)), LeastSquaresWalk(JaxBackend(batch=64))])
def test_under_jax_batches_are_bitwise_and_one_program_serves_a_sweep(sampler):
    _compiled.cache_clear()
    population = Population(Isotropic(1000), UniformTarget())
    for rows in (3000, 4000):  # whose bands are cut alike
        for noise in (0.1, 0.5):
            chain = replace(population, 2, rows, noise, MinimumNorm())
            work = sampler.work(chain, seed=9)
            errors = work.batch(0, 64)
    np.testing.assert_array_equal(work.batch(10, 20), errors[10:30])
    assert _compiled.cache_info().currsize == 1
    program = _compiled(work.lanes.program, sampler.backend)
    assert program._cache_size() == 1


def test_numpy_and_jax_draw_from_one_law():
    chain = replace(ISOTROPIC, 3, 2 * LARGE, 0.5, Ridge(0.1))
    one, other = (simulate(chain, 1024, seed=10, sampler=sampler) for sampler in (BANDED, Banded(JAX)))
    error = np.hypot(one.standard_error, other.standard_error)
    assert np.all(np.abs(one.mean - other.mean) < 4 * error)
    np.testing.assert_allclose(one.standard_deviation, other.standard_deviation, rtol=0.12)


def test_single_precision_errs_by_what_it_says():
    """Far from rows = dimension float32 is known to 1e-4 of an error; its standard errors here are 5e-6."""
    chain = replace(ISOTROPIC, 3, 2 * LARGE, 0.5, Ridge(0.1))
    simulation = simulate(chain, 1024, seed=11, sampler=Banded(JaxBackend("float32", 1024)))
    assert "float32" in simulation.sampler
    assert np.all(np.abs(simulation.mean / predict(chain).error - 1) < 1e-4)


def near_the_dimension():
    """Two labellers, rows = dimension = 320, least norm: condition numbers squared from 1e5 to 1e13."""
    shifted = Source(240, 0.3, Shifted(UniformTarget()))
    step = Generation((Source(80, 0.3, TRUTH), shifted), MinimumNorm())
    return BANDED.work(Chain(Population(Isotropic(320), UniformTarget()), (step,)), seed=3)


def test_what_rounding_has_spoiled_is_solved_once_more():
    """Of 256 fits the worst condition is 6e12, its error 9e-6 off; normal equations and triangularisation agree on all
    others to what the condition allows, and nothing is let through that is off by more than 1e-6.
    """
    work = near_the_dimension()
    errors, _, conditions, _ = work.lanes.fields(0, 256)
    worst = int(np.argmax(conditions[:, 0]))
    assert conditions[worst, 0] > 1e12
    accurate = dataclasses.replace(work.lanes, program=dataclasses.replace(work.lanes.program, accurate=True))
    for index in (worst, 1, 2, 3):
        [[exact]], _, [[root]], _ = accurate.alone(index)
        assert abs(errors[index, 0] / exact - 1) < np.finfo(float).eps * conditions[index, 0]
        assert conditions[index, 0] < 320 * root**2
        np.testing.assert_allclose(work.batch(index, 1)[0, 0], exact, rtol=1e-6)
    assert abs(errors[worst, 0] / accurate.alone(worst)[0][0, 0] - 1) > 1e-6


@pytest.mark.parametrize("rows", [60, 100, 320])
@pytest.mark.parametrize("estimator", [Ridge(0.1), MinimumNorm()])
def test_orthogonal_triangularisation_finds_the_same(rows, estimator):
    population = Population(Spiked(100, [0.2, 5.0]), UniformTarget())
    work = BANDED.work(replace(population, 3, rows, 0.3, estimator), seed=12)
    errors, _, conditions, _ = work.lanes.fields(0, 4)
    accurate = dataclasses.replace(work.lanes, program=dataclasses.replace(work.lanes.program, accurate=True))
    for index in range(4):
        found = accurate.alone(index)[0][0]
        assert np.all(np.abs(found / errors[index] - 1) < 10 * np.finfo(float).eps * conditions[index].max() + 1e-13)

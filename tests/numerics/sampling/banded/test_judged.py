"""Judged rows in the banded model: the law of rows drawn one by one, and theory where no row could be drawn."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import ks_2samp, ttest_ind

from modelcollapse.numerics.sampling import BANDED, NAIVE, Banded
from modelcollapse.numerics.sampling.backends import JaxBackend
from modelcollapse.numerics.sampling.choice import choose
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Isotropic,
    MinimumNorm,
    NormWindow,
    Population,
    Resample,
    ResidualWindow,
    Revise,
    Ridge,
    Source,
    SpecificationError,
    Spiked,
    TooLarge,
    TopShare,
    UniformTarget,
    Unreliable,
)

DIMENSION, REPLICATES, LEVEL = 12, 1024, 1e-3
RIDGE, LEAST = Ridge(0.1), MinimumNorm()
ISOTROPIC = Population(Isotropic(DIMENSION, scale=1.3), UniformTarget(1.4))
SPIKED = Population(Spiked(DIMENSION, [5.0, 0.2], bulk=0.7), Coefficients(np.linspace(-1, 1, DIMENSION)))
START = Coefficients(np.linspace(0.6, -0.2, DIMENSION))
BIASED = Coefficients(np.linspace(-0.3, 0.4, DIMENSION))
RANDOM = GaussianTarget(np.full(DIMENSION, 0.05))
WINDOW = ResidualWindow(BIASED, -0.6, 1.1)


def alike(population, estimator, selection, *sources):
    steps = (Generation(tuple(Source(*source) for source in sources), estimator, selection),) * 3
    return Chain(population, steps, START)


def two_verifiers():
    """Two judged sources with noises of their own; then no verifier; then another one."""
    halves = Blend(((PREVIOUS, 0.5), (TRUTH, 0.5)))
    first = (Source(15, 0.3, PREVIOUS), Source(10, 0.6, halves))
    steps = [
        Generation(first, RIDGE, Unreliable(TopShare(BIASED, 0.6), 0.1, 0.2)),
        Generation((Source(20, 0.4, PREVIOUS),), RIDGE),
        Generation((Source(9, 0.4, TRUTH), Source(14, 0.4, PREVIOUS)), LEAST, ResidualWindow(RANDOM, -0.7, 0.5)),
    ]
    return Chain(ISOTROPIC, tuple(steps), START)


CHAINS = {
    "a window": alike(ISOTROPIC, RIDGE, WINDOW, (25, 0.5, PREVIOUS), (5, 0.4, TRUTH)),
    "a window, around the dimension": alike(ISOTROPIC, LEAST, WINDOW, (22, 0.5, PREVIOUS)),
    "a share, few rows": alike(ISOTROPIC, LEAST, TopShare(BIASED, 0.5), (14, 0.5, PREVIOUS)),
    "tries, spikes": alike(SPIKED, LEAST, Resample(WINDOW, 3), (25, 0.5, PREVIOUS)),
    "the last try": alike(ISOTROPIC, RIDGE, Resample(WINDOW, 3, keep_last=True), (20, 0.5, PREVIOUS)),
    "revision, spikes": alike(SPIKED, RIDGE, Revise(BIASED, 0.7, 0.6), (20, 0.5, PREVIOUS), (5, 0.4, TRUTH)),
    "two verifiers": two_verifiers(),
}
COMPARISONS = 3 * len(CHAINS)


@pytest.mark.parametrize("name", CHAINS)
def test_the_law_is_that_of_rows_drawn_one_by_one(name):
    """Means of the logarithm and whole distributions, at a family-wise level of 1e-3."""
    naive = np.log(simulate(CHAINS[name], REPLICATES, seed=81, sampler=NAIVE).errors)
    fast = np.log(simulate(CHAINS[name], REPLICATES, seed=82, sampler=BANDED).errors)
    pairs = [(naive[:, g], fast[:, g]) for g in range(3)]
    found = [ttest_ind(*pair, equal_var=False).pvalue for pair in pairs] + [ks_2samp(*pair).pvalue for pair in pairs]
    assert min(found) > LEVEL / (2 * COMPARISONS)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (TopShare(BIASED, 13 / 18), TopShare(BIASED, 14 / 18)),
        (WINDOW, ResidualWindow(BIASED, -0.6, 0.6)),
        (Revise(BIASED, 0.7, 0.6), Revise(BIASED, 0.7, 0.8)),
    ],
)
def test_another_verdict_would_be_found(right, wrong):
    """A row more, a narrower window, another revision."""
    naive, other = (
        np.log(
            simulate(alike(ISOTROPIC, LEAST, one, (18, 0.5, PREVIOUS)), 2 * REPLICATES, seed, sampler=sampler).errors
        )
        for one, seed, sampler in ((right, 83, NAIVE), (wrong, 84, BANDED))
    )
    assert min(ks_2samp(naive[:, g], other[:, g]).pvalue for g in range(3)) < LEVEL / (2 * COMPARISONS)


def large(dimension, rows, selection):
    population = Population(Spiked(dimension, [4.0], bulk=1.0), UniformTarget())
    sources = Source(rows, 0.5, PREVIOUS), Source(rows // 4, 0.4, TRUTH)
    return Chain(population, (Generation(sources, RIDGE, selection),) * 3, UniformTarget(0.3))


VERIFIER = UniformTarget(0.2)
AT_LARGE = [
    ResidualWindow(VERIFIER, -0.6, 0.9),
    Unreliable(TopShare(VERIFIER, 0.5), 0.1, 0.2),
    Resample(ResidualWindow(VERIFIER, -0.6, 0.9), 2),
    Revise(VERIFIER, 0.7, 0.6),
]


@pytest.mark.parametrize("selection", AT_LARGE, ids=lambda selection: type(selection).__name__)
def test_theory_is_met_at_a_hundred_million_directions(selection):
    """Standard errors of some 2e-7 of the error: a term of relative size 2e-6 would be found."""
    chain = large(10**8, 20_000, selection)
    simulation, theory = simulate(chain, 64, seed=85), predict(chain).error
    assert simulation.sampler.startswith(BANDED.title)
    assert np.all(np.abs(simulation.mean / theory - 1) < 2e-6)
    assert np.all(np.abs(simulation.mean - theory) < 4.5 * simulation.standard_error)


def test_the_gap_to_theory_is_that_of_the_dimension():
    """Seen at 60 directions, gone at 20,000."""
    gaps = {}
    for dimension, replicates in ((60, 4096), (20_000, 64)):
        chain = large(dimension, 2 * dimension, AT_LARGE[0])
        simulation, theory = simulate(chain, replicates, seed=86, sampler=BANDED), predict(chain).error
        gaps[dimension] = ((simulation.mean / theory - 1)[2], (simulation.standard_error / theory)[2])
    assert gaps[60][0] > 4.5 * gaps[60][1]
    assert 0.6 < 60 * gaps[60][0] < 2.4
    assert abs(gaps[20_000][0]) < 4.5 * gaps[20_000][1] < 0.015


def test_twice_as_many_unknowns_change_nothing():
    """About as many rows are kept as there are directions, in some replicates more, in some fewer."""
    chain = large(400, 440, AT_LARGE[0])
    work = BANDED.work(chain, seed=87)
    program = work.lanes.program
    longer = dataclasses.replace(work.lanes, program=dataclasses.replace(program, unknowns=2 * program.unknowns))
    rows = work.lanes.fields(0, 64)[-1]
    assert rows.min() < 400 < rows.max()
    np.testing.assert_allclose(work.batch(0, 64), dataclasses.replace(work, lanes=longer).batch(0, 64), rtol=1e-10)


def test_orthogonal_triangularisation_finds_the_same():
    work = BANDED.work(large(100, 140, AT_LARGE[1]), seed=88)
    errors, _, conditions, rows = work.lanes.fields(0, 8)
    assert rows.min() < 100 < rows.max()
    accurate = dataclasses.replace(work.lanes, program=dataclasses.replace(work.lanes.program, accurate=True))
    for index in range(8):
        found = accurate.alone(index)[0][0]
        assert np.all(np.abs(found / errors[index] - 1) < 10 * np.finfo(float).eps * conditions[index].max() + 1e-13)


def test_a_replicate_depends_on_its_number_only():
    chain = large(60, 110, AT_LARGE[1])
    whole = simulate(chain, 600, seed=5, sampler=BANDED)
    part = simulate(chain, 70, seed=5, sampler=BANDED, start=250)
    np.testing.assert_array_equal(whole.errors[250:320], part.errors)
    assert np.unique(whole.errors[:, 0]).size == 600


def test_under_jax_the_law_is_the_same():
    chain = large(60, 110, AT_LARGE[1])
    sampler = Banded(JaxBackend(batch=512))
    one, other = (simulate(chain, 512, seed=89, sampler=which).errors for which in (BANDED, sampler))
    assert min(ks_2samp(one[:, g], other[:, g]).pvalue for g in range(3)) > LEVEL
    np.testing.assert_array_equal(simulate(chain, 9, seed=89, start=30, sampler=sampler).errors, other[30:39])


def test_fits_on_nothing_are_the_zero_model():
    nothing = ResidualWindow(BIASED, 1e6, 1e7)
    for fit in (RIDGE, LEAST):
        errors = simulate(alike(ISOTROPIC, fit, nothing, (9, 0.3, PREVIOUS)), 8, sampler=BANDED).errors
        np.testing.assert_allclose(errors, 1.3 * 1.4, rtol=1e-12)


def test_the_choice_is_a_band_where_directions_are_many():
    assert "verified statistics" in choose(large(40, 60, AT_LARGE[0]))[1]
    assert BANDED.title in choose(large(60, 60, AT_LARGE[0]))[1]


def test_what_cannot_be_judged_so_is_refused():
    with pytest.raises(SpecificationError, match=r"sampler: got .*norm of the row"):
        simulate(large(60, 60, NormWindow(VERIFIER, 0.1, 0.5)), 8, sampler=BANDED)
    with pytest.raises(TooLarge, match="rows"):
        simulate(large(10**8, 10**13, AT_LARGE[0]), 8)

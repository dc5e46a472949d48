"""The lazy Gaussian sampler: its law, its tolerance, its refusals, and what it reaches that no other sampler does.

The law is compared with rows drawn one by one: means of the logarithm (Welch) and whole distributions
(Kolmogorov-Smirnov) of the error after every generation, at a family-wise level of 1e-3 over all comparisons. A shift
of the logarithm by a quarter of its standard deviation would be found.
"""

import pickle
import time
from functools import cache

import numpy as np
import pytest
import sympy
from scipy.stats import ks_2samp, ttest_ind

from modelcollapse.numerics.sampling import NAIVE
from modelcollapse.numerics.sampling.lazy_gaussian import LAZY_GAUSSIAN, LazyGaussian
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    GaussianTarget,
    Generation,
    Isotropic,
    Kept,
    Levels,
    MinimumNorm,
    NotCertified,
    Population,
    PowerLaw,
    RandomProjection,
    Recorded,
    Ridge,
    SameRows,
    Shifted,
    Source,
    SpecificationError,
    Spiked,
    TooLarge,
    UniformTarget,
    accumulate,
    replace,
)

from ..market import BY_ROWS

DIMENSION, GENERATIONS, REPLICATES, LEVEL = 12, 3, 500, 1e-3
POPULATION = Population(PowerLaw(DIMENSION, 1.1), UniformTarget(norm_squared=1.4))
SPIKED = Population(Spiked(DIMENSION, [4.0, 2.5], 0.6), UniformTarget(norm_squared=1.4))
RANDOM = Population(Levels([2.0, 0.3], [5, 7]), GaussianTarget([0.1] * 5 + [0.4] * 7))
RIDGE = Ridge(0.1)


def chain_of(*sources, estimator=RIDGE, population=POPULATION, **others):
    return Chain(population, (Generation(sources, estimator, **others),) * GENERATIONS)


def kept(population):
    first = Generation((Source(30, 0.5, TRUTH),), RIDGE)
    again = Source(30, 0.2, Blend(((Recorded(1), 0.4), (PREVIOUS, 0.6))), covariates=SameRows(1))
    later = Generation((Kept(1, weight=1.6), again, Source(12, 0.3, PREVIOUS)), RIDGE)
    return Chain(population, (first, later, later))


def projections(width, penalty):
    first, later = (RandomProjection(width, penalty, redraw=redraw) for redraw in (True, False))
    return replace(SPIKED, GENERATIONS, 30, 0.3, [first, later, later])


OWN = Source(30, 0.4, PREVIOUS, covariance=Isotropic(DIMENSION, scale=0.3))
SHIFT = Source(12, 0.3, Shifted(UniformTarget(0.5)))
RANDOM_SHIFT = Source(12, 0.3, Shifted(GaussianTarget([0.2] * 5 + [0.1] * 7)))
BLEND = Source(30, 0.2, Blend(((TRUTH, 0.4), (PREVIOUS, 0.6))))
CHAINS = {
    "rows below, ridge": replace(POPULATION, GENERATIONS, 7, 0.4, RIDGE),
    "rows below, minimum norm": replace(SPIKED, GENERATIONS, 7, 0.4, MinimumNorm()),
    "rows at the dimension, minimum norm": replace(POPULATION, GENERATIONS, 12, 0.4, MinimumNorm()),
    "rows at the dimension, levels": replace(SPIKED, GENERATIONS, 12, 0.4, RIDGE),
    "rows above, minimum norm": replace(RANDOM, GENERATIONS, 30, 0.4, MinimumNorm()),
    "rows above, levels": replace(SPIKED, GENERATIONS, 30, 0.4, RIDGE),
    "two sources": chain_of(Source(7, 0.4, TRUTH), Source(30, 0.2, PREVIOUS, weight=0.6)),
    "a covariance of its own, and a shift": chain_of(OWN, SHIFT),
    "a random truth and a random shift": chain_of(RANDOM_SHIFT, BLEND, population=RANDOM),
    "accumulation": accumulate(POPULATION, GENERATIONS, 12, 0.4, RIDGE),
    "accumulation on the same rows": accumulate(POPULATION, GENERATIONS, 30, 0.4, RIDGE, same_rows=True),
    "accumulation on the same few rows": accumulate(SPIKED, GENERATIONS, 7, 0.4, MinimumNorm(), same_rows=True),
    "kept rows and recorded labels": kept(SPIKED),
    "a projection redrawn": replace(POPULATION, GENERATIONS, 30, 0.3, RandomProjection(9, 0.05)),
    "a projection kept": projections(9, 0.05),
    "a wide projection without a penalty": projections(20, None),
}
COMPARISONS = len(CHAINS) * GENERATIONS


def errors(chain, replicates, seed=62, sampler=LAZY_GAUSSIAN):
    return sampler.work(chain, seed).batch(0, replicates)


@pytest.mark.parametrize("name", CHAINS)
def test_it_has_the_law_of_rows_drawn_one_by_one(name):
    naive = np.log(simulate(CHAINS[name], 1000, seed=61, sampler=NAIVE).errors)
    lazy = np.log(errors(CHAINS[name], REPLICATES))
    for generation in range(GENERATIONS):
        first, second = naive[:, generation], lazy[:, generation]
        assert ttest_ind(first, second, equal_var=False).pvalue > LEVEL / (2 * COMPARISONS)
        assert ks_2samp(first, second).pvalue > LEVEL / (2 * COMPARISONS)


def test_a_wrong_number_of_degrees_of_freedom_would_be_found():
    """One row more is a different law, and the comparison sees it."""
    right = replace(POPULATION, 1, 12, 0.4, MinimumNorm())
    naive = np.log(simulate(right, REPLICATES, seed=63, sampler=NAIVE).errors[:, 0])
    wrong = np.log(errors(right.with_(rows=13), REPLICATES)[:, 0])
    assert ks_2samp(naive, wrong).pvalue < LEVEL / (2 * COMPARISONS)


@pytest.mark.parametrize("share", [0.5, 0.99, 1, 1.01, 1.2, 4])
@pytest.mark.parametrize("spectrum", [PowerLaw(200, 1.0), Isotropic(200)])
@pytest.mark.parametrize("estimator", [Ridge(0.1), Ridge(1e-5), MinimumNorm()])
def test_a_smaller_tolerance_changes_nothing(share, spectrum, estimator):
    """The default is beyond ten digits, and a coarse tolerance keeps its word, too."""
    rows = round(share * 200)
    if rows == 200 and estimator == MinimumNorm():
        return
    chain = replace(Population(spectrum, UniformTarget()), 1, rows, 0.3, estimator)
    coarse, usual, fine = (
        errors(chain, 1, sampler=sampler) for sampler in (LazyGaussian(1e-4), LAZY_GAUSSIAN, LazyGaussian(1e-14))
    )
    assert np.max(np.abs(usual / fine - 1)) < 1e-10
    assert np.max(np.abs(coarse / fine - 1)) < 1e-3


@pytest.mark.parametrize("tolerance", [0.0, -1.0, 2e-4, np.nan, "small", sympy.Symbol("t")])
def test_impossible_tolerances_are_refused(tolerance):
    with pytest.raises(SpecificationError, match=r"^tolerance"):
        LazyGaussian(tolerance)


def test_a_fit_that_is_not_known_is_an_error_that_names_replicate_and_generation():
    steep = Population(PowerLaw(DIMENSION, 14.0), UniformTarget())
    chain = replace(steep, 2, [30, 7], 0.3, MinimumNorm())
    with pytest.raises(NotCertified, match="replicate 5, generation 2: rounding"):
        LAZY_GAUSSIAN.work(chain, seed=0).batch(5, 1)


def test_an_error_that_is_not_finite_is_refused():
    with pytest.raises(NotCertified, match=r"replicate 0, generation 1: .* not finite"):
        errors(replace(POPULATION, 1, 30, 1e200, RIDGE), 1)


@pytest.mark.parametrize("name", ["two sources", "kept rows and recorded labels", "a projection kept"])
def test_batches_are_bitwise_the_same_however_they_are_cut(name):
    work = LAZY_GAUSSIAN.work(CHAINS[name], seed=5)
    sent = pickle.loads(pickle.dumps(work))
    whole = work.batch(0, 8)
    assert np.array_equal(whole, np.concatenate([sent.batch(0, 3), sent.batch(3, 5)]))
    assert np.unique(whole).size == whole.size
    assert not np.any(whole == LAZY_GAUSSIAN.work(CHAINS[name], seed=6).batch(0, 8))


@pytest.mark.parametrize("dimension", [1, 30, 10**5])
def test_a_batch_is_of_moderate_size(dimension):
    work = LAZY_GAUSSIAN.work(replace(Population(PowerLaw(dimension, 1.0), UniformTarget()), 1, 9), seed=0)
    assert work.size == (1 if dimension == 10**5 else 32)


def test_arms_share_their_random_numbers():
    one, other = (errors(replace(POPULATION, 2, 30, 0.4, Ridge(penalty)), 100) for penalty in (0.1, 0.11))
    alone = errors(replace(POPULATION, 2, 30, 0.4, Ridge(0.11)), 100, seed=63)
    assert np.all(np.var(one - other, axis=0) < np.var(one - alone, axis=0) / 100)


@pytest.mark.parametrize("name", BY_ROWS)
def test_chains_that_need_single_rows_are_refused(name):
    assert LAZY_GAUSSIAN.obstacle(BY_ROWS[name])
    with pytest.raises(SpecificationError, match=r"^sampler"):
        LAZY_GAUSSIAN.work(BY_ROWS[name], seed=0)


def test_symbols_are_refused():
    with pytest.raises(SpecificationError, match=r"^noise"):
        LAZY_GAUSSIAN.work(CHAINS["rows above, levels"].with_(noise=sympy.Symbol("sigma")), seed=0)


def test_what_does_not_fit_into_memory_is_refused_before_any_work():
    with pytest.raises(TooLarge):
        LAZY_GAUSSIAN.work(replace(Population(PowerLaw(10**12, 0.5), UniformTarget()), 1, rows=9), seed=0)


def test_no_rows_are_ever_as_many_as_the_rows():
    """Nothing that is drawn has the length of a sample: a thousand times as many rows cost no more."""
    chain = replace(POPULATION, GENERATIONS, 10**13, 0.4, RIDGE)
    assert np.all(errors(chain, 2) > 0)


LARGE = 10**8


@cache
def predicted():
    """The deterministic equivalent, the same in every dimension."""
    return predict(again_and_again(Isotropic(LARGE))).error


def again_and_again(spectrum):
    rows = 2 * spectrum.dimension
    return accumulate(Population(spectrum, UniformTarget()), 5, rows, 0.5, RIDGE, same_rows=True)


@pytest.mark.parametrize("spectrum", [Isotropic(LARGE), Levels([1.0, 1.0, 1.0], [LARGE // 4, LARGE // 4, LARGE // 2])])
def test_a_hundred_million_directions_take_a_moment_and_agree_with_the_theory(spectrum):
    work = LAZY_GAUSSIAN.work(again_and_again(spectrum), seed=3)
    start = time.process_time()
    found = work.batch(0, 4)
    assert time.process_time() - start < 2.0
    assert np.max(np.abs(found / predicted() - 1)) < 1e-3


def test_the_distance_to_the_theory_shrinks_with_the_dimension():
    distances = []
    for dimension in (10**2, 10**5, 10**8):
        ratios = errors(again_and_again(Isotropic(dimension)), 4) / predicted()
        distances.append(np.sqrt(np.mean((ratios - 1) ** 2)))
    assert distances[0] > 10 * distances[1] > 100 * distances[2]


@pytest.mark.parametrize(("dimension", "rows", "replicates"), [(1000, 1500, 30), (8, 12, 400)])
def test_least_squares_has_its_exact_mean(dimension, rows, replicates):
    """E = g sigma^2 d / (T - d - 1) after generation g, whatever the spectrum."""
    chain = replace(Population(PowerLaw(dimension, 1.3), UniformTarget()), 3, rows, 0.5, MinimumNorm())
    steps = np.diff(errors(chain, replicates), axis=1, prepend=0.0)
    exact = 0.25 * dimension / (rows - dimension - 1)
    assert np.all(np.abs(steps.mean(axis=0) - exact) < 4 * steps.std(axis=0, ddof=1) / np.sqrt(replicates))


def test_rows_that_were_stored_with_weight_zero_count_in_the_penalty_only():
    step = Generation((Source(9, 0.3), Source(7, 0.2, PREVIOUS, weight=0.0)), RIDGE, memory=ACCUMULATE)
    chain = Chain(POPULATION, (step,))
    other = Chain(POPULATION, (Generation((Source(9, 0.3),), Ridge(0.1 * 16 / 9)),))
    assert np.allclose(errors(chain, 5), errors(other, 5), rtol=1e-12)

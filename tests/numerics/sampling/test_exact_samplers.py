"""Walk, band and Wishart statistics against rows drawn one by one: one law at dimension 12, whatever the rows.

Means of the logarithm (Welch) and whole distributions (Kolmogorov-Smirnov) of the error after every generation, at a
family-wise level of 1e-3 over all comparisons. With 1536 replicates each, a shift of the logarithm by a quarter of its
standard deviation, or a distance of 0.09 between distribution functions, would be found; smaller ones would not. Large
dimensions are compared with theory in `test_any_dimension`.
"""

import numpy as np
import pytest
from scipy.stats import ks_2samp, ttest_ind

from modelcollapse.numerics.sampling import BANDED, LEAST_SQUARES_WALK, NAIVE, ONE_DESIGN, WISHART
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    ACCUMULATE,
    FORGET,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Isotropic,
    LabelledBy,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    SameRows,
    Shifted,
    Source,
    Spiked,
    Subsample,
    UniformTarget,
    replace,
)

DIMENSION, GENERATIONS, REPLICATES, LEVEL = 12, 3, 1536, 1e-3
RIDGE, LEAST = Ridge(0.1), MinimumNorm()
ISOTROPIC = Population(Isotropic(DIMENSION, scale=1.3), UniformTarget(1.4))
SPIKED = Population(Spiked(DIMENSION, [5.0, 0.2], bulk=0.7), Coefficients(np.linspace(-1, 1, DIMENSION)))
STEEP = Population(PowerLaw(DIMENSION, 1.1), UniformTarget(1.4))
RANDOM = Population(Isotropic(DIMENSION), GaussianTarget(np.full(DIMENSION, 0.1)))
SHIFT = Shifted(GaussianTarget(np.full(DIMENSION, 0.05)))
START = Coefficients(np.linspace(0, 1, DIMENSION))


def mixed(population, real, synthetic, estimator):
    sources = Source(real, 0.3, TRUTH), Source(synthetic, 0.2, PREVIOUS)
    return Chain(population, (Generation(sources, estimator),) * GENERATIONS)


def shifted(population, estimator):
    """Three labellers, two of them remembered, and model 0 off the truth."""
    first = Generation((Source(10, 0.3, SHIFT), Source(9, 0.5, SHIFT)), estimator)
    halves = Blend(((PREVIOUS, 0.5), (SHIFT, 0.5)))
    second = Generation((Source(20, 0.3, halves), Source(5, 0.1, PREVIOUS)), estimator)
    third = Generation((Source(20, 0.2, Blend(((PREVIOUS, 0.5), (LabelledBy(1), 0.5)))),), estimator)
    return Chain(population, (first, second, third), initial=START)


def one_labeller(population):
    halves = Blend(((PREVIOUS, 0.5), (SHIFT, 0.5)))
    steps = [Generation((Source(rows, 0.3, labels),), LEAST) for rows, labels in ((14, SHIFT), (30, halves))]
    last = Generation((Source(20, 0.2, Blend(((PREVIOUS, 0.5), (LabelledBy(1), 0.5)))),), LEAST)
    return Chain(population, (*steps, last), initial=START)


def same_rows(rows, estimator, memory):
    """New labels on the rows of generation 1; a store needs no sample in generation 1."""
    first = Generation((Source(rows, 0.4, PREVIOUS),), estimator)
    later = Generation((Source(rows, 0.3, PREVIOUS, covariates=SameRows(1)),), estimator, memory=memory)
    return Chain(STEEP, (first, later, later), initial=START)


CHAINS = {
    "band, rows below, ridge": (BANDED, replace(ISOTROPIC, GENERATIONS, 7, 0.4, RIDGE)),
    "band, rows at the dimension, ridge": (BANDED, replace(ISOTROPIC, GENERATIONS, 12, 0.4, RIDGE)),
    "band, rows above, ridge": (BANDED, replace(ISOTROPIC, GENERATIONS, 30, 0.4, RIDGE)),
    "band, rows below, least norm": (BANDED, replace(ISOTROPIC, GENERATIONS, 7, 0.4, LEAST)),
    "band, rows at the dimension, least norm": (BANDED, replace(ISOTROPIC, GENERATIONS, 12, 0.4, LEAST)),
    "band, rows above, least squares": (BANDED, replace(ISOTROPIC, GENERATIONS, 30, 0.4, LEAST)),
    "band, spikes, rows below": (BANDED, replace(SPIKED, GENERATIONS, 7, 0.4, LEAST)),
    "band, spikes, rows at the dimension": (BANDED, replace(SPIKED, GENERATIONS, 12, 0.4, RIDGE)),
    "band, spikes, rows above": (BANDED, replace(SPIKED, GENERATIONS, 30, 0.4, RIDGE)),
    "band, random truth": (BANDED, replace(RANDOM, GENERATIONS, 12, 0.4, RIDGE)),
    "band, real and synthetic rows": (BANDED, mixed(ISOTROPIC, 5, 20, RIDGE)),
    "band, few real and synthetic rows": (BANDED, mixed(ISOTROPIC, 4, 3, LEAST)),
    "band, three labellers": (BANDED, shifted(RANDOM, RIDGE)),
    "walk, a steep spectrum": (LEAST_SQUARES_WALK, replace(STEEP, GENERATIONS, 30, 0.4, LEAST)),
    "walk, rows at the dimension": (LEAST_SQUARES_WALK, replace(STEEP, GENERATIONS, 12, 0.4, LEAST)),
    "walk, a remembered model": (LEAST_SQUARES_WALK, one_labeller(RANDOM)),
    "one design, replaced labels, rows below": (ONE_DESIGN, same_rows(7, LEAST, FORGET)),
    "one design, replaced labels, rows above": (ONE_DESIGN, same_rows(30, RIDGE, FORGET)),
    "one design, accumulated labels, rows below": (ONE_DESIGN, same_rows(7, LEAST, ACCUMULATE)),
    "one design, accumulated labels, rows above": (ONE_DESIGN, same_rows(30, RIDGE, ACCUMULATE)),
    "one design, sampled labels, rows below": (ONE_DESIGN, same_rows(7, RIDGE, Subsample(7))),
    "one design, sampled labels, rows above": (ONE_DESIGN, same_rows(30, RIDGE, Subsample(30))),
    "one design, a small sample": (ONE_DESIGN, same_rows(10, LEAST, Subsample(6))),
    "Wishart, rows below": (WISHART, replace(STEEP, GENERATIONS, 7, 0.4, RIDGE)),
    "Wishart, rows at the dimension": (WISHART, replace(STEEP, GENERATIONS, 12, 0.4, LEAST)),
    "Wishart, rows above": (WISHART, replace(STEEP, GENERATIONS, 30, 0.4, RIDGE)),
    "Wishart, two sources on both sides": (WISHART, mixed(STEEP, 7, 30, LEAST)),
    "Wishart, few real and synthetic rows": (WISHART, mixed(STEEP, 4, 3, RIDGE)),
    "Wishart, three labellers": (WISHART, shifted(RANDOM, RIDGE)),
}
COMPARISONS = len(CHAINS) * GENERATIONS


def test_there_are_sixty_comparisons():
    assert COMPARISONS >= 60


def p_values(chain, sampler, seed):
    naive = np.log(simulate(chain, REPLICATES, seed=seed, sampler=NAIVE).errors)
    fast = np.log(simulate(chain, REPLICATES, seed=seed + 1, sampler=sampler).errors)
    pairs = [(naive[:, g], fast[:, g]) for g in range(GENERATIONS)]
    return [ttest_ind(*pair, equal_var=False).pvalue for pair in pairs], [ks_2samp(*pair).pvalue for pair in pairs]


@pytest.mark.parametrize("name", CHAINS)
def test_the_law_is_that_of_rows_drawn_one_by_one(name):
    sampler, chain = CHAINS[name]
    means, laws = p_values(chain, sampler, seed=71)
    assert min(means + laws) > LEVEL / (2 * COMPARISONS)


@pytest.mark.parametrize("sampler", [BANDED, LEAST_SQUARES_WALK, WISHART])
def test_a_row_more_or_less_would_be_found(sampler):
    right, wrong = (replace(ISOTROPIC, GENERATIONS, rows, 0.4, LEAST) for rows in (13, 14))
    naive = np.log(simulate(right, REPLICATES, seed=73, sampler=NAIVE).errors[:, 0])
    other = np.log(simulate(wrong, REPLICATES, seed=74, sampler=sampler).errors[:, 0])
    assert ks_2samp(naive, other).pvalue < LEVEL / (2 * COMPARISONS)


@pytest.mark.parametrize("sampler", [BANDED, LEAST_SQUARES_WALK, WISHART])
def test_a_replicate_depends_on_its_number_only(sampler):
    chain = replace(ISOTROPIC, GENERATIONS, 30, 0.4, LEAST)
    whole = simulate(chain, 600, seed=5, sampler=sampler)
    part = simulate(chain, 70, seed=5, sampler=sampler, start=250)
    np.testing.assert_array_equal(whole.errors[250:320], part.errors)
    assert np.unique(whole.errors[:, 0]).size == 600


@pytest.mark.parametrize("sampler", [BANDED, WISHART])
def test_arms_share_their_random_numbers(sampler):
    """The variance of a difference between two penalties falls by a factor of more than a hundred."""
    chain = replace(ISOTROPIC, 1, 24, 0.5, RIDGE)
    one, other, alone = (
        simulate(chain.with_(penalty=penalty), 512, seed=seed, sampler=sampler).errors[:, 0]
        for penalty, seed in ((0.1, 1), (0.11, 1), (0.11, 2))
    )
    assert 100 * np.var(one - other) < np.var(one - alone)

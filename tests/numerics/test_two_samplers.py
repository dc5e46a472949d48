"""Rows drawn one by one and their sufficient statistics: one law, at dimension 12, below, at and above the rank.

Means of the logarithm (Welch) and whole distributions (Kolmogorov-Smirnov) of the error after every generation, at a
family-wise level of 1e-3 over all comparisons. With 2000 replicates each, a shift of the logarithm by a fifth of its
standard deviation, or a distance of 0.08 between distribution functions, would be found; smaller ones would not.
"""

import numpy as np
import pytest
from scipy.stats import ks_2samp, ttest_ind

from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Generation,
    Isotropic,
    Kept,
    MinimumNorm,
    Population,
    PowerLaw,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    UniformTarget,
    accumulate,
    replace,
)

DIMENSION, GENERATIONS, REPLICATES, LEVEL = 12, 3, 2000, 1e-3
POPULATION = Population(PowerLaw(DIMENSION, 1.1), UniformTarget(norm_squared=1.4))
RIDGE = Ridge(0.1)


def chain_of(*sources, estimator=RIDGE):
    return Chain(POPULATION, (Generation(sources, estimator),) * GENERATIONS)


def kept():
    first = Generation((Source(30, 0.5, TRUTH),), RIDGE)
    later = Generation((Kept(1, weight=1.6), Source(12, 0.3, PREVIOUS)), RIDGE)
    return Chain(POPULATION, (first, later, later))


CHAINS = {
    "rows below, ridge": replace(POPULATION, GENERATIONS, 7, 0.4, RIDGE),
    "rows at the dimension, ridge": replace(POPULATION, GENERATIONS, 12, 0.4, RIDGE),
    "rows above, ridge": replace(POPULATION, GENERATIONS, 30, 0.4, RIDGE),
    "rows below, minimum norm": replace(POPULATION, GENERATIONS, 7, 0.4, MinimumNorm()),
    "rows at the dimension, minimum norm": replace(POPULATION, GENERATIONS, 12, 0.4, MinimumNorm()),
    "rows above, minimum norm": replace(POPULATION, GENERATIONS, 30, 0.4, MinimumNorm()),
    "rows above, no noise, ridge": replace(POPULATION, GENERATIONS, 30, 0.0, RIDGE),
    "rows on both sides": replace(POPULATION, GENERATIONS, [30, 7, 12], [0.3, 0.5, 0.2], RIDGE),
    "two sources": chain_of(Source(7, 0.4, TRUTH), Source(30, 0.2, PREVIOUS, weight=0.6)),
    "a shifted truth and a blend": chain_of(
        Source(12, 0.3, Shifted(UniformTarget(0.5))), Source(30, 0.2, Blend(((TRUTH, 0.4), (PREVIOUS, 0.6))))
    ),
    "a covariance of its own": chain_of(
        Source(30, 0.4, PREVIOUS, covariance=Isotropic(DIMENSION, scale=0.3)), Source(7, 0.2, TRUTH)
    ),
    "a random projection": replace(POPULATION, GENERATIONS, 30, 0.3, RandomProjection(9, 0.05)),
    "accumulation": accumulate(POPULATION, GENERATIONS, 12, 0.4, RIDGE),
    "accumulation on the same rows": accumulate(POPULATION, GENERATIONS, 30, 0.4, RIDGE, same_rows=True),
    "kept rows": kept(),
}
COMPARISONS = len(CHAINS) * GENERATIONS


def test_there_are_forty_comparisons():
    assert COMPARISONS >= 40


@pytest.mark.parametrize("name", CHAINS)
def test_both_samplers_draw_from_one_law(name):
    naive = np.log(simulate(CHAINS[name], REPLICATES, seed=61, sampler=NAIVE).errors)
    fast = np.log(simulate(CHAINS[name], REPLICATES, seed=62, sampler=SUFFICIENT_STATISTICS).errors)
    level = LEVEL / (2 * COMPARISONS)
    for generation in range(GENERATIONS):
        first, second = naive[:, generation], fast[:, generation]
        assert ttest_ind(first, second, equal_var=False).pvalue > level
        assert ks_2samp(first, second).pvalue > level


def test_a_wrong_number_of_degrees_of_freedom_would_be_found():
    """One row more or less is a different law, and the comparison sees it."""
    right = np.log(simulate(CHAINS["rows at the dimension, minimum norm"], REPLICATES, seed=63, sampler=NAIVE).errors)
    wrong = CHAINS["rows at the dimension, minimum norm"].with_(rows=13)
    other = np.log(simulate(wrong, REPLICATES, seed=64, sampler=SUFFICIENT_STATISTICS).errors)
    assert ks_2samp(right[:, 0], other[:, 0]).pvalue < LEVEL / (2 * COMPARISONS)

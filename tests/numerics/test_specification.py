"""Every part of a specification against a plain NumPy loop, in law: mean logarithms, and distributions.

All tests of this file together raise a false alarm with probability 1e-3.
"""

import numpy as np
import pytest
from scipy import stats

from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS
from modelcollapse.numerics.simulation import simulate

from . import long_way
from .market import ALL, STATISTICAL

REPLICATES = 1500
COMPARISONS = 3 * (len(STATISTICAL) + len(ALL)) * 2  # generations, samplers, two tests each
LEVEL = 1e-3 / COMPARISONS


@pytest.fixture(scope="module")
def reference():
    """Errors of the long way, made once for each chain."""
    known = {}

    def of(name):
        if name not in known:
            known[name] = long_way.errors(ALL[name], REPLICATES, seed=len(name))
        return known[name]

    return of


def assert_same_mean(found, expected):
    """Welch's test in every generation, on logarithms: errors may have no finite variance."""
    for f, e in zip(found.T, expected.T, strict=True):
        assert stats.ttest_ind(np.log(f), np.log(e), equal_var=False).pvalue > LEVEL


def assert_same_law(found, expected):
    assert_same_mean(found, expected)
    for f, e in zip(found.T, expected.T, strict=True):
        assert stats.ks_2samp(f, e).pvalue > LEVEL


@pytest.mark.parametrize("name", ALL)
def test_rows_one_by_one_follow_the_words_of_the_specification(name, reference):
    assert_same_law(simulate(ALL[name], REPLICATES, seed=3, sampler=NAIVE).errors, reference(name))


@pytest.mark.parametrize("name", STATISTICAL)
def test_sufficient_statistics_follow_the_words_of_the_specification(name, reference):
    found = simulate(STATISTICAL[name], REPLICATES, seed=4, sampler=SUFFICIENT_STATISTICS).errors
    assert_same_law(found, reference(name))

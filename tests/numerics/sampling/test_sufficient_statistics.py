"""The triangular factor of Gaussian rows, and when it may stand for them."""

from functools import partial

import jax
import numpy as np
import pytest
from scipy import stats

from modelcollapse.numerics.designs import GAUSSIAN, ResampledRows
from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS
from modelcollapse.numerics.sampling.choice import choose
from modelcollapse.numerics.sampling.sufficient_statistics import chi, strict_upper_triangle, triangular_factor
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import Isotropic, Population, PowerLaw, SpecificationError, UniformTarget, replace

from ..market import BY_ROWS, STATISTICAL

LEVEL = 1e-4  # of each Kolmogorov-Smirnov test of this file; together below 3e-3
FREEDOM = np.array([1.0, 2.0, 3.0, 50.0, 1e8, 0.0, -3.0])


@pytest.fixture(scope="module")
def drawn():
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(8), 20000)
        return np.asarray(jax.jit(jax.vmap(lambda key: chi(key, FREEDOM)))(keys))


@pytest.mark.parametrize("column", range(5))
def test_chi_variables_follow_their_law(drawn, column):
    assert stats.kstest(drawn[:, column] ** 2, "chi2", args=(FREEDOM[column],)).pvalue > LEVEL


def test_no_degree_of_freedom_is_exactly_zero(drawn):
    assert np.all(drawn[:, 5:] == 0.0)


@pytest.mark.parametrize("dimension", [1, 2, 5, 6])
def test_the_folded_triangle_is_standard_normal_above_the_diagonal_and_uses_no_number_twice(dimension):
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(9), 4000)
        found = np.asarray(jax.vmap(partial(strict_upper_triangle, dimension=dimension))(keys))
    assert np.all(np.tril(found) == 0)
    entries = found[:, *np.triu_indices(dimension, 1)]
    assert np.unique(entries).size == entries.size
    if dimension > 1:
        assert stats.kstest(entries.ravel(), "norm").pvalue > LEVEL


@pytest.mark.parametrize("rows", [2, 4, 5, 9])
def test_the_factor_has_the_law_of_gaussian_rows(rows):
    """A quadratic form of R'R is chi-square, and rows beyond the number of rows are zero."""
    direction = np.array([0.6, -0.3, 0.5, 0.1])
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(10), 4000)
        factors = np.asarray(jax.jit(jax.vmap(lambda key: triangular_factor(key, float(rows), 4)))(keys))
    assert np.all(factors[:, rows:] == 0)
    forms = np.sum((factors @ direction) ** 2, axis=1) / np.sum(direction**2)
    assert stats.kstest(forms, "chi2", args=(rows,)).pvalue > LEVEL
    if rows >= 4:  # the volume: a product of independent chi-squares
        volumes = np.prod(np.diagonal(factors, axis1=1, axis2=2) ** 2, axis=1)
        other = np.linalg.det(np.swapaxes(z := normal(rows), 1, 2) @ z)
        assert stats.ks_2samp(volumes, other).pvalue > LEVEL


def normal(rows):
    return np.random.default_rng(rows).standard_normal((4000, rows, 4))


@pytest.mark.parametrize("name", BY_ROWS)
def test_chains_that_need_single_rows_are_refused_by_name(name):
    assert choose(BY_ROWS[name], GAUSSIAN)[0] == NAIVE
    with pytest.raises(SpecificationError, match=r"^sampler"):
        simulate(BY_ROWS[name], 2, sampler=SUFFICIENT_STATISTICS)


def test_the_choice_is_sufficient_statistics_where_rows_are_many():
    few, many = (replace(Population(PowerLaw(6, 1.0), UniformTarget()), 2, rows=rows) for rows in (11, 13))
    assert choose(few, GAUSSIAN)[0] == NAIVE
    assert choose(many, GAUSSIAN)[0] == SUFFICIENT_STATISTICS
    assert choose(many, ResampledRows(np.ones((3, 6))))[0] == NAIVE
    assert choose(STATISTICAL["accumulate"], GAUSSIAN)[0] == NAIVE


@pytest.mark.parametrize("sampler", ["naive", None.__class__, 3, type(NAIVE)])
def test_impossible_samplers_are_refused_by_name(sampler):
    with pytest.raises(SpecificationError, match=r"^sampler"):
        simulate(replace(Population(Isotropic(3), UniformTarget()), 1, rows=9), 2, sampler=sampler)

"""Rows: drawn from a Gaussian, or from a data set."""

import jax
import numpy as np
import pytest

from modelcollapse.numerics.designs import GAUSSIAN, RADEMACHER, ResampledRows, StudentT
from modelcollapse.numerics.measurement.label_noise import INTEGRATED
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    Eigenvalues,
    Isotropic,
    MinimumNorm,
    NotCertified,
    Population,
    Ridge,
    SpecificationError,
    UniformTarget,
    replace,
)

EIGENVALUES = np.array([4.0, 0.0, 0.25])


def draw(design, count, eigenvalues):
    with jax.enable_x64(True):
        pool = design.whitened_pool(eigenvalues)
        rank = int(np.sum(eigenvalues > 0))
        return np.asarray(design.draw(jax.random.key(5), count, rank, pool))


@pytest.mark.parametrize("noncentral", [0.0, 1.5])
def test_resampled_rows_have_the_second_moments_of_the_data(noncentral):
    """Every entry of the Gram matrix is a mean over rows: |z| < 5, whitened by the population's eigenvalues."""
    generator = np.random.default_rng(7)
    data = (generator.exponential(size=(40, 3)) + noncentral) * [2.0, 0.0, 0.5]
    whitened = data[:, [0, 2]] / np.sqrt([4.0, 0.25])
    rows = draw(ResampledRows(data), 20000, EIGENVALUES)
    products = rows[:, :, None] * rows[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(rows))
    assert np.all(np.abs(products.mean(axis=0) - whitened.T @ whitened / 40) < 5 * error)


def test_resampled_rows_are_rows_of_the_data():
    data = np.arange(12.0).reshape(4, 3) * [1.0, 0.0, 1.0]
    rows = draw(ResampledRows(data), 500, EIGENVALUES) * np.sqrt([4.0, 0.25])
    assert {tuple(row) for row in rows} == {(data[i, 0], data[i, 2]) for i in range(4)}


def test_gaussian_rows_are_standard():
    rows = draw(GAUSSIAN, 20000, EIGENVALUES)
    products = rows[:, :, None] * rows[:, None, :]
    assert np.all(np.abs(products.mean(axis=0) - np.eye(2)) < 5 * products.std(axis=0) / np.sqrt(20000))


def test_rows_do_not_depend_on_padding():
    """A longer generation elsewhere in the chain must not change the numbers drawn here."""
    np.testing.assert_array_equal(draw(GAUSSIAN, 50, EIGENVALUES)[:20], draw(GAUSSIAN, 20, EIGENVALUES))


def test_signs_as_covariates_give_an_error_without_spread():
    """One covariate x = +-1: X'X = T, hence sigma^2 g / T after g generations, in every single replicate."""
    chain = replace(Population(Isotropic(1), UniformTarget()), 3, rows=8, noise=0.4, estimator=MinimumNorm())
    errors = simulate(chain, 4, noise=INTEGRATED, design=ResampledRows([[1.0], [-1.0]])).errors
    np.testing.assert_allclose(errors, np.tile(0.16 * np.arange(1, 4) / 8, (4, 1)), rtol=1e-13)


def test_too_few_distinct_rows_are_refused():
    """Five rows drawn from two are singular for three directions: no number is better than a wrong one."""
    chain = replace(Population(Isotropic(3), UniformTarget()), 1, rows=5, noise=0.4, estimator=MinimumNorm())
    design = ResampledRows([[1.0, 2.0, 0.5], [0.3, -1.0, 1.0]])
    with pytest.raises(NotCertified, match="repeated rows"):
        simulate(chain, 4, design=design)


@pytest.mark.parametrize(
    "rows",
    [
        [1.0, 2.0],
        [[[1.0]]],
        np.zeros((0, 3)),
        np.zeros((3, 0)),
        [[1.0, np.nan]],
        [[np.inf]],
        [[1j]],
        [["a"]],
        [[True]],
        [[1.0], [1.0, 2.0]],
        None,
        np.ma.masked_array([[1.0]], mask=[[True]]),
    ],
)
def test_impossible_rows(rows):
    with pytest.raises(SpecificationError, match="rows"):
        ResampledRows(rows)


@pytest.mark.parametrize("rows", [np.ones((5, 2)), np.ones((5, 3))])
def test_rows_that_do_not_fit_the_population(rows):
    """Two columns for three eigenvalues; entries along a direction without variance."""
    chain = replace(Population(Eigenvalues(EIGENVALUES), UniformTarget()), 1, rows=5, noise=0.4)
    with pytest.raises(SpecificationError, match="design"):
        simulate(chain, 4, design=ResampledRows(rows))


def test_equal_rows_are_equal_designs():
    assert ResampledRows([[1.0, 2.0]]) == ResampledRows(np.array([[1, 2]]))
    assert ResampledRows([[1.0, 2.0]]) != ResampledRows([[1.0], [2.0]])


@pytest.mark.parametrize(("design", "fourth"), [(RADEMACHER, 1.0), (StudentT(9.0), 4.2), (GAUSSIAN, 3.0)])
def test_entries_have_variance_one_and_their_own_fourth_moment(design, fourth):
    """Means over 40000 entries within five standard errors; E t^4 = 3 (f - 2)/(f - 4) for Student's t."""
    rows = draw(design, 20000, EIGENVALUES)
    for power, moment in ((1, 0.0), (2, 1.0), (4, fourth)):
        entries = rows**power
        assert np.all(np.abs(entries.mean(axis=0) - moment) <= 5 * entries.std(axis=0) / np.sqrt(20000))
    assert abs(np.mean(rows[:, 0] * rows[:, 1])) < 5 / np.sqrt(20000)


@pytest.mark.parametrize("design", [RADEMACHER, StudentT(8.0)])
def test_theory_is_universal_as_dimensions_grow(design):
    """The gap to a formula for Gaussian rows is of order 1/d: eight times as many directions leave a fourth at most."""
    gaps = []
    for dimension in (6, 48):
        chain = replace(Population(Isotropic(dimension), UniformTarget()), 1, 2 * dimension, 0.5, Ridge(0.1))
        simulation = simulate(chain, 4096, seed=9, design=design, noise=INTEGRATED)
        gaps.append(simulation.mean[0] / 0.1767837257 - 1)
    error = simulation.standard_error[0] / 0.1767837257
    assert abs(gaps[1]) < abs(gaps[0]) / 4 + 3 * error
    assert abs(gaps[0]) > 10 * error


@pytest.mark.parametrize("freedom", [2, 1.5, 0, -1, np.inf, "5", None])
def test_impossible_degrees_of_freedom_are_refused_by_name(freedom):
    with pytest.raises(SpecificationError, match=r"^freedom"):
        StudentT(freedom)

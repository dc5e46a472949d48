"""Every number of a prediction, by routes that share nothing: forwards, backwards, line by line, in many digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from modelcollapse.theory.chains import moments
from modelcollapse.theory.evaluation.backward import backward_error
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.evaluation.straight_line import straight_line

from .. import reference
from ..market import DIMENSION, MARKET, Fit, Problem

TARGET = 1e-12


def numbers(values):
    return np.array(values, dtype=object).astype(float)


def assert_close(found, expected, within=TARGET):
    found, expected = np.asarray(found), numbers(expected)
    assert found.dtype == np.float64
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=within, atol=1e-290)


@pytest.fixture(params=MARKET)
def problem(request):
    return MARKET[request.param]


def test_error_and_its_parts(problem):
    expected, prediction = reference.chain(problem.s, problem.truth, problem.fits), predict(problem.chain)
    assert_close(prediction.error, expected.total)
    assert_close(prediction.bias, expected.bias)
    assert_close(prediction.variance, numbers(expected.injected).sum(axis=1))
    assert_close(prediction.by_generation, expected.injected)


def test_error_by_mode(problem):
    """The error in one direction is the error with a weight on that direction alone."""
    modes = [np.where(np.arange(DIMENSION) == j, problem.s, 0.0) for j in range(DIMENSION)]
    columns = [reference.chain(problem.s, problem.truth, problem.fits, weight).total for weight in modes]
    assert_close(predict(problem.chain).by_mode, np.array(columns, dtype=object).T)


def test_overlap_and_norm(problem):
    """|w|^2 = |w - w_0|^2 + 2 w'w_0 - |w_0|^2, with a weight 1 on every direction."""
    overlap = reference.overlap(problem.s, problem.truth, problem.fits)
    distance = reference.chain(problem.s, problem.truth, problem.fits, np.ones(DIMENSION)).total
    with mp.workdps(400):
        norm = [a + 2 * b - mp.fsum(problem.truth.tolist()) for a, b in zip(distance, overlap, strict=True)]
    prediction = predict(problem.chain)
    assert_close(prediction.overlap, overlap)
    assert_close(prediction.norm, norm)


def test_effective_ridges_and_degrees_of_freedom(problem):
    prediction = predict(problem.chain)
    ridges = [reference.ridge_of(problem.s, fit) for fit in problem.fits]
    assert_close(prediction.effective_ridge, ridges)
    assert_close(prediction.degrees_of_freedom, [sum(v / (v + kappa) for v in problem.s) for kappa in ridges])


def test_forwards_is_backwards(problem):
    prediction = predict(problem.chain)
    error, contributions = backward_error(problem.chain)
    assert error == pytest.approx(prediction.error[-1], rel=TARGET)
    np.testing.assert_allclose(contributions, prediction.by_generation[-1], rtol=TARGET)


def test_line_by_line_is_compiled(problem):
    np.testing.assert_allclose(straight_line(problem.chain), predict(problem.chain).error, rtol=TARGET)


def test_line_by_line_measures_what_it_is_asked_to():
    chain = MARKET["both sides"].chain
    np.testing.assert_allclose(straight_line(chain, measure=moments.NORM), predict(chain).norm, rtol=TARGET)


def test_parts_add_up(problem):
    prediction = predict(problem.chain)
    np.testing.assert_allclose(prediction.bias + prediction.variance, prediction.error, rtol=TARGET)
    np.testing.assert_allclose(prediction.by_generation.sum(axis=1), prediction.variance, rtol=TARGET)
    np.testing.assert_allclose(prediction.by_mode.sum(axis=1), prediction.error, rtol=TARGET)
    assert np.all(np.triu(prediction.by_generation, 1) == 0)  # later labels cannot act on earlier models


@given(
    decades=st.tuples(st.floats(-300, 300), st.floats(-300, 300)),
    penalties=st.lists(
        st.sampled_from([0.0, 1.0]) | st.floats(-300, 250).map(lambda e: 10.0**e), min_size=3, max_size=3
    ),
    rows=st.lists(st.integers(1, 40), min_size=3, max_size=3),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_chain_within_the_range_of_float64(decades, penalties, rows, seed):
    """Six hundred decades of eigenvalues and penalties, rows on all sides of the rank."""
    generator = np.random.default_rng(seed)
    s, noise = 10.0 ** generator.uniform(min(decades), max(decades), DIMENSION), 10.0 ** generator.uniform(-2, 1, 3)
    rows = [n + 4 * (penalty == 0 and abs(n - DIMENSION) <= 1) for n, penalty in zip(rows, penalties, strict=True)]
    problem = Problem(s, tuple(Fit(*values) for values in zip(rows, penalties, noise.tolist(), strict=True)))
    expected = reference.chain(problem.s, problem.truth, problem.fits)
    assert_close(predict(problem.chain).error, expected.total)
    assert_close(predict(problem.chain).variance, numbers(expected.injected).sum(axis=1))

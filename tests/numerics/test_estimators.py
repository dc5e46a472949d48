"""Both forms of the fit against other routes to the same least-squares problem."""

from functools import partial

import jax
import mpmath
import numpy as np
import pytest

from modelcollapse.numerics.estimators.dual import Dual
from modelcollapse.numerics.estimators.inverse_root import cholesky, householder
from modelcollapse.numerics.estimators.primal import Primal

FACTORISATIONS = pytest.mark.parametrize("factorise", [cholesky, householder])


def problem(rows, eigenvalues, seed=3):
    """Whitened rows, noisy label deviations and a whitened truth."""
    generator = np.random.default_rng(seed)
    eigenvalues = np.asarray(eigenvalues)
    design = generator.standard_normal((rows, eigenvalues.size))
    labels = 0.3 * generator.standard_normal(rows)
    return design, labels, np.sqrt(eigenvalues) * generator.standard_normal(eigenvalues.size)


@partial(jax.jit, static_argnums=(0, 1))
def solved(form, factorise, design, present, ridge, eigenvalues, labels, truth):
    fitted = form.of(design, present, ridge, eigenvalues, factorise)
    return fitted.deviation(labels, truth, 2), fitted.smoother(), fitted.responses()


def fit(form, design, labels, truth, ridge, eigenvalues, factorise, present=None):
    """(deviation, last correction), smoother, (A Z, A A')."""
    present = np.ones(len(design)) if present is None else present
    with jax.enable_x64(True):
        arrays = solved(form, factorise, design, present, np.float64(ridge), eigenvalues, labels, truth)
        return jax.tree.map(np.asarray, arrays)


def deviation(*case, present=None):
    return fit(*case, present)[0]


def long_way(design, labels, truth, ridge, eigenvalues):
    """Singular values of the unwhitened rows, with sqrt(ridge) I stacked below them."""
    root = np.sqrt(eigenvalues)
    rows = np.vstack([design * root, np.sqrt(ridge) * np.eye(root.size)])
    answers = np.concatenate([design @ truth + labels, np.zeros(root.size)])
    return root * np.linalg.lstsq(rows, answers, rcond=None)[0] - truth


@FACTORISATIONS
@pytest.mark.parametrize("ridge", [0.0, 0.7, 40.0])
@pytest.mark.parametrize(("form", "rows"), [(Primal, 9), (Primal, 30), (Dual, 8), (Dual, 3)])
def test_the_fit_is_least_squares_of_minimum_norm(form, rows, ridge, factorise):
    eigenvalues = np.arange(1, 10) ** -1.5
    case = (*problem(rows, eigenvalues), ridge, eigenvalues)
    np.testing.assert_allclose(deviation(form, *case, factorise)[0], long_way(*case), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("rows", [3, 9])
def test_primal_and_dual_agree_on_the_same_rows(rows):
    eigenvalues = np.arange(1, 10) ** -1.5
    case = (*problem(rows, eigenvalues), 0.7, eigenvalues, cholesky)
    np.testing.assert_allclose(deviation(Primal, *case)[0], deviation(Dual, *case)[0], rtol=1e-9, atol=1e-12)


@FACTORISATIONS
@pytest.mark.parametrize("ridge", [0.0, 0.7])
@pytest.mark.parametrize(("form", "rows"), [(Primal, 9), (Dual, 3)])
def test_absent_rows_change_nothing(form, rows, ridge, factorise):
    eigenvalues = np.arange(1, 10) ** -0.5
    design, labels, truth = problem(rows, eigenvalues)
    alone = deviation(form, design, labels, truth, ridge, eigenvalues, factorise)[0]
    size = {9: 30, 3: 8}[rows]
    padded = np.vstack([design, np.zeros((size - rows, 9))]), np.concatenate([labels, np.zeros(size - rows)])
    present = np.arange(size) < rows
    together = deviation(form, *padded, truth, ridge, eigenvalues, factorise, present=present.astype(float))[0]
    np.testing.assert_allclose(together, alone, rtol=1e-11, atol=1e-14)


@FACTORISATIONS
@pytest.mark.parametrize(
    ("form", "rows", "ridge"), [(Primal, 9, 0.0), (Primal, 9, 3.0), (Dual, 8, 0.0), (Dual, 8, 3.0)]
)
def test_the_smoother_is_the_derivative_of_the_fit(form, rows, ridge, factorise):
    """A = dv/dy, A Z answers to a labelling model and A A' to white noise."""
    eigenvalues = np.arange(1, 10) ** -1.5
    design, _, truth = problem(rows, eigenvalues)
    fits = [deviation(form, design, unit, truth, ridge, eigenvalues, factorise)[0] for unit in np.eye(rows)]
    base = deviation(form, design, np.zeros(rows), truth, ridge, eigenvalues, factorise)[0]
    expected = np.array(fits).T - base[:, None]
    _, smoother, (to_model, to_noise) = fit(form, design, np.zeros(rows), truth, ridge, eigenvalues, factorise)
    np.testing.assert_allclose(smoother, expected, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(to_model, expected @ design, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(to_noise, expected @ expected.T, rtol=1e-8, atol=1e-10)


def many_digits(design, labels, truth, ridge, eigenvalues):
    """The deviation and the trace of A A' in 80 digits, by the normal equations in the rows (ridge > 0 or rows < d)."""
    with mpmath.workdps(80):
        z, s = mpmath.matrix(design.tolist()), [mpmath.mpf(float(value)) for value in eigenvalues]
        x = z * mpmath.diag([mpmath.sqrt(value) for value in s])
        gram = x * x.T + mpmath.mpf(ridge) * mpmath.eye(design.shape[0])
        smoother = mpmath.diag(s) * z.T * gram**-1
        v0 = mpmath.matrix(truth.tolist())
        exact = smoother * (z * v0 + mpmath.matrix(labels.tolist())) - v0
        trace = sum(entry**2 for entry in smoother)
        return np.array([float(value) for value in exact]), float(trace)


STEEP = [
    # rows, exponent, n * penalty: tiny ridges and steep spectra on both sides of rows = directions
    (Primal, 9, 3.0, 1e-10),
    (Primal, 9, 6.0, 1e-6),
    (Primal, 9, 12.0, 1e-14),
    (Dual, 3, 4.0, 0.0),
    (Dual, 3, 7.0, 1e-12),
    (Dual, 8, 3.0, 0.0),
    (Dual, 8, 6.0, 1e-8),
]


@FACTORISATIONS
@pytest.mark.parametrize(("form", "rows", "exponent", "ridge"), STEEP)
def test_tiny_ridge_and_steep_spectrum_against_80_digits(form, rows, exponent, ridge, factorise):
    eigenvalues = np.arange(1, 10) ** -exponent
    case = (*problem(rows, eigenvalues), ridge, eigenvalues)
    exact, trace = many_digits(*case)
    (found, correction), _, (_, to_noise) = fit(form, *case, factorise)
    size = np.linalg.norm(exact)
    assert np.linalg.norm(found - exact) < 1e-12 * size
    assert np.linalg.norm(correction) < 1e-9 * size
    assert abs(np.trace(to_noise) / trace - 1) < 1e-9


@pytest.mark.parametrize("exponent", [10.0, 20.0, 30.0])
def test_doubt_is_raised_where_digits_are_lost(exponent):
    """Where the answer is wrong by more than the tolerance, the certificate says so."""
    eigenvalues = np.arange(1, 10) ** -exponent
    case = (*problem(8, eigenvalues), 0.0, eigenvalues)
    exact, _ = many_digits(*case)
    found, correction = deviation(Dual, *case, cholesky)
    wrong = np.linalg.norm(found - exact) / np.linalg.norm(exact)
    certificate = np.linalg.norm(correction) / np.linalg.norm(found)
    assert wrong < 1e-6 or not certificate <= 1e-6


def test_noise_free_least_squares_returns_the_truth_exactly():
    eigenvalues = np.arange(1, 10) ** -1.5
    design, _, truth = problem(30, eigenvalues)
    assert not deviation(Primal, design, np.zeros(30), truth, 0.0, eigenvalues, cholesky)[0].any()


def test_a_small_bias_keeps_all_its_digits():
    """Noise-free ridge is off by -(Z'Z + ridge / s)^(-1) (ridge / s) v_0, here about 1e-14 of the truth."""
    eigenvalues, ridge = np.ones(9), 1e-13
    design, _, truth = problem(30, eigenvalues)
    expected = -ridge * np.linalg.solve(design.T @ design, truth)
    found = deviation(Primal, design, np.zeros(30), truth, ridge, eigenvalues, cholesky)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-9)

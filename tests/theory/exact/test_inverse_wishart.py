"""Inverse Wishart moments: integration by parts, SciPy's distributions, and drawn matrices."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import invwishart

from modelcollapse.theory.exact.inverse_wishart import (
    FIRST,
    PRODUCT_OF_TRACES,
    SECOND,
    SECOND_MOMENT,
    inverse_mean,
    inverse_sandwich,
    inverse_trace_product,
)
from modelcollapse.theory.problem import NoTheorem, SpecificationError
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.trace import Trace
from modelcollapse.validation.confidence import Estimate, Once
from modelcollapse.validation.named_check import Check, agree
from modelcollapse.validation.sabotage import sabotage

from ..interpreter import run, value

n, r, s = x.rows, x.rank, x.s
LEVEL = 1e-6  # of a false alarm, for all comparisons with drawn matrices together
COMPARISONS = 9 + 9 + 1
DETECTABLE = 0.01  # relative to the largest entry
SQUARES = arrays(np.float64, (3, 3), elements=st.integers(-3, 3).map(float))


def identity_covariance(middle, last, rows):
    """E tr(W^-1 A W^-1 B) and E tr(W^-1 A) tr(W^-1 B) in units of the covariance."""
    white = np.eye(3)
    traces = inverse_trace_product(middle, last, white, rows)
    return np.trace(inverse_sandwich(middle, white, rows) @ last), traces


@settings(max_examples=30)
@given(SQUARES, SQUARES, st.integers(7, 30))
def test_integration_by_parts(A, B, rows):
    """E tr(A W^-1 B) = M E tr(W^-1 A W^-1 B) - E tr(W^-1 A' W^-1 B) - E tr(W^-1 A) tr(W^-1 B), M = n - r - 1."""
    ring, traces = identity_covariance(A, B, rows)
    turned, _ = identity_covariance(A.T, B, rows)
    mean = np.trace(A @ inverse_mean(np.eye(3), rows) @ B)
    assert (rows - 4) * ring - turned - traces == pytest.approx(mean, rel=1e-12, abs=1e-12)


@settings(max_examples=30)
@given(SQUARES, SQUARES, SQUARES)
def test_a_covariance_is_a_change_of_coordinates(root, A, B):
    """With W = L V L', the inverse is L'^-1 V^-1 L^-1."""
    root = root + 10 * np.eye(3)
    back = np.linalg.inv(root)
    covariance, white = root @ root.T, np.eye(3)
    first, second = back @ A @ back.T, back @ B @ back.T
    close = {"rel": 1e-9, "abs": 1e-12}
    assert inverse_mean(covariance, 11) == pytest.approx(back.T @ inverse_mean(white, 11) @ back, **close)
    moved = back.T @ inverse_sandwich(first, white, 11) @ back
    assert inverse_sandwich(A, covariance, 11) == pytest.approx(moved, **close)
    product = inverse_trace_product(first, second, white, 11)
    assert inverse_trace_product(A, B, covariance, 11) == pytest.approx(product, **close)


@pytest.mark.parametrize("rows", [5, 6, 11])
def test_in_one_direction_it_is_inverse_chi_square(rows):
    """E 1/chi^2 = 1/(n - 2), E 1/chi^4 = 1/((n - 2)(n - 4)); the weights are scales."""
    second = 1 / ((rows - 2) * (rows - 4))
    assert inverse_mean([[4.0]], rows).item() == pytest.approx(0.25 / (rows - 2))
    assert inverse_sandwich([[3.0]], [[4.0]], rows).item() == pytest.approx(3 / 16 * second)
    assert inverse_trace_product(3, 5, [[4.0]], rows) == pytest.approx(15 / 16 * second)


def test_printed_moments():
    """E W^-2 = (n - 1)/((n - r)(n - r - 1)(n - r - 3)) and the squared trace, as printed for a white matrix."""
    common = (n - r) * (n - r - 1) * (n - r - 3)
    assert sympy.simplify(inverse_mean(1) * (n - r - 1)) == 1
    assert sympy.simplify(inverse_sandwich(1, 1) * common - (n - 1)) == 0
    assert sympy.simplify(inverse_trace_product(covariance=1) * common - (r**2 * (n - r - 2) + 2 * r)) == 0


def test_symbols_and_numbers_agree():
    """Commuting weights as functions of the eigenvalue, and on the diagonal."""
    levels, rows = np.array([Fraction(1, 2), Fraction(2), Fraction(4)]), 12
    diagonal = np.diag(levels.astype(float))
    known = {s: levels, n: rows, r: 3}
    assert inverse_mean(diagonal, rows).diagonal() == pytest.approx(value(inverse_mean(), known, 3).astype(float))
    middle = inverse_sandwich(1 + s**2)
    numeric = inverse_sandwich(np.eye(3) + diagonal @ diagonal, diagonal, rows)
    assert numeric == pytest.approx(np.diag(value(middle, known, 3).astype(float)))
    product = inverse_trace_product(1 + s, s**2)
    numeric = inverse_trace_product(np.eye(3) + diagonal, diagonal @ diagonal, diagonal, rows)
    assert numeric == pytest.approx(float(value(product, known, 3)))


def test_the_mean_trace_is_the_noise_of_least_squares():
    """E tr W^-1 A with A = s B is Tr[B]/(n - r - 1)."""
    assert sympy.simplify(Trace(inverse_mean() * s * SECOND) - Trace(SECOND / (n - r - 1))) == 0


def test_symbolic_rows_give_expressions():
    covariance, middle = np.diag([2.0, 4.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    for symbolic, numeric in (
        (inverse_mean(covariance), inverse_mean(covariance, 9)),
        (inverse_sandwich(middle, covariance), inverse_sandwich(middle, covariance, 9)),
        (inverse_trace_product(middle, 1, covariance), inverse_trace_product(middle, 1, covariance, 9)),
    ):
        substituted = np.vectorize(lambda entry: float(sympy.sympify(entry, strict=True).subs(n, 9)))(symbolic)
        assert substituted == pytest.approx(numeric)


def test_directions_without_variance_do_not_count():
    """Rank two in three directions: the moments of the two, and nothing of the third."""
    turn = np.linalg.qr(np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [1.0, 0.0, 1.0]]))[0]
    inner, middle = np.array([[2.0, 0.5], [0.5, 1.0]]), np.arange(9.0).reshape(3, 3)
    covariance = turn[:, :2] @ inner @ turn[:, :2].T
    seen = turn[:, :2].T @ middle @ turn[:, :2]
    expected = turn[:, :2] @ inverse_sandwich(seen, inner, 6) @ turn[:, :2].T
    assert inverse_sandwich(middle, covariance, 6) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    mean = turn[:, :2] @ inverse_mean(inner, 4) @ turn[:, :2].T
    assert inverse_mean(covariance, 4) == pytest.approx(mean, rel=1e-9, abs=1e-12)
    hidden = np.outer(turn[:, 2], turn[:, 2])
    assert inverse_trace_product(hidden, 1, covariance, 5) == 0


def test_which_moments_are_infinite():
    white = np.eye(3)
    for rows in (3, 4):
        with pytest.raises(NoTheorem, match=r"rows >= rank \+ 2"):
            inverse_mean(white, rows)
    for rows in (3, 4, 5, 6):
        with pytest.raises(NoTheorem, match=r"rows >= rank \+ 4"):
            inverse_sandwich(white, white, rows)
        assert inverse_trace_product(covariance=white, rows=rows) == math.inf
        assert inverse_trace_product(0, 1, white, rows) == 0
        with pytest.raises(NoTheorem, match="infinite"):
            inverse_trace_product(np.diag([1.0, -1.0, 0.0]), 1, white, rows)
    assert np.all(np.isfinite(inverse_mean(white, 5)))
    assert np.all(np.isfinite(inverse_sandwich(white, white, 7)))
    assert inverse_trace_product(covariance=white, rows=7) < math.inf


@pytest.mark.parametrize(
    "call",
    [
        lambda: inverse_mean(np.eye(3), 2),
        lambda: inverse_mean(np.zeros((3, 3)), 5),
        lambda: inverse_mean(0),
        lambda: inverse_mean(-1),
        lambda: inverse_mean(np.diag([1.0, -1.0]), 8),
        lambda: inverse_mean(np.eye(3), 5.5),
        lambda: inverse_sandwich(np.eye(2), np.eye(3), 9),
        lambda: inverse_sandwich(np.eye(2)),
        lambda: inverse_sandwich("A", np.eye(3), 9),
        lambda: inverse_trace_product(np.ones(3), 1, np.eye(3), 9),
    ],
)
def test_what_has_no_inverse_is_refused(call):
    with pytest.raises(SpecificationError, match="allowed: "):
        call()


COVARIANCE = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.7]])
MIDDLE = np.array([[0.4, 1.7, -0.8], [-0.9, 1.3, 0.6], [2.1, -0.5, 0.9]])
DRAWN_ROWS, REPLICATES = 20, 400_000


@pytest.fixture(scope="module")
def drawn():
    """Inverses of drawn Wishart matrices, by Bartlett's factor: W = L T T' L' with the covariance LL'."""
    rng = np.random.default_rng(41)
    factor = np.zeros((REPLICATES, 3, 3))
    for i in range(3):
        factor[:, i, i] = np.sqrt(rng.chisquare(DRAWN_ROWS - i, REPLICATES))
        factor[:, i, :i] = rng.standard_normal((REPLICATES, i))
    root = np.linalg.inv(np.linalg.cholesky(COVARIANCE) @ factor)
    return np.swapaxes(root, 1, 2) @ root


def misses(draws, theory):
    """How many entries lie outside their intervals; these are narrower than the stated detectable error."""
    columns = draws.reshape(len(draws), -1).T
    quantile = Once().quantile(LEVEL / COMPARISONS, len(draws))
    estimates = [Estimate.mean(column) for column in columns]
    means = np.array([estimate.value for estimate in estimates])
    widths = np.array([estimate.half_width(quantile) for estimate in estimates])
    assert widths.max() < DETECTABLE * np.abs(means).max()
    return int(np.sum(np.abs(means - np.ravel(theory)) > widths))


def test_drawn_matrices_have_these_moments(drawn):
    given = {"covariance": COVARIANCE, "rows": DRAWN_ROWS}
    sandwiches = drawn @ MIDDLE @ drawn
    assert misses(drawn, inverse_mean(**given)) == 0
    assert misses(sandwiches, inverse_sandwich(MIDDLE, **given)) == 0
    weighted = (drawn @ MIDDLE).trace(axis1=1, axis2=2) * drawn.trace(axis1=1, axis2=2)
    assert misses(weighted, inverse_trace_product(MIDDLE, 1, **given)) == 0


def test_drawn_matrices_tell_wrong_moments(drawn):
    """Each term left out, A for A', and the margins one off."""
    sandwiches, S = drawn @ MIDDLE @ drawn, np.linalg.inv(COVARIANCE)
    right = inverse_sandwich(MIDDLE, COVARIANCE, DRAWN_ROWS)
    crossed = 1 / (17 * 16 * 14)
    terms = [15 * crossed * S @ MIDDLE @ S, crossed * S @ MIDDLE.T @ S, crossed * np.trace(MIDDLE @ S) * S]
    assert right == pytest.approx(sum(terms))
    wrong = [right - term for term in terms]
    wrong += [right - terms[1] + terms[1].T, inverse_sandwich(MIDDLE, COVARIANCE, DRAWN_ROWS + 1)]
    assert all(misses(sandwiches, one) > 0 for one in wrong)


def test_the_detectable_error_is_not_met_by_a_few_draws(drawn):
    with pytest.raises(AssertionError):
        misses(drawn[:2000], inverse_mean(COVARIANCE, DRAWN_ROWS))


RANK, ROWS = 4, 13
WEIGHTS = {FIRST: np.array([0.7, 2.3, 1.6, 3.1]), SECOND: np.array([1.9, 0.3, 2.7, 0.8])}


def evaluated(statement):
    known = {n: ROWS, r: RANK, **WEIGHTS}
    return value(statement.result, run(statement.definitions, known, RANK), RANK)


def squares_of_entries():
    """E (W^-1)_ij^2, from the means and variances of SciPy's inverse Wishart distribution."""
    law = invwishart(df=ROWS, scale=np.eye(RANK))
    return law.var() + law.mean() ** 2


def variances_of_entries(statement):
    """Sums of E (W^-1)_ij^2 with the weights, from SciPy's inverse Wishart distribution."""
    return agree(evaluated(statement), WEIGHTS[FIRST] @ squares_of_entries() @ WEIGHTS[SECOND])


def products_of_diagonal_entries(statement):
    """Sums of E (W^-1)_ii (W^-1)_jj: the square of an entry off the diagonal plus the mean determinant of the block.

    The block is the inverse of a two by two Wishart matrix with m = n - r + 2 rows, whose determinant is a product of
    independent chi-square variables with m and m - 1 degrees of freedom.
    """
    squares, m = squares_of_entries(), ROWS - RANK + 2
    products = squares + (1 - np.eye(RANK)) / ((m - 2) * (m - 3))
    return agree(evaluated(statement), WEIGHTS[FIRST] @ products @ WEIGHTS[SECOND])


@pytest.mark.parametrize(
    ("statement", "question"),
    [(SECOND_MOMENT, variances_of_entries), (PRODUCT_OF_TRACES, products_of_diagonal_entries)],
    ids=lambda one: getattr(one, "name", ""),
)
def test_every_mistake_in_a_statement_is_found(statement, question):
    report = sabotage(statement, [Check.of(question, statement)])
    assert report.sound, str(report)
    assert len(report.outcomes) >= 20

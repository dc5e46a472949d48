"""Words in one Wishart matrix: polynomials of the literature, and laws that no pairing enters."""

import dataclasses
import itertools
import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.exact.factor import Space
from modelcollapse.theory.exact.gaussian import Gaussian
from modelcollapse.theory.exact.wishart import wishart_word
from modelcollapse.theory.exact.words import pairing_sum
from modelcollapse.theory.problem import SpecificationError
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.trace import Trace
from modelcollapse.validation.named_check import Check
from modelcollapse.validation.sabotage import Fate, sabotage

from ..interpreter import run, value
from .series import ORDER, Series, T

n, r, s = x.rows, x.rank, x.s
A, B, C = x.spectral("A"), x.weight, x.spectral("C")

# E tr W^k of a real white Wishart matrix, as printed in tables of its moments.
WHITE = {
    1: n * r,
    2: n * r * (n + r + 1),
    3: n * r * (n**2 + r**2 + 3 * n * r + 3 * n + 3 * r + 4),
    4: n * r * (n**3 + r**3 + 6 * n**2 * r + 6 * n * r**2 + 6 * n**2 + 6 * r**2 + 17 * n * r + 21 * n + 21 * r + 20),
}


@pytest.mark.parametrize("power", WHITE)
def test_moments_of_a_white_wishart_matrix(power):
    assert sympy.expand(wishart_word([1] * power, covariance=1) - WHITE[power]) == 0


@pytest.mark.parametrize("power", range(1, 7))
def test_in_one_direction_it_is_chi_square(power):
    """E chi^{2k} = n (n + 2) ... (n + 2k - 2), a sum over all pairings with n for every cycle of rows."""
    chi_square = math.prod(n + 2 * k for k in range(power))
    assert sympy.expand(wishart_word([[[1.0]]] * power, covariance=[[1.0]]) - chi_square) == 0


@pytest.mark.parametrize("power", range(1, 7))
def test_rows_and_directions_change_places(power):
    """tr (X'X)^k = tr (XX')^k."""
    moment = wishart_word([1] * power, covariance=1)
    assert sympy.expand(moment - moment.subs({n: r, r: n}, simultaneous=True)) == 0


def test_two_factors_in_any_directions():
    """E W A W = n^2 S A S + n (S A' S + tr(A S) S)."""
    found = wishart_word([A, B])
    assert sympy.expand(found - n * (n + 1) * Trace(A * B * s**2) - n * Trace(A * s) * Trace(B * s)) == 0
    rng = np.random.default_rng(11)
    first, second, root = rng.integers(-3, 4, (3, 4, 4))
    covariance, rows = root @ root.T, 5
    mean = rows**2 * covariance @ first @ covariance
    mean = mean + rows * (covariance @ first.T @ covariance + np.trace(first @ covariance) * covariance)
    assert wishart_word([first, second], covariance, rows) == np.trace(mean @ second)


def test_one_row_is_a_product_of_quadratic_forms():
    """E (x'Ax)(x'Bx)(x'Cx) for white x and symmetric weights."""
    rng = np.random.default_rng(7)
    a, b, c = (one + one.T for one in rng.integers(-3, 4, (3, 3, 3)))
    tr = np.trace
    forms = tr(a) * tr(b) * tr(c) + 8 * tr(a @ b @ c)
    forms += 2 * (tr(a) * tr(b @ c) + tr(b) * tr(a @ c) + tr(c) * tr(a @ b))
    assert wishart_word([a, b, c], np.eye(3), 1) == forms


@pytest.mark.parametrize("leading", [True, False])
@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_rows_of_two_designs_add_up(power, leading):
    """W = X'X + Y'Y has n + m rows: all words in the two designs together."""
    directions = Space("directions", r, (s, B))
    designs = [
        Gaussian(name, Space(name, rows), directions, column_covariance=s)
        for name, rows in (("X", n), ("Y", x.new_rows))
    ]
    total = 0
    for choice in itertools.product(designs, repeat=power):
        total += pairing_sum(*(part for design in choice for part in (design.T, design)), B, leading=leading)
    together = wishart_word([*[1] * (power - 1), B], rows=n + x.new_rows, leading=leading)
    assert sympy.expand(total - together) == 0


@pytest.mark.parametrize("power", range(1, 9))
def test_leading_moments_have_narayana_coefficients(power):
    """The moments of the Marchenko-Pastur law."""
    narayana = sum(
        sympy.Rational(math.comb(power, j) * math.comb(power, j - 1), power) * n**j * r ** (power + 1 - j)
        for j in range(1, power + 1)
    )
    assert sympy.expand(wishart_word([1] * power, covariance=1, leading=True) - narayana) == 0


@given(st.lists(st.integers(-2, 3), min_size=1, max_size=4), st.booleans())
def test_symbols_and_numbers_agree(numbers, leading):
    levels = np.array([1, 2, 4])
    symbolic = wishart_word([s + number for number in numbers], leading=leading)
    arrays = [np.diag(levels + number) for number in numbers]
    numeric = wishart_word(arrays, np.diag(levels), 5, leading=leading)
    assert value(symbolic, {s: levels, n: 5, r: 3}, 3) == numeric


@given(st.permutations(range(4)), st.integers(0, 3))
def test_a_word_may_be_turned_and_reversed(order, start):
    """By one cyclic shift, and by reading W A_1 W A_2 ... from right to left."""
    rng = np.random.default_rng(29)
    weights = [one + one.T for one in rng.integers(-2, 3, (4, 3, 3))]
    weights = [weights[i] for i in order]
    covariance = np.diag([1, 2, 3])
    found = wishart_word(weights, covariance, 4)
    assert found == wishart_word(weights[start:] + weights[:start], covariance, 4)
    assert found == wishart_word(weights[::-1], covariance, 4)


SHARED = np.array([Fraction(7, 3), Fraction(5, 4), Fraction(1, 9)])
WEIGHTS = np.array([Fraction(2, 5), Fraction(3), Fraction(1, 7)])
OTHERS = np.array([Fraction(1, 2), Fraction(4, 3), Fraction(6)])
ROWS, PENALTY = Fraction(9, 2), Fraction(3, 4)


def as_series(statement, result):
    """A resolvent rule on the covariance t Sigma: kappa = lambda + (kappa/n) sum ts/(ts + kappa), order by order."""
    levels = np.array([T * level for level in SHARED])
    kappa = Series(PENALTY)
    for _ in range(ORDER):
        kappa = PENALTY + (levels / (levels / kappa + 1)).sum() / ROWS
    known = {s: levels, x.kappa: kappa, x.penalty: PENALTY, n: ROWS, r: 3, B: WEIGHTS, C: OTHERS}
    return value(result, run(statement.definitions, known, 3), 3)


@cache
def leading_word(*factors):
    """tr of the sample covariances with these factors behind them, at leading order, a number."""
    found = wishart_word(factors, leading=True)
    return value(found, {s: SHARED, n: ROWS, B: WEIGHTS, C: OTHERS}, 3) / ROWS ** len(factors)


def powers(count):
    """(-1/lambda)^k E tr B (W/n)^k, k = 1 .. count, to leading order."""
    return [(-1 / PENALTY) ** k * leading_word(*[1] * (k - 1), B) for k in range(1, count + 1)]


def words_of_what_is_lost(statement):
    """tr B lambda (lambda + W/n)^{-1} to sixth order in the covariance."""
    return as_series(statement, Trace(B * statement.result)) == Series(WEIGHTS.sum(), *powers(ORDER))


def words_of_what_is_kept(statement):
    """tr B (lambda + W/n)^{-1} W/n."""
    return as_series(statement, Trace(B * statement.result)) == Series(0, *(-word for word in powers(ORDER)))


def words_of_the_second_moment(statement):
    """tr W'AWC for the ridge operator W = (W/n + lambda)^{-1} W/n, where A is s times the weight."""
    coefficients = [Fraction(0)] * (ORDER + 1)
    for j, k in itertools.product(range(1, ORDER), repeat=2):
        if j + k < ORDER:
            word = leading_word(*[1] * (j - 1), s * B, *[1] * (k - 1), C)
            coefficients[j + k + 1] += (-1 / PENALTY) ** (j + k) * word
    return as_series(statement, Trace(s * C * statement.result)) == Series(*coefficients)


def words_of_the_noise(statement):
    """(1/n) tr A G W/n G for the resolvent G, where A is s times the weight."""
    coefficients = [
        (k - 1) * (-1 / PENALTY) ** k * leading_word(*[1] * (k - 2), s * B) / ROWS for k in range(2, ORDER + 1)
    ]
    return as_series(statement, statement.result) == Series(0, 0, *coefficients)


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        (RESOLVENT.lost, words_of_what_is_lost),
        (RESOLVENT.kept, words_of_what_is_kept),
        (RESOLVENT.second_moment, words_of_the_second_moment),
        (RESOLVENT.noise, words_of_the_noise),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_resolvent_rule_is_the_sum_of_its_leading_words(statement, question):
    """Order by order in the covariance, in exact fractions; and with any mistake in it, it is not."""
    statement = with_what_it_uses(statement)
    report = sabotage(statement, [Check.of(question, statement)])
    assert report.sound, str(report)
    assert len(report.those(Fate.KILLED)) >= 20


def with_what_it_uses(statement):
    """Without the definitions that its result does not need, directly or through others."""
    needed, definitions = set(statement.result.free_symbols), []
    for symbol, expression in reversed(statement.definitions):
        if symbol in needed:
            needed |= expression.free_symbols
            definitions.insert(0, (symbol, expression))
    return dataclasses.replace(statement, definitions=tuple(definitions))


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        (([],), {}),
        (([1] * 7,), {}),
        (([1] * 10,), {"leading": True}),
        ((1,), {}),
        (([np.eye(3), np.eye(2)], np.eye(3)), {}),
        (([np.eye(3)],), {}),
        (([1], np.eye(3), 0), {}),
        (([1], -1), {}),
    ],
)
def test_what_is_no_word_is_refused(arguments, keywords):
    with pytest.raises(SpecificationError, match="allowed: "):
        wishart_word(*arguments, **keywords)

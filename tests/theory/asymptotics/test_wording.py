"""Conditions in other words are the same conditions; products turned upright are the same products."""

import numpy as np
import pytest
import sympy

from modelcollapse.theory.asymptotics.wording import WIDTH, fitted, stated, upright, wrapped

LETTERS = beta, a, b, ell, r = sympy.symbols("beta a b ell r", positive=True)
RANGES = {beta: 1 + sympy.Dummy(positive=True)}
# As scaling laws write them, and as they look with a crossover's value put in.
SETS = [
    [b - 1 > 0, beta - ell > 0, b * beta - ell > 0, 1 - r > 0, beta - a * beta - ell > 0],
    [1 - b > 0, b * beta - beta / (2 * r * beta + 1) > 0, beta - beta * (b - a) / (2 * beta * r + 1) > 0, b - a > 0],
    [ell - b * beta > 0, ell - beta * (1 - 2 * ell) / (2 * beta * r - 2 * beta + 1) > 0, 2 * b - 3 > 0, b - 1 > 0],
    [1 - (a / 2 + ell) / (beta * (r - 1)) > 0, (1 - r) * (a - b) > 0, (a - 1) ** 2 * (b - a) > 0],
    [2 - b > 0, 3 - b > 0, b - 1 > 0, beta - 2 > 0, 5 - beta > 0],
    [a * beta + ell > 0, b - a > 0, sympy.true],
]


@pytest.mark.parametrize("conditions", SETS, ids=range(len(SETS)))
def test_they_hold_at_the_same_numbers(conditions):
    """Where beta > 1 and all letters are positive, as they are known to be."""
    numbers = np.random.default_rng(3).uniform(0.02, 4, size=(len(LETTERS), 4000))
    numbers[0] += 1

    def hold(conditions):
        found = [np.broadcast_to(sympy.lambdify(LETTERS, one)(*numbers), 4000) for one in conditions]
        return np.all([np.ones(4000, dtype=bool), *found], axis=0)

    before = hold(conditions)
    np.testing.assert_array_equal(before, hold(stated(conditions, RANGES)))
    assert 0 < before.sum() < 4000


def test_what_contradicts_what_is_known_is_false():
    assert stated([1 - beta > 0], RANGES) == (sympy.false,)
    assert stated([b - 2 > 0, 1 - b > 0]) == (sympy.false,)
    assert stated([sympy.false, b - 2 > 0]) == (sympy.false,)
    assert stated([]) == ()


def test_known_and_implied_ones_are_left_out():
    assert stated([beta + a > 0, a + 1 - 1 / beta > 0, b > 2, b * beta > 1], RANGES) == (b > 2,)


def test_upright_products_are_the_same():
    expression = (a - 1) * (b - 2) ** 3 * beta / (ell - 5) ** 2
    found = upright(expression, {a: 0, b: 1, ell: 0})
    assert sympy.expand(found - expression) == 0
    assert found == (1 - a) * (2 - b) ** 3 * beta / (5 - ell) ** 2


def test_tables_are_narrow_and_lose_nothing():
    rows = [("first", "a + " * 40 + "a", "1"), ("second", "b", "c*" * 70 + "c")]
    short, lines = fitted(("name", "value", "other"), rows)
    assert short == [("first", "(below)", "1"), ("second", "b", "(below)")]
    assert max(map(len, lines)) <= WIDTH
    assert "".join(lines).replace(" ", "") == "".join(
        f"{one}:{text}" for one, text in [("first,value", rows[0][1].replace(" ", "")), ("second,other", rows[1][2])]
    )
    assert fitted(("name", "value"), [("x", "y")]) == ([("x", "y")], [])
    assert wrapped("x") == ["x"]

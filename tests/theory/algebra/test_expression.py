"""Shapes are checked when an expression is built, and every error shows the part that is wrong."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.algebra.expression import inv
from modelcollapse.theory.algebra.model import Model
from modelcollapse.theory.problem import SpecificationError

from .garbage import GARBAGE
from .trees import Vocabulary, expressions, worlds

VOCABULARY = Vocabulary()
M = Model()
X = M.design("X", "T")
Y = M.design("Y", "n")
P = M.projection("P", "m")
E = M.noise("sigma")


def refused(message, build):
    with pytest.raises(SpecificationError, match=message):
        build()


@pytest.mark.parametrize(
    ("message", "build"),
    [
        (r"product of X and Y: got '\[T .*x d .*\] @ \[n .* x d .*\]'; allowed: d \(features\) rows", lambda: X @ Y),
        (r"sum of X and Y: got '\[T \(rows of X\) x d .*\] \+ \[n \(rows of Y\) x d", lambda: X + Y),
        (r"sum of X' X and -1 Y Y': got '\[d .*x d .*\] \+ \[n .* x n", lambda: X.T @ X - Y @ Y.T),
        (r"sum with X: got 1; allowed: a matrix of shape \[T .* x d", lambda: X + 1),
        (r"inverse of X: got '\[T .* x d .*\]'; allowed: a square", lambda: inv(X)),
        (r"inverse: got 3; allowed: an expression", lambda: inv(3)),
        (r"right factor: got 3; allowed: an expression", lambda: X @ 3),
    ],
)
def test_shapes_that_do_not_fit_are_both_named(message, build):
    refused(message, build)


@pytest.mark.parametrize(
    ("message", "build"),
    [
        (r"inverse of w_0: got '\[d .* x 1 .*; allowed: a square", lambda: inv(M.truth)),
        (r"transpose: got w_0; allowed: a matrix: estimators are linear", lambda: M.truth.T),
        (r"transpose: got X w_0; allowed", lambda: (X @ M.truth).T),
        (r"transpose: got X w_0 \+ e_1; allowed", lambda: (X @ M.truth + E).T),
        (r"noise: got 'e_1 added to d \(features\) columns'; allowed: labels, which are vectors", lambda: X + E),
        (r"inverse: got X' X \+ u; allowed: matrices that commute", lambda: inv(X.T @ X + M.direction("u"))),
        (r"inverse: got .*u.*; allowed: matrices that commute", lambda: inv(M.metric @ M.direction("u") + "lambda")),
    ],
)
def test_vectors_and_directions_stay_where_they_may_stand(message, build):
    refused(message, build)


@given(GARBAGE)
def test_nothing_but_expressions_and_numbers_is_combined(value):
    for build in (lambda: X @ value, lambda: inv(value), lambda: X + value, lambda: X * value, lambda: X / value):
        refused(".", build)


@pytest.mark.parametrize("two", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), Fraction(2), sympy.Integer(2)])
def test_numbers_of_any_kind_are_numbers(two):
    assert str(two * X) == str(X * two) == "2 X"
    assert str(X.T @ X + two) == "X' X + 2"
    assert str(X / two) == "1/2 X"


@given(st.data())
def test_the_transpose_is_the_transposed_matrix(data):
    rows, cols = (data.draw(st.sampled_from(VOCABULARY.spaces)) for _ in range(2))
    tree = data.draw(expressions(VOCABULARY, rows, cols, 2))
    world = data.draw(worlds(VOCABULARY))
    expected, (bound, condition) = world.evaluated(tree), world.bound(tree)
    assert (tree.T.rows, tree.T.cols) == (cols, rows)
    assert abs(world.evaluated(tree.T) - expected.T).max() <= 1e-13 * bound * condition

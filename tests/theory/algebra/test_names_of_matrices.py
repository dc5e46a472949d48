"""A random matrix is known by its name: two laws under one name are refused, wherever they meet."""

import pytest

from modelcollapse.theory.algebra.model import Model, inv
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.problem import SpecificationError


def designs():
    """Two matrices of one name with different numbers of rows."""
    return Model().design("X", "T"), Model().design("X", "T_2")


def resolvent(X):
    return inv(X.T @ X + "lambda")


@pytest.mark.parametrize("meet", [lambda X, Y: X.T @ X + Y.T @ Y, lambda X, Y: resolvent(X) + resolvent(Y)])
def test_two_laws_under_one_name_are_refused(meet):
    with pytest.raises(SpecificationError, match="one name for each random matrix"):
        pencil([("trace", meet(*designs()))])


def test_one_law_under_one_name_is_one_matrix():
    X, Y = Model().design("X", "T"), Model().design("X", "T")
    two, one = (pencil([("trace", resolvent(X) @ resolvent(other))]) for other in (Y, X))
    assert two.size == one.size

"""The pencil of an expression, with numbers, is the expression."""

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from modelcollapse.theory.algebra.expression import inv
from modelcollapse.theory.algebra.model import Model
from modelcollapse.theory.algebra.pencil import pencil

from .examples import CATALOGUE
from .trees import Vocabulary, expressions, worlds

VOCABULARY = Vocabulary()
TREES = 300
MOST_AMPLIFIED = 1e4  # of rounding errors by the conditions and cancellations of the tree itself


@settings(max_examples=TREES, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_the_pencil_is_the_expression(data):
    """V'Q^{-1}U of any tree equals the tree evaluated with NumPy."""
    rows, cols = (data.draw(st.sampled_from(VOCABULARY.spaces)) for _ in range(2))
    tree = data.draw(expressions(VOCABULARY, rows, cols, 3))
    world = data.draw(worlds(VOCABULARY))
    bound, condition = world.bound(tree)
    expected = world.evaluated(tree)
    assume(condition <= MOST_AMPLIFIED and bound <= MOST_AMPLIFIED * np.max(np.abs(expected)))
    found = world.outputs(pencil([("tree", tree)]))["tree"]
    assert np.max(np.abs(found - expected)) <= 1e-10 * np.max(np.abs(expected))


def test_shared_parts_are_one_node():
    """Twice the same estimator costs no more than once."""
    for make in CATALOGUE.values():
        parts = make().parts
        assert pencil([*parts, *((f"{name} again", part) for name, part in parts)]).size == pencil(parts).size


def test_a_resolvent_needs_no_square_roots():
    """[[lambda, X'], [-X, 1]] beside the input."""
    m = Model()
    X = m.design("X", "T")
    made = pencil([("resolvent", inv(X.T @ X + "lambda"))])
    assert made.size == 3
    assert sorted(str(term.matrix) for term in made.random) == ["X", "X'"]

"""The pencil of an expression, with numbers, is the expression."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from modelcollapse.theory.algebra.expression import inv
from modelcollapse.theory.algebra.model import Model
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.problem import SpecificationError

from .examples import CATALOGUE, accumulation, chain
from .numeric import World
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

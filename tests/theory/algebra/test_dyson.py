"""The equations of a pencil: their power series in the variance is the sum of the expression's leading pairings."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.expression import inv, joined
from modelcollapse.theory.algebra.model import Model
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.risk import Traces
from modelcollapse.theory.evaluation.derived import derive_expression
from modelcollapse.theory.evaluation.fixed_point.arithmetic import Float64
from modelcollapse.theory.evaluation.fixed_point.interpreter import run

from ..exact import series
from . import power_series
from .examples import CATALOGUE, numbers
from .neumann import Oracle, TooManyWords
from .trees import Vocabulary, expressions

VARIANCE = "tau"
VOCABULARY = Vocabulary(VARIANCE)
SIZES = {"d": 2, "T": 3, "T_0": 3, "T_1": 2, "m": 2, "n": 4}
SPECTRA = {"s": (1, 2), "s_2": (3, 1), "theta": (2, 1), "delta_2": (1, 3)}
NUMBERS = {"lambda": 1, "mu": 2, "c": 1, "sigma": 3}
VALUES = {letter: Fraction(value) for letter, value in (SIZES | NUMBERS).items()}
VALUES |= {letter: tuple(map(Fraction, column)) for letter, column in SPECTRA.items()}
ORDER, ORDER_OF_TREES = 5, 3
MOST_NODES, MOST_WORDS = 10, 3000  # of random trees


def derived(parts):
    return dyson(pencil(parts))


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_series_in_the_variance_is_the_sum_of_leading_pairings(name):
    """Exactly, to order 5: no solver is involved on either side."""
    traces = CATALOGUE[name](VARIANCE)
    found = power_series.targets(derived(traces.parts), VALUES, VARIANCE)
    oracle = Oracle(VALUES, VARIANCE, ORDER)
    for part, expression in traces.parts:
        assert found[part][: ORDER + 1] == oracle.series(expression)
        assert any(found[part][1:]) or (name, part) == ("projected chain", "e_1")  # which begins with order 7


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_the_series_of_any_tree_is_the_sum_of_its_leading_pairings(data):
    space = data.draw(st.sampled_from(VOCABULARY.spaces))
    tree = data.draw(expressions(VOCABULARY, space, space, 2))
    made = pencil([("tree", tree)])
    assume(made.size <= MOST_NODES)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(series, "ORDER", ORDER_OF_TREES)
        found = power_series.targets(dyson(made), VALUES, VARIANCE)["tree"]
    try:
        assert found == Oracle(VALUES, VARIANCE, ORDER_OF_TREES, MOST_WORDS).series(tree)
    except TooManyWords:
        reject()


def test_nested_inverses_make_large_blocks():
    """Nine nodes that reach each other: more than a sum over all orders of nine could do."""
    m = Model()
    X, Y, P = m.design("X", "T"), m.design("Y", "n"), m.projection("P", "m")
    inner = inv(Y @ X.T @ X @ Y.T + Y @ Y.T + "c")
    outer = inv(inner @ Y @ P.T @ P @ Y.T @ inner + "c")
    derived([("nested", outer)])


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_trace_may_be_rotated_and_transposed(name):
    """tr AB = tr BA = tr (AB)': three pencils, one result."""
    traces = CATALOGUE[name]()
    results = [evaluated(parts) for parts in (traces.parts, rotated(traces.parts), transposed(traces.parts))]
    for part in results[0]:
        np.testing.assert_allclose([one[part] for one in results[1:]], results[0][part], rtol=1e-9)


def rotated(parts):
    """The second half of the factors before the first."""
    found = []
    for name, expression in parts:
        factors = expression.factors
        half = (len(factors) + 1) // 2
        found.append((name, joined(*factors[half:], *factors[:half])))
    return found


def transposed(parts):
    return [(name, expression.T) for name, expression in parts]


def evaluated(parts):
    result = derive_expression(Traces(tuple(parts)))
    setting = result.setting(numbers(result, 9, 7, penalty=0.3, width=6))
    return run(result.program, setting, Float64()).targets

"""The spectral sum as an algebraic object."""

import pytest
import sympy

from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.trace import Trace, distributed, split


def test_the_empty_sum_is_zero():
    assert Trace(sympy.Integer(0)) == 0
    assert distributed(Trace(x.q - x.q)) == 0


def test_distribution_is_linear_and_counts_directions():
    expression = Trace((1 + x.kappa * x.q) ** 2)
    assert distributed(expression) == x.rank + 2 * x.kappa * Trace(x.q) + x.kappa**2 * Trace(x.q**2)


def test_a_sum_inside_a_sum_is_a_number():
    assert distributed(Trace(x.p * Trace(x.q))) == Trace(x.p) * Trace(x.q)
    assert split(3 * x.kappa * Trace(x.q) * x.p) == (3 * x.kappa * Trace(x.q), x.p)


@pytest.mark.parametrize(("expression", "text"), [(Trace(x.p * x.q), "tr[p*q]"), (x.rank * Trace(x.s), "r*tr[s]")])
def test_prints_as_written_on_paper(expression, text):
    assert str(expression) == text


def test_latex_of_a_sum_and_of_its_power():
    assert sympy.latex(Trace(x.q)) == r"\operatorname{tr}\left[q\right]"
    assert sympy.latex(Trace(x.q) ** 2) == r"\left(\operatorname{tr}\left[q\right]\right)^{2}"


def test_sums_of_nonnegative_functions_are_nonnegative():
    assert Trace(x.q).is_nonnegative

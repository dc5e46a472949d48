"""Which formulas contain no subtraction, and that two derivations of one quantity end in one formula."""

import time

import pytest

from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.expression import inv
from modelcollapse.theory.algebra.model import Model
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.reduction import Certificate, Factor, reduced
from modelcollapse.theory.algebra.risk import risk, tr
from modelcollapse.theory.problem.errors import Swell

from . import programs


@pytest.mark.parametrize("name", programs.CERTIFIED)
def test_independent_data_leaves_no_subtraction(name):
    made = programs.reduction(name)
    assert {target: str(known) for target, known in made.certificates.items()} == dict.fromkeys(
        made.results, "no subtraction: accurate to a few ulp"
    )
    assert made.certified


@pytest.mark.parametrize("name", programs.CERTIFIED)
def test_coefficients_of_certified_quotients_are_positive(name):
    for quotient in programs.reduction(name).quotients.values():
        assert min(quotient.numerator.terms.values()) > 0
        assert min(quotient.denominator.terms.values()) > 0


def test_rows_that_are_used_again_leave_some():
    made = reduced(dyson(pencil(programs.accumulation(2).parts[1:])))
    assert not made.certified
    assert made.certificates["e_2"].certified  # the last noise is independent of what came before
    assert "are subtracted" in str(made.certificates["e_1"])


def test_a_negative_factor_is_no_subtraction():
    assert Certificate((Factor(None, 1, 3, 3),), (), 1).certified
    assert str(Certificate((Factor(None, 1, 3, 1),), (), 1)) == (
        "1 of 3 terms are subtracted: accuracy depends on their cancellation"
    )


def ridge_error_in_three_ways():
    m = Model()
    X = m.design("X", "T")
    theta = m.direction("theta")
    R = inv(X.T @ X + "lambda")
    W = R @ X.T @ X
    return [
        m.metric @ (W - 1) @ theta @ (W.T - 1),
        m.metric @ W @ theta @ W.T - 2 * (m.metric @ W @ theta) + m.metric @ theta,
        "lambda" * m.metric @ R @ theta @ R * "lambda",
    ]


def test_different_trees_of_one_quantity_have_one_form():
    forms = [reduced(dyson(pencil(tr(tree).parts))) for tree in ridge_error_in_three_ways()]
    assert forms[0].quotients == forms[1].quotients == forms[2].quotients
    assert len({str(form.results["trace"]) for form in forms}) == 1


def test_derivations_that_grow_are_given_up_by_name():
    with pytest.raises(Swell, match="16 terms in a trace, where 10 are allowed"):
        reduced(programs.derived("mixture, two covariances"), limit=10)


@pytest.mark.parametrize("name", programs.FAST)
def test_derivation_and_reduction_take_less_than_a_second(name):
    traces = programs.CERTIFIED[name]()
    start = time.process_time()
    reduced(dyson(pencil(traces.parts)))
    assert time.process_time() - start < 1


def test_the_risk_of_an_estimator_is_reduced_part_by_part():
    m = Model()
    X = m.design("X", "T")
    w = inv(X.T @ X + "lambda") @ X.T @ (X @ m.truth + m.noise("sigma"))
    assert list(reduced(dyson(pencil(risk(w).parts))).results) == ["w_0", "e_1"]

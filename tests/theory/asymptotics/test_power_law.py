"""Expansions of spectral sums against the sums themselves, term by term."""

import numpy as np
import pytest
import sympy

from modelcollapse.theory.asymptotics import PowerSpectrum, asymptotic, saturated
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.problem.errors import NoTheorem
from modelcollapse.theory.rules.trace import Trace

R = sympy.Rational
DIMENSION = 300_000
FUNCTIONS = [
    x.q,
    x.q**2,
    x.p**2,
    x.p * x.q,
    x.p**2 * x.tau,
    x.s * x.q,
    x.tau * x.q * x.p,
    x.s**2,
    1 / (x.s + x.kappa) ** 2,
]
EXPONENTS = [(R(3, 2), R(1, 2)), (R(2), R(1)), (R(3), R(3, 2)), (R(13, 10), R(1)), (R(2), R(3, 8))]


def summed(function, beta, source, kappa):
    k = np.arange(1.0, DIMENSION + 1)
    s = k ** -float(beta)
    values = {x.s: s, x.tau: k ** -float(1 + 2 * source * beta), x.p: kappa / (s + kappa), x.q: s / (s + kappa)}
    symbols = [*values, x.kappa]
    return float(np.sum(sympy.lambdify(symbols, function, "numpy")(*values.values(), kappa)))


def number(expansion, kappa):
    return float(expansion.value.subs({x.kappa: kappa, x.dimension: DIMENSION}))


@pytest.mark.parametrize(("beta", "source"), EXPONENTS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_inside_the_spectrum_two_terms_of_each_kind_leave_a_part_in_ten_thousand(function, beta, source):
    """What is left out falls like kappa^2 and like d^(-1)."""
    found = asymptotic(Trace(function), PowerSpectrum(beta, source), order=2)
    for kappa, left in ((1e-2, 1e-4), (1e-4, 2e-6)):
        assert number(found, kappa) == pytest.approx(summed(function, beta, source, kappa), rel=left)


@pytest.mark.parametrize(("beta", "source"), EXPONENTS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_below_the_spectrum(function, beta, source):
    kappa = 1e-2 * DIMENSION ** -float(beta)
    found = saturated(Trace(function), PowerSpectrum(beta, source), order=3)
    assert number(found, kappa) == pytest.approx(summed(function, beta, source, kappa), rel=1e-5)


def test_degrees_of_freedom_have_the_constants_of_the_specification():
    beta = sympy.Symbol("beta", positive=True)
    first, head, _ = asymptotic(Trace(x.q), PowerSpectrum(beta)).pieces
    second = asymptotic(Trace(x.q**2), PowerSpectrum(beta)).pieces[0]
    assert sympy.simplify(first.coefficient - (sympy.pi / beta) / sympy.sin(sympy.pi / beta)) == 0
    assert (first.ridge, head.coefficient, head.ridge) == (-1 / beta, -sympy.S.Half, 0)
    assert sympy.simplify(second.coefficient / first.coefficient - (1 - 1 / beta)) == 0


def test_two_poles_that_meet_are_the_limit_of_two_poles_that_do_not():
    """The logarithm of source 1 is what is left of two terms that grow apart."""
    beta, kappa = R(3, 2), 1e-3
    at_one = asymptotic(Trace(x.p**2 * x.tau), PowerSpectrum(beta, R(1)))
    assert [piece.log for piece in at_one.pieces] == [1, 0, 0]
    near = [asymptotic(Trace(x.p**2 * x.tau), PowerSpectrum(beta, 1 + R(sign, 10**5))) for sign in (1, -1)]
    assert np.mean([number(one, kappa) for one in near]) == pytest.approx(number(at_one, kappa), rel=1e-7)


def test_factors_outside_a_sum_and_inside_it_are_one():
    spectrum = PowerSpectrum(R(2))
    inside = asymptotic(Trace(x.kappa**2 / (x.s + x.kappa) ** 2), spectrum).value
    assert sympy.expand(inside - asymptotic(x.kappa**2 * Trace((x.s + x.kappa) ** -2), spectrum).value) == 0


def test_every_step_is_written():
    steps = asymptotic(Trace(x.p**2 * x.tau), PowerSpectrum(R(2), R(1))).steps
    assert [bool(step.words) for step in steps] == [True] * 3
    assert "logarithm" in steps[-1].words


@pytest.mark.parametrize("function", [sympy.sqrt(x.q), x.q * x.weight, x.tau * x.q**-1])
def test_other_summands_are_refused(function):
    with pytest.raises(NoTheorem, match="summand"):
        asymptotic(Trace(function), PowerSpectrum(R(2)))


def test_a_logarithm_of_the_dimension_is_refused():
    with pytest.raises(NoTheorem, match="1/k"):
        asymptotic(Trace(x.p * x.s), PowerSpectrum(R(1)))


def test_what_is_no_sum_is_refused():
    with pytest.raises(NoTheorem, match="sum over the spectrum"):
        asymptotic(x.kappa, PowerSpectrum(R(2)))

"""Small ridges: as many digits as promised, and a condition number that tracks what float64 loses."""

import mpmath
import numpy as np
import pytest

from modelcollapse.theory.evaluation.derived import derive_expression
from modelcollapse.theory.evaluation.fixed_point.arithmetic import Digits, Float64
from modelcollapse.theory.evaluation.fixed_point.interpreter import run
from modelcollapse.theory.evaluation.fixed_point.machine import Setting
from modelcollapse.theory.evaluation.fixed_point.precision import reliable, rounding_loss

from ...algebra.examples import accumulation, chain, kept_rows, numbers, projected_chain, same_rows

DIMENSION = 12
DIGITS = 80
ROUNDING = 2.0**-52
PLACES = [  # rows of the first generation, width, penalty: below, at, next to and above the dimension
    (DIMENSION - 3, DIMENSION - 2, 1e-9),
    (DIMENSION, DIMENSION - 1, 1e-12),
    (DIMENSION + 1, DIMENSION, 1e-6),
    (2 * DIMENSION, DIMENSION + 1, 1e-12),
    (DIMENSION - 1, DIMENSION + 4, 1e-3),
    (DIMENSION - 3, DIMENSION + 1, 1.0),
]
SCHEMES = {
    "ridge": (lambda: chain(1), PLACES),
    "accumulation of two": (lambda: accumulation(2), PLACES[:5]),
    "accumulation of three": (lambda: accumulation(3), PLACES[:1]),
    "same rows": (lambda: same_rows(2), PLACES),
    "kept real rows": (lambda: kept_rows(2), PLACES[::2]),
    "shared projection": (lambda: projected_chain(2), PLACES[2:5:2]),
}


def measured(scheme):
    """(promised digits lost, float64 digits lost, condition) of every part at every place."""
    make, places = SCHEMES[scheme]
    derived = derive_expression(make())
    found = []
    for rows, width, penalty in places:
        values = numbers(derived, DIMENSION, rows, penalty, width)
        setting = derived.setting(values)
        promised = reliable(derived.program, setting)  # what `derived(**values)` returns
        exact = many_digits(derived.program, setting, promised.letters)
        plain = run(derived.program, setting, Float64()).targets
        worst = [max(relative(one[name], exact[name]) for name in exact) for one in (promised.targets, plain)]
        found.append((*worst, rounding_loss(derived.program, setting) / ROUNDING))
    return found


def many_digits(program, setting, start):
    """The program in 80 digits, Newton's steps begun at the answer that is judged, so that only its digits matter."""
    with mpmath.workdps(DIGITS):
        exact = Setting(*({letter: in_digits(value) for letter, value in part.items()} for part in setting))
        start = {letter: in_digits(value) for letter, value in start.items()}
        evaluation = run(program, exact, Digits(), start)
        assert evaluation.residual < mpmath.mpf(10) ** (10 - DIGITS)
        return evaluation.targets


def in_digits(value):
    return np.array([mpmath.mpf(float(one)) for one in value]) if np.ndim(value) else mpmath.mpf(float(value))


def relative(found, exact):
    with mpmath.workdps(DIGITS):
        return float(abs(mpmath.mpf(float(found)) - exact) / abs(exact))


@pytest.fixture(scope="module")
def losses():
    return {scheme: measured(scheme) for scheme in SCHEMES}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_ten_digits_at_any_penalty(losses, scheme):
    assert max(promised for promised, _, _ in losses[scheme]) <= 1e-10


def test_a_call_gives_these_digits():
    derived = derive_expression(accumulation(2))
    assert derived.condition(**numbers(derived, DIMENSION, DIMENSION - 3, 1e-9)) > 1e6
    values = numbers(derived, DIMENSION, DIMENSION - 3, 1e-9)
    assert derived(**values) == reliable(derived.program, derived.setting(values)).targets


@pytest.mark.parametrize("scheme", SCHEMES)
def test_float64_loses_no_more_than_its_condition_says(losses, scheme):
    """An error beyond 1 is as bad as one of 1: nothing of the number is left."""
    for _, lost, condition in losses[scheme]:
        assert min(lost, 1.0) <= 10 * condition * ROUNDING


def test_the_condition_is_not_pessimistic(losses):
    """Within a factor 1000 of the truth in nine of ten cases in which the loss is measurable and not total."""
    cases = [(lost, condition * ROUNDING) for one in losses.values() for _, lost, condition in one]
    measurable = [(lost, claimed) for lost, claimed in cases if 1e-14 < lost < 1.0]
    print([f"{claimed / lost:.1f}" for lost, claimed in measurable])
    assert len(measurable) >= 10
    assert np.mean([claimed <= 1e3 * lost for lost, claimed in measurable]) >= 0.9

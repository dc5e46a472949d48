"""Certified formulas against the raw fixed point in a hundred digits: accurate however small the penalty is."""

import mpmath
import numpy as np
import pytest

from modelcollapse.theory import Model, derive, ridge, risk, stack
from modelcollapse.theory.evaluation.fixed_point.arithmetic import Digits, Float64
from modelcollapse.theory.evaluation.fixed_point.interpreter import run
from modelcollapse.theory.evaluation.fixed_point.machine import Setting

DIMENSION = 12
PENALTIES = (1.0, 1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12)
VALUES = {
    "s": 5 / np.arange(1, DIMENSION + 1),
    "s_2": np.linspace(0.2, 2.0, DIMENSION),
    "theta": np.linspace(0.02, 0.08, DIMENSION),
    "theta_d": np.linspace(0.01, 0.03, DIMENSION),
    "sigma": 0.3,
    "sigma_2": 0.5,
    "a": 0.4,
}


def chain(generations):
    m = Model()
    w = m.truth
    for g in range(1, generations + 1):
        design = m.design(f"X_{g}", f"T_{g}")
        w = ridge(design, design @ w + m.noise("sigma"), "lambda")
    return risk(w)


def projected():
    m = Model()
    design, outputs = m.design("X", "T_1"), m.projection("S", "m")
    return risk(outputs.T @ ridge(design @ outputs.T, design @ m.truth + m.noise("sigma"), "lambda"))


def projected_chain(generations):
    m = Model()
    w = m.truth
    for g in range(1, generations + 1):
        design, outputs = m.design(f"X_{g}", f"T_{g}"), m.projection(f"S_{g}", "m")
        w = outputs.T @ ridge(design @ outputs.T, design @ w + m.noise("sigma"), "lambda")
    return risk(w)


def mixture(covariance="Sigma", width=None, weights=None):
    m = Model()
    real, synthetic = m.design("X_1", "T_1"), m.design("X_2", "T_2", covariance=covariance)
    labels = stack(
        real @ m.truth + m.noise("sigma"), synthetic @ (m.truth + m.offset("d", "theta_d")) + m.noise("sigma_2")
    )
    if width is None:
        return risk(ridge(stack(real, synthetic, weights=weights), labels, "lambda"))
    outputs = m.projection("S", width)
    return risk(outputs.T @ ridge(stack(real @ outputs.T, synthetic @ outputs.T), labels, "lambda"))


PAIRS = [(3, 5), (5, 7), (6, 6), (6, 7), (11, 13), (18, 6)]
# name: (derivation, letters of the sizes, their values below, at and above each other and the dimension)
CASES = {
    "ridge": (chain(1), ("T_1",), [(n,) for n in (6, 11, 12, 13, 24)]),
    "two generations": (chain(2), ("T_1", "T_2"), [(6, 12), (13, 11), (12, 24)]),
    "three generations": (chain(3), ("T_1", "T_2", "T_3"), [(6, 12, 9), (13, 11, 12), (12, 12, 12), (24, 13, 6)]),
    "three projections": (
        projected_chain(3),
        ("T_1", "T_2", "T_3", "m"),
        [(6, 12, 9, 8), (13, 11, 12, 12), (8, 24, 13, 8), (12, 12, 30, 18)],
    ),
    "projection": (
        projected(),
        ("T_1", "m"),
        [(6, 8), (8, 6), (8, 8), (7, 8), (11, 18), (12, 18), (12, 12), (13, 18), (24, 8), (24, 13), (30, 18)],
    ),
    "mixture": (mixture(), ("T_1", "T_2"), PAIRS),
    "mixture with weights": (mixture(weights=(1, "a")), ("T_1", "T_2"), PAIRS),
    "mixture of two covariances": (mixture("Sigma_2"), ("T_1", "T_2"), PAIRS),
    "mixture and projection": (
        mixture(width="m"),
        ("T_1", "T_2", "m"),
        [(3, 4, 8), (4, 4, 6), (4, 4, 8), (6, 6, 12), (6, 7, 18), (18, 12, 9)],
    ),
}


def in_a_hundred_digits(derived, values):
    """The targets of the raw fixed point, Newton's method begun at its float64 solution; rounded at the end alone.

    Too few digits would show: a reference that had lost them could not agree with the formula.
    """
    setting = derived.setting(values)
    start = run(derived.program, setting, Float64()).letters
    with mpmath.workdps(100):
        exact = Setting(*({key: in_digits(value) for key, value in part.items()} for part in setting))
        near = {letter: mpmath.mpf(float(value)) for letter, value in start.items() if np.ndim(value) == 0}
        found = run(derived.program, exact, Digits(), near)
        assert found.residual <= 1e-30
        return {name: float(value) for name, value in found.targets.items()}


def in_digits(value):
    if np.ndim(value) == 0:
        return mpmath.mpf(float(value))
    return np.array([mpmath.mpf(float(one)) for one in value], dtype=object)


@pytest.mark.parametrize("name", CASES)
def test_certified_formulas_agree_with_a_hundred_digits(name):
    """Here 1352 evaluations in all; what is asked of them is 2e-14."""
    given, letters, sizes = CASES[name]
    derived = derive(given)
    assert derived.certified
    worst = 0.0
    for size in sizes:
        for penalty in PENALTIES:
            values = {**VALUES, "lambda": penalty, **dict(zip(letters, map(float, size), strict=True))}
            values = {letter: value for letter, value in values.items() if letter in derived.letters}
            found = derived(**values)
            reference = in_a_hundred_digits(derived, values)
            worst = max(worst, *(abs(found[part] / reference[part] - 1) for part in found))
    assert worst <= 2e-14


def test_the_count_of_evaluations_is_what_it_is_said_to_be():
    evaluations = sum(len(given.parts) * len(sizes) * len(PENALTIES) for given, _, sizes in CASES.values())
    assert evaluations == 1352


@pytest.mark.parametrize(("covariance", "weights"), [("Sigma", None), ("Sigma", (1, "a")), ("Sigma_2", None)])
def test_two_sizes_may_have_one_letter(covariance, weights):
    """Sizes belong to their rows, not to their letters."""

    def derived(*letters):
        m = Model()
        rows = [m.design("X_1", letters[0]), m.design("X_2", letters[1], covariance=covariance)]
        labels = stack(*(one @ m.truth + m.noise("sigma") for one in rows))
        return derive(risk(ridge(stack(*rows, weights=weights), labels, "lambda")))

    def numbers(given, **sizes):
        values = {**VALUES, "lambda": 1e-6, **sizes}
        return given(**{letter: value for letter, value in values.items() if letter in given.letters})

    one, two = numbers(derived("n", "n"), n=7.0), numbers(derived("n_1", "n_2"), n_1=7.0, n_2=7.0)
    assert one == pytest.approx(two, rel=1e-13)

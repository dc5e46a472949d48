"""Statements of the scaling laws at numbers that are worked out by hand."""

import numpy as np
import pytest
import sympy
from scipy.special import zeta

from modelcollapse.theory.asymptotics import laws, scaling_law
from modelcollapse.theory.asymptotics.book import LAWS
from modelcollapse.theory.asymptotics.demystified_family import Demystified
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.statements.book import BOOK

SHAPE = {"beta": 2, "r": sympy.Rational(1, 4), "ell": 0.5, "a": 0.25, "b": 1.5, "phi_0": 0.2, "T": 10**4}
NOISES = {"sigma": 3, "sigma_0": 2}


def at(expression, **letters):
    known = {x.scalar(name): value for name, value in (SHAPE | NOISES | letters).items()}
    return float(expression.subs(known).evalf())


def test_terms_by_hand():
    """beta = 2, lambda = 1/100: df_2 = (pi/4) 10, n = 10, T_0 = 10^6, and B(3/2, 1/2)/2 = pi/4 before the bias."""
    freedom = np.pi / 4 * 10
    assert at(laws.BIAS_OF_A_ROUGH_TRUTH.result) == pytest.approx(np.pi / 4 * 0.1)
    assert at(laws.BIAS_OF_A_SMOOTH_TRUTH.result, r=2) == pytest.approx(zeta(5) * 1e-4)
    assert at(laws.BIAS_AT_SOURCE_ONE.result) == pytest.approx(1e-4 * (np.log(100) / 2 + np.euler_gamma - 0.5))
    assert at(laws.VARIANCE.result) == pytest.approx(9e-4 * freedom)
    assert at(laws.COLLAPSE.result) == pytest.approx(10 * 4 * (1e-6 + 0.2e-4) / 0.8 * freedom)
    assert at(laws.COLLAPSE_AS_PRINTED.result) == pytest.approx(10 * 4 * 1e-6 / 0.8 * freedom)
    assert at(laws.PLATEAU_OF_THE_COLLAPSE.result) == pytest.approx(10 * 4 * 0.25)


@pytest.mark.parametrize("generator_rows", [0.8, 1.2])
def test_the_collapse_term_holds_on_either_side_of_the_rows(generator_rows):
    """Below T and above it the leading terms are the same two."""
    family = Demystified(2, 0.25, 0.5, 0.1, generator_rows, 0.2, 3, 2)
    parts = scaling_law(family).parts(1e4)
    expected = sum(value for name, value in parts.items() if "generators" in name)
    assert at(laws.COLLAPSE.result, a=0.1, b=generator_rows) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize(
    ("statement", "letters", "rate"),
    [
        (laws.LEAST_ERROR_OF_FEW_DIRECTIONS, {"b": 1.5}, 1),
        (laws.LEAST_ERROR_OF_FEW_DIRECTIONS, {"b": 1}, 0.75),
        (laws.LEAST_ERROR_OF_MANY_DIRECTIONS, {"b": 1.5}, 0.75),
        (laws.LEAST_ERROR_OF_MANY_DIRECTIONS, {"b": 0.75}, 0.5),
        (laws.LEAST_ERROR_OF_EXACT_LABELS, {"b": 1.5}, 1.25),
        (laws.LEAST_ERROR_AS_PRINTED, {"b": 1.5}, 1.25),
    ],
)
def test_exponents_of_the_least_error(statement, letters, rate):
    """beta = 2, r = 1/4: the best penalty T^(-nu), its error T^(-nu/2)."""
    assert at(statement.expanded(), **letters) == pytest.approx(rate / 2)


def test_the_best_penalty_at_source_one_is_where_the_derivative_vanishes():
    """Of kappa^2 (log(1/kappa)/2 + gamma - 1/2) + (9/T) (pi/4) kappa^(-1/2)."""
    kappa = at(laws.BEST_PENALTY_AT_SOURCE_ONE.result)
    slope = kappa * (np.log(1 / kappa) + 2 * np.euler_gamma - 1.5)
    assert slope == pytest.approx(9e-4 * np.pi / 8 * kappa**-1.5, rel=1e-9)


def test_the_start_of_the_plateau_by_hand():
    """r = 1/4: (pi/4) kappa^(1/2) + (9 pi/4) kappa^(-1/2)/T is least at kappa = 9/T, where it is (3 pi/2) T^(-1/2)."""
    start = at(laws.START_OF_THE_PLATEAU.result, f=0.5, c=0.2)
    assert start == pytest.approx((1.5 * np.pi / 0.01) ** 2, rel=1e-9)


def test_the_chapter_is_apart_from_the_book():
    names = [law.name for law in LAWS]
    assert len({*names, *(one.name for one in BOOK)}) == len(LAWS) + len(BOOK)
    assert all(law.source.papers and "derived in theory/asymptotics/" in law.source.place for law in LAWS)
    assert all(law.description.endswith(".") and len(law.hypotheses) >= 2 for law in LAWS)

"""Blended labels on the same rows: the statement against the printed form with differences, and the optimal shares."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.resolvent import RESOLVENT
from modelcollapse.theory.rules.statement import Statement
from modelcollapse.theory.statements import blended_loop
from modelcollapse.theory.statements.blended_loop import (
    COST_RATIO,
    KAPPA_A,
    KAPPA_B,
    OPTIMAL_POOLED_SHARE,
    OPTIMAL_REAL_SHARE,
    REAL_NOISE,
    REAL_ROWS,
    REAL_SHARE,
    STEADY_NOISE_WITHOUT_PENALTY,
    STEADY_STATE_OF_BLENDED_LABELS,
    SYNTHETIC_NOISE,
    SYNTHETIC_ROWS,
    VARIANCE_FACTOR,
)

from ..interpreter import run, value

S = np.array([Fraction(7, 3), Fraction(5, 4), Fraction(2, 3), Fraction(1, 9)])
TAU = np.array([Fraction(3, 5), Fraction(2, 7), Fraction(11, 4), Fraction(1, 6)])
NOISE = Fraction(5, 7)
STATEMENTS = [entry for entry in vars(blended_loop).values() if isinstance(entry, Statement)]


def evaluated(share, rows, penalty, kappa_a, kappa_b, noise=NOISE):
    """The statement in exact rational arithmetic; kappa_a and kappa_b are those of pi Sigma and of (2 - pi) Sigma."""
    known = {REAL_SHARE: share, x.rows: rows, x.penalty: penalty, x.noise: noise, KAPPA_A: kappa_a, KAPPA_B: kappa_b}
    known = run(STEADY_STATE_OF_BLENDED_LABELS.definitions, {x.s: S, x.tau: TAU, **known}, len(S))
    return value(STEADY_STATE_OF_BLENDED_LABELS.result, known, len(S))


@pytest.fixture(params=[(Fraction(1, 3), Fraction(2, 5), Fraction(1)), (Fraction(4, 5), Fraction(2), Fraction(5, 2))])
def loop(request):
    """A loop with rational effective ridges B < A of Sigma: rows and penalty solve both their equations.

    lambda = pi A (1 - df(A)/n) and lambda = (2 - pi) B (1 - df(B)/n).
    """
    share, low, high = request.param
    first, second = (S / (S + kappa) for kappa in (high, low))
    ratio = (2 - share) * low / (share * high)
    rows = (first.sum() - ratio * second.sum()) / (1 - ratio)
    penalty = share * high * (1 - first.sum() / rows)
    assert penalty == (2 - share) * low * (1 - second.sum() / rows) > 0
    return share, rows, penalty, high, low


def test_the_form_without_differences_equals_the_printed_one(loop):
    """E = B_ridge(lambda/pi) + sigma^2 [A - B - lambda/pi + lambda/(2 - pi)]/(2 (1 - pi) lambda), bit for bit."""
    share, rows, penalty, a, b = loop
    q = S / (S + a)
    bias = a**2 * (TAU / (S + a) ** 2).sum() / (1 - (q**2).sum() / rows)
    variance = NOISE**2 * (a - b - penalty / share + penalty / (2 - share)) / (2 * (1 - share) * penalty)
    assert evaluated(share, rows, penalty, share * a, (2 - share) * b) == bias + variance


def test_without_a_blend_it_is_one_ridge_fit():
    """pi = 1: bias and noise of the resolvent rule."""
    rows, kappa = Fraction(17, 2), Fraction(2, 5)
    penalty = kappa * (1 - (S / (S + kappa)).sum() / rows)
    known = {x.s: S, x.weight: S * 0 + 1, x.rows: rows, x.penalty: penalty, x.kappa: kappa}
    known = run(RESOLVENT.definitions, known, len(S))
    noise = value(RESOLVENT.noise.result, known, len(S))
    bias = rows * (known[x.p] ** 2 * TAU).sum() / known[x.margin_2]
    assert evaluated(Fraction(1), rows, penalty, kappa, kappa) == bias + NOISE**2 * noise


def test_the_variance_at_equal_effective_ridges_is_that_of_one_fit_over_the_product():
    """lambda -> 0 below the rank: A = B, and tr[q^2]/(n - tr[q^2]) remains."""
    rows, kappa = Fraction(2), Fraction(3, 4)
    q = S / (S + kappa)
    for share in (Fraction(1, 5), Fraction(2, 3)):
        both = [evaluated(share, rows, Fraction(0), share * kappa, (2 - share) * kappa, noise) for noise in (0, 1)]
        expected = (q**2).sum() / (q.sum() - (q**2).sum()) / (share * (2 - share))
        assert both[1] - both[0] == expected


def test_the_closed_loop_is_no_special_case():
    """pi = 0: the truth is forgotten; noise adds (sigma^2/n) tr Sigma M [lambda (2 M + lambda)]^{-1}."""
    rows, kappa = Fraction(6), Fraction(5, 8)
    q = 2 * S / (2 * S + kappa)
    penalty = kappa * (1 - q.sum() / rows)
    assert evaluated(Fraction(0), rows, penalty, penalty, kappa, 0) == TAU.sum()
    # M/(2 M + lambda) = (1 - lambda/(2 M + lambda))/2, whose trace with Sigma is (tr Sigma - tr Sigma p)/2.
    noise = (S * q).sum() / (2 * rows * penalty)
    assert evaluated(Fraction(0), rows, penalty, penalty, kappa, 1) - TAU.sum() == noise


RATIOS = {Fraction(1, 4): "0.390388203202", Fraction(1): "0.618033988750", Fraction(4): "0.828427124746"}


@pytest.mark.parametrize("ratio", RATIOS)
def test_optimal_shares(ratio):
    """Roots of pi^2 + nu pi - nu = 0, typed from a table: (17^(1/2) - 1)/8, (5^(1/2) - 1)/2 and 2 (2^(1/2) - 1)."""
    noises = {SYNTHETIC_NOISE: sympy.sqrt(sympy.Rational(ratio.numerator, ratio.denominator)), REAL_NOISE: 1}
    share = OPTIMAL_REAL_SHARE.expanded().subs(noises)
    assert float(share) == pytest.approx(float(RATIOS[ratio]), abs=1e-12)


def factor(share, ratio):
    return value(VARIANCE_FACTOR.result, {REAL_SHARE: share, COST_RATIO: ratio}, len(S))


def test_no_share_has_less_variance_and_the_least_factor_is_the_share():
    shares = np.linspace(1e-3, 1.0, 4001)
    for ratio in (1e-4, 0.03, 1.0, 7.5, 400.0):
        best = float(OPTIMAL_REAL_SHARE.result.subs(COST_RATIO, ratio))
        by_hand = (shares**2 + ratio * (1 - shares) ** 2) / (shares * (2 - shares))
        np.testing.assert_allclose(factor(shares, ratio), by_hand, rtol=1e-12)
        assert factor(best, ratio) <= by_hand.min() * (1 + 1e-12)
        assert factor(best, ratio) == pytest.approx(best, rel=1e-12)


def test_extreme_noise_ratios():
    """Perfect labels of the model need hardly any real ones; hopeless ones are not used. No digits are lost."""
    for ratio in (1e-20, 1e-12):
        small = float(OPTIMAL_REAL_SHARE.result.subs(COST_RATIO, ratio))
        assert small == pytest.approx(ratio**0.5, rel=ratio**0.5)  # pi^2 = nu (1 - pi)
    large = OPTIMAL_REAL_SHARE.result.subs(COST_RATIO, sympy.Integer(10) ** 12)
    assert float(1 - large) == pytest.approx(1e-12, rel=1e-9)


@pytest.mark.parametrize("k", [Fraction(1, 3), Fraction(1), Fraction(5)])
def test_the_optimal_weight_of_pooled_rows(k):
    """k pi^2 + pi - 1 = 0 for equal noise: the minimum of the fixed point E = V_1 pi^2 + (V_2 + E)(1 - pi)^2."""
    k = sympy.Rational(k.numerator, k.denominator)
    sizes = {REAL_ROWS: 300, SYNTHETIC_ROWS: 300 * k, REAL_NOISE: 1, SYNTHETIC_NOISE: 1}
    share = OPTIMAL_POOLED_SHARE.expanded().subs(sizes)
    assert sympy.simplify(k * share**2 + share - 1) == 0
    assert sympy.simplify(share - (sympy.sqrt(1 + 4 * k) - 1) / (2 * k)) == 0
    shares = np.linspace(0.01, 1.0, 991)
    real, synthetic = 1 / 300, 1 / (300 * float(k))
    error = np.zeros_like(shares)
    for _ in range(5000):
        error = real * shares**2 + (synthetic + error) * (1 - shares) ** 2
    assert abs(shares[error.argmin()] - float(share)) <= 1e-3
    assert error.min() == pytest.approx(real * float(share), rel=1e-5)  # the least error in units of the real rows' fit


def test_noise_without_a_penalty_adds_up_geometrically():
    """sigma^2 (1 + (1 - pi)^2 + (1 - pi)^4 + ...)."""
    share = sympy.Rational(2, 7)
    noise = STEADY_NOISE_WITHOUT_PENALTY.result.subs({REAL_SHARE: share, x.noise: 1})
    assert noise == 1 / (1 - (1 - share) ** 2)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)
def test_every_statement_is_complete(statement):
    assert len({entry.name for entry in STATEMENTS}) == len(STATEMENTS) == 5
    assert statement.description.endswith(".")
    assert ". " not in statement.description
    assert statement.hypotheses
    assert "aligned" in statement.latex()
    free = statement.result.free_symbols - {symbol for symbol, _ in statement.definitions}
    assert not {symbol.name for symbol in free} & {"q_a", "g_a", "p_a", "q_b", "p_b"}

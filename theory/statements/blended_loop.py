r"""The same rows in every generation, labels blended from the truth and the model before: what the loop settles to.

Every generation labels the n rows X anew, y_g = X [pi w_0 + (1 - pi) w_{g-1}] + e_g with fresh noise of variance
sigma^2, and fits them by ridge. With M = X'X/n and G = (M + lambda)^{-1}, w_g = G M [pi w_0 + (1 - pi) w_{g-1}] +
G X'e_g/n. For every X the mean m and the covariance C of w_g given X settle, since all matrices commute, at

    (pi M + lambda) m = pi M w_0,            a ridge fit with the penalty lambda/pi,
    C = (sigma^2/n) M [(M + lambda)^2 - (1 - pi)^2 M^2]^{-1}
      = (sigma^2/n) M [(pi M + lambda)((2 - pi) M + lambda)]^{-1}.

No matter what model 0 and the first fits are: the distance to the fixed point shrinks by (1 - pi) G M per generation.

Let kappa_a, kappa_b be the effective ridges of pi Sigma and of (2 - pi) Sigma at the penalty lambda, which are pi and
2 - pi times those of Sigma at lambda/pi and lambda/(2 - pi); so pi = 0 is no special case. Write q_a = pi s/(pi s +
kappa_a), p_a = 1 - q_a, q_b, p_b likewise, and a = lambda/pi, b = lambda/(2 - pi). The error of the mean is the bias of
a ridge fit (theory/rules/resolvent.py). The variance tr Sigma C follows from one resolvent at a time,

    M (M + a)^{-1} (M + b)^{-1} = [a (M + a)^{-1} - b (M + b)^{-1}]/(a - b),      t (M + t)^{-1} ~ p,

with A = kappa_a/pi and B = kappa_b/(2 - pi), s p_a - s p_b = (A - B) q_a q_b, and from the equations of the effective
ridges, a - b = (A - B)(1 - tr[q_a q_b]/n). The differences cancel, and what is left is a sum of positive terms,

    (1/n) tr Sigma M (M + a)^{-1} (M + b)^{-1} ~ tr[q_a q_b]/(n - tr[q_a q_b]),
    n - tr[q_a q_b] = n lambda/kappa_a + tr[q_a p_b],

    E = n tr[p_a^2 tau]/(n - df_2) + sigma^2 tr[q_a q_b]/(pi (2 - pi) (n - tr[q_a q_b])),      df_2 = tr q_a^2.

Without a penalty m is the fit of least norm and C = sigma^2 (X'X)^+/(pi (2 - pi)), for every X: the loop settles to
what one fit on real labels gives, with the noise variance divided by pi (2 - pi). The blend of real labels (noise
sigma_1) and of labels by the model (sigma_2) has sigma^2 = pi^2 sigma_1^2 + (1 - pi)^2 sigma_2^2. So with
nu = sigma_2^2/sigma_1^2 the variance is that of one real fit times

    f = (pi^2 + nu (1 - pi)^2)/(pi (2 - pi)),       f' = 0:  pi^2 + nu pi - nu = 0,

whatever the spectrum, the truth and the number of rows. At its minimum f = pi, since nu = pi^2/(1 - pi) there. For
equal noise pi is (5^{1/2} - 1)/2, the golden ratio's inverse, 0.618.

The same factor rules fresh rows, n_1 real and n_2 = k n_1 labelled by the model before, where there are many of them
per direction: least squares with the share pi of the weight on real rows is the mean of two fits, E_g = V_1 pi^2 +
(V_2 + E_{g-1}) (1 - pi)^2, V_i = sigma_i^2 r/n_i, which settles at V_1 f with nu = V_2/V_1. With equal noise nu = 1/k:
k pi^2 + pi - 1 = 0 (pi = 0.618 for k = 1).
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.statement import Statement
from ..rules.trace import Trace

REAL_SHARE = x.scalar("pi_1")
REAL_NOISE, SYNTHETIC_NOISE = x.scalar("sigma_1"), x.scalar("sigma_2")
REAL_ROWS, SYNTHETIC_ROWS = x.scalar("n_1"), x.scalar("n_2")
COST_RATIO = x.scalar("nu")  # V_2/V_1, the variance of a fit on labels of the model in units of that on real ones
KAPPA_A, KAPPA_B = x.scalar("kappa_a"), x.scalar("kappa_b")
_PER_SHARE = x.spectral("g_a")  # q_a/pi, which is finite for pi = 0
_Q_A, _P_A, _Q_B, _P_B = (x.spectral(name) for name in ("q_a", "p_a", "q_b", "p_b"))
_MARGIN_A, _MARGIN_BIAS, _MARGIN_VARIANCE = (x.scalar(name) for name in ("D_a^(1)", "D_a^(2)", "D_ab^(2)"))

SAME_ROWS = (
    "every generation labels the same rows anew, with fresh noise of one variance sigma^2",
    "the truth has the share pi_1 in every label and the model before has the rest",
    "all generations are fitted alike; what the first one is fitted to does not matter",
)
_SOURCE = Reference((), "derived in theory/statements/blended_loop.py")

STEADY_STATE_OF_BLENDED_LABELS = Statement(
    "steady state of blended labels on the same rows",
    "The error after infinitely many ridge fits of the same rows, each on labels blended from truth and model before.",
    (
        *SAME_ROWS,
        "the rows are Gaussian, with the population's covariance",
        "rows, dimension and spectrum grow in proportion (error O(1/dimension))",
        "kappa_a and kappa_b are the effective ridges of pi_1 Sigma and of (2 - pi_1) Sigma; the penalty is positive",
    ),
    (
        (_PER_SHARE, x.s / (REAL_SHARE * x.s + KAPPA_A)),
        (_Q_A, REAL_SHARE * _PER_SHARE),
        (_P_A, KAPPA_A / (REAL_SHARE * x.s + KAPPA_A)),
        (_Q_B, (2 - REAL_SHARE) * x.s / ((2 - REAL_SHARE) * x.s + KAPPA_B)),
        (_P_B, KAPPA_B / ((2 - REAL_SHARE) * x.s + KAPPA_B)),
        (_MARGIN_A, x.rows * x.penalty / KAPPA_A),
        (_MARGIN_BIAS, _MARGIN_A + Trace(_Q_A * _P_A)),
        (_MARGIN_VARIANCE, _MARGIN_A + Trace(_Q_A * _P_B)),
    ),
    x.rows * Trace(_P_A**2 * x.tau) / _MARGIN_BIAS
    + x.noise**2 * Trace(_PER_SHARE * _Q_B) / ((2 - REAL_SHARE) * _MARGIN_VARIANCE),
    _SOURCE,
    Kind.EQUIVALENT,
)
STEADY_NOISE_WITHOUT_PENALTY = Statement(
    "noise of blended labels without a penalty",
    "The loop settles to what one fit of least norm on labels of the truth gives with this noise variance.",
    (*SAME_ROWS, "least squares, of least norm where there are fewer rows than the rank; the truth has a share"),
    (),
    x.noise**2 / (REAL_SHARE * (2 - REAL_SHARE)),
    _SOURCE,
    Kind.EXACT,
)
# What a blend of real labels and labels of the model has, in units of the noise of real ones.
_BLENDED_NOISE = REAL_SHARE**2 + (1 - REAL_SHARE) ** 2 * COST_RATIO


def _minimiser(factor: sympy.Expr) -> sympy.Expr:
    """The root of f' = 0 in (0, 1), by way of its reciprocal u: u^2 - u = 1/nu, whose root has no difference."""
    u = sympy.Dummy(positive=True)
    slope = sympy.numer(sympy.factor(sympy.diff(factor, REAL_SHARE).subs(REAL_SHARE, 1 / u)))
    [quadratic] = [part for part, _ in sympy.factor_list(slope, u)[1] if sympy.degree(part, u) == 2]
    _, linear, constant = sympy.Poly(quadratic, u).monic().all_coeffs()
    return 2 / (-linear + sympy.sqrt(linear**2 - 4 * constant))


VARIANCE_FACTOR = Statement(
    "variance factor of blended labels",
    "The steady variance of an unpenalised loop over the variance of one fit on real labels.",
    STEADY_NOISE_WITHOUT_PENALTY.hypotheses,
    ((COST_RATIO, SYNTHETIC_NOISE**2 / REAL_NOISE**2),),
    STEADY_NOISE_WITHOUT_PENALTY.result.subs(x.noise**2, _BLENDED_NOISE),
    _SOURCE,
    Kind.EXACT,
)
OPTIMAL_REAL_SHARE = Statement(
    "optimal real share of blended labels",
    "The share of real labels with the least steady error, and the least variance factor, which is the same number.",
    STEADY_NOISE_WITHOUT_PENALTY.hypotheses,
    VARIANCE_FACTOR.definitions,
    _minimiser(VARIANCE_FACTOR.result),
    _SOURCE,
    Kind.EXACT,
)
OPTIMAL_POOLED_SHARE = Statement(
    "optimal weight of real rows among fresh ones",
    "The weight's share on real rows with the least steady error, which is this share of that of the real rows alone.",
    (
        "every generation has n_1 fresh rows labelled by the truth, n_2 by the model before, each kind with a weight",
        "least squares, with rows of each kind much more than the rank (the relative gap is of the order of rank/rows)",
    ),
    ((COST_RATIO, SYNTHETIC_NOISE**2 * REAL_ROWS / (REAL_NOISE**2 * SYNTHETIC_ROWS)),),
    OPTIMAL_REAL_SHARE.result,
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)

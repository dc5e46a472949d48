r"""One fit on verified rows, beside real ones: a rank-one change of the covariance, and the model that it pulls at.

n rows enter the fit: n_r real ones, of the truth, and k m of m generated ones, a share f = k m/n. Of the
generated ones the fit sees the labeller w_v + c u, u = l - w_v, the noise v' and the covariance
Sigma + (m - 1) Sigma u u'Sigma/U (theory/rules/selection.py). From the truth w_0 let b = w_v - w_0. Together the rows
have the covariance C = Sigma + (delta/U) Sigma u u'Sigma, delta = f (m - 1), and their best linear fit is
w_0 + W, C W = f (C_g)(b + c u), hence (Sherman-Morrison)

    W = f b + gamma u,       gamma = [f c m + delta (1 - f) <u, b>/U]/(1 + delta),

with the mean square of what it leaves unexplained

    N = (1 - f)[v_r + |W|^2] + f [v' + |y|^2 + (m - 1) <y, u>^2/U],    y = b + c u - W.

A ridge fit with effective ridge kappa is (C + kappa)^{-1} C (w_0 + W) on average. One direction does not change kappa,
and by Sherman-Morrison again its error is

    q (W + eta u) - p w_0,    eta = (delta/U) <p u, w_0 + W>/(1 + (delta/U) <q u, u>),    q = s/(s + kappa), p = 1 - q,

<.,.> in the metric of Sigma. Its misfit is |z|^2_C with z = q (W + eta u) - p w_0 - W, so that every direction gets the
variance q^2 chi, chi = (N + |z|^2_C)/(n - df_2); for least squares on at least as many rows as the rank kappa = 0 and
chi = N/(n - r - 1).

What has to be passed on is |e|^2 in every direction, e the error of the model before, and its products with the truth
and with every verifier's offset: l - w_0 = theta e, so u = theta e - b, and the new error has the product
q (f <b, y> + (gamma + eta) <u, y>) - p <w_0, y> with a fixed vector y.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import VERIFICATION, Reference
from .kind import Kind
from .least_squares import LEAST_SQUARES
from .resolvent import RESOLVENT
from .selection import ALONG, DISTANCE, GAIN, KEPT, NOISE
from .statement import Statement
from .trace import Trace

REAL_ROWS, REAL_NOISE, GENERATED = x.scalar("n_r"), x.scalar("v_r"), x.new_rows
# Shares of the rows, and what the fit pulls at.
SYNTHETIC, REAL = x.scalar("f"), x.scalar("f_r")
DEFORMATION, PULL, EXTRA = (sympy.Symbol(name, real=True) for name in ("delta", "gamma", "eta_v"))
# Products, in units of error, of the truth t, the verifier's offset b and u = labeller - verifier.
UU, BB, TT = x.spectral("uu"), x.spectral("bb"), x.spectral("tt")
UB, TU, TB = (x.Spectral(name, real=True) for name in ("ub", "tu", "tb"))
EE, BY, EY, TY = x.spectral("ee"), *(x.Spectral(name, real=True) for name in ("by", "ey", "ty"))
EB, ET = x.Spectral("eb", real=True), x.Spectral("et", real=True)
UNEXPLAINED, MISFIT = x.scalar("N"), x.scalar("Z")


def _square(of_b: sympy.Expr, of_u: sympy.Expr) -> sympy.Expr:
    """|of_b b + of_u u|^2 in every direction."""
    return of_b**2 * BB + 2 * of_b * of_u * UB + of_u**2 * UU


def _with_u(of_b: sympy.Expr, of_u: sympy.Expr) -> sympy.Expr:
    """<of_b b + of_u u, u> in every direction."""
    return of_b * UB + of_u * UU


_FROM_TRUTH = TU + _with_u(SYNTHETIC, PULL)  # <w_0 + W, u>
_WHOLE = TT + 2 * SYNTHETIC * TB + 2 * PULL * TU + _square(SYNTHETIC, PULL)  # |w_0 + W|^2
_ALIGNED = Trace(x.q * EXTRA * UU - x.p * _FROM_TRUTH)  # of the misfit with u
_REAL_RISK = REAL * (REAL_NOISE + Trace(_square(SYNTHETIC, PULL)))
_SYNTHETIC_RISK = SYNTHETIC * (
    NOISE + Trace(_square(REAL, GAIN - PULL)) + (ALONG - 1) * Trace(_with_u(REAL, GAIN - PULL)) ** 2 / DISTANCE
)

ROWS_OF_THE_FIT = Statement(
    "rows of a fit on verified rows",
    "The real rows and those of the generated ones that are kept.",
    ("the number of rows that are kept is its mean (error O(1/dimension))",),
    (),
    REAL_ROWS + KEPT * GENERATED,
    Reference((VERIFICATION,), "derived in theory/rules/selected_fit.py"),
    Kind.EQUIVALENT,
)

U_FROM_BEFORE = (
    (UU, x.share**2 * EE - 2 * x.share * EB + BB),
    (UB, x.share * EB - BB),
    (TU, x.share * ET - TB),
)
_DEFINITIONS = (
    (x.rows, ROWS_OF_THE_FIT.result),
    (SYNTHETIC, KEPT * GENERATED / x.rows),
    (REAL, REAL_ROWS / x.rows),
    (DEFORMATION, SYNTHETIC * (ALONG - 1)),
    (
        PULL,
        (SYNTHETIC * GAIN * ALONG + DEFORMATION * REAL * Trace(UB) / DISTANCE) / (1 + DEFORMATION),
    ),
    (UNEXPLAINED, _REAL_RISK + _SYNTHETIC_RISK),
    (
        EXTRA,
        (DEFORMATION / DISTANCE) * Trace(x.p * _FROM_TRUTH) / (1 + (DEFORMATION / DISTANCE) * Trace(x.q * UU)),
    ),
    (MISFIT, Trace(x.p**2 * _WHOLE - 2 * x.p * x.q * EXTRA * _FROM_TRUTH + x.q**2 * EXTRA**2 * UU)),
    (x.chi, (UNEXPLAINED + MISFIT + (DEFORMATION / DISTANCE) * _ALIGNED**2) / x.margin_2),
)
SELECTED_FIT = Statement(
    "fit on verified rows",
    "What is left between the fitted model and the truth, in every direction and in units of error.",
    (
        *RESOLVENT.noise.hypotheses[1:2],
        "fresh Gaussian rows of one covariance and one weight, real ones and ones that a verifier has judged",
        "a positive penalty, or least squares on at least as many rows as the rank",
        "the disagreement of verifier and labeller is its mean (error O(1/dimension))",
    ),
    _DEFINITIONS,
    x.q**2 * (_square(SYNTHETIC, PULL + EXTRA) + x.chi)
    - 2 * x.p * x.q * (SYNTHETIC * TB + (PULL + EXTRA) * TU)
    + x.p**2 * TT,
    Reference((VERIFICATION,), "derived in theory/rules/selected_fit.py"),
    Kind.EQUIVALENT,
)
PRODUCT_WITH_A_FIXED_VECTOR = Statement(
    "error of a fit on verified rows along a fixed vector",
    "The product of what is left between the fitted model and the truth with the truth, or with a verifier's offset y.",
    SELECTED_FIT.hypotheses,
    (),
    x.q * (SYNTHETIC * BY + (PULL + EXTRA) * (x.share * EY - BY)) - x.p * TY,
    SELECTED_FIT.source,
    Kind.EQUIVALENT,
)
LEAST_SQUARES_MARGIN = dict(LEAST_SQUARES.noise.definitions)[x.wishart_margin]

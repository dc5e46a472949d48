r"""Ridge regression on a random projection of fresh Gaussian rows: deterministic equivalents.

The model is f(x) = v'S x, S of width m with independent entries N(0, 1/m) drawn anew, |v|^2 penalised; as a model of x
it is w = S'v. Given S, with W = Sigma^{1/2} S'S Sigma^{1/2}, the fit is ridge regression on rows of covariance W, in
units of error: w <- H w + noise, H = (W g + lambda)^{-1} W g with g the sample covariance of n isotropic rows. The rule
of theory/rules/resolvent.py holds on the spectrum of W, with an effective ridge mu, lambda = mu (1 - df_1^W(mu)/n).
Averaged over S (Marchenko-Pastur once more, with m rows: the two-resolvent formula of S),

    W (W + mu)^{-1} ~ Sigma (Sigma + kappa)^{-1},          mu = kappa (1 - df_1/m),
    mu^2 (W + mu)^{-1} B (W + mu)^{-1}     ~ p^2 B + p q tr[p q B]/(m - df_2),
    W (W + mu)^{-1} B (W + mu)^{-1} W      ~ q^2 B + p q tr[p q B]/(m - df_2),

so that one scalar equation is left, lambda = kappa (1 - df_1/n)(1 - df_1/m), on the branch df_1 < min(n, m). With

    rho = tr[p q]/(m - df_2),    q_S = q^2 + rho p q,    p_S = p^2 + rho p q,

tr[(W/(W + mu))^2 B] ~ tr[q_S B] and tr[(mu/(W + mu))^2 M] ~ tr[p_S M]: what passes, and what is missed. Hence

    E W' B W      ~ q^2 B + p q tr[p q B]/(m - df_2) + p_S tr[q_S B]/(n - tr q_S),
    E |noise|_B^2 ~ sigma^2 tr[q_S B]/(n - tr q_S).

The margins D = n - df_1 and D_S = m - df_1 are solved for (theory/evaluation/effective_ridge.py), not subtracted;
m - df_2 = D_S + tr[p q], n - tr q_S = D + tr[p q] D_S/(m - df_2). Without a projection rho = 0 and this is the rule of
ridge. Ridgeless is the case lambda -> 0+: df_1 = m and rho = 1 for m < n, df_1 = n for n < m; kappa = 0 where neither
lies below the rank. Entries N(0, c/m) are a penalty lambda/c: the paper's N(0, 1/d) is lambda d/m.
"""

from __future__ import annotations

from ..problem import notation as x
from .bibliography import STRONG_COLLAPSE, Reference
from .kind import Kind
from .one_step import OneStep
from .statement import Statement
from .trace import Trace

_HYPOTHESES = (
    "the rows of the generation are Gaussian, with the population's covariance, and independent of the model before it",
    "the random projection is Gaussian, drawn anew in each generation",
    "rows, width, dimension and spectrum grow in proportion (error O(1/dimension))",
    "the penalty is positive, or rows and width differ where one of them is below the rank (then lambda -> 0+)",
)
_SOURCE = Reference((STRONG_COLLAPSE,), "derived in theory/rules/projection.py")
_DEFINITIONS = (
    (x.q, x.s / (x.s + x.kappa)),
    (x.p, x.kappa / (x.s + x.kappa)),
    (x.margin_1, x.rows - Trace(x.q)),
    (x.width_margin_1, x.width - Trace(x.q)),
    (x.width_margin_2, x.width_margin_1 + Trace(x.p * x.q)),
    (x.spilled, Trace(x.p * x.q) / x.width_margin_2),
    (x.passed, x.q**2 + x.spilled * x.p * x.q),
    (x.missed, x.p**2 + x.spilled * x.p * x.q),
    (x.margin_2, x.margin_1 + Trace(x.p * x.q) * x.width_margin_1 / x.width_margin_2),
)


def _statement(name: str, description: str, result: object) -> Statement:
    return Statement(name, description, _HYPOTHESES, _DEFINITIONS, result, _SOURCE, Kind.EQUIVALENT)


_LOST = _statement(
    "bias of a projected fit", "The share p of the truth that a fit on projected rows loses on average.", x.p
)
_KEPT = _statement(
    "mean of a projected fit",
    "On average a fit on projected rows keeps the share q of what its labels say in each eigendirection.",
    x.q,
)
_SECOND_MOMENT = _statement(
    "second moment of a projected fit",
    "A weight B on the fitted model is a weight q^2 B on the labelling model, plus what projection and design spread.",
    x.q**2 * x.weight
    + x.p * x.q * Trace(x.p * x.q * x.weight) / x.width_margin_2
    + x.missed * Trace(x.passed * x.weight) / x.margin_2,
)
_NOISE = _statement(
    "noise of a projected fit",
    "Label noise of unit variance adds this much to the error with weight B.",
    Trace(x.passed * x.weight) / x.margin_2,
)

PROJECTION = OneStep(_KEPT, _LOST, _SECOND_MOMENT, _NOISE)

EFFECTIVE_RIDGE_OF_A_PROJECTION = _statement(
    "effective ridge of a projected fit",
    "The penalty in terms of the effective ridge kappa, the root with df_1 below rows and width.",
    x.kappa * x.margin_1 * x.width_margin_1 / (x.rows * x.width),
)

r"""Ridge regression on fresh Gaussian rows: the deterministic equivalents of the resolvent.

With G = (Sigma_hat + lambda)^{-1}, W = G Sigma_hat and n rows, the effective ridge kappa is the largest root of
kappa (1 - df_1(kappa)/n) = lambda, and for deterministic A

    lambda G               ~ kappa (Sigma + kappa)^{-1},
    lambda^2 G A G         ~ kappa^2 (Sigma + kappa)^{-1} (A + c Sigma) (Sigma + kappa)^{-1},
    W' A W                 ~ P A P + c Sigma kappa^2 (Sigma + kappa)^{-2},   P = Sigma (Sigma + kappa)^{-1},
    (1/n) tr A G Sigma_hat G ~ c,        c = tr[A Sigma (Sigma + kappa)^{-2}] / (n - df_2).

Derivation. The first line is the Marchenko-Pastur equivalent. Differentiating lambda -> (Sigma_hat + lambda + t A)^{-1}
in t at t = 0 gives the second: the perturbed equivalent is kappa_t (Sigma + t' A + kappa_t)^{-1}, d kappa/dt follows
from its equation. W = 1 - lambda G turns the second into the third; the last is d/d sigma^2 of the same identity for
y = X w + noise. In units of error (A = Sigma^{1/2} B Sigma^{1/2}) the eigenvalues leave the formulas and only the
shrinkage factors q = s/(s + kappa), p = 1 - q stay. The margins n - df_1 = n lambda/kappa and
n - df_2 = (n - df_1) + tr[p q] are sums of positive terms.

Minimum norm with rows below the rank is the case lambda -> 0+, where df_1(kappa) = n and D_1 = 0.
"""

from __future__ import annotations

from ..problem import notation as x
from .bibliography import DEMYSTIFIED, STRONG_COLLAPSE, Reference
from .kind import Kind
from .one_step import OneStep
from .statement import Statement
from .trace import Trace

_HYPOTHESES = (
    "the rows of the generation are Gaussian, with the population's covariance, and independent of the model before it",
    "rows, dimension and spectrum grow in proportion (error O(1/dimension))",
    "the penalty is positive, or the rows are fewer than the rank (then lambda -> 0+)",
)
_SOURCE = Reference((DEMYSTIFIED, STRONG_COLLAPSE), "derived in theory/rules/resolvent.py")
_DEFINITIONS = (
    (x.q, x.s / (x.s + x.kappa)),
    (x.p, x.kappa / (x.s + x.kappa)),
    (x.margin_1, x.rows * x.penalty / x.kappa),
    (x.margin_2, x.margin_1 + Trace(x.p * x.q)),
)

_LOST = Statement(
    "resolvent",
    "lambda times the resolvent of the sample covariance: the share p of the truth that a ridge fit loses on average.",
    _HYPOTHESES,
    _DEFINITIONS,
    x.p,
    _SOURCE,
    Kind.EQUIVALENT,
)
_KEPT = Statement(
    "mean of the ridge operator",
    "A ridge fit keeps, on average, the share q of what its labels say in each eigendirection.",
    _HYPOTHESES,
    _DEFINITIONS,
    x.q,
    _SOURCE,
    Kind.EQUIVALENT,
)
_SECOND_MOMENT = Statement(
    "second moment of the ridge operator",
    "A weight B on the fitted model is a weight q^2 B on the labelling model, plus the noise of the design.",
    _HYPOTHESES,
    _DEFINITIONS,
    x.q**2 * x.weight + x.p**2 * Trace(x.q**2 * x.weight) / x.margin_2,
    _SOURCE,
    Kind.EQUIVALENT,
)
_NOISE = Statement(
    "noise of a ridge fit",
    "Label noise of unit variance adds this much to the error with weight B.",
    _HYPOTHESES,
    _DEFINITIONS,
    Trace(x.q**2 * x.weight) / x.margin_2,
    _SOURCE,
    Kind.EQUIVALENT,
)

RESOLVENT = OneStep(_KEPT, _LOST, _SECOND_MOMENT, _NOISE)

EFFECTIVE_RIDGE = Statement(
    "effective ridge",
    "The rows n in terms of the effective ridge kappa, which is the largest kappa with this value.",
    _HYPOTHESES,
    (_DEFINITIONS[0],),
    Trace(x.q) + x.rows * x.penalty / x.kappa,
    _SOURCE,
    Kind.EQUIVALENT,
)

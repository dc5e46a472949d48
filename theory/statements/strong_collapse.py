r"""Real and synthetic data in one fit: the set-up of Dohmatob, Feng, Subramonian and Kempe, *Strong Model Collapse*
(arXiv 2410.04840), with n rows, a share f of them synthetic, penalty relative to 1/n, test error without label noise.

The truth w_0 labels the real rows, a shifted truth w_0 + o the synthetic ones. With tau = s E w_0^2, delta = s E o^2
per direction (truth and offset independent, or the offset fixed and the cross term left to `predict`), the labellers'
mean is w_0 + f o and their disagreement f (1 - f) tr delta (theory/rules/several_labellers.py). One fit, by the rule of
ridge or of a random projection, on that mean labeller and with that much more noise gives

    E = bias + variance + zeta.

bias and variance are those of a fit on real data alone with as many rows and the average noise sigma^2
(the *replace* baseline); zeta is the collapse term, relative to that baseline. With a random projection, or rho = 0:

    u = tr q_S/(n - tr q_S),
    zeta = f^2 (tr[q^2 delta] + rho tr[p q delta] + u tr[p_S delta]) + f (1 - f) u tr delta,

exactly quadratic in f at fixed n and penalty, and a sum of positive terms. The paper writes it with tr delta Sigma^3
(Sigma + kappa)^{-2} and so on, and with four unknowns in place of kappa; that is the same number. The *augment*
baseline, the (1 - f) n real rows alone at the same penalty, is another fit: zeta is not relative to it.

Consequences, each a statement below. As n grows u vanishes and the error stops at the plateau

    E -> tr[p_S tau] + f^2 tr[q_S delta]        (kappa = lambda without a projection),

and, with the penalty gone too, at f^2 tr delta: *strong collapse* unless f -> 0, whatever n is. With many rows per
direction and no penalty the error is sigma^2 r/n + f^2 c^2 with c^2 = tr delta: the plateau starts at
n = sigma^2 r/(f c)^2 rows, and the clean rate survives if and only if n f^2 c^2/(sigma^2 r) -> 0; f -> 0 is not enough.
Weights a on the synthetic rows, with the effective share pi = a n_2/(n_1 + a n_2), give

    E = V_1 (1 - pi)^2 + V_2 pi^2,        V_1 = sigma_1^2 r/n_1,    V_2 = sigma_2^2 r/n_2 + c^2,

least for pi = V_1/(V_1 + V_2), where it is V_1 V_2/(V_1 + V_2) < V_1: synthetic data that are weighted well always
help.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import STRONG_COLLAPSE, Reference
from ..rules.kind import Kind
from ..rules.one_step import OneStep
from ..rules.projection import PROJECTION
from ..rules.resolvent import RESOLVENT
from ..rules.several_labellers import DISAGREEMENT, LABELLER_VARIANCE
from ..rules.statement import Statement
from ..rules.trace import Trace, distributed

SYNTHETIC_SHARE = x.scalar("f")
SHIFT = x.spectral("delta")
REAL_ROWS, SYNTHETIC_ROWS = x.scalar("n_1"), x.scalar("n_2")
REAL_NOISE, SYNTHETIC_NOISE = x.scalar("sigma_1"), x.scalar("sigma_2")
SIZE_OF_SHIFT = x.scalar("c")  # c^2 = tr delta
REAL_COST, SYNTHETIC_COST, EFFECTIVE_SHARE = x.scalar("V_1"), x.scalar("V_2"), x.scalar("pi_2")

_MIXTURE = (
    "Gaussian rows of one covariance and weight, a share f of them synthetic, labelled by a shifted truth",
    "truth and shift are independent, or one of them is centred",
    "rows, width, dimension and spectrum grow in proportion (error O(1/dimension))",
    "the penalty is positive, or rows (and width) are away from the rank (then lambda -> 0+)",
)
_SOURCE = Reference((STRONG_COLLAPSE,), "derived in theory/statements/strong_collapse.py")


def _error(rule: OneStep) -> sympy.Expr:
    """One fit on the mean labeller w_0 + f o, whose square is tau + f^2 delta, with the disagreement for more noise."""
    share = SYNTHETIC_SHARE
    start = {x.kept: 1, x.lost: 0, x.spread: 0}
    spread = {x.lost**2 * x.tau: 0, x.spread: SHIFT, LABELLER_VARIANCE: share * (1 - share)}
    noise = x.noise**2 + DISAGREEMENT.result.subs(spread, simultaneous=True)
    forward = dict(rule.forward(x.tau + share**2 * SHIFT))
    gains = {
        symbol: forward[symbol].subs({x.noise**2: noise}).subs(start) for symbol in (x.chi, x.eta) if symbol in forward
    }
    variance = forward[x.spread].subs(start).subs(gains)
    lost, kept = forward[x.lost].subs(start), forward[x.kept].subs(start)
    return distributed(Trace(lost**2 * x.tau + share**2 * kept**2 * SHIFT + variance))


def terms_with(total: sympy.Expr, *letters: sympy.Symbol) -> sympy.Expr:
    """The terms of a sum that hold one of the letters."""
    terms = sympy.Add.make_args(sympy.expand(total))
    return sympy.Add(*(term for term in terms if term.has(*letters)))


def _quadratic(total: sympy.Expr) -> sympy.Expr:
    """f^2 (...) + f (1 - f) (...), without a difference."""
    polynomial = sympy.Poly(total, SYNTHETIC_SHARE)
    linear, square = (polynomial.coeff_monomial(SYNTHETIC_SHARE**power) for power in (1, 2))
    disagreement = sympy.factor_terms(linear) * SYNTHETIC_SHARE * (1 - SYNTHETIC_SHARE)
    return SYNTHETIC_SHARE**2 * sympy.collect(sympy.expand(square + linear), Trace(x.passed)) + disagreement


def _statement(name: str, description: str, rule: OneStep, result: sympy.Expr) -> Statement:
    return Statement(name, description, _MIXTURE, rule.definitions, result, _SOURCE, Kind.EQUIVALENT)


_RIDGE, _PROJECTED = _error(RESOLVENT), _error(PROJECTION)

COLLAPSE_OF_A_MIXTURE = _statement(
    "collapse term of a mixture",
    "What synthetic labels add to the error, relative to real labels on the same rows.",
    RESOLVENT,
    _quadratic(terms_with(_RIDGE, SHIFT)),
)
TEST_ERROR_OF_A_MIXTURE = _statement(
    "test error of a mixture",
    "Bias and variance of a fit on real labels, plus the collapse term.",
    RESOLVENT,
    terms_with(_RIDGE, x.tau) + terms_with(_RIDGE, x.noise) + COLLAPSE_OF_A_MIXTURE.result,
)
COLLAPSE_OF_A_PROJECTED_MIXTURE = _statement(
    "collapse term of a mixture under a random projection",
    "What synthetic labels add to the error, relative to real labels on the same rows.",
    PROJECTION,
    _quadratic(terms_with(_PROJECTED, SHIFT)),
)
TEST_ERROR_OF_A_PROJECTED_MIXTURE = _statement(
    "test error of a mixture under a random projection",
    "Bias and variance of a fit on real labels, plus the collapse term.",
    PROJECTION,
    terms_with(_PROJECTED, x.tau) + terms_with(_PROJECTED, x.noise) + COLLAPSE_OF_A_PROJECTED_MIXTURE.result,
)

# The margin n - tr q_S is all that grows with the rows: what it divides vanishes.
_PLATEAU = sympy.Add(
    *(
        term
        for term in sympy.Add.make_args(sympy.expand(TEST_ERROR_OF_A_PROJECTED_MIXTURE.result))
        if not term.has(x.margin_2)
    )
)
PLATEAU = Statement(
    "plateau of strong collapse",
    "Where the error stops as the rows grow without end at a fixed share of synthetic rows.",
    (*_MIXTURE[:2], "rows -> infinity at a fixed width, spectrum and penalty > 0"),
    tuple(line for line in PROJECTION.definitions if line[0] in (x.q, x.p, x.width_margin_1, x.width_margin_2)),
    sympy.collect(_PLATEAU, SYNTHETIC_SHARE),
    _SOURCE,
    Kind.EQUIVALENT,
)
_LOW = (
    "Gaussian rows of one covariance, labelled by the truth and by a shifted truth",
    "least squares with many rows for each direction: the leading order in r/n",
)


def _low(name: str, description: str, result: sympy.Expr, *definitions: tuple[sympy.Expr, sympy.Expr]) -> Statement:
    return Statement(name, description, _LOW, definitions, result, _SOURCE, Kind.LOW_DIMENSIONAL)


_CLEAN = x.noise**2 * x.rank / x.rows
CLEAN_RATE = _low(
    "error relative to the clean rate",
    "The error over that of real labels on the same rows: it goes to 1 if and only if f = o(sqrt(sigma^2 r/n)/c).",
    1 + SYNTHETIC_SHARE**2 * SIZE_OF_SHIFT**2 / _CLEAN,
)
START_OF_THE_PLATEAU = _low(
    "rows at which the plateau starts",
    "The rows from which the collapse term exceeds the error of real labels.",
    sympy.solve(CLEAN_RATE.result - 2, x.rows)[0],
)
_COSTS = (
    (REAL_COST, REAL_NOISE**2 * x.rank / REAL_ROWS),
    (SYNTHETIC_COST, SYNTHETIC_NOISE**2 * x.rank / SYNTHETIC_ROWS + SIZE_OF_SHIFT**2),
)
WEIGHTED_MIXTURE = _low(
    "test error of weighted real and synthetic rows",
    "Two estimates averaged: that of the real rows, and that of the synthetic ones with its offset.",
    (1 - EFFECTIVE_SHARE) ** 2 * REAL_COST + EFFECTIVE_SHARE**2 * SYNTHETIC_COST,
    *_COSTS,
)
BEST_EFFECTIVE_SHARE = _low(
    "best effective share of synthetic rows",
    "Where the error of weighted rows is least; the weight is n_1 pi/(n_2 (1 - pi)).",
    sympy.factor(sympy.solve(sympy.diff(WEIGHTED_MIXTURE.result, EFFECTIVE_SHARE), EFFECTIVE_SHARE)[0]),
    *_COSTS,
)
BEST_WEIGHTED_ERROR = _low(
    "least error of weighted real and synthetic rows",
    "Below the error of the real rows alone, however bad the synthetic ones are.",
    sympy.factor(WEIGHTED_MIXTURE.result.subs(EFFECTIVE_SHARE, BEST_EFFECTIVE_SHARE.result)),
    *_COSTS,
)

STATEMENTS: tuple[Statement, ...] = (
    TEST_ERROR_OF_A_MIXTURE,
    COLLAPSE_OF_A_MIXTURE,
    TEST_ERROR_OF_A_PROJECTED_MIXTURE,
    COLLAPSE_OF_A_PROJECTED_MIXTURE,
    PLATEAU,
    CLEAN_RATE,
    START_OF_THE_PLATEAU,
    WEIGHTED_MIXTURE,
    BEST_EFFECTIVE_SHARE,
    BEST_WEIGHTED_ERROR,
)

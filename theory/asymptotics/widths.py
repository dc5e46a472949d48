r"""Rows against width on a power law: random projections of m directions, fitted to n rows without a penalty.

Where both are far below the rank, df_1(kappa) is the smaller of the two: kappa = (C/min(n, m))^beta, C =
(pi/beta)/sin(pi/beta). With m << n the width is what is scarce: df_1 = m, its margin vanishes, rho = tr[p q]/(m - df_2)
= 1, and the truth that is missed is p_S = p^2 + p q = p: the bias is tr[p tau], not tr[p^2 tau]. So it falls like

    kappa^{2 r}: m^{-2 r beta} for r < 1/2,      kappa: m^{-beta} for r > 1/2 (`power_law`),

where a ridge fit goes on improving up to r = 1. The variance is sigma^2 m/n, and the least sum of a bias A m^{-e} and
sigma^2 m/n is at m = (e A n/sigma^2)^{1/(e + 1)}: (1 + 1/e) sigma^2 m/n.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import STRONG_COLLAPSE, Reference
from ..rules.kind import Kind
from ..rules.projection import PROJECTION
from ..rules.statement import Statement
from ..rules.trace import Trace
from .long_chains import FREEDOM
from .power_law import PowerSpectrum, asymptotic

EXPONENT, SOURCE = x.scalar("beta"), x.scalar("r")

_SPECTRUM = PowerSpectrum(EXPONENT, SOURCE)
_HYPOTHESES = (
    "eigenvalues k^(-beta), beta > 1, and a truth of source r: s_k w_k^2 = k^(-1 - 2 r beta)",
    "a random projection without a penalty, its width m_S far below the rows n and the rank, m_S -> infinity",
)
_SOURCE = Reference((STRONG_COLLAPSE,), "derived in theory/asymptotics/widths.py")
_RIDGE = (x.kappa, (FREEDOM / x.width) ** EXPONENT)


def _missed() -> sympy.Expr:
    """tr[p_S tau] of the projection's own rule, where the margin of the width vanishes."""
    missed = x.missed
    for symbol, value in reversed(PROJECTION.definitions):
        if symbol not in (x.q, x.p, x.width_margin_1):
            missed = missed.subs(symbol, value)
    return sympy.expand(missed.subs(x.width_margin_1, 0) * x.tau)


_TERMS = asymptotic(Trace(sympy.expand(_missed().subs(x.q, 1 - x.p))), _SPECTRUM).pieces  # p^2 + p q = p
_INTEGRAL, _HEAD = (piece.value() for piece in _TERMS[:2])


def _statement(name: str, description: str, result: sympy.Expr, *further: str) -> Statement:
    ridge = (_RIDGE,) if result.has(x.kappa) else ()
    return Statement(name, description, (*_HYPOTHESES, *further), ridge, result, _SOURCE, Kind.EQUIVALENT)


BIAS_OF_A_WIDTH = _statement(
    "bias of a narrow random projection",
    "A power of the width, 2 r beta for r < 1/2 and beta beyond: a projection saturates before ridge does.",
    _INTEGRAL + _HEAD,
    "r is not 1/2, 1, 3/2, ... (logarithms)",
)
VARIANCE_OF_A_WIDTH = _statement(
    "variance of a narrow random projection",
    "Label noise counts as in least squares on m_S directions, many fewer than the rows.",
    x.noise**2 * x.width / x.rows,
)


def _best(amplitude: sympy.Expr, rate: sympy.Expr) -> sympy.Expr:
    return (rate * amplitude * x.rows / x.noise**2) ** (1 / (rate + 1))


BEST_WIDTH_OF_A_ROUGH_TRUTH = _statement(
    "best width, rough truth",
    "The width at which bias and variance add up to the least error.",
    _best(_TERMS[0].coefficient * FREEDOM ** (2 * SOURCE * EXPONENT), 2 * SOURCE * EXPONENT),
    "r < 1/2",
)
BEST_WIDTH_OF_A_SMOOTH_TRUTH = _statement(
    "best width, smooth truth",
    "The width at which bias and variance add up to the least error: n^(1/(beta + 1)), whatever r is.",
    _best(_TERMS[1].coefficient * FREEDOM**EXPONENT, EXPONENT),
    "r > 1/2",
)
STATEMENTS = BIAS_OF_A_WIDTH, VARIANCE_OF_A_WIDTH, BEST_WIDTH_OF_A_ROUGH_TRUTH, BEST_WIDTH_OF_A_SMOOTH_TRUTH

r"""Moments of two correlated normal numbers over a quadrant: what selection by signs needs.

Let u, v be standard normal of correlation rho, g = h + u and f = k + v, and 1 the indicator of g > 0 and f > 0. Its
probability is Phi_2(h, k; rho). For a function F of (u, v) Stein's identity reads

    E[u F] = E[F_u] + rho E[F_v].

F = 1 has F_u = delta(u + h) 1{v > -k}; given u = -h, v ~ N(-rho h, 1 - rho^2), so that with q = (1 - rho^2)^{1/2}

    E[delta(u + h) 1{v > -k}] = varphi(h) Phi((k - rho h)/q),

and E[u 1] follows; E[v 1] is the same with h and k exchanged. F = u 1 has F_u = 1 + u delta(u + h) 1{v > -k} and
F_v = u delta(v + k) 1{u > -h}, where E[u 1{u > -h} | v = -k] = -rho k Phi((h - rho k)/q) + q varphi((h - rho k)/q).
That is E[u^2 1]; F = v 1 gives E[u v 1] in the same way. The other quadrant, g < 0 and f < 0, is h -> -h, k -> -k with
the odd moments negated.
"""

from __future__ import annotations

from typing import Any

import sympy

from ..problem import notation as x
from .bibliography import Reference
from .kind import Kind
from .normal import BivariateNormalCdf, NormalCdf, NormalDensity
from .statement import Statement

FIRST, SECOND = sympy.Symbol("h", real=True), sympy.Symbol("k", real=True)  # means of the two numbers
CORRELATION = sympy.Symbol("rho", real=True)
WIDTH = x.scalar("q_rho")
SECOND_BEYOND = sympy.Symbol("a_k", real=True)  # where the second threshold lies, seen from the first
FIRST_BEYOND = sympy.Symbol("a_h", real=True)

# Shared with theory/statements/classification.py.
DISTANCES: tuple[tuple[Any, Any], ...] = (
    (WIDTH, sympy.sqrt(1 - CORRELATION**2)),
    (SECOND_BEYOND, (SECOND - CORRELATION * FIRST) / WIDTH),
    (FIRST_BEYOND, (FIRST - CORRELATION * SECOND) / WIDTH),
)
_PROBABILITY = x.scalar("P_2")
_AT_FIRST, _AT_SECOND = x.scalar("g_h"), x.scalar("g_k")
_EDGES = (
    *DISTANCES,
    (_AT_FIRST, NormalDensity(FIRST) * NormalCdf(SECOND_BEYOND)),
    (_AT_SECOND, NormalDensity(SECOND) * NormalCdf(FIRST_BEYOND)),
)
_WITH_PROBABILITY = (*_EDGES, (_PROBABILITY, BivariateNormalCdf(FIRST, SECOND, CORRELATION)))


def _moment(name: str, description: str, definitions: tuple[tuple[Any, Any], ...], result: Any) -> Statement:
    hypotheses = ("g = h + u and f = k + v, with u, v standard normal of correlation rho, -1 < rho < 1",)
    source = Reference((), "derived in theory/rules/orthants.py")
    return Statement(name, description, hypotheses, definitions, result, source, Kind.EXACT)


ORTHANT_MEAN = _moment(
    "mean over a quadrant",
    "E[u 1{g > 0, f > 0}]; that of v with h and k exchanged.",
    _EDGES,
    _AT_FIRST + CORRELATION * _AT_SECOND,
)
ORTHANT_SQUARE = _moment(
    "mean square over a quadrant",
    "E[u^2 1{g > 0, f > 0}]; that of v with h and k exchanged.",
    _WITH_PROBABILITY,
    _PROBABILITY
    - FIRST * _AT_FIRST
    - CORRELATION**2 * SECOND * _AT_SECOND
    + CORRELATION * WIDTH * NormalDensity(SECOND) * NormalDensity(FIRST_BEYOND),
)
ORTHANT_PRODUCT = _moment(
    "mean product over a quadrant",
    "E[u v 1{g > 0, f > 0}].",
    _WITH_PROBABILITY,
    CORRELATION * (_PROBABILITY - FIRST * _AT_FIRST - SECOND * _AT_SECOND)
    + WIDTH * NormalDensity(FIRST) * NormalDensity(SECOND_BEYOND),
)
ORTHANT_MOMENTS = (ORTHANT_MEAN, ORTHANT_SQUARE, ORTHANT_PRODUCT)

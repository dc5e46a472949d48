r"""Least squares on a random projection narrower than the rank, isotropic covariance: exact at finite size.

Let P be the orthogonal projection onto the row space of S, a uniformly random m-dimensional subspace. The projected
rows S x see P x, and (1 - P) x is independent of them: what the labels x'w say beyond P w is label noise of variance
|(1 - P) w|^2. Least squares on n rows therefore gives w <- P w + (noise in the subspace), of covariance
P (sigma^2 + |(1 - P) w|^2)/(n - m - 1), and for symmetric B

    E W' B W      = E P B P + E [tr(B P) (1 - P)]/(n - m - 1),
    E |noise|_B^2 = sigma^2 E tr(B P)/(n - m - 1),        E P = (m/r) I.

E P B P = a B + g tr[B] I is that of a random subspace (theory/rules/random_subspace.py). By invariance under rotations
E P_ij P_kl = (a - g) d_ij d_kl + g (d_ik d_jl + d_il d_jk), hence E tr(B P) P = (a - g) tr[B] I + 2 g B.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import STRONG_COLLAPSE, Reference
from .kind import Kind
from .one_step import OneStep, linear_parts
from .random_subspace import RANDOM_SUBSPACE
from .statement import Statement
from .trace import Trace

_HYPOTHESES = (
    "the rows of the generation are Gaussian, with the population's covariance, and independent of the model before it",
    "the random projection is Gaussian, drawn anew in each generation",
    "all positive eigenvalues of the covariance are equal",
    "ridgeless, width below the rank and rows >= width + 2",
)
_SOURCE = Reference((STRONG_COLLAPSE,), "derived in theory/rules/projected_least_squares.py")
_DEFINITIONS = ((x.wishart_margin, x.rows - x.width - 1),)


def _second_moment() -> sympy.Expr:
    """E P B P and E tr(B P)(1 - P), from the constants a and g of a subspace of as many dimensions as the width."""
    own, ((shared, _, _),) = linear_parts(RANDOM_SUBSPACE.second_moment.result.subs(x.rows, x.width))
    missed = sympy.factor(x.width / x.rank - own + shared) * Trace(x.weight) - 2 * shared * x.weight
    return own * x.weight + shared * Trace(x.weight) + missed / x.wishart_margin


def _statement(name: str, description: str, result: sympy.Expr) -> Statement:
    return Statement(name, description, _HYPOTHESES, _DEFINITIONS, result, _SOURCE, Kind.EXACT)


PROJECTED_LEAST_SQUARES = OneStep(
    _statement("mean of projected least squares", "Of every direction the share m/r is kept.", x.width / x.rank),
    _statement(
        "bias of projected least squares",
        "Of every direction the share (r - m)/r is lost.",
        (x.rank - x.width) / x.rank,
    ),
    _statement(
        "second moment of projected least squares",
        "What lies outside of the random subspace acts as label noise inside of it.",
        _second_moment(),
    ),
    _statement(
        "noise of projected least squares",
        "Label noise of unit variance adds this much to the error with weight B.",
        x.width * Trace(x.weight) / (x.rank * x.wishart_margin),
    ),
)

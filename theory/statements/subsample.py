r"""Least squares on a sample of everything generated so far: the limit of many rows per direction.

Every generation generates n rows, labelled by the model before with noise sigma, and fits n rows drawn without
replacement from the store. For n much larger than r the g-th model is the mean of the labellers of its rows plus the
mean m_g of their noise, w_g = (1/g) sum_{k<g} w_k + m_g; solved, w_N = sum_i a_i m_i with a_i = 1/(i + 1) for i < N and
a_N = 1. The samples of two fits i < j share n/j rows on average, so the means m_i, m_j have the correlation C = 1/j:

    E_N = V a'C a = V [1 + sum_{i<N} (1/(i+1)^2 + 2/(N (i+1)) + 2 (H_i - 1)/(i (i+1)))],    V = sigma^2 r/(n - r - 1),

H_i the harmonic numbers; E_N -> V (pi^2/2 - 2). V is that of a single fit, so that E_1 is exact.
"""

from __future__ import annotations

import sympy

from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.statement import Statement
from . import compose

GENERATIONS = sympy.Symbol("N", integer=True, positive=True)
_I = sympy.Symbol("i", integer=True, positive=True)
_J = sympy.Symbol("j", integer=True, positive=True)
HYPOTHESES = (
    "every generation generates n fresh rows, labelled by the model before, all with one noise",
    "every fit is least squares on n rows, drawn without replacement from all so far",
    "rows much larger than the rank (the relative gap is of the order of rank/rows)",
)
_SOURCE = Reference((), "derived in theory/statements/subsample.py")


def _quadratic_form() -> sympy.Expr:
    """a'C a, the diagonal, the last column twice and the rest twice."""
    weight = 1 / (_I + 1)
    diagonal = sympy.Sum(weight**2, (_I, 1, GENERATIONS - 1)) + 1
    last = sympy.Sum(2 * weight / GENERATIONS, (_I, 1, GENERATIONS - 1))
    pairs = sympy.Sum(2 * weight.subs(_I, _J) * (sympy.harmonic(_J) - 1) / _J, (_J, 1, GENERATIONS - 1))
    return diagonal + last + pairs


TEST_ERROR_OF_SUBSAMPLES = Statement(
    "test error of least squares on samples of everything so far",
    "A bounded multiple of the error of one fit; old noise is used again, which costs more than fresh labels would.",
    HYPOTHESES,
    LEAST_SQUARES.definitions,
    compose.error(compose.after(LEAST_SQUARES, compose.TRUTH)) * _quadratic_form(),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
LIMIT_OF_SUBSAMPLES = Statement(
    "limit of samples of everything so far",
    "The error of least squares on samples of everything so far, after infinitely many generations.",
    HYPOTHESES,
    LEAST_SQUARES.definitions,
    compose.error(compose.after(LEAST_SQUARES, compose.TRUTH)) * (sympy.pi**2 / 2 - 2),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)

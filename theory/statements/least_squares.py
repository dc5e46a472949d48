r"""Least squares, generation after generation: exact at finite size.

**Test error after replacement.** Every generation adds X^+ eps to the model before it; the additions are
uncorrelated, so the errors add up, each the mean of an inverse Wishart trace:

    E_N = sum_g sigma_g^2 r/(n_g - r - 1)     (infinite for n in {r, r + 1}).

The expectation is the same if all generations label one and the same design.

**Spread over draws.** Given the designs, Sigma^{1/2}(w_N - w_0) is Gaussian with covariance C = sum_g sigma_g^2
W_g^{-1}, W_g independent Wishart matrices with n_g degrees of freedom; hence Var E_N = 2 E tr C^2 + Var tr C. With
E W^{-1} = I/(n - r - 1) and the second inverse Wishart moments of theory/exact/inverse_wishart.py,

    E tr W^{-2}     = r (n - 1)/((n - r)(n - r - 1)(n - r - 3)),
    E (tr W^{-1})^2 = (r^2 (n - r - 2) + 2 r)/((n - r)(n - r - 1)(n - r - 3)),

the terms that mix generations give 2 r (sum_g sigma_g^2/M_g)^2, all others sum_g sigma_g^4 v_g.
"""

from __future__ import annotations

import sympy

from ..exact.inverse_wishart import FIRST, PRODUCT_OF_TRACES, SECOND, SECOND_MOMENT
from ..problem import notation as x
from ..rules.bibliography import DEMYSTIFIED, Reference
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.statement import Statement
from ..rules.trace import distributed
from . import compose

GENERATIONS = sympy.Symbol("N", integer=True, positive=True)
DRAW_VARIANCE = x.scalar("v_g")
SUM_OF_GAINS = x.scalar("a")  # sum over generations of sigma_g^2/M_g
SUM_OF_VARIANCES = x.scalar("b")  # sum over generations of sigma_g^4 v_g

_HYPOTHESES = (
    "every generation is fitted by least squares on Gaussian rows, fresh or labelled again, by the model before it",
    "rows >= rank (rows = rank and rank + 1 have an infinite error unless there is no noise)",
)

TEST_ERROR_AFTER_REPLACEMENT = Statement(
    "test error of least squares after replacement",
    "The errors of all generations add up, each the mean of an inverse Wishart trace (here: N equal generations).",
    (*_HYPOTHESES, "all generations have the same rows and noise"),
    LEAST_SQUARES.definitions,
    compose.error(compose.constant_spread(LEAST_SQUARES, GENERATIONS)),
    Reference((DEMYSTIFIED,), "derived in theory/statements/least_squares.py (in the paper: proportional limit)"),
    Kind.EXACT,
)


def _unweighted(statement: Statement) -> sympy.Expr:
    """A moment of the inverse Wishart matrix with the identity for every weight."""
    return distributed(statement.expanded().subs({FIRST: 1, SECOND: 1}))


def _variance_of_one_generation() -> sympy.Expr:
    """v = 2 (E tr W^{-2} - r/M^2) + E (tr W^{-1})^2 - r^2/M^2 for unit noise, with r/M = E tr W^{-1}."""
    second_moment, squared_trace = _unweighted(SECOND_MOMENT), _unweighted(PRODUCT_OF_TRACES)
    trace = _unweighted(LEAST_SQUARES.noise)
    return sympy.factor(2 * (second_moment - trace**2 / x.rank) + squared_trace - trace**2)


SPREAD_OVER_DRAWS = Statement(
    "variance over draws of the error of least squares",
    "How much the excess error of the last model varies from draw to draw of rows and labels.",
    (
        "every generation is fitted by least squares on fresh Gaussian rows that the model before it labelled",
        "rows >= rank + 4 (infinite below)",
        "one noise level in each generation",
    ),
    ((DRAW_VARIANCE, _variance_of_one_generation()),),
    2 * x.rank * SUM_OF_GAINS**2 + SUM_OF_VARIANCES,
    Reference((), "derived in theory/statements/least_squares.py (second inverse Wishart moments)"),
    Kind.EXACT,
)

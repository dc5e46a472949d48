r"""Least squares on everything labelled so far: exact at finite size.

Every generation i is fitted on all rows, those of generation j with labels of model j - 1.

**Fresh rows.** With S_j = X_j'X_j and W_i = S_1 + ... + S_i (n = n_i rows, of which m are new), the normal equations of
two generations differ by W_i w_i = W_{i-1} w_{i-1} + S_i w_{i-1} + X_i'eps_i, hence

    w_i = w_{i-1} + W_i^{-1} X_i' eps_i.

The addition has mean zero given the past; rows are exchangeable, so E W_i^{-1} S_i W_i^{-1} = (m/n) E W_i^{-1}, the
inverse Wishart mean.

**The same rows.** When every generation labels one and the same X (n rows, i copies of them in the fit), W_i = i X'X
and w_i = w_{i-1} + X^+ eps_i / i. This is the set-up of [G] and of the public code that follows it; summed over
generations it gives sigma^2 r/(n - r - 1) sum 1/i^2 exactly. For fresh rows that formula is no equality but a strict
upper bound from the second generation on: i (i n - r - 1) - i^2 (n - r - 1) = i (i - 1)(r + 1) > 0.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import ACCUMULATION, Reference
from .kind import Kind
from .one_step import OneStep
from .statement import Statement
from .trace import Trace

_FRESH = (
    "every generation so far was fitted by least squares on all rows generated until then, with equal weights",
    "the rows are fresh and Gaussian, with the population's covariance; the model before labels the new ones",
    "the first generation has at least as many rows as the rank (rows = rank, rank + 1: noise has an infinite effect)",
)
_SAME = (
    "every generation so far was fitted by least squares on all rows generated until then, with equal weights",
    "every generation labels one and the same Gaussian rows, with the population's covariance, by the model before",
    "there are at least as many of these rows as the rank (rows = rank, rank + 1: noise has an infinite effect)",
)
_SOURCE = Reference((ACCUMULATION,), "derived in theory/rules/accumulation.py")
_DEFINITIONS = ((x.wishart_margin, x.rows - x.rank - 1),)


def _rule(name: str, hypotheses: tuple[str, ...], noise: sympy.Expr, said: str) -> OneStep:
    def statement(title: str, description: str, result: sympy.Expr) -> Statement:
        return Statement(f"{title} of {name}", description, hypotheses, _DEFINITIONS, result, _SOURCE, Kind.EXACT)

    return OneStep(
        statement("mean", "The fit reproduces the model before it.", sympy.S.One),
        statement("bias", "The fit loses nothing of the model before it.", sympy.S.Zero),
        statement("second moment", "A weight on the fitted model is the same weight on the model before.", x.weight),
        statement("noise", said, noise),
    )


ACCUMULATED_ROWS = _rule(
    "least squares on accumulated rows",
    _FRESH,
    x.new_rows * Trace(x.weight) / (x.rows * x.wishart_margin),
    "New label noise of unit variance adds the share of the new rows in an inverse Wishart mean of all rows.",
)
REPEATED_ROWS = _rule(
    "least squares on repeated rows",
    _SAME,
    Trace(x.weight) / (x.copies**2 * x.wishart_margin),
    "New label noise of unit variance is averaged with the labels that the same rows had before.",
)

r"""Least squares on disturbed rows: the fit sees x + delta z, z ~ N(0, I), of rows x that were labelled as they are.

Disturbed rows have the covariance Sigma + delta^2. Given them a clean row is Gaussian with mean A (x + delta z),
A = Sigma/(Sigma + delta^2), and covariance Sigma (1 - A), the same for every row. So the labels of a model w are those
of the model A w on the disturbed rows, with independent noise of variance sigma^2 + w'Sigma (1 - A) w, and least
squares is unbiased for A w: with the mean of an inverse Wishart matrix, (Sigma + delta^2)^{-1}/(n - r - 1), it has the
variance of this noise times A/(n - r - 1) in every direction, in units of the error. Exact at finite size. On average
it is what ridge regression with the effective ridge delta^2 makes of its labels.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import Reference
from .kind import Kind
from .least_squares import LEAST_SQUARES
from .one_step import OneStep
from .statement import Statement
from .trace import Trace

_HYPOTHESES = (
    "the rows of the generation are Gaussian with the population's covariance; the fit sees them plus white noise",
    "least squares with rows >= rank + 2; the covariance has full rank",
)
_KEPT = x.s / (x.s + x.disturbance**2)
_LOST = x.disturbance**2 / (x.s + x.disturbance**2)


def _statement(name: str, description: str, result: sympy.Expr) -> Statement:
    source = Reference((), "derived in theory/rules/disturbed_rows.py")
    return Statement(name, description, _HYPOTHESES, LEAST_SQUARES.definitions, result, source, Kind.EXACT)


DISTURBED_LEAST_SQUARES = OneStep(
    _statement(
        "mean of least squares on disturbed rows",
        "The fit shrinks its labels as ridge regression with effective ridge delta^2 does.",
        _KEPT,
    ),
    _statement(
        "bias of least squares on disturbed rows",
        "What is shrunk away of every direction.",
        _LOST,
    ),
    _statement(
        "second moment of least squares on disturbed rows",
        "What disturbed rows do not tell of the labels acts as label noise.",
        _KEPT**2 * x.weight + _LOST * Trace(_KEPT * x.weight) / x.wishart_margin,
    ),
    _statement(
        "noise of least squares on disturbed rows",
        "Label noise of unit variance adds this much to the error with weight B.",
        Trace(_KEPT * x.weight) / x.wishart_margin,
    ),
)

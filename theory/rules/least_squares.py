r"""Least squares with at least as many rows as the rank: exact at finite size.

With rows n >= r the fit reproduces its labelling model on the range of the covariance: w = w_before + X^+ eps. So W is
the identity, and the noise is sigma^2 E (X'X)^{-1} = sigma^2 Sigma^{-1}/(n - r - 1), the mean of an inverse Wishart
matrix, finite for n >= r + 2. The rows may be those that an earlier generation was fitted on: X^+ eps has mean zero
given everything before it. Directions without variance are neither fitted nor tested.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from .bibliography import DEMYSTIFIED, Reference
from .kind import Kind
from .one_step import OneStep
from .statement import Statement
from .trace import Trace

_HYPOTHESES = (
    "the rows are Gaussian, with the population's covariance, fresh or those of an earlier generation",
    "least squares with at least as many rows as the rank (noise has an infinite effect for rows = rank, rank + 1)",
)
_SOURCE = Reference((DEMYSTIFIED,), "derived in theory/rules/least_squares.py (inverse Wishart mean)")
_DEFINITIONS = ((x.wishart_margin, x.rows - x.rank - 1),)

_KEPT = Statement(
    "mean of least squares",
    "Least squares reproduces the model that labelled its rows.",
    _HYPOTHESES,
    _DEFINITIONS,
    sympy.S.One,
    _SOURCE,
    Kind.EXACT,
)
_LOST = Statement(
    "bias of least squares",
    "Least squares loses nothing of what its labels say.",
    _HYPOTHESES,
    _DEFINITIONS,
    sympy.S.Zero,
    _SOURCE,
    Kind.EXACT,
)
_SECOND_MOMENT = Statement(
    "second moment of least squares",
    "A weight on the fitted model is the same weight on the labelling model.",
    _HYPOTHESES,
    _DEFINITIONS,
    x.weight,
    _SOURCE,
    Kind.EXACT,
)
_NOISE = Statement(
    "noise of least squares",
    "Label noise of unit variance adds this much to the error with weight B: the mean of an inverse Wishart trace.",
    _HYPOTHESES,
    _DEFINITIONS,
    Trace(x.weight) / x.wishart_margin,
    _SOURCE,
    Kind.EXACT,
)

LEAST_SQUARES = OneStep(_KEPT, _LOST, _SECOND_MOMENT, _NOISE)

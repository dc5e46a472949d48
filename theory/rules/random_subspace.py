r"""Minimum norm below the rank with an isotropic covariance: exact at finite size.

With n < r rows W is the orthogonal projection onto the span of n Gaussian vectors, a uniformly random n-dimensional
subspace. Invariance under rotations gives E W = (n/r) I and, for symmetric B,

    E W B W = a B + g Tr[B] I.

The two constants follow from two contractions: Tr of both sides, n/r Tr B = (a + g r) Tr B, and, for B = u u' with
|u| = 1, E (u'Wu)^2 = a + g, where u'Wu ~ Beta(n/2, (r - n)/2) has second moment n(n + 2)/(r(r + 2)). The noise is
sigma^2 E tr (XX')^{-1} = sigma^2 n/(r - n - 1) in total, shared equally by the directions, finite for n <= r - 2.
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
    "the rows of the generation are Gaussian, with the population's covariance, and independent of the model before it",
    "all positive eigenvalues of the covariance are equal",
    "minimum norm with fewer rows than the rank (rows = rank - 1: an infinite effect of noise)",
)
_SOURCE = Reference((DEMYSTIFIED,), "derived in theory/rules/random_subspace.py")
_DEFINITIONS = ((x.wishart_margin, x.rank - x.rows - 1),)


def _contractions() -> tuple[sympy.Expr, sympy.Expr]:
    """Solve the two contractions for the constants a and g."""
    a, g = sympy.symbols("a g")
    beta_second_moment = x.rows * (x.rows + 2) / (x.rank * (x.rank + 2))
    solution = sympy.solve([a + g * x.rank - x.rows / x.rank, a + g - beta_second_moment], [a, g])
    return sympy.factor(solution[a]), sympy.factor(solution[g])


_OWN, _SHARED = _contractions()

_KEPT = Statement(
    "mean of a random subspace",
    "Of every direction the share n/r is kept on average.",
    _HYPOTHESES,
    _DEFINITIONS,
    x.rows / x.rank,
    _SOURCE,
    Kind.EXACT,
)
_LOST = Statement(
    "bias of a random subspace",
    "Of every direction the share (r - n)/r is lost on average.",
    _HYPOTHESES,
    _DEFINITIONS,
    (x.rank - x.rows) / x.rank,
    _SOURCE,
    Kind.EXACT,
)
_SECOND_MOMENT = Statement(
    "second moment of a random subspace",
    "A weight on the fitted model is partly the same weight on the labelling model, partly spread over all directions.",
    _HYPOTHESES,
    _DEFINITIONS,
    _OWN * x.weight + _SHARED * Trace(x.weight),
    _SOURCE,
    Kind.EXACT,
)
_NOISE = Statement(
    "noise of minimum norm below the rank",
    "Label noise of unit variance adds this much to the error with weight B.",
    _HYPOTHESES,
    _DEFINITIONS,
    x.rows * Trace(x.weight) / (x.rank * x.wishart_margin),
    _SOURCE,
    Kind.EXACT,
)

RANDOM_SUBSPACE = OneStep(_KEPT, _LOST, _SECOND_MOMENT, _NOISE)

r"""The moments of a chain, forwards and backwards.

Forwards (for numbers; no term is ever subtracted). With Q_0 = 1, P_0 = 0, U_0 = 0 every generation applies the forward
form of its rule, and

    E_g = Tr[P_g^2 tau + U_g].

Backwards (the derivation). With B_N = 1, each generation m = N..1 takes the weight B_m to B_{m-1} by the second
moment of its rule and pays sigma_m^2 h Tr[c B_m] for its noise; with Q the product of all means,

    E_N = Tr[(B_0 - 2 Q + 1) tau] + sum_m sigma_m^2 h_m Tr[c_m B_m].

The two are adjoint to each other: E|w_N|^2 as a sum over the last weight or over the first second moment.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from ..problem import notation as x
from ..rules.bibliography import DEMYSTIFIED, Reference
from ..rules.kind import Kind
from ..rules.one_step import SQUARE_OF_THE_MEAN
from ..rules.statement import Statement
from ..rules.trace import Trace

_HYPOTHESES = ("labels are those of the model before, of the truth, or of a fixed blend of both, plus noise",)
_SOURCE = Reference((DEMYSTIFIED,), "derived in theory/chains/moments.py")

ERROR = Statement(
    "excess error",
    "The excess error is the lost part of the truth, squared, plus the variance of the model.",
    _HYPOTHESES,
    (),
    Trace(x.lost**2 * x.tau + x.spread),
    _SOURCE,
    Kind.EXACT,
)
ERROR_BY_MODE = Statement(
    "excess error by mode",
    "What one eigendirection contributes to the excess error.",
    _HYPOTHESES,
    (),
    x.lost**2 * x.tau + x.spread,
    _SOURCE,
    Kind.EXACT,
)
OVERLAP = Statement(
    "overlap with the truth",
    "E w'w_0, the inner product of the model with the truth.",
    _HYPOTHESES,
    (),
    Trace(x.kept * x.tau / x.s),
    _SOURCE,
    Kind.EXACT,
)
NORM = Statement(
    "squared norm of the model",
    "E |w|^2, from the second moment of the model in every direction.",
    _HYPOTHESES,
    (),
    Trace((SQUARE_OF_THE_MEAN + x.spread) / x.s),
    _SOURCE,
    Kind.EXACT,
)
BACKWARD_ERROR = Statement(
    "excess error from the first weight",
    "The noise-free error in terms of the weight B carried back to generation 0.",
    _HYPOTHESES,
    (),
    Trace((x.weight - 2 * x.kept + 1) * x.tau),
    _SOURCE,
    Kind.EXACT,
)

# Model 0 is the truth: everything is kept, nothing is lost, nothing varies.
START: tuple[tuple[Any, Any], ...] = ((x.spread, Integer(0)), (x.lost, Integer(0)), (x.kept, Integer(1)))

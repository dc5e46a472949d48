r"""The general chain: any spectrum, any truth, each generation its own rows, penalty and noise.

Forwards: mean kept Q, mean lost P, variance U in units of error, from Q_0 = 1, P_0 = U_0 = 0,

    chi_g = (sigma_g^2 + tr[p_g^2 (Q_{g-1}^2 tau + U_{g-1})])/(n_g - df_2),   U_g = q_g^2 (U_{g-1} + chi_g),
    P_g = p_g + q_g P_{g-1},  Q_g = q_g Q_{g-1},        E_g = tr[P_g^2 tau + U_g];

backwards: the weight B of the error, from B_N = 1,

    chi_m = sigma_m^2 tr[q_m^2 B_m]/(n_m - df_2),  B_{m-1} = q_m^2 B_m + p_m^2 tr[q_m^2 B_m]/(n_m - df_2),
    E_N = tr[(B_0 - 2 Q_N + 1) tau] + sum_m chi_m.

Both come from the one-step rules in theory/rules (the forward form is their adjoint, see theory/rules/one_step.py). The
forward form never subtracts and is used for numbers; the backward form reads as a proof by induction over generations.
With a random projection that is drawn anew in each generation, the rule is that of theory/rules/projection.py.
"""

from __future__ import annotations

import sympy

from ..chains import backward, forward, moments
from ..problem import notation as x
from ..rules.bibliography import DEMYSTIFIED, STRONG_COLLAPSE, Reference
from ..rules.kind import Kind
from ..rules.projection import PROJECTION
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement

GENERATION = sympy.Symbol("g", integer=True, positive=True)
LAST = sympy.Symbol("N", integer=True, positive=True)

_HYPOTHESES = (
    *RESOLVENT.noise.hypotheses,
    "every generation is labelled by the model before it, the first by the truth",
)
_SOURCE = Reference((DEMYSTIFIED,), "derived in theory/statements/ridge_chain.py")

TEST_ERROR_OF_A_CHAIN = Statement(
    "test error of a chain",
    "Forward recursion in the mean kept, the mean lost and the variance; for N = 1 this is the ridge error.",
    _HYPOTHESES,
    forward.generation_program(RESOLVENT, "g", "g-1"),
    moments.ERROR.result.subs({x.lost: x.at(x.lost, "N"), x.spread: x.at(x.spread, "N")}),
    _SOURCE,
    Kind.EQUIVALENT,
)

TEST_ERROR_OF_A_CHAIN_BACKWARDS = Statement(
    "test error of a chain, read backwards",
    "Backward recursion in the weight of the error; the noise of every generation is added as it is met.",
    _HYPOTHESES,
    backward.generation_program(RESOLVENT, "g", "g-1"),
    moments.BACKWARD_ERROR.result.subs({x.weight: x.at(x.weight, 0), x.kept: x.at(x.kept, "N")})
    + sympy.Sum(sympy.Indexed("chi", GENERATION), (GENERATION, 1, LAST)),
    _SOURCE,
    Kind.EQUIVALENT,
)

TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS = Statement(
    "test error of a chain of random projections",
    "Forward recursion in the mean kept, the mean lost and the variance, each generation with a projection of its own.",
    (*PROJECTION.noise.hypotheses, "every generation is labelled by the model before it, the first by the truth"),
    forward.generation_program(PROJECTION, "g", "g-1"),
    moments.ERROR.result.subs({x.lost: x.at(x.lost, "N"), x.spread: x.at(x.spread, "N")}),
    Reference((DEMYSTIFIED, STRONG_COLLAPSE), "derived in theory/statements/ridge_chain.py"),
    Kind.EQUIVALENT,
)

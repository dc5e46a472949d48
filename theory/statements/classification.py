r"""The accuracy of a ridge classifier that is fitted to verified labels of a Gaussian mixture.

x = y mu + z; a generated label s and whether it is kept, K, depend on (x, y) through few directions. Their joint law
is the same for y = 1 and for y = -1 with the signs of x and s turned, and so is that of s x and K: all moments below
are those given y = 1, where x = mu + z. With P = E[K], and Stein's identity E[z F] = E[grad F],

    P c = E[s x K] = mu E[s K] + E[grad (s K)],
    P M = E[x x' K] = P I + mu mu' P + mu E[grad K]' + E[grad K] mu' + E[hess K].

The fit in the span of the directions is (M + kappa)^{-1} c, outside it is noise (theory/rules/verification.py).

*Flips.* Labels are wrong with probability p, kept at the rates phi and psi: K and s K do not depend on z. With the
balance beta = E[s K]/P of the kept labels, c = beta mu, M = I + mu mu', w = beta mu/(1 + kappa + mu^2).

*One half-space.* A unit vector e, h = mu'e, and f = x'e: labels on its right side, f > 0, are kept at the rate r_1 as
+1, the others at the rate r_2 as -1 (a linear generator: r_1 = phi, r_2 = psi; a linear verifier of flipped labels: 1
- p and p). K = r_1 1{f > 0} + r_2 1{f < 0} and s K = r_1 1{f > 0} - r_2 1{f < 0} have the gradients (r_1 - r_2)
delta(f) e and (r_1 + r_2) delta(f) e, and E[hess K] = -h (r_1 - r_2) varphi(h) e e', as delta'(f) has the mean -h
varphi(h).

*Two half-spaces.* h = mu'w_g, k = mu'w_v, rho = w_g'w_v, g = x'w_g, f = x'w_v: s K = 1{g > 0} + 1{f > 0} - 1, so that
P c = mu (Phi(h) + Phi(k) - 1) + w_g varphi(h) + w_v varphi(k), and K = 1{g f > 0} has, with a_k = (k - rho h)/q_rho,

    E[K_g] = varphi(h) (2 Phi(a_k) - 1),     E[K_gf] = 2 D,  D = varphi(h) varphi(a_k)/q_rho,
    E[K_gg] = -h E[K_g] - 2 rho D,           and the same for f with h and k exchanged.

In the frame mu, w_g, w_v, where c has the coefficients y_i and w the coefficients w_i, the equation (M + kappa) w = c
reads (N G + 1 + kappa) (w_i) = (y_i), with the Gram matrix G of the frame and M = I + frame N frame'. Entries of N G
vanish; what is left is solved by Cramer's rule, whose determinant is that of M + kappa, never 0. No frame is
orthonormal here, so nothing is singular where directions coincide, but for rho = +-1.

With infinitely many rows per direction kappa is the penalty, and V is 0: what the fit is in the span is all that it
is. For flips that is +-mu, a step at p = phi/(phi + psi); otherwise w_g and w_v are left in it, and the step is a
slope.
"""

from __future__ import annotations

from typing import Any

import sympy

from ..problem import notation as x
from ..rules.bibliography import VERIFICATION, Reference
from ..rules.kind import Kind
from ..rules.normal import BivariateNormalCdf, NormalCdf, NormalDensity
from ..rules.orthants import CORRELATION, DISTANCES, FIRST, FIRST_BEYOND, SECOND, SECOND_BEYOND, WIDTH
from ..rules.statement import Statement
from ..rules.verification import (
    CORRELATED,
    ERROR_RATE,
    KEEP_RIGHT,
    KEEP_WRONG,
    LABEL_ACCURACY,
    MEAN_NORM,
    NOISE_FACTOR,
    NORM,
    NORM_OFF_THE_DIRECTIONS,
    OVERLAP,
    RESIDUAL,
    RIGHT_SIDE,
    SQUARE,
    TRANSITION,
    TRANSITION_POINT,
    WRONG_SIDE,
)

Definitions = tuple[tuple[Any, Any], ...]


def _real(name: str) -> Any:
    return sympy.Symbol(name, real=True)


KEPT = x.scalar("P")  # the share of generated labels that is kept
BALANCE = _real("beta")
_RIDGE = x.scalar("b")  # 1 + kappa
_Y, _B = [_real(f"y_{i}") for i in range(3)], [_real(f"w_{i}") for i in range(3)]
_BY_FIRST, _BY_SECOND = _real("alpha_1"), _real("alpha_2")
_TOGETHER = x.scalar("delta")
_ALONG_FIRST, _ALONG_SECOND = _real("z_1"), _real("z_2")  # w_g'w and w_v'w
_ROW = [_real(f"m_{i}") for i in range(3)]
_LEFT = [_real(f"l_{i}") for i in (1, 2)]
_E, _F = x.scalar("e"), x.scalar("f")
_DETERMINANT = x.scalar("Delta")
_MINORS, _MIXED = [_real(f"k_{i}") for i in range(3)], [_real(f"j_{i}") for i in range(3)]

FLIPS: Definitions = (
    (KEPT, (1 - ERROR_RATE) * KEEP_RIGHT + ERROR_RATE * KEEP_WRONG),
    (BALANCE, ((1 - ERROR_RATE) * KEEP_RIGHT - ERROR_RATE * KEEP_WRONG) / KEPT),
    (_B[0], BALANCE / (1 + x.kappa + MEAN_NORM**2)),
    (OVERLAP, MEAN_NORM**2 * _B[0]),
    (CORRELATED, BALANCE * OVERLAP),
    (SQUARE, _B[0] * OVERLAP),
)
ONE_HALF_SPACE: Definitions = (
    (KEPT, RIGHT_SIDE * NormalCdf(FIRST) + WRONG_SIDE * NormalCdf(-FIRST)),
    (_Y[0], (RIGHT_SIDE * NormalCdf(FIRST) - WRONG_SIDE * NormalCdf(-FIRST)) / KEPT),
    (_Y[1], (RIGHT_SIDE + WRONG_SIDE) * NormalDensity(FIRST) / KEPT),
    (_BY_FIRST, (RIGHT_SIDE - WRONG_SIDE) * NormalDensity(FIRST) / KEPT),
    (_RIDGE, 1 + x.kappa),
    (_ROW[0], _RIDGE + MEAN_NORM**2 + _BY_FIRST * FIRST),
    (_ROW[1], FIRST + _BY_FIRST),
    (_LEFT[0], _BY_FIRST * (MEAN_NORM**2 - FIRST**2)),
    (_DETERMINANT, _ROW[0] * _RIDGE - _ROW[1] * _LEFT[0]),
    (_B[0], (_Y[0] * _RIDGE - _ROW[1] * _Y[1]) / _DETERMINANT),
    (_B[1], (_ROW[0] * _Y[1] - _LEFT[0] * _Y[0]) / _DETERMINANT),
    (OVERLAP, MEAN_NORM**2 * _B[0] + FIRST * _B[1]),
    (_ALONG_FIRST, FIRST * _B[0] + _B[1]),
    (CORRELATED, _Y[0] * OVERLAP + _Y[1] * _ALONG_FIRST),
    (SQUARE, _B[0] * OVERLAP + _B[1] * _ALONG_FIRST),
)
TWO_HALF_SPACES: Definitions = (
    (KEPT, BivariateNormalCdf(FIRST, SECOND, CORRELATION) + BivariateNormalCdf(-FIRST, -SECOND, CORRELATION)),
    *DISTANCES,
    (_Y[0], (NormalCdf(FIRST) - NormalCdf(-SECOND)) / KEPT),
    (_Y[1], NormalDensity(FIRST) / KEPT),
    (_Y[2], NormalDensity(SECOND) / KEPT),
    (_BY_FIRST, _Y[1] * (NormalCdf(SECOND_BEYOND) - NormalCdf(-SECOND_BEYOND))),
    (_BY_SECOND, _Y[2] * (NormalCdf(FIRST_BEYOND) - NormalCdf(-FIRST_BEYOND))),
    (_TOGETHER, 2 * _Y[1] * NormalDensity(SECOND_BEYOND)),
    (_RIDGE, 1 + x.kappa),
    (_ROW[0], _RIDGE + MEAN_NORM**2 + _BY_FIRST * FIRST + _BY_SECOND * SECOND),
    (_ROW[1], FIRST + _BY_FIRST + CORRELATION * _BY_SECOND),
    (_ROW[2], SECOND + CORRELATION * _BY_FIRST + _BY_SECOND),
    (_LEFT[0], _BY_FIRST * (MEAN_NORM**2 - FIRST**2) + _TOGETHER * SECOND_BEYOND),
    (_LEFT[1], _BY_SECOND * (MEAN_NORM**2 - SECOND**2) + _TOGETHER * FIRST_BEYOND),
    (_E, WIDTH * (_BY_FIRST * SECOND_BEYOND + _TOGETHER)),
    (_F, WIDTH * (_BY_SECOND * FIRST_BEYOND + _TOGETHER)),
    (_MINORS[0], _RIDGE**2 - _E * _F),
    (_MINORS[1], _LEFT[0] * _RIDGE - _E * _LEFT[1]),
    (_MINORS[2], _LEFT[0] * _F - _RIDGE * _LEFT[1]),
    (_MIXED[0], _LEFT[0] * _Y[2] - _LEFT[1] * _Y[1]),
    (_MIXED[1], _RIDGE * _Y[1] - _E * _Y[2]),
    (_MIXED[2], _RIDGE * _Y[2] - _F * _Y[1]),
    (_DETERMINANT, _ROW[0] * _MINORS[0] - _ROW[1] * _MINORS[1] + _ROW[2] * _MINORS[2]),
    (_B[0], (_Y[0] * _MINORS[0] - _ROW[1] * _MIXED[1] - _ROW[2] * _MIXED[2]) / _DETERMINANT),
    (_B[1], (_ROW[0] * _MIXED[1] - _Y[0] * _MINORS[1] + _ROW[2] * _MIXED[0]) / _DETERMINANT),
    (_B[2], (_ROW[0] * _MIXED[2] - _ROW[1] * _MIXED[0] + _Y[0] * _MINORS[2]) / _DETERMINANT),
    (OVERLAP, MEAN_NORM**2 * _B[0] + FIRST * _B[1] + SECOND * _B[2]),
    (_ALONG_FIRST, FIRST * _B[0] + _B[1] + CORRELATION * _B[2]),
    (_ALONG_SECOND, SECOND * _B[0] + CORRELATION * _B[1] + _B[2]),
    (CORRELATED, _Y[0] * OVERLAP + _Y[1] * _ALONG_FIRST + _Y[2] * _ALONG_SECOND),
    (SQUARE, _B[0] * OVERLAP + _B[1] * _ALONG_FIRST + _B[2] * _ALONG_SECOND),
)

_MIXTURE = "x = y mu + z with y = +-1 equally likely and z ~ N(0, I), without an intercept; mu is printed for its norm"
_BY_FLIPS = "labels are wrong with probability p and kept with probability phi if right, psi if wrong, whatever x is"
_BY_ONE = "rows with x'e > 0 (given y = 1) are labelled right and kept at the rate r_1, others wrong at r_2; h = mu'e"
_BY_TWO = "labels are signs of x'w_g, kept where x'w_v has that sign; h = mu'w_g, k = mu'w_v, rho = w_g'w_v, all unit"
_PROPORTIONAL = (
    "n counts the rows that are kept, and kappa is the effective ridge of n rows in d directions",
    "n and d grow in proportion (error O(1/dimension)); the penalty is positive",
)
_MANY_ROWS = ("many more rows are kept than there are directions",)
_SOURCE = Reference((VERIFICATION,), "derived in theory/statements/classification.py")


def _accuracy(name: str, selection: str, definitions: Definitions) -> Statement:
    """In the proportional regime: the noise off the directions joins the norm of the fit in them."""
    return Statement(
        f"accuracy after verification, {name}",
        "How often the fitted classifier gives the class y, whatever n and d.",
        (_MIXTURE, selection, *_PROPORTIONAL),
        (*definitions, *NORM_OFF_THE_DIRECTIONS.definitions, (NORM, sympy.sqrt(SQUARE + NOISE_FACTOR * RESIDUAL))),
        LABEL_ACCURACY.expanded(),
        _SOURCE,
        Kind.EQUIVALENT,
    )


def _limit(name: str, selection: str, definitions: Definitions) -> Statement:
    """With kappa = lambda and no noise off the directions, where no factor of w matters: Delta is put to 1."""
    fewer = (pair for pair in definitions if pair[0] not in (CORRELATED, _DETERMINANT))
    values = {x.kappa: x.penalty, _DETERMINANT: 1}
    return Statement(
        f"accuracy after verification with many rows, {name}",
        "How often the classifier gives the class y where many more rows are kept than there are directions.",
        (_MIXTURE, selection, *_MANY_ROWS),
        (*((symbol, value.subs(values)) for symbol, value in fewer), (NORM, sympy.sqrt(SQUARE))),
        LABEL_ACCURACY.expanded(),
        _SOURCE,
        Kind.LOW_DIMENSIONAL,
    )


ACCURACY_AFTER_FLIPS = _accuracy("flipped labels", _BY_FLIPS, FLIPS)
ACCURACY_OF_ONE_HALF_SPACE = _accuracy("one linear labeller or verifier", _BY_ONE, ONE_HALF_SPACE)
ACCURACY_OF_TWO_HALF_SPACES = _accuracy("linear labeller and verifier", _BY_TWO, TWO_HALF_SPACES)
LIMIT_AFTER_FLIPS = Statement(
    "accuracy after verification with many rows, flipped labels",
    "A step at the transition p_c from Phi(mu) to Phi(-mu), whatever the penalty.",
    (_MIXTURE, _BY_FLIPS, *_MANY_ROWS),
    ((TRANSITION_POINT, TRANSITION.result),),
    NormalCdf(MEAN_NORM * sympy.sign(TRANSITION_POINT - ERROR_RATE)),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
LIMIT_OF_THE_AGREEMENT = Statement(
    "Bayes agreement after verification with many rows, flipped labels",
    "A step at the transition p_c from 1 to 0, as the fit is along mu or against it; the label accuracy is below 1.",
    LIMIT_AFTER_FLIPS.hypotheses,
    LIMIT_AFTER_FLIPS.definitions,
    (1 + sympy.sign(TRANSITION_POINT - ERROR_RATE)) / 2,
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
LIMIT_OF_ONE_HALF_SPACE = _limit("one linear labeller or verifier", _BY_ONE, ONE_HALF_SPACE)
LIMIT_OF_TWO_HALF_SPACES = _limit("linear labeller and verifier", _BY_TWO, TWO_HALF_SPACES)
STATEMENTS = (
    ACCURACY_AFTER_FLIPS,
    ACCURACY_OF_ONE_HALF_SPACE,
    ACCURACY_OF_TWO_HALF_SPACES,
    LIMIT_AFTER_FLIPS,
    LIMIT_OF_THE_AGREEMENT,
    LIMIT_OF_ONE_HALF_SPACE,
    LIMIT_OF_TWO_HALF_SPACES,
)

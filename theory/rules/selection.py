r"""What a verifier does to the rows of a fit: four numbers for every rule that judges labels by their residuals.

A row has the label y = x'l + noise, l the labeller, of noise variance v. A verifier w_v sees the residual

    r = y - x'w_v = x'u + noise,        u = l - w_v,        U = |u|^2_Sigma,        omega^2 = U + v,

and keeps the row or not, or draws the noise again, or revises the label. Of x all that matters is x'u, so that the
rest of x is as it was, and a fit sees of the selection only

    k = P(kept),                    m = E[(x'u)^2 | kept]/U,
    c = E[x'u r' | kept]/(m U),     v' = E[(r' - c x'u)^2 | kept],        r' the residual of the label that is kept:

the kept rows are rows of the labeller w_v + c u with noise of variance v', and with covariance
Sigma + (m - 1) Sigma u u'Sigma/U. (Write x = (x'u) Sigma u/U + rest: the rest is independent of what was judged.)

**Rules of the residual alone** keep a row with a probability that r decides. With a_j = E[r^j; kept]/omega^j (the
integral of z^j phi over the window, mixed with its complement where the verifier errs) and a = a_2/a_0,

    k = a_0,     m = (v + a U)/omega^2,     c = a (v + U)/(v + a U),     v' = c v,

since x'u given r is normal of mean r U/omega^2 and variance U v/omega^2. The fit is without intercept, hence the raw
second moment a, also for windows that are not symmetric (a > 1 is possible).

**Drawing again, up to K times.** Given x'u = sqrt(U) z a try is kept with the probability pi(z); b_j(z) = E[r^j; kept]
of one try. Of at most K tries T = (1 - (1 - pi)^K)/pi take place on average, one of them kept with probability pi T.
Failures are dropped: k = E[pi T], the moments of r' are those of b_j T. Or the last try is kept: k = 1, and
(1 - pi)^(K-1) (E r^j - b_j) is added, the moments of a last try that failed.

**Revision** keeps every row and moves a residual beyond the threshold to (1 - rho) r. By Stein's identity
c = E[r g(r)]/omega^2; with a_2 of the window inside the threshold,

    c = a_2 + (1 - rho)(1 - a_2),      v' = c^2 v + omega^2 rho^2 a_2 (1 - a_2).
"""

from __future__ import annotations

from typing import NamedTuple

import sympy

from ..problem import notation as x
from .bibliography import VERIFICATION, Reference
from .gaussian import Failures, NormalMean, PartialMoment, Tries, Z
from .kind import Kind
from .statement import Statement

# The disagreement U, the spread of residuals, the limits of the window, and the share of rows that are kept.
DISTANCE, RESIDUAL = x.scalar("U_v"), x.scalar("omega")
LOWER, UPPER = sympy.Symbol("tau_-", real=True), sympy.Symbol("tau_+", real=True)
SLOPE, OFFSET, SHARE = x.scalar("r_0"), x.scalar("sigma_c"), x.scalar("q_v")
FALSE_KEEP, FALSE_DROP = x.scalar("f_+"), x.scalar("f_-")
TRIES, THRESHOLD, SHRINK = sympy.Symbol("K", integer=True, positive=True), x.scalar("tau"), x.scalar("rho_v")
# What a selection does.
KEPT, ALONG, GAIN, NOISE = x.scalar("k"), x.scalar("m_v"), x.scalar("c"), x.scalar("v'")
# On the way.
MASS, SQUARE, RAW = x.scalar("a_0"), x.scalar("a_2"), x.scalar("a")
CHANCE, DRAWS = sympy.Symbol("pi", positive=True), sympy.Symbol("T_K", positive=True)
_EDGES = tuple(sympy.Symbol(name, real=True) for name in ("z_-", "z_+"))
_MOMENTS = tuple(sympy.Symbol(name, real=True) for name in ("M_0", "M_1", "M_2"))
FIRST, SECOND = sympy.Symbol("b_1", real=True), sympy.Symbol("b_2", positive=True)

_SOURCE = Reference((VERIFICATION,), "derived in theory/rules/selection.py")
_HYPOTHESES = (
    "the rows are Gaussian, fresh, and judged by their residuals from a linear verifier that saw none of them",
    "rows, dimension and spectrum grow in proportion (error O(1/dimension))",
)
_RESIDUAL = (RESIDUAL, sympy.sqrt(DISTANCE + x.noise_squared))


class Window(NamedTuple):
    """Limits of the residual: lower and upper."""

    lower: sympy.Expr
    upper: sympy.Expr


def _symmetric(tolerance: sympy.Expr) -> Window:
    return Window(-tolerance, tolerance)


BY_LIMITS = Window(LOWER, UPPER)
BY_NORM = _symmetric(OFFSET + SLOPE * sympy.sqrt(x.rank))  # |x| in whitened units is the root of the rank
_BY_SHARE = _symmetric(sympy.sqrt(2) * sympy.erfinv(SHARE))  # in units of the residuals' spread


def _in_units_of_the_spread(window: Window) -> Window:
    return Window(*(limit / RESIDUAL for limit in window))


def _erring(right: sympy.Expr, whole: sympy.Expr) -> sympy.Expr:
    """A moment over what is kept, where the verifier errs."""
    return (1 - FALSE_DROP) * right + FALSE_KEEP * (whole - right)


def _rejection(name: str, description: str, scaled: Window) -> Statement:
    """A window in units of the spread of residuals."""
    definitions = (
        *((_RESIDUAL,) if scaled.upper.has(RESIDUAL) else ()),
        (MASS, _erring(PartialMoment(0, *scaled), sympy.S.One)),
        (SQUARE, _erring(PartialMoment(2, *scaled), sympy.S.One)),
        (RAW, SQUARE / MASS),
        (KEPT, MASS),
        (ALONG, (x.noise_squared + RAW * DISTANCE) / (x.noise_squared + DISTANCE)),
        (GAIN, RAW * (x.noise_squared + DISTANCE) / (x.noise_squared + RAW * DISTANCE)),
        (NOISE, GAIN * x.noise_squared),
    )
    return Statement(name, description, _HYPOTHESES, definitions, GAIN, _SOURCE, Kind.EQUIVALENT)


def _one_try(window: Window) -> tuple[tuple[sympy.Symbol, sympy.Expr], ...]:
    """pi, b_1 and b_2 of one try, given x'u = sqrt(U) z; inside the limits the noise has the partial moments M_j."""
    seen, spread = sympy.sqrt(DISTANCE) * Z, sympy.sqrt(x.noise_squared)
    zeroth, first, second = _MOMENTS
    inside = seen**2 * zeroth + 2 * seen * spread * first + x.noise_squared * second
    return (
        *((edge, (limit - seen) / spread) for edge, limit in zip(_EDGES, window, strict=True)),
        *((moment, PartialMoment(order, *_EDGES)) for order, moment in enumerate(_MOMENTS)),
        (CHANCE, _erring(zeroth, sympy.S.One)),
        (FIRST, _erring(seen * zeroth + spread * first, seen)),
        (SECOND, _erring(inside, seen**2 + x.noise_squared)),
        (DRAWS, Tries(CHANCE, TRIES)),
    )


def _resampling(name: str, description: str, window: Window, keep_last: bool) -> Statement:
    seen = sympy.sqrt(DISTANCE) * Z
    failed = Failures(CHANCE, TRIES - 1) if keep_last else sympy.S.Zero
    first = FIRST * DRAWS + failed * (seen - FIRST)
    second = SECOND * DRAWS + failed * (seen**2 + x.noise_squared - SECOND)
    share, along = (sympy.S.One, sympy.S.One) if keep_last else (KEPT, ALONG)
    definitions = (
        *_one_try(window),
        (KEPT, sympy.S.One if keep_last else NormalMean(CHANCE * DRAWS)),
        (ALONG, sympy.S.One if keep_last else NormalMean(Z**2 * CHANCE * DRAWS) / KEPT),
        (GAIN, NormalMean(Z * first) / (sympy.sqrt(DISTANCE) * share * along)),
        (NOISE, NormalMean(second) / share - GAIN**2 * along * DISTANCE),
    )
    return Statement(name, description, _HYPOTHESES, definitions, GAIN, _SOURCE, Kind.EQUIVALENT)


def _revision() -> Statement:
    inside = PartialMoment(2, -THRESHOLD / RESIDUAL, THRESHOLD / RESIDUAL)
    gain = SQUARE + (1 - SHRINK) * (1 - SQUARE)
    definitions = (
        _RESIDUAL,
        (SQUARE, inside),
        (KEPT, sympy.S.One),
        (ALONG, sympy.S.One),
        (GAIN, gain),
        (NOISE, GAIN**2 * x.noise_squared + RESIDUAL**2 * SHRINK**2 * SQUARE * (1 - SQUARE)),
    )
    description = "Labels that are moved towards the verifier's act like labels of a model between the two."
    return Statement("revised labels", description, _HYPOTHESES, definitions, gain, _SOURCE, Kind.EQUIVALENT)


_MODEL_BETWEEN = "Rows that are kept act like rows of w_v + c (l - w_v), a model between verifier and labeller."
_TRIED_AGAIN = "Labels that are drawn again until one is kept act like labels of a model between the two."
_LAST_TRY = "Labels that are drawn again, the last one kept in any case, act like labels of a model between the two."

WINDOW = _rejection("verification by a window of residuals", _MODEL_BETWEEN, _in_units_of_the_spread(BY_LIMITS))
NORM_WINDOW = _rejection(
    "verification by a tolerance that grows with the norm of the row", _MODEL_BETWEEN, _in_units_of_the_spread(BY_NORM)
)
TOP_SHARE = _rejection("verification by the share of smallest residuals", _MODEL_BETWEEN, _BY_SHARE)
RESAMPLED = _resampling("labels drawn again, failures dropped", _TRIED_AGAIN, BY_LIMITS, keep_last=False)
RESAMPLED_BY_NORM = _resampling(
    "labels drawn again by a norm-dependent tolerance, failures dropped", _TRIED_AGAIN, BY_NORM, keep_last=False
)
LAST_TRY = _resampling("labels drawn again, the last try kept", _LAST_TRY, BY_LIMITS, keep_last=True)
LAST_TRY_BY_NORM = _resampling(
    "labels drawn again by a norm-dependent tolerance, the last try kept", _LAST_TRY, BY_NORM, keep_last=True
)
REVISED = _revision()

SELECTIONS: tuple[Statement, ...] = (
    WINDOW,
    NORM_WINDOW,
    TOP_SHARE,
    RESAMPLED,
    RESAMPLED_BY_NORM,
    LAST_TRY,
    LAST_TRY_BY_NORM,
    REVISED,
)

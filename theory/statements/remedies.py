r"""Where one remedy takes over from another: boundaries in closed form, solved from the statements on either side.

**One verified round.** With infinitely many rows and the labeller's error a orthogonal to the verifier's b, U = A + B.
Put c = a (v + U)/(v + a U) of a verifier that judges by residuals alone (theory/rules/selection.py) into
B/A = (1 + c)/(1 - c): the equation is linear in B,

    B* = A [v (1 + a) + 2 a A]/[v (1 - a) - 2 a A],

and where 2 a A >= v (1 - a) no verifier is bad enough to do harm, as it then judges the labeller's error out of reach.

**A verifier for ever.** The distance from the verifier settles where U = c^2 U + c v eta. For the same c this is
v (1 - a) U [v (1 + a) + 2 a U] = a v eta (v + U)(v + a U), one factor v less, a quadratic in U/v,

    a [2 (1 - a) - a eta] w^2 + (1 + a) [(1 - a) - a eta] w - a eta = 0,

with one positive root as long as eta < 2 (1 - a)/a. Beyond that the share of smallest residuals cannot hold the chain:
of a labeller far away the verifier keeps rows that are as far. The chain ends at B + U*, so a verifier beats a remedy
that ends at the error E if and only if B < E - U*.

**Fresh real rows.** A share alpha of them holds the chain, in the limit of many rows and directions, if and only if the
fading c of theory/statements/mixture.py is below 1: gamma < (2 - alpha)/(3 - 2 alpha). The m synthetic rows beside
n - m real ones pay, compared with the real rows alone, as long as their noise variance is less than nu* times that of
real rows, exact at finite size; nu* -> 2 for many rows per direction, whatever the share. For equal noise they always
pay: nu* > 1. Compared with accumulation of m rows a generation, which ends at (pi^2/6) sigma^2 r/m, the share of n rows
that ends at sigma^2 r/(alpha (2 - alpha) n) wins from alpha = 1 - (1 - 6 m/(pi^2 n))^{1/2} on, 0.374 for m = n.

**No boundary.** Accumulation is never worse than replacement: i (i n - r - 1) >= n - r - 1. Synthetic rows beside the
same real rows never help (theory/statements/kept_rows.py); with the best weight they always do, beside fresh ones
(theory/statements/strong_collapse.py).
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import ACCUMULATION, VERIFICATION, Reference
from ..rules.kind import Kind
from ..rules.selection import DISTANCE, GAIN, KEPT, RAW, TOP_SHARE
from ..rules.statement import Statement
from .accumulation import LIMIT_OF_ACCUMULATION
from .mixture import LIMIT_WITH_FRESH_REAL_ROWS
from .verification import DISTANCE_AFTER_A_ROUND, ETA, LABELLER, VERIFIER, WORST_VERIFIER

FRESH_SHARE = x.scalar("alpha")
ASPECT_RATIO = x.scalar("gamma")
REAL_NOISE = x.scalar("sigma_1")
_NOISE_RATIO = sympy.Dummy("nu", positive=True)
_SOURCE = "derived in theory/statements/remedies.py"
_JUDGED = Reference((VERIFICATION,), _SOURCE)
_BY_RESIDUALS = dict(TOP_SHARE.definitions)[GAIN]  # c of every rule of the residual alone


def _only(solutions: list[sympy.Expr]) -> sympy.Expr:
    [solution] = solutions
    return sympy.factor(solution)


def _worst_in_a_round() -> sympy.Expr:
    """The root B of B/A = (1 + c)/(1 - c), where the disagreement is A + B."""
    gain = _BY_RESIDUALS.subs(DISTANCE, LABELLER + VERIFIER)
    equation = sympy.together(VERIFIER / LABELLER - WORST_VERIFIER.result.subs(GAIN, gain))
    return _only(sympy.solve(sympy.numer(sympy.factor(equation)), VERIFIER))


def _balance() -> sympy.Poly:
    """What a generation takes from U minus what it adds, in units of the noise: a quadratic in U/v."""
    lost = DISTANCE - DISTANCE_AFTER_A_ROUND.result.subs(GAIN, _BY_RESIDUALS)
    ratio = sympy.Dummy("w", positive=True)
    numerator = sympy.numer(sympy.factor(lost.subs(DISTANCE, ratio * x.noise_squared)))
    [quadratic] = [part for part, _ in sympy.factor_list(numerator)[1] if sympy.degree(part, ratio) == 2]
    whole = sympy.Poly(quadratic, ratio)
    sign = -1 if whole.coeffs()[-1].subs({RAW: sympy.Rational(1, 2), ETA: 1}) > 0 else 1  # what is added counts minus
    return sympy.Poly(sign * quadratic, ratio)


_SQUARE, _LINEAR, _ADDED = _balance().all_coeffs()


def _floor() -> sympy.Expr:
    """The positive root, without a difference where the linear term is positive."""
    square, linear, added = (sympy.factor(part) for part in (_SQUARE, _LINEAR, -_ADDED))
    return x.noise_squared * 2 * added / (linear + sympy.sqrt(linear**2 + 4 * square * added))


def _largest_ratio() -> sympy.Expr:
    """The aspect ratio at which the fading reaches 1, as all sizes grow."""
    fading = sympy.together(LIMIT_WITH_FRESH_REAL_ROWS.definitions[-1][1])
    for symbol, value in reversed(LIMIT_WITH_FRESH_REAL_ROWS.definitions[:-1]):
        fading = fading.subs(symbol, value)
    large = fading.subs({x.rank: ASPECT_RATIO * x.rows, x.new_rows: (1 - FRESH_SHARE) * x.rows}, simultaneous=True)
    return _only(sympy.solve(sympy.limit(sympy.factor(large), x.rows, sympy.oo) - 1, ASPECT_RATIO))


def _noisiest() -> sympy.Expr:
    """The ratio of noise variances at which the mixture ends where the real rows alone are."""
    synthetic = x.new_rows / x.rows
    mean = REAL_NOISE**2 * (1 - synthetic + synthetic * _NOISE_RATIO)
    mixed = LIMIT_WITH_FRESH_REAL_ROWS.result.subs(x.noise, sympy.sqrt(mean))
    real = REAL_NOISE**2 * x.rank / (x.rows - x.new_rows - x.rank - 1)
    return _only(sympy.solve(mixed - real, _NOISE_RATIO))


def _share_against_accumulation() -> sympy.Expr:
    """Where both limits agree to leading order in rank/rows; the smaller root is the share."""
    leading = x.noise**2 * x.rank / x.rows
    stored = sympy.limit((LIMIT_OF_ACCUMULATION.result / leading).subs(x.rows, 1 / _SMALL), _SMALL, 0, "+")
    stored = stored * x.rows / x.new_rows  # as many as are added
    fresh = LIMIT_WITH_FRESH_REAL_ROWS.expanded().subs(x.new_rows, (1 - FRESH_SHARE) * x.rows)
    mixed = sympy.limit(sympy.factor(fresh / leading), x.rows, sympy.oo)
    roots = sympy.solve(sympy.factor(mixed - stored), FRESH_SHARE)
    return min(roots, key=lambda root: float(root.subs({x.rows: 2, x.new_rows: 1})))


_SMALL = sympy.Dummy("epsilon", positive=True)
_FOR_EVER = (
    "least squares on fresh Gaussian rows, generation after generation",
    "a verifier judges every generation by its residuals alone, keeping a share k of the smallest ones",
    "many more rows than one (error O(1/rows))",
)
_GAIN_OF_NOISE = ((ETA, x.rank / (KEPT * x.rows - x.rank - 1)),)

WORST_VERIFIER_AT_A_STRICTNESS = Statement(
    "the worst verifier of a given strictness that still helps",
    "Its error |b|^2, where a is the raw second moment of what it keeps; without bound where 2 a A >= v (1 - a).",
    (*WORST_VERIFIER.hypotheses, "2 a A < v (1 - a)"),
    (),
    _worst_in_a_round(),
    _JUDGED,
    Kind.LOW_DIMENSIONAL,
)
FLOOR_AT_A_STRICTNESS = Statement(
    "floor of verified retraining at a given strictness",
    "Squared distance from the verifier after infinitely many generations, where a is the raw second moment it keeps.",
    (*_FOR_EVER, "eta < 2 (1 - a)/a"),
    _GAIN_OF_NOISE,
    _floor(),
    _JUDGED,
    Kind.EQUIVALENT,
)
LARGEST_GAIN_OF_NOISE = Statement(
    "largest gain of noise that a verifier holds",
    "eta = r/(k n - r - 1) below which a share of smallest residuals keeps the chain bounded, whoever the verifier is.",
    _FOR_EVER,
    (),
    _only(sympy.solve(_SQUARE, ETA)),
    _JUDGED,
    Kind.EQUIVALENT,
)
WORST_VERIFIER_FOR_EVER = Statement(
    "the worst verifier that wins in the end",
    "Its error |b|^2, compared with a remedy that ends at the error E; the verified chain ends at |b|^2 + U*.",
    FLOOR_AT_A_STRICTNESS.hypotheses,
    FLOOR_AT_A_STRICTNESS.definitions,
    x.error - FLOOR_AT_A_STRICTNESS.result,
    _JUDGED,
    Kind.EQUIVALENT,
)
LARGEST_ASPECT_RATIO = Statement(
    "largest aspect ratio that fresh real rows hold",
    "r/n below which a share alpha of fresh real rows keeps least squares bounded.",
    (
        *LIMIT_WITH_FRESH_REAL_ROWS.hypotheses,
        "rows and directions grow in proportion (error O(1/dimension))",
    ),
    (),
    _largest_ratio(),
    Reference((), _SOURCE),
    Kind.EQUIVALENT,
)
NOISIEST_SYNTHETIC_ROWS = Statement(
    "noisiest synthetic rows that pay",
    "Their noise variance over that of the n - m real rows, below which they beat the real rows alone in the end.",
    (
        *LIMIT_WITH_FRESH_REAL_ROWS.hypotheses[:-1],
        "real rows >= rank + 2; real rows have one noise, synthetic rows one",
    ),
    LIMIT_WITH_FRESH_REAL_ROWS.definitions,
    _noisiest(),
    Reference((), _SOURCE),
    Kind.EXACT,
)
SHARE_THAT_BEATS_ACCUMULATION = Statement(
    "real share that beats accumulation",
    "The share of n fresh rows from which on they win in the end over keeping all of m synthetic rows a generation.",
    ("least squares on fresh Gaussian rows of one noise, as many in each generation", "rows much more than the rank"),
    (),
    _share_against_accumulation(),
    Reference((ACCUMULATION,), _SOURCE),
    Kind.LOW_DIMENSIONAL,
)

BOUNDARIES: tuple[Statement, ...] = (
    WORST_VERIFIER_AT_A_STRICTNESS,
    FLOOR_AT_A_STRICTNESS,
    LARGEST_GAIN_OF_NOISE,
    WORST_VERIFIER_FOR_EVER,
    LARGEST_ASPECT_RATIO,
    NOISIEST_SYNTHETIC_ROWS,
    SHARE_THAT_BEATS_ACCUMULATION,
)

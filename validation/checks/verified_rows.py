"""Named checks of verified rows: what a verifier does, one fit on such rows, and the rounds of least squares.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules import selected_fit as fit
from ...theory.rules import selection as rules
from ...theory.rules.statement import Statement
from ...theory.statements import verification as rounds
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree

_NO_SPECTRUM = Nodes(np.ones(1), np.ones(1), np.ones(1))

DISTANCE, VARIANCE, RANK = 0.64, 0.81, 7.0
LOWER, UPPER, SLOPE, OFFSET, SHARE = -0.45, 0.9, 0.13, 0.35, 0.55
FALSE_KEEP, FALSE_DROP, TRIES, THRESHOLD, SHRINK = 0.15, 0.21, 3.0, 1.1, 0.6
QUADRATURE = 1e-8  # what the sums below miss

Moments = Callable[[Array], Array]


def labels_judged_one_by_one(statement: Statement) -> bool:
    """Share kept, deformation, contraction and noise from moments of labels drawn at a row, summed over rows."""
    given = {rules.DISTANCE: DISTANCE, x.noise_squared: VARIANCE, x.rank: RANK}
    given |= {rules.LOWER: LOWER, rules.UPPER: UPPER, rules.SLOPE: SLOPE, rules.OFFSET: OFFSET, rules.SHARE: SHARE}
    given |= {rules.FALSE_KEEP: FALSE_KEEP, rules.FALSE_DROP: FALSE_DROP, rules.TRIES: TRIES}
    given |= {rules.THRESHOLD: THRESHOLD, rules.SHRINK: SHRINK}
    result, known = executed(statement, given, _NO_SPECTRUM)
    found = [known[letter] for letter in (rules.KEPT, rules.ALONG, rules.GAIN, rules.NOISE)]
    expected = _four_numbers(_KEPT_MOMENTS[statement.name])
    return agree(result, expected[2], QUADRATURE) and all(map(_near, found, expected))


def _near(found: Array, expected: float) -> bool:
    return agree(found, expected, QUADRATURE)


def _four_numbers(moments: Moments) -> list[float]:
    """From v = x'u -> (P(kept), E[r; kept], E[r^2; kept]), by the trapezoidal rule in v."""
    v = np.linspace(-9, 9, 4001) * DISTANCE**0.5
    weight = norm.pdf(v, scale=DISTANCE**0.5) * (v[1] - v[0])
    zeroth, first, second = moments(v)
    kept, along = (weight * zeroth).sum(), (weight * v**2 * zeroth).sum()
    gain = (weight * v * first).sum() / along
    noise = (weight * (second - 2 * gain * v * first + gain**2 * v**2 * zeroth)).sum() / kept
    return [float(kept), float(along / kept / DISTANCE), float(gain), float(noise)]


def _whole(v: Array) -> Array:
    return np.stack([np.ones_like(v), v, v**2 + VARIANCE])


def _inside(lower: float, upper: float) -> Moments:
    """Of residuals v + noise between two limits, by the law of a truncated normal number."""

    def moments(v: Array) -> Array:
        s = VARIANCE**0.5
        a, b = (lower - v) / s, (upper - v) / s
        mass = norm.cdf(b) - norm.cdf(a)
        first = norm.pdf(a) - norm.pdf(b)
        second = mass + a * norm.pdf(a) - b * norm.pdf(b)
        return np.stack([mass, v * mass + s * first, v**2 * mass + 2 * v * s * first + VARIANCE * second])

    return moments


def _erring(inside: Moments) -> Moments:
    """A verifier that drops good rows and keeps bad ones."""
    return lambda v: (1 - FALSE_DROP) * inside(v) + FALSE_KEEP * (_whole(v) - inside(v))


def _again(one: Moments, keep_last: bool) -> Moments:
    """One try after the other."""

    def moments(v: Array) -> Array:
        good, bad = one(v), _whole(v) - one(v)
        total, reached, failed = np.zeros_like(good), np.ones_like(v), np.ones_like(v)
        for _ in range(int(TRIES)):
            total, failed = total + reached * good, reached
            reached = reached * bad[0]
        return total + failed * bad if keep_last else total

    return moments


def _revised(v: Array) -> Array:
    inside = _inside(-THRESHOLD, THRESHOLD)(v)
    return inside + np.array([1.0, 1 - SHRINK, (1 - SHRINK) ** 2])[:, None] * (_whole(v) - inside)


_OMEGA = (DISTANCE + VARIANCE) ** 0.5
_TOLERANCE = OFFSET + SLOPE * RANK**0.5
_QUANTILE = _OMEGA * float(norm.ppf((1 + SHARE) / 2))
_BY_LIMITS, _BY_NORM = _erring(_inside(LOWER, UPPER)), _erring(_inside(-_TOLERANCE, _TOLERANCE))
_KEPT_MOMENTS: dict[str, Moments] = {
    rules.WINDOW.name: _BY_LIMITS,
    rules.NORM_WINDOW.name: _BY_NORM,
    rules.TOP_SHARE.name: _erring(_inside(-_QUANTILE, _QUANTILE)),
    rules.RESAMPLED.name: _again(_BY_LIMITS, keep_last=False),
    rules.RESAMPLED_BY_NORM.name: _again(_BY_NORM, keep_last=False),
    rules.LAST_TRY.name: _again(_BY_LIMITS, keep_last=True),
    rules.LAST_TRY_BY_NORM.name: _again(_BY_NORM, keep_last=True),
    rules.REVISED.name: _revised,
}

# One fit: real and generated rows, what the verifier does, and vectors in four directions.
S = np.array([2.3, 1.4, 0.8, 0.35])
TRUTH, VERIFIER, MODEL = (
    np.array(values) for values in ([0.5, -0.3, 0.7, 0.2], [0.25, 0.4, -0.15, 0.6], [-0.35, 0.65, 0.45, -0.55])
)
REAL_ROWS, GENERATED, KEPT, REAL_NOISE = 31.0, 83.0, 0.46, 0.29
ALONG, GAIN, NOISE, LABELLED, KAPPA, MARGIN = 0.72, 0.38, 0.53, 0.85, 0.44, 57.0


class _Solved(NamedTuple):
    """A fit on matrices."""

    error: Array  # what is left on average, (4,)
    best: Array  # the best linear fit minus the truth, (4,)
    chi: float


def _solved() -> _Solved:
    u, w = LABELLED * MODEL - VERIFIER, TRUTH
    sigma = np.diag(S)
    square = u @ sigma @ u
    rows = REAL_ROWS + KEPT * GENERATED
    f = KEPT * GENERATED / rows
    judged = sigma + (ALONG - 1) / square * np.outer(sigma @ u, sigma @ u)
    whole = (1 - f) * sigma + f * judged
    between = w + VERIFIER + GAIN * u
    best = np.linalg.solve(whole, (1 - f) * sigma @ w + f * judged @ between)
    unexplained = (1 - f) * (REAL_NOISE + (w - best) @ sigma @ (w - best))
    unexplained += f * (NOISE + (between - best) @ judged @ (between - best))
    mean = np.linalg.solve(whole + KAPPA * np.eye(4), whole @ best)
    misfit = (mean - best) @ whole @ (mean - best)
    return _Solved(mean - w, best - w, (unexplained + misfit) / MARGIN)


def _given() -> dict[Any, Any]:
    u = LABELLED * MODEL - VERIFIER
    return {
        fit.REAL_ROWS: REAL_ROWS,
        fit.GENERATED: GENERATED,
        fit.REAL_NOISE: REAL_NOISE,
        rules.KEPT: KEPT,
        rules.ALONG: ALONG,
        rules.GAIN: GAIN,
        rules.NOISE: NOISE,
        rules.DISTANCE: float(S @ u**2),
        x.kappa: KAPPA,
        x.q: S / (S + KAPPA),
        x.p: KAPPA / (S + KAPPA),
        x.margin_2: MARGIN,
        x.rank: RANK,
        fit.UU: S * u * u,
        fit.UB: S * u * VERIFIER,
        fit.TU: S * TRUTH * u,
        fit.BB: S * VERIFIER * VERIFIER,
        fit.TB: S * TRUTH * VERIFIER,
        fit.TT: S * TRUTH * TRUTH,
    }


_NODES = Nodes(S, np.ones(4), S * TRUTH**2)


def fits_by_matrices(statement: Statement) -> bool:
    """Best fit, unexplained noise and misfit by linear solves with the covariance of all rows as a matrix."""
    found, _ = executed(statement, _given(), _NODES)
    solved = _solved()
    directions = S * solved.error**2 + (S / (S + KAPPA)) ** 2 * solved.chi
    return agree(found, directions.sum() if statement.name == rounds.TEST_ERROR_ON_VERIFIED_ROWS.name else directions)


def errors_along_a_vector(statement: Statement) -> bool:
    """The product of the error of that fit with the truth, what the vectors hold being read off the solves."""
    solved, u, rows = _solved(), LABELLED * MODEL - VERIFIER, REAL_ROWS + KEPT * GENERATED
    f, q, p = KEPT * GENERATED / rows, S / (S + KAPPA), KAPPA / (S + KAPPA)
    pull = ((solved.best - f * VERIFIER) / u)[0]
    extra = (((solved.error + p * TRUTH) / q - f * VERIFIER) / u)[0] - pull
    given = {x.q: q, x.p: p, fit.SYNTHETIC: f, fit.PULL: pull, fit.EXTRA: extra, x.share: LABELLED, x.rank: RANK}
    given |= {fit.BY: S * VERIFIER * TRUTH, fit.EY: S * MODEL * TRUTH, fit.TY: S * TRUTH**2}
    return agree(executed(statement, given, _NODES)[0], S * solved.error * TRUTH)


def rows_are_counted(statement: Statement) -> bool:
    """31 real rows and 46 of 100 generated ones."""
    given = {fit.REAL_ROWS: REAL_ROWS, rules.KEPT: KEPT, fit.GENERATED: 100.0, x.rank: RANK}
    return agree(executed(statement, given, _NO_SPECTRUM)[0], 77.0)


# Least squares: errors of labeller and verifier and their product, contraction, noise, rows.
LABELLER, JUDGE, PRODUCT, CONTRACTION, LEFT, ROWS = 1.3, 0.4, 0.27, 0.35, 0.6, 45.0


def rounds_of_least_squares(statement: Statement) -> bool:
    """Two vectors of these lengths, contracted; the floor by iteration; the best and the worst by SciPy."""
    a, b = np.array([LABELLER**0.5, 0.0]), np.array([PRODUCT / LABELLER**0.5, 0.0])
    b[1] = (JUDGE - b[0] ** 2) ** 0.5
    noise = CONTRACTION * LEFT * RANK / (ROWS - RANK - 1)
    floor = DISTANCE
    for _ in range(200):
        floor = CONTRACTION**2 * floor + noise
    between = b + CONTRACTION * (a - b)
    expected = {
        rounds.ERROR_OF_A_VERIFIED_ROUND.name: between @ between + noise,
        rounds.DISTANCE_AFTER_A_ROUND.name: CONTRACTION**2 * DISTANCE + noise,
        rounds.FLOOR_OF_VERIFIED_RETRAINING.name: floor,
        rounds.WORST_VERIFIER.name: _worst_verifier(),
        rounds.BEST_CONTRACTION.name: _best_contraction(),
        rounds.LARGEST_DISAGREEMENT.name: _largest_disagreement(),
    }
    given = {rounds.LABELLER: LABELLER, rounds.VERIFIER: JUDGE, rounds.PRODUCT: PRODUCT, rules.GAIN: CONTRACTION}
    given |= {x.noise_squared: LEFT, x.rows: ROWS, x.rank: RANK, rules.DISTANCE: DISTANCE}
    given |= {rules.KEPT: SHARE, rules.RAW: _RAW}
    return agree(executed(statement, given, _NO_SPECTRUM)[0], expected[statement.name], 1e-7)


_RAW = 0.18  # second moment of residuals that are kept, in units of that of all


def _worst_verifier() -> float:
    """|b|^2/|a|^2 at which a contracted labeller is no better than itself."""
    return float(brentq(lambda square: (1 - CONTRACTION) ** 2 * square + CONTRACTION**2 - 1, 0.1, 50, xtol=1e-14))


def _best_contraction() -> float:
    return float(minimize_scalar(lambda c: (1 - c) ** 2 * JUDGE + c**2 * LABELLER, tol=1e-14).x)


def _largest_disagreement() -> float:
    """U/v at which contraction and share kept are equal, so that c v/(k n) is v/n."""

    def contraction(ratio: float) -> float:
        return _RAW * (1 + ratio) / (1 + _RAW * ratio)

    return float(brentq(lambda ratio: contraction(ratio) - SHARE, 1e-3, 1e3, xtol=1e-13))


VERIFIED_CHECKS: tuple[Check, ...] = (
    Check.of(labels_judged_one_by_one, *rules.SELECTIONS),
    Check.of(fits_by_matrices, fit.SELECTED_FIT, rounds.TEST_ERROR_ON_VERIFIED_ROWS),
    Check.of(errors_along_a_vector, fit.PRODUCT_WITH_A_FIXED_VECTOR),
    Check.of(rows_are_counted, fit.ROWS_OF_THE_FIT),
    Check.of(
        rounds_of_least_squares,
        *(one for one in rounds.STATEMENTS if one is not rounds.TEST_ERROR_ON_VERIFIED_ROWS),
    ),
)

"""Named checks of verified labels and of classifiers fitted to them.

The witnesses integrate what the statements reduce: moments of a normal law over sectors of a plane, in polar
coordinates by Gauss and Legendre, then a 3 x 3 solve in an orthonormal frame. No number in a problem below is 0, 1 or
another number of the problem.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules.orthants import (
    CORRELATION,
    FIRST,
    ORTHANT_MEAN,
    ORTHANT_MOMENTS,
    ORTHANT_PRODUCT,
    ORTHANT_SQUARE,
    SECOND,
)
from ...theory.rules.statement import Statement
from ...theory.rules.verification import (
    BAYES_AGREEMENT,
    CORRELATED,
    ERROR_RATE,
    KEEP_RIGHT,
    KEEP_WRONG,
    KEPT_OF_RIGHT_LABELS,
    LABEL_ACCURACY,
    MEAN_NORM,
    NORM,
    NORM_OFF_THE_DIRECTIONS,
    OVERLAP,
    RIGHT_LABELS,
    RIGHT_SIDE,
    SQUARE,
    SURPLUS_OF_RIGHT_LABELS,
    TRANSITION,
    TRANSITION_ERROR,
    WRONG_LABELS,
    WRONG_SIDE,
)
from ...theory.statements.classification import (
    ACCURACY_AFTER_FLIPS,
    ACCURACY_OF_ONE_HALF_SPACE,
    ACCURACY_OF_TWO_HALF_SPACES,
    LIMIT_AFTER_FLIPS,
    LIMIT_OF_ONE_HALF_SPACE,
    LIMIT_OF_THE_AGREEMENT,
    LIMIT_OF_TWO_HALF_SPACES,
)
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree

_NO_SPECTRUM = Nodes(np.ones(1), np.ones(1), np.ones(1))

MEANS, BETWEEN = (0.7, -0.4), 0.55  # of two normal numbers, and their correlation
NORM_OF_MEAN, LENGTH, PART = 1.7, 2.3, 0.9  # of mu and of w, and mu'w
RATE, RATES, COUNTS = 0.35, (0.8, 0.15), (70.0, 45.0)
ROWS, DIRECTIONS, PENALTY = 41.0, 19.0, 0.26
GRID = 80  # points in each direction of a quadrature, on sectors without a jump
BEYOND = 9.0  # standard deviations, after which nothing is left


class Moments(NamedTuple):
    """E[1], E[x] and E[x x'] over a sector of a plane, for x = mean + z with z standard normal."""

    one: float
    first: Array
    second: Array


def moments_over_a_quadrant(statement: Statement) -> bool:
    """The moment integrated over the sector of a plane that is the quadrant, at two correlations."""
    for between in (BETWEEN, -BETWEEN):
        found = _value(statement, {FIRST: MEANS[0], SECOND: MEANS[1], CORRELATION: between})
        if not agree(found, _over_quadrant(*MEANS, between)[statement.name]):
            return False
    return True


def signs_of_two_normal_numbers(statement: Statement) -> bool:
    """Probabilities of signs, integrated over sectors of a plane."""
    cosine = PART / (NORM_OF_MEAN * LENGTH)
    along = NORM_OF_MEAN * cosine
    both, neither = (_quadrant(s * MEANS[0], s * MEANS[1], BETWEEN).one for s in (1, -1))
    same = sum(_quadrant(s * NORM_OF_MEAN, s * along, cosine).one for s in (1, -1))
    expected = {
        LABEL_ACCURACY.name: float(norm.cdf(along)),
        BAYES_AGREEMENT.name: same,
        KEPT_OF_RIGHT_LABELS.name: both / float(norm.cdf(MEANS[0])),
        SURPLUS_OF_RIGHT_LABELS.name: both - neither,
    }
    given = {MEAN_NORM: NORM_OF_MEAN, NORM: LENGTH, OVERLAP: PART}
    given |= {FIRST: MEANS[0], SECOND: MEANS[1], CORRELATION: BETWEEN}
    return agree(_value(statement, given), expected[statement.name])


def balance_of_right_and_wrong_labels(statement: Statement) -> bool:
    """The rate at which as many right labels as wrong ones are kept, by SciPy; its error from slopes in the shares."""
    expected = _balanced(*RATES)
    if statement.name == TRANSITION_ERROR.name:
        variance = 0.0
        for step, share, count in zip(np.eye(2) * 1e-4, RATES, COUNTS, strict=True):
            slope = (_balanced(*(RATES + step)) - _balanced(*(RATES - step))) / 2e-4
            variance += slope**2 * share * (1 - share) / count
        expected = variance**0.5
    given = {KEEP_RIGHT: RATES[0], KEEP_WRONG: RATES[1], RIGHT_LABELS: COUNTS[0], WRONG_LABELS: COUNTS[1]}
    return agree(_value(statement, given), expected, 1e-6)


def sides_of_a_step(statement: Statement) -> bool:
    """Phi(mu) where most kept labels are right and Phi(-mu) where most are wrong, near the balance and far from it.

    Of the Bayes agreement: 1 and 0.
    """
    balance, agreement = _balanced(*RATES), statement.name == LIMIT_OF_THE_AGREEMENT.name
    for rate in (0.3 * balance, balance - 1e-4, balance + 1e-4, 0.5 * (1 + balance)):
        majority = (1 - rate) * RATES[0] > rate * RATES[1]
        given = {MEAN_NORM: NORM_OF_MEAN, ERROR_RATE: rate, KEEP_RIGHT: RATES[0], KEEP_WRONG: RATES[1]}
        accuracy = float(norm.cdf(NORM_OF_MEAN if majority else -NORM_OF_MEAN))
        if not agree(_value(statement, given), float(majority) if agreement else accuracy):
            return False
    return True


def fits_in_an_orthonormal_frame(statement: Statement) -> bool:
    """Moments of the kept rows over sectors, a 3 x 3 solve in NumPy, and the noise factor as papers print it."""
    kept, signal, square, mean = _PROBLEMS[statement.name]()
    ratio, kappa = (0.0, PENALTY) if statement.name in _LIMITS else (DIRECTIONS / ROWS, _kappa())
    w = np.linalg.solve(square / kept + kappa * np.eye(3), signal / kept)
    residual = 1 - 2 * signal @ w / kept + w @ square @ w / kept
    noise = ratio / ((1 + kappa) ** 2 - ratio) * residual
    return agree(_value(statement, _GIVEN), float(norm.cdf(mean @ w / np.sqrt(w @ w + noise))))


def norm_of_a_fit_to_noise(statement: Statement) -> bool:
    """gamma/((1 + kappa)^2 - gamma) times the variance of what is left of the labels, as printed."""
    explained, square, ratio, kappa = 0.4, 0.21, DIRECTIONS / ROWS, _kappa()
    expected = ratio / ((1 + kappa) ** 2 - ratio) * (1 - explained - kappa * square)
    return agree(_value(statement, _GIVEN | {CORRELATED: explained, SQUARE: square}), expected)


def _value(statement: Statement, given: dict[Any, float]) -> float:
    common = {x.dimension: DIRECTIONS, x.penalty: PENALTY, x.rank: 13.0}
    return float(executed(statement, common | given, _NO_SPECTRUM)[0])


@cache
def _sector(mean: tuple[float, float], low: float, high: float) -> Moments:
    """Moments over the angles from low to high."""
    points, weights = np.polynomial.legendre.leggauss(GRID)
    reach = float(np.hypot(*mean)) + BEYOND
    radius, angle = reach * (points + 1) / 2, low + (high - low) * (points + 1) / 2
    area = np.outer(weights * radius * reach / 2, weights * (high - low) / 2)
    place = np.stack([np.outer(radius, np.cos(angle)), np.outer(radius, np.sin(angle))])
    weight = area * np.exp(-0.5 * ((place - np.array(mean)[:, None, None]) ** 2).sum(axis=0)) / (2 * np.pi)
    first = np.einsum("irt,rt->i", place, weight)
    return Moments(float(weight.sum()), first, np.einsum("irt,jrt,rt->ij", place, place, weight))


def _quadrant(h: float, k: float, rho: float, turned: float = 0.0) -> Moments:
    """Where g > 0 and f > 0, turned by an angle; g = x'(1, 0), f = x'(rho, q)."""
    start = float(np.arccos(rho)) - np.pi / 2 + turned
    return _sector(_mean_of(h, k, rho), start, np.pi / 2 + turned)


def _mean_of(h: float, k: float, rho: float) -> tuple[float, float]:
    return h, float((k - rho * h) / np.sqrt(1 - rho**2))


def _over_quadrant(h: float, k: float, rho: float) -> dict[str, float]:
    """E[u 1], E[u^2 1] and E[u v 1]."""
    one, first, second = _quadrant(h, k, rho)
    g, f = np.array([1.0, 0.0]), np.array([rho, np.sqrt(1 - rho**2)])
    return {
        ORTHANT_MEAN.name: float(g @ first) - h * one,
        ORTHANT_SQUARE.name: float(g @ second @ g - 2 * h * g @ first) + h**2 * one,
        ORTHANT_PRODUCT.name: float(g @ second @ f - h * f @ first - k * g @ first) + h * k * one,
    }


def _balanced(right: float, wrong: float) -> float:
    """The error rate at which as many right labels as wrong ones are kept."""
    return float(brentq(lambda rate: (1 - rate) * right - rate * wrong, 0.0, 1.0, xtol=1e-15, rtol=1e-15))


def _kappa() -> float:
    """The positive root of lambda = kappa (1 - gamma/(1 + kappa))."""
    ratio = DIRECTIONS / ROWS
    return float(np.roots([1.0, 1.0 - ratio - PENALTY, -PENALTY]).max())


Selection = tuple[float, Array, Array, Array]


def _selected(plane: tuple[float, float], parts: tuple[tuple[Moments, float, float], ...]) -> Selection:
    """E[K], E[s K x], E[K x x'] and mu in three dimensions, of sectors with mean values of K and of s K."""
    mean = np.array([*plane, np.sqrt(NORM_OF_MEAN**2 - plane[0] ** 2 - plane[1] ** 2)])
    kept, signal, square = 0.0, np.zeros(3), np.zeros((3, 3))
    for (one, first, second), share, labels in parts:
        kept += share * one
        signal += labels * np.append(first, mean[2] * one)
        across = mean[2] * first[:, None]
        square += share * np.block([[second, across], [across.T, np.full((1, 1), (1 + mean[2] ** 2) * one)]])
    return kept, signal, square, mean


def _flipped() -> Selection:
    """Everywhere the same."""
    right, wrong = (1 - RATE) * RATES[0], RATE * RATES[1]
    everywhere = _sector((MEANS[0], MEANS[1]), 0.0, 2 * np.pi)
    return _selected((MEANS[0], MEANS[1]), ((everywhere, right + wrong, right - wrong),))


def _one_half_space() -> Selection:
    plane = (MEANS[0], 0.31)
    halves = (_sector(plane, -np.pi / 2, np.pi / 2), _sector(plane, np.pi / 2, 3 * np.pi / 2))
    return _selected(plane, ((halves[0], RATES[0], RATES[0]), (halves[1], RATES[1], -RATES[1])))


def _two_half_spaces() -> Selection:
    both, neither = (_quadrant(*MEANS, BETWEEN, turned) for turned in (0.0, np.pi))
    return _selected(_mean_of(*MEANS, BETWEEN), ((both, 1.0, 1.0), (neither, 1.0, -1.0)))


_GIVEN: dict[Any, float] = {
    MEAN_NORM: NORM_OF_MEAN,
    ERROR_RATE: RATE,
    KEEP_RIGHT: RATES[0],
    KEEP_WRONG: RATES[1],
    RIGHT_SIDE: RATES[0],
    WRONG_SIDE: RATES[1],
    FIRST: MEANS[0],
    SECOND: MEANS[1],
    CORRELATION: BETWEEN,
    x.rows: ROWS,
    x.kappa: _kappa(),
}
_PROBLEMS = {
    ACCURACY_AFTER_FLIPS.name: _flipped,
    ACCURACY_OF_ONE_HALF_SPACE.name: _one_half_space,
    ACCURACY_OF_TWO_HALF_SPACES.name: _two_half_spaces,
    LIMIT_OF_ONE_HALF_SPACE.name: _one_half_space,
    LIMIT_OF_TWO_HALF_SPACES.name: _two_half_spaces,
}
_LIMITS = {LIMIT_OF_ONE_HALF_SPACE.name, LIMIT_OF_TWO_HALF_SPACES.name}
_FITTED = (
    ACCURACY_AFTER_FLIPS,
    ACCURACY_OF_ONE_HALF_SPACE,
    ACCURACY_OF_TWO_HALF_SPACES,
    LIMIT_OF_ONE_HALF_SPACE,
    LIMIT_OF_TWO_HALF_SPACES,
)
_SIGNS = (LABEL_ACCURACY, BAYES_AGREEMENT, KEPT_OF_RIGHT_LABELS, SURPLUS_OF_RIGHT_LABELS)

CLASSIFICATION_CHECKS = (
    Check.of(moments_over_a_quadrant, *ORTHANT_MOMENTS),
    Check.of(signs_of_two_normal_numbers, *_SIGNS),
    Check.of(balance_of_right_and_wrong_labels, TRANSITION, TRANSITION_ERROR),
    Check.of(sides_of_a_step, LIMIT_AFTER_FLIPS, LIMIT_OF_THE_AGREEMENT),
    Check.of(norm_of_a_fit_to_noise, NORM_OFF_THE_DIRECTIONS),
    Check.of(fits_in_an_orthonormal_frame, *_FITTED),
)

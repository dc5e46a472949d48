"""Named checks of the steady state of a loop: labels blended from the truth and the model before.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules.statement import Statement
from ...theory.statements.blended_loop import (
    KAPPA_A,
    KAPPA_B,
    OPTIMAL_POOLED_SHARE,
    OPTIMAL_REAL_SHARE,
    REAL_NOISE,
    REAL_ROWS,
    REAL_SHARE,
    STEADY_NOISE_WITHOUT_PENALTY,
    STEADY_STATE_OF_BLENDED_LABELS,
    SYNTHETIC_NOISE,
    SYNTHETIC_ROWS,
    VARIANCE_FACTOR,
)
from .. import oracles
from ..dimensions import ERROR, NONE, is_consistent
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit

_FACTORS = (STEADY_NOISE_WITHOUT_PENALTY, VARIANCE_FACTOR)
_OPTIMAL = (OPTIMAL_REAL_SHARE, OPTIMAL_POOLED_SHARE)

LOOP = Fit((0.3, 1.7, 4.1), (50, 44, 32), (0.7, 1.9, 0.4), rows=170, penalty=0.35, replicates=25)
SHARE, NOISE = 0.55, 0.65  # of the truth in a label; of a label
TRUTH = (0.11, 0.2, 0.29)  # tau in every direction of a level
# Loops without a penalty: noise of real and of the model's labels, fewer rows than directions, and fresh rows of both.
NOISES, FEWER_ROWS, DIRECTIONS, FRESH = (0.8, 0.45), 6, 9, (13, 29)
_GENERATIONS = 400  # after which the distance to the steady state has shrunk by (1 - share) so often
_FOUND = 1e-6  # how far SciPy may be from a minimum


def dimensions_are_consistent(statement: Statement) -> bool:
    """Every exponent is tied to a scaling law: of the covariance, the size, the truth and the noise."""
    errors = (STEADY_STATE_OF_BLENDED_LABELS.name, STEADY_NOISE_WITHOUT_PENALTY.name)
    return is_consistent(statement, ERROR if statement.name in errors else NONE, {})


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    return bool(np.isfinite(_value(statement)))


def loops_on_drawn_rows(statement: Statement) -> bool:
    """Loops of ridge fits on rows drawn with NumPy: the mean lies within six standard errors and four gaps."""
    mean, error = _drawn_loop()
    gap = 4 / (LOOP.rows - oracles.degrees_of_freedom(LOOP, 2))
    return agree(_value(statement), mean, 6 * error + gap * mean)


def differences_of_effective_ridges(statement: Statement) -> bool:
    """The variance as it is printed, a difference of effective ridges, at lambda/pi and lambda/(2 - pi), by SciPy."""
    nodes, penalty, rest = _nodes(), LOOP.penalty or 0.0, 2 - SHARE
    first, second = (replace(LOOP, penalty=penalty / part) for part in (SHARE, rest))
    high, low = oracles.kappa(first), oracles.kappa(second)
    bias = high**2 * float(nodes.target @ (nodes.s + high) ** -2.0)
    bias /= 1 - oracles.degrees_of_freedom(first, 2) / LOOP.rows
    shape = (high - low - penalty / SHARE + penalty / rest) / (2 * (1 - SHARE) * penalty)
    return agree(_value(statement), bias + NOISE**2 * shape)


def loops_of_least_norm(statement: Statement) -> bool:
    """Fits of least norm to the same drawn rows again and again: the variance of the last, relative to one fit."""
    if statement.name == STEADY_NOISE_WITHOUT_PENALTY.name:
        return agree(_value(statement), NOISE**2 * _settled(SHARE, 1.0))
    return agree(_value(statement), _of_least_norm(SHARE))


def the_least_error_in_a_loop(statement: Statement) -> bool:
    """The share that SciPy finds to have the least error where the loop has settled."""
    best = minimize_scalar(_loop_of(statement), bounds=(0.05, 0.95), options={"xatol": 1e-10})
    return agree(_value(statement), float(best.x), _FOUND)


def the_least_error_is_that_share(statement: Statement) -> bool:
    """A loop with this share settles at this share of what a fit on real labels has."""
    share = _value(statement)
    return 0 < share < 1 and agree(_loop_of(statement)(share), share)


def _value(statement: Statement) -> float:
    """The statement on the problem that it is judged by."""
    given: dict[Any, float] = {REAL_SHARE: SHARE, x.noise: NOISE}
    if statement.name == STEADY_STATE_OF_BLENDED_LABELS.name:
        given |= {x.rows: float(LOOP.rows), x.rank: float(LOOP.rank), x.penalty: LOOP.penalty or 0.0}
        given |= {KAPPA_A: _kappa_of(SHARE), KAPPA_B: _kappa_of(2 - SHARE)}
        return float(executed(statement, given, _nodes())[0])
    given |= {REAL_NOISE: NOISES[0], SYNTHETIC_NOISE: NOISES[1], x.rank: float(DIRECTIONS)}
    given |= {REAL_ROWS: float(FRESH[0]), SYNTHETIC_ROWS: float(FRESH[1])}
    return float(executed(statement, given, Nodes(np.ones(1), np.ones(1), np.ones(1)))[0])


def _nodes() -> Nodes:
    counts = np.array(LOOP.multiplicities, dtype=np.float64)
    return Nodes(np.array(LOOP.eigenvalues), counts, counts * np.array(TRUTH))


@cache
def _kappa_of(part: float) -> float:
    """The effective ridge of a part of the covariance."""
    return oracles.kappa(replace(LOOP, eigenvalues=tuple(part * s for s in LOOP.eigenvalues)))


@cache
def _drawn_loop() -> tuple[float, float]:
    """The error after many ridge fits of the same rows, in the eigenbasis of their Gram matrix: mean, its error."""
    generator, s, n = np.random.default_rng(20240703), LOOP.spectrum, LOOP.rows
    truth, errors = np.sqrt(np.repeat(TRUTH, LOOP.multiplicities) / s), []
    for _ in range(LOOP.replicates):
        rows = generator.standard_normal((n, len(s))) * np.sqrt(s)
        gram, directions = np.linalg.eigh(rows.T @ rows / n)
        kept, real = gram / (gram + (LOOP.penalty or 0.0)), directions.T @ truth
        mean, variance = np.zeros_like(real), np.zeros_like(real)
        for _ in range(_GENERATIONS):
            mean = kept * (SHARE * real + (1 - SHARE) * mean)
            variance = kept**2 * ((1 - SHARE) ** 2 * variance + NOISE**2 / (n * gram))
        errors.append(s @ (directions @ (mean - real)) ** 2 + s @ directions**2 @ variance)
    return float(np.mean(errors)), float(np.std(errors, ddof=1) / len(errors) ** 0.5)


@cache
def _rows() -> tuple[Array, Array]:
    """Rows, and the fit of least norm to them."""
    rows = np.random.default_rng(20240709).standard_normal((FEWER_ROWS, DIRECTIONS))
    return rows, np.asarray(np.linalg.pinv(rows))


def _settled(share: float, variance: float) -> float:
    """The variance of a loop with a label variance, over that of one fit to labels of variance 1."""
    rows, solve = _rows()
    project, alone = solve @ rows, solve @ solve.T
    covariance = np.zeros_like(alone)
    for _ in range(_GENERATIONS):
        covariance = (1 - share) ** 2 * project @ covariance @ project.T + variance * alone
    return float(np.trace(covariance) / np.trace(alone))


def _of_least_norm(share: float) -> float:
    """The same for blended labels, in units of the variance of real ones."""
    return _settled(share, share**2 * NOISES[0] ** 2 + (1 - share) ** 2 * NOISES[1] ** 2) / NOISES[0] ** 2


def _of_fresh_rows(share: float) -> float:
    """The error of weighted means of fresh labels, every row's weight written out, over that of the real rows alone."""
    weights = np.repeat([share / FRESH[0], (1 - share) / FRESH[1]], FRESH)
    variances, error = np.repeat(np.array(NOISES) ** 2, FRESH), 0.0
    for _ in range(_GENERATIONS):
        error = float(weights**2 @ variances) + (1 - share) ** 2 * error
    return error / (NOISES[0] ** 2 / FRESH[0])


_LOOPS: Mapping[str, Callable[[float], float]] = {
    OPTIMAL_REAL_SHARE.name: _of_least_norm,
    OPTIMAL_POOLED_SHARE.name: _of_fresh_rows,
}


def _loop_of(statement: Statement) -> Callable[[float], float]:
    return _LOOPS[statement.name]


_ALL = (STEADY_STATE_OF_BLENDED_LABELS, *_FACTORS, *_OPTIMAL)

BLENDED_LOOP_CHECKS = (
    Check.of(dimensions_are_consistent, *_ALL),
    Check.of(it_can_be_evaluated, *_ALL),
    Check.of(loops_on_drawn_rows, STEADY_STATE_OF_BLENDED_LABELS),
    Check.of(differences_of_effective_ridges, STEADY_STATE_OF_BLENDED_LABELS),
    Check.of(loops_of_least_norm, *_FACTORS),
    Check.of(the_least_error_in_a_loop, *_OPTIMAL),
    Check.of(the_least_error_is_that_share, *_OPTIMAL),
)

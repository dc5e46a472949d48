"""Named checks of the monitors: their expected values, their noise, and label noise that is re-estimated.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import binom, chi2, ncx2, norm

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules.refitted_covariates import RESCALE
from ...theory.rules.statement import Statement
from ...theory.statements import monitor_noise as noise
from ...theory.statements import monitors as expected
from ...theory.statements.reestimated_noise import ERROR_WITH_REESTIMATED_NOISE, REESTIMATED, REESTIMATED_NOISE
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit, inverse_wishart_trace, kappa

_S, _COUNTS, _TAU = np.array([0.4, 1.7, 3.2]), np.array([2.0, 5.0, 3.0]), np.array([0.9, 2.6, 1.3])
_KEPT, _SPREAD = np.array([0.35, 0.65, 0.8]), np.array([0.15, 0.45, 0.28])
_FIRST_LOST, _FIRST_SPREAD = np.array([0.25, 0.52, 0.33]), np.array([0.11, 0.37, 0.19])
_SHARE, _LOST_SINCE = np.array([0.46, 0.57, 0.71]), np.array([0.21, 0.14, 0.05])
_NODES = Nodes(_S, _COUNTS, _COUNTS * _TAU)
GENERATIONS, RANK, ROWS, SAMPLES = 4, 3, 17, 23
NOISE, REAL_NOISE, THRESHOLD, VARIANCE, IN_TAILS = 0.6, 0.85, 1.6, 2.7, 0.12
ERROR, FIRST_ERROR, CORRELATION, RESCALED, FIRST_TRACE = 0.83, 0.41, 0.29, 1.3, 1.9
_GIVEN: dict[Any, Any] = {
    x.rows: ROWS,
    x.rank: RANK,
    x.noise: NOISE,
    x.error: ERROR,
    x.kept: _KEPT,
    x.spread: _SPREAD,
    expected.FIRST_LOST: _FIRST_LOST,
    expected.FIRST_SPREAD: _FIRST_SPREAD,
    expected.FROM_FIRST: _SHARE,
    expected.LOST_SINCE: _LOST_SINCE,
    expected.REAL_NOISE: REAL_NOISE,
    expected.THRESHOLD: THRESHOLD,
    expected.VARIANCE: VARIANCE,
    expected.FIRST_ERROR: FIRST_ERROR,
    expected.CORRELATION: CORRELATION,
    expected.FIRST_TRACE: FIRST_TRACE,
    RESCALE: RESCALED,
    noise.SAMPLES: SAMPLES,
    noise.SHARE: IN_TAILS,
}
_RIDGE = Fit((0.3, 1.7, 4.1), (50, 40, 30), (0.7, 0.45, 1.4), rows=170, penalty=0.35)
_DRAWS = 40


def laws_of_scipy(statement: Statement) -> bool:
    """Entropy, tails, chi-squares and binomials of SciPy; moments of their logarithms integrated numerically."""
    logarithms = [chi2(ROWS - j) for j in range(RANK)]
    mean = sum(float(one.expect(np.log)) for one in logarithms)
    squares = sum(float(one.expect(lambda c: np.log(c) ** 2)) - float(one.expect(np.log)) ** 2 for one in logarithms)
    centre = _FIRST_LOST**2 * _TAU / _FIRST_SPREAD
    references = {
        expected.ENTROPY.name: norm(scale=VARIANCE**0.5).entropy(),
        expected.TAIL_COVERAGE.name: 2 * norm.cdf(-THRESHOLD * REAL_NOISE / np.hypot(NOISE, ERROR**0.5)),
        expected.LOG_DETERMINANT.name: GENERATIONS * (mean - RANK * np.log(ROWS))
        + (GENERATIONS - 1) * RANK * np.log(RESCALED),
        noise.NOISE_OF_A_VARIANCE.name: VARIANCE * chi2(SAMPLES).std() / SAMPLES,
        noise.NOISE_OF_AN_ENTROPY.name: 0.5 * chi2(SAMPLES).std() / SAMPLES,
        noise.NOISE_OF_A_SHARE.name: binom(SAMPLES, IN_TAILS).std() / SAMPLES,
        noise.NOISE_OF_A_DRIFT.name: float(_COUNTS @ (_FIRST_SPREAD**2 * ncx2(1, centre).var())) ** 0.5,
        noise.NOISE_OF_A_LOG_DETERMINANT.name: squares**0.5,
        noise.NOISE_OF_A_TRACE.name: float(_COUNTS @ _S**2 * chi2(ROWS).var()) ** 0.5 / ROWS / float(_COUNTS @ _S),
    }
    return agree(_value(statement), references[statement.name], 1e-8)


def models_on_either_side_of_their_mean(statement: Statement) -> bool:
    """Models at their mean plus and minus a standard deviation: squares and products by definition."""
    truth, sides = np.sqrt(_TAU), np.array([[1.0], [-1.0]])
    models = _KEPT * truth + sides * np.sqrt(_SPREAD)
    first = (1 - _FIRST_LOST) * truth + sides * np.sqrt(_FIRST_SPREAD)
    later = _SHARE * first + (1 - _SHARE - _LOST_SINCE) * truth
    ends = np.array([[0.3, -0.7, 0.5], [0.6, 0.2, 0.4]])  # two models, measured from the truth
    references = {
        expected.LABEL_VARIANCE.name: NOISE**2 + float((models**2 @ _COUNTS).mean()),
        expected.CORRELATION_WITH_THE_FIRST_MODEL.name: float((((later - truth) * (first - truth)) @ _COUNTS).mean()),
        expected.HELD_OUT_RESIDUAL.name: float(((REAL_NOISE + sides * ERROR**0.5) ** 2).mean()),
        expected.DRIFT.name: float(((ends[0] - ends[1]) ** 2).sum()),
        expected.TRACE.name: FIRST_TRACE * float(np.prod([RESCALED] * (GENERATIONS - 1))),
    }
    squares = {
        x.error: ends[0] @ ends[0],
        expected.FIRST_ERROR: ends[1] @ ends[1],
        expected.CORRELATION: ends[0] @ ends[1],
    }
    given = squares if statement.name == expected.DRIFT.name else {}
    return agree(_value(statement, given), references[statement.name])


def residuals_of_drawn_rows(statement: Statement) -> bool:
    """Rows drawn with NumPy, noise and labelling model integrated: within six standard errors and 1/n."""
    if statement.name == expected.IN_SAMPLE_RESIDUAL.name:
        rows = np.random.default_rng(7).standard_normal((ROWS, RANK))
        left = np.eye(ROWS) - rows @ np.linalg.pinv(rows)
        return agree(_value(statement), NOISE**2 * np.trace(left) / (ROWS - RANK))
    residuals = _ridge_residuals()
    error = 6 * residuals.std(ddof=1) / _DRAWS**0.5 + residuals.mean() / _RIDGE.rows
    return agree(_ridge_value(statement), float(residuals.mean()), error)


def generations_of_residuals_in_a_loop(statement: Statement) -> bool:
    """Chi-square means of SciPy for the residuals, inverse Wishart means for the error, one after another."""
    variance, error = NOISE**2, 0.0
    for _ in range(GENERATIONS):
        error += variance * inverse_wishart_trace(ROWS, RANK)
        variance *= float(chi2(ROWS - RANK).mean()) / ROWS
    references = {REESTIMATED_NOISE.name: variance, ERROR_WITH_REESTIMATED_NOISE.name: error}
    return agree(_value(statement), references[statement.name])


def _value(statement: Statement, given: dict[Any, Any] | None = None) -> Array:
    """The result, with sums over generations and directions carried out."""

    def counted(expression: Any) -> Any:
        return expression.subs({expected.GENERATIONS: GENERATIONS, x.rank: RANK}).doit()

    lines = tuple((symbol, counted(value)) for symbol, value in statement.definitions)
    known = replace(statement, definitions=lines, result=counted(statement.result))
    return executed(known, _GIVEN | (given or {}), _NODES)[0]


def _ridge_value(statement: Statement) -> Array:
    multiplicities = np.array(_RIDGE.multiplicities, dtype=np.float64)
    nodes = Nodes(np.array(_RIDGE.eigenvalues), multiplicities, multiplicities * _TAU)
    given = _GIVEN | {x.rows: _RIDGE.rows, x.penalty: _RIDGE.penalty, x.rank: _RIDGE.rank, x.kappa: kappa(_RIDGE)}
    return executed(statement, given, nodes)[0]


@cache
def _ridge_residuals() -> Array:
    """RSS/n of ridge regression, given the rows."""
    generator, found = np.random.default_rng(20240811), []
    penalty = _RIDGE.penalty or 0.0
    square = np.repeat((_KEPT**2 * _TAU + _SPREAD), _RIDGE.multiplicities)
    for _ in range(_DRAWS):
        whitened = generator.standard_normal((_RIDGE.rows, _RIDGE.rank))
        rows = whitened * np.sqrt(_RIDGE.spectrum)
        left = penalty * np.linalg.inv(rows @ rows.T / _RIDGE.rows + penalty * np.eye(_RIDGE.rows))
        found.append(((left @ whitened) ** 2 @ square).sum() + NOISE**2 * (left**2).sum())
    return np.array(found) / _RIDGE.rows


_BY_LAW = (expected.ENTROPY, expected.TAIL_COVERAGE, expected.LOG_DETERMINANT, *noise.MONITOR_NOISE)
_BY_MODELS = (
    expected.LABEL_VARIANCE,
    expected.CORRELATION_WITH_THE_FIRST_MODEL,
    expected.HELD_OUT_RESIDUAL,
    expected.DRIFT,
    expected.TRACE,
)

MONITOR_CHECKS = (
    Check.of(laws_of_scipy, *_BY_LAW),
    Check.of(models_on_either_side_of_their_mean, *_BY_MODELS),
    Check.of(residuals_of_drawn_rows, expected.IN_SAMPLE_RESIDUAL, expected.TRAINING_RESIDUAL_OF_RIDGE),
    Check.of(generations_of_residuals_in_a_loop, *REESTIMATED),
)

"""Named checks of real and synthetic rows in one fit: its error, its collapse term, the plateau and the best weight.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import sympy
from scipy.optimize import brentq, minimize_scalar

from ...theory.algebra.model import Model, ridge, stack
from ...theory.algebra.risk import risk
from ...theory.evaluation.derive import derive
from ...theory.evaluation.lowering import Nodes
from ...theory.evaluation.prediction import Prediction, predict
from ...theory.problem import (
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Levels,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
)
from ...theory.problem import notation as x
from ...theory.rules.several_labellers import DISAGREEMENT, LABELLER_VARIANCE
from ...theory.rules.statement import Statement
from ...theory.statements.strong_collapse import (
    BEST_EFFECTIVE_SHARE,
    BEST_WEIGHTED_ERROR,
    CLEAN_RATE,
    COLLAPSE_OF_A_MIXTURE,
    COLLAPSE_OF_A_PROJECTED_MIXTURE,
    EFFECTIVE_SHARE,
    PLATEAU,
    REAL_NOISE,
    REAL_ROWS,
    SHIFT,
    SIZE_OF_SHIFT,
    START_OF_THE_PLATEAU,
    SYNTHETIC_NOISE,
    SYNTHETIC_ROWS,
    SYNTHETIC_SHARE,
    TEST_ERROR_OF_A_MIXTURE,
    TEST_ERROR_OF_A_PROJECTED_MIXTURE,
    WEIGHTED_MIXTURE,
)
from .. import oracles
from ..dimensions import ERROR, NONE, SIZE, is_consistent
from ..evaluated import executed, named
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit

_PLAIN = (TEST_ERROR_OF_A_MIXTURE, COLLAPSE_OF_A_MIXTURE)
_PROJECTED = (TEST_ERROR_OF_A_PROJECTED_MIXTURE, COLLAPSE_OF_A_PROJECTED_MIXTURE)
_MIXTURES = (*_PLAIN, *_PROJECTED)
_RATES = (CLEAN_RATE, START_OF_THE_PLATEAU)
_WEIGHTED = (WEIGHTED_MIXTURE, BEST_EFFECTIVE_SHARE, BEST_WEIGHTED_ERROR)
_COLLAPSES = {COLLAPSE_OF_A_MIXTURE.name, COLLAPSE_OF_A_PROJECTED_MIXTURE.name}

# One fit: real rows first, then synthetic ones; noise of both; tau and delta in every direction of a level.
MIXTURE = Fit((0.3, 1.7, 4.1), (50, 44, 32), (0.7, 1.9, 0.4), rows=170, penalty=0.35, replicates=25)
PROJECTED = replace(MIXTURE, width=85)
SYNTHETIC, NOISE = 75, (0.6, 0.9)
TRUTH, OFFSET = (0.11, 0.2, 0.29), (0.25, 0.07, 0.16)
_ENDLESS = 10**11  # times as many rows: none are missing
# Least squares with many rows for each direction: rank, real and synthetic rows, noise of both, size c of the shift.
LOW, LOW_REAL, LOW_SYNTHETIC, LOW_NOISE, LOW_SHIFT = 3, 3 * 10**5, 2 * 10**5, (0.7, 0.55), 0.006
# Labels of real and synthetic rows in one direction, enumerated, and a weight on synthetic ones.
FEW_REAL, FEW_SYNTHETIC, FEW_NOISE, FEW_SHIFT, FEW_RANK, WEIGHT = 13, 23, (0.8, 0.45), 0.35, 5, 0.6
_UNITS: Mapping[str, Any] = {CLEAN_RATE.name: NONE, START_OF_THE_PLATEAU.name: SIZE, BEST_EFFECTIVE_SHARE.name: NONE}
# Of the disagreement: the share of the model before in each row's labels, and what it keeps and how it varies.
SHARES = (0.25, 0.6, 0.85)


def dimensions_are_consistent(statement: Statement) -> bool:
    """Every exponent is tied to a scaling law: of the covariance, the size, the truth and the noise."""
    letters = (
        {SHIFT.name: ERROR / SIZE, SIZE_OF_SHIFT.name: sympy.sqrt(ERROR)} if statement.name != DISAGREEMENT.name else {}
    )
    return is_consistent(statement, _UNITS.get(statement.name, ERROR), letters)


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    return bool(np.isfinite(_value(statement)))


def the_engine_derives_the_same(statement: Statement) -> bool:
    """The engine's formula for a stack of real and synthetic rows, which has no mean labeller, at SciPy's root."""
    parts = _engine(_fit(statement))
    return agree(_value(statement), parts["o"] if statement.name in _COLLAPSES else sum(parts.values()))


def the_published_theorem(statement: Statement) -> bool:
    """Bias, variance and zeta as differences of degrees of freedom and powers of T, as they are printed."""
    bias, variance, collapse = _published(_fit(statement))
    return agree(_value(statement), collapse if statement.name in _COLLAPSES else bias + variance + collapse)


def fits_to_real_and_synthetic_rows(statement: Statement) -> bool:
    """Fits drawn and solved with NumPy: the mean lies within six standard errors and four finite-size gaps."""
    fit = _fit(statement)
    total, part = oracles.error_with_synthetic_rows(fit, SYNTHETIC, NOISE, TRUTH, OFFSET)
    mean, error = part if statement.name in _COLLAPSES else total
    gap = 4 / (min(fit.rows, fit.width or fit.rows) - oracles.degrees_of_freedom(fit, 2))
    return agree(_value(statement), mean, 6 * error + gap * mean)


def the_recursion_ends_there(statement: Statement) -> bool:
    """The prediction of a chain of one generation, and what it exceeds its *replace* baseline by."""
    predicted = _predicted(statement.name in {one.name for one in _PROJECTED})
    error = predicted.collapse_replace if statement.name in _COLLAPSES else predicted.error
    return agree(_value(statement), float(error[-1]))


def where_endless_rows_end(statement: Statement) -> bool:
    """The prediction of the same mixture with 10^11 times as many rows; what they still lack is that small."""
    return agree(_value(statement), float(_predicted(True, _ENDLESS).error[-1]), 1e-7)


def fits_on_endless_rows(statement: Statement) -> bool:
    """Projections drawn and the covariance itself fitted on them, with NumPy: six standard errors, four gaps."""
    mean, error = _drawn_plateau()
    gap = 4 / ((PROJECTED.width or 0) - oracles.degrees_of_freedom(_endless(), 2))
    return agree(_value(statement), mean, 6 * error + gap * mean)


def pooled_least_squares(statement: Statement) -> bool:
    """The exact error of pooled least squares over that of real labels, and SciPy's rows at which it is twice that."""
    if statement.name == CLEAN_RATE.name:
        reference = _pooled(float(LOW_REAL + LOW_SYNTHETIC))
    else:
        reference = float(brentq(lambda rows: _pooled(rows) - 2, 1e2, 1e9, rtol=1e-12))
    return agree(_value(statement), reference, 1e-3 * reference)


def weighted_means_row_by_row(statement: Statement) -> bool:
    """Weighted means of labels, every row's weight and noise written out; the best weight is SciPy's."""
    if statement.name == WEIGHTED_MIXTURE.name:
        return agree(_value(statement), _row_by_row(WEIGHT)[0])
    best = minimize_scalar(lambda weight: _row_by_row(weight)[0], bounds=(1e-3, 10.0), options={"xatol": 1e-10})
    error, share = _row_by_row(float(best.x))
    if statement.name == BEST_WEIGHTED_ERROR.name:
        return agree(_value(statement), error)
    return agree(_value(statement), share, 1e-6)


def labellers_around_their_mean(statement: Statement) -> bool:
    """Rows with several blends of the truth and of a model: their mean squared distance from the mean labeller."""
    s, counts, target, kept, spread = _labelling_model()
    truth = np.sqrt(target / counts / s)
    distances = []
    for side in (1.0, -1.0):
        model = kept * truth + side * np.sqrt(spread / s)
        labellers = np.array([share * model + (1 - share) * truth for share in SHARES])
        distances.append(np.mean((labellers - labellers.mean(axis=0)) ** 2, axis=0) @ (s * counts))
    return agree(_value(statement), float(np.mean(distances)))


def fits_to_several_labellers(statement: Statement) -> bool:
    """Least squares drawn with NumPy: what labellers who differ add to it, in units of the label noise that does so."""
    mean, error = _drawn_disagreement()
    return agree(_value(statement), mean, 6 * error + 2 * mean / 60)


def _fit(statement: Statement) -> Fit:
    return PROJECTED if statement.name in {one.name for one in _PROJECTED} else MIXTURE


def _value(statement: Statement) -> float:
    """The statement on the problem that it is judged by."""
    if statement.name == DISAGREEMENT.name:
        s, counts, target, kept, spread = _labelling_model()
        given = {x.kept: kept, x.lost: 1 - kept, x.spread: spread, LABELLER_VARIANCE: float(np.var(SHARES))}
        return float(executed(statement, given, Nodes(s, counts, target))[0])
    if statement.name in {one.name for one in (*_RATES, *_WEIGHTED)}:
        return _low(statement)
    fit = _endless() if statement.name == PLATEAU.name else _fit(statement)
    given = {x.kappa: oracles.kappa(fit), x.penalty: fit.penalty, SYNTHETIC_SHARE: SYNTHETIC / MIXTURE.rows}
    given |= {x.rank: float(fit.rank), x.width: float(fit.width or 0), SHIFT: np.array(OFFSET)}
    if statement.name != PLATEAU.name:
        given |= {x.rows: float(fit.rows), x.noise: _mean_noise() ** 0.5}
    return float(executed(statement, given, _nodes())[0])


def _low(statement: Statement) -> float:
    """A statement on many rows for each direction."""
    rates = statement.name in {one.name for one in _RATES}
    if rates:
        rows = float(LOW_REAL + LOW_SYNTHETIC)
        given = {x.rank: float(LOW), x.rows: rows, SIZE_OF_SHIFT: LOW_SHIFT, x.noise: LOW_NOISE[0]}
        given[SYNTHETIC_SHARE] = LOW_SYNTHETIC / rows
    else:
        given = {x.rank: float(FEW_RANK), SIZE_OF_SHIFT: FEW_SHIFT, EFFECTIVE_SHARE: _row_by_row(WEIGHT)[1]}
        given |= {REAL_ROWS: float(FEW_REAL), SYNTHETIC_ROWS: float(FEW_SYNTHETIC)}
        given |= {REAL_NOISE: FEW_NOISE[0], SYNTHETIC_NOISE: FEW_NOISE[1]}
    return float(executed(statement, given, Nodes(np.ones(1), np.ones(1), np.ones(1)))[0])


def _nodes() -> Nodes:
    counts = np.array(MIXTURE.multiplicities, dtype=np.float64)
    return Nodes(np.array(MIXTURE.eigenvalues), counts, counts * np.array(TRUTH))


def _mean_noise() -> float:
    """The noise variance averaged over all rows."""
    share = SYNTHETIC / MIXTURE.rows
    return (1 - share) * NOISE[0] ** 2 + share * NOISE[1] ** 2


def _endless() -> Fit:
    return replace(PROJECTED, rows=PROJECTED.rows * _ENDLESS)


@cache
def _formula(projected: bool) -> Mapping[str, Any]:
    """The parts of the error of ridge regression on real rows and on rows of a shifted truth, by the engine."""
    model = Model()
    real, synthetic = model.design("X", "n_1"), model.design("Y", "n_2")
    shifted = model.truth + model.offset("o", "omega")
    labels = stack(real @ model.truth + model.noise("sigma_1"), synthetic @ shifted + model.noise("sigma_2"))
    if not projected:
        return derive(risk(ridge(stack(real, synthetic), labels, "lambda"))).parts
    projection = model.projection("S", "m")
    fitted = ridge(stack(real @ projection.T, synthetic @ projection.T), labels, "lambda")
    return derive(risk(projection.T @ fitted)).parts


@cache
def _engine(fit: Fit) -> dict[str, float]:
    """Those parts at numbers; both kinds of rows have the same share n_k (n - df_1)/n of the margin."""
    kappa, first, width, s = oracles.kappa(fit), oracles.degrees_of_freedom(fit, 1), fit.width or 0, _nodes().s
    shares = ((fit.rows - SYNTHETIC) / fit.rows, SYNTHETIC / fit.rows)
    values = {f"D_n_{number}": share * (fit.rows - first) for number, share in enumerate(shares, start=1)}
    values |= {"D_m": width - first, "kappa": kappa, "s": s, "p": kappa / (s + kappa), "q": s / (s + kappa)}
    values |= {"omega": np.array(OFFSET) / s, "sigma_1": NOISE[0], "sigma_2": NOISE[1]}
    return {name: named(part, values, _nodes()) for name, part in _formula(fit.width is not None).items()}


@cache
def _published(fit: Fit) -> tuple[float, float, float]:
    """With T = Sigma (Sigma + kappa)^-1, chi = (df_1 - df_2)/(m - df_2) and D_2 = df_2 + chi (df_1 - df_2)."""
    nodes, kappa, n, f = _nodes(), oracles.kappa(fit), fit.rows, SYNTHETIC / fit.rows
    first, second = (oracles.degrees_of_freedom(fit, order) for order in (1, 2))
    spilled = 0.0 if fit.width is None else (first - second) / (fit.width - second)
    effective = second + spilled * (first - second)
    u = effective / n / (1 - effective / n)
    share, truth = nodes.s / (nodes.s + kappa), nodes.target / nodes.s  # of direction and of Gamma
    shift = nodes.counts * np.array(OFFSET)
    bias = (1 + u) * (kappa**2 * truth @ (nodes.s / (nodes.s + kappa) ** 2) + kappa * spilled * truth @ share**2)
    squares = shift @ share**2 + kappa * spilled * shift / nodes.s @ share**2
    collapse = f * u * float(np.sum(shift)) + f**2 * ((1 + u) * squares - 2 * u * shift @ share)
    return float(bias), float(_mean_noise() * u), float(collapse)


@cache
def _predicted(projected: bool, times: int = 1) -> Prediction:
    """The same problem as a chain of one generation."""
    s = MIXTURE.spectrum
    truth, variances = (np.repeat(values, MIXTURE.multiplicities) / s for values in (TRUTH, OFFSET))
    population = Population(Levels(MIXTURE.eigenvalues, MIXTURE.multiplicities), Coefficients(np.sqrt(truth)))
    real, shifted = (MIXTURE.rows - SYNTHETIC) * times, Shifted(GaussianTarget(variances))
    sources = Source(real, NOISE[0]), Source(SYNTHETIC * times, NOISE[1], shifted)
    penalty = MIXTURE.penalty
    estimator = RandomProjection(PROJECTED.width, penalty) if projected else Ridge(penalty)
    return predict(Chain(population, (Generation(sources, estimator),)))


@cache
def _drawn_plateau() -> tuple[float, float]:
    """The error of w = S'(S Sigma S' + lambda)^-1 S Sigma (w_0 + f o) over projections: mean and standard error."""
    generator, fit, f = np.random.default_rng(20240611), PROJECTED, SYNTHETIC / PROJECTED.rows
    s, width = fit.spectrum, fit.width or fit.rank
    truth, shift = (np.repeat(values, fit.multiplicities) / s for values in (TRUTH, OFFSET))
    errors = []
    for _ in range(fit.replicates):
        projection = generator.standard_normal((width, fit.rank)) / np.sqrt(width)
        inside = projection * s @ projection.T + (fit.penalty or 0.0) * np.eye(width)
        fitted = projection.T @ np.linalg.solve(inside, projection * s)
        missed = fitted @ np.sqrt(truth) - np.sqrt(truth)
        errors.append(s @ missed**2 + f**2 * (s @ fitted**2 @ shift))
    return float(np.mean(errors)), float(np.std(errors, ddof=1) / len(errors) ** 0.5)


def _pooled(rows: float) -> float:
    """The exact error of least squares on shifted labels, in that of real ones, with one noise on both.

    The shift passes as c_1 n_2 + c_2 n_2 (n_2 - 1), the weights of pairs of rows that have one labeller.
    """
    r, n_2 = LOW, rows * LOW_SYNTHETIC / (LOW_REAL + LOW_SYNTHETIC)
    clean = LOW_NOISE[0] ** 2 * r / (rows - r - 1)
    leverage = (rows * r - 2) / (rows - r - 1)
    b = n_2 * (rows - n_2) / (rows * (rows + 2) * (rows - 1))
    a = n_2 * (n_2 + 2) / (rows * (rows + 2)) - b
    return 1 + LOW_SHIFT**2 * (a + b * leverage) / clean


@cache
def _row_by_row(weight: float) -> tuple[float, float]:
    """Of a weighted mean of labels, in every direction: its error, and the weight of all synthetic rows."""
    weights = np.repeat([1.0, weight], [FEW_REAL, FEW_SYNTHETIC])
    weights = weights / np.sum(weights)
    variances = np.repeat(np.array(FEW_NOISE) ** 2, [FEW_REAL, FEW_SYNTHETIC])
    share = float(np.sum(weights[FEW_REAL:]))
    shift = FEW_SHIFT / np.sqrt(FEW_RANK)  # in each direction
    return float(FEW_RANK * (weights**2 @ variances + (share * shift) ** 2)), share


def _labelling_model() -> tuple[Array, ...]:
    """Spectrum, multiplicities, tau of all directions of a level; what the model before keeps, and its variance."""
    s, counts, target = np.array([0.4, 1.7, 3.2]), np.array([2.0, 3.0, 4.0]), np.array([0.9, 2.6, 1.3])
    return s, counts, target, np.array([0.35, 0.65, 0.8]), np.array([0.15, 0.45, 0.28])


@cache
def _drawn_disagreement() -> tuple[float, float]:
    """Squared fits to what labellers say beyond their mean, over fits to noise of variance 1: ratio and its error."""
    generator = np.random.default_rng(20240623)
    s, counts, target, kept, spread = _labelling_model()
    s, kept, spread, truth = (
        np.repeat(one, counts.astype(int)) for one in (s, kept, spread, np.sqrt(target / counts / s))
    )
    shares = np.repeat(SHARES, 60) - np.mean(SHARES)
    found, gains = [], []
    for _ in range(2000):
        model = kept * truth + generator.standard_normal(len(s)) * np.sqrt(spread / s)
        rows = generator.standard_normal((len(shares), len(s))) * np.sqrt(s)
        solve = np.linalg.pinv(rows)
        found.append(s @ (solve @ (shares * (rows @ (model - truth)))) ** 2)
        gains.append(float(np.sum(s[:, None] * solve**2)))
    ratio = np.mean(found) / np.mean(gains)
    return float(ratio), float(np.std(found, ddof=1) / len(found) ** 0.5 / np.mean(gains))


STRONG_COLLAPSE_CHECKS = (
    Check.of(dimensions_are_consistent, *_MIXTURES, PLATEAU, *_RATES, *_WEIGHTED, DISAGREEMENT),
    Check.of(it_can_be_evaluated, *_MIXTURES, PLATEAU),
    Check.of(fits_to_real_and_synthetic_rows, *_MIXTURES),
    Check.of(the_published_theorem, *_MIXTURES),
    Check.of(the_engine_derives_the_same, *_MIXTURES),
    Check.of(the_recursion_ends_there, *_MIXTURES),
    Check.of(fits_on_endless_rows, PLATEAU),
    Check.of(where_endless_rows_end, PLATEAU),
    Check.of(pooled_least_squares, *_RATES),
    Check.of(weighted_means_row_by_row, *_WEIGHTED),
    Check.of(labellers_around_their_mean, DISAGREEMENT),
    Check.of(fits_to_several_labellers, DISAGREEMENT),
)

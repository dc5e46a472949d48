"""Named checks of scaling laws: long chains, narrow projections and generators on power-law spectra.

What is compared with is the theorem at finite rows, `predict` or its formula at real rows, which knows of no power law.
No number in a problem below is 0, 1 or another number of the problem, but for those that vanish in a law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import sympy
from scipy.optimize import brentq, minimize_scalar

from ...theory.asymptotics import Demystified, laws, long_chains, optimal_penalty, widths
from ...theory.evaluation.collapse_over import collapse_over
from ...theory.evaluation.law_errors import errors_along
from ...theory.evaluation.prediction import predict
from ...theory.problem import (
    Chain,
    GaussianTarget,
    Generation,
    MinimumNorm,
    Population,
    PowerLaw,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    SourceCondition,
)
from ...theory.problem import notation as x
from ...theory.problem import replace as replacement
from ...theory.rules.statement import Statement
from ..measured import Array
from ..named_check import Check, agree

NEAR, SLOPE = 0.015, 0.01  # relative, of values; absolute, of exponents
NOISE, GENERATOR_NOISE = 0.7, 0.4
_ROWS = x.scalar("T")

# A family, numbers of rows and, where the ratio d/T_0 vanishes, how many directions.
Window = tuple[Demystified, tuple[float, float], int | None]


def _family(beta: float, r: float, ell: float, a: float, b: float, phi: float, noise: float = NOISE) -> Demystified:
    return Demystified(beta, r, ell, a, b, phi, noise, GENERATOR_NOISE)


_INSIDE: Window = (_family(1.5, 0.4, 0.6, 0.1, 1.2, 0.3), (5e4, 1.1e5), None)
_TERMS: Mapping[str, tuple[str, Window]] = {
    laws.BIAS_OF_A_ROUGH_TRUTH.name: ("bias", _INSIDE),
    laws.BIAS_AT_SOURCE_ONE.name: ("bias", (_family(1.3, 1, 0.4, 0.1, 1.2, 0), (1e6, 1e7), 100_000)),
    laws.BIAS_OF_A_SMOOTH_TRUTH.name: ("bias", (_family(1.7, 1.6, 0.6, 0.1, 1.2, 0), (1e6, 1e7), 100_000)),
    laws.VARIANCE.name: ("variance", _INSIDE),
    laws.COLLAPSE.name: ("collapse", _INSIDE),
    laws.PLATEAU_OF_THE_COLLAPSE.name: ("collapse", (_family(1.5, 0.4, 1.1, 0.1, 0.3, 0.2), (1e9, 1e10), None)),
}
# T^b on either side of T, so that the noise that binds is another one.
_TUNED: Mapping[str, tuple[Window, Window]] = {
    laws.LEAST_ERROR_OF_FEW_DIRECTIONS.name: (
        (_family(1.5, 0.4, 2, 0.3, 2.2, 0), (1e7, 1e8), 100_000),
        (_family(1.7, 0.45, 2, 0.2, 0.9, 0, noise=0.1), (1e9, 1e10), 100_000),
    ),
    laws.LEAST_ERROR_OF_MANY_DIRECTIONS.name: (
        (_family(1.5, 0.6, 2, 0.1, 1.4, 0.6, noise=0.05), (6e3, 2.4e4), None),
        (_family(1.7, 0.45, 2, 0.1, 0.7, 0.2, noise=0.1), (1e6, 1e7), None),
    ),
    laws.LEAST_ERROR_OF_EXACT_LABELS.name: (
        (_family(1.5, 0.6, 2, 0.4, 1.6, 0, noise=0), (1e7, 1e8), 100_000),
        (_family(1.7, 0.45, 2, 0.2, 0.9, 0, noise=0), (1e9, 1e10), 100_000),
    ),
}
_CLEAN = Demystified(1.5, 1, 1, noise=NOISE, generator_noise=0)
_CLEAN_ROWS, _DIRECTIONS = (1e6, 1e8), 100_000

_LENGTHS = (72, 128)
# A rough truth, which the integral leads, and a smooth one, which the first eigenvalues do.
_LONG = (0.6, 1.3)
_CHAIN = {long_chains.EXPONENT: 3.0, long_chains.ROWS: 1500.0, x.noise: NOISE}
_WIDTHS = (200, 400)
# Sources, and rows.
_PROJECTED: Mapping[str, tuple[tuple[float, ...], int]] = {
    widths.BIAS_OF_A_WIDTH.name: ((0.32, 0.8), 10**7),
    widths.VARIANCE_OF_A_WIDTH.name: ((0.32, 0.8), 10**7),
    widths.BEST_WIDTH_OF_A_ROUGH_TRUTH.name: ((0.32,), 2 * 10**6),
    widths.BEST_WIDTH_OF_A_SMOOTH_TRUTH.name: ((0.8,), 10**8),
}
_SHARE, _SHIFT, _MIXED = 0.1, 0.04, ((2.0, 0.6), (1.4, 0.55))


def the_theorem_at_many_rows(statement: Statement) -> bool:
    """The theorem of generators at up to 10^10 rows and 10^5 directions or more, twice."""
    _, (family, rows, _) = _TERMS[statement.name]
    values = [_value(statement, _letters(family) | {_ROWS: many}) for many in rows]
    expected = _theorem(statement.name)
    return agree(np.array(values), expected, NEAR * expected)


def exponents_of_the_best_penalty_by_search(statement: Statement) -> bool:
    """SciPy's minimum over the penalty of the theorem at two numbers of rows: slopes of penalty and least error."""
    penalty = replace(statement, result=laws.PENALTY)
    each = [_letters(family) for family, _, _ in _TUNED[statement.name]]
    found = [[_value(one, letters) for one in (penalty, statement)] for letters in each]
    return agree(np.array(found), _slopes(statement.name), SLOPE)


def the_best_penalty_by_search(statement: Statement) -> bool:
    """SciPy's minimum over the penalty of the theorem, without generators, at 10^6 and at 10^8 rows."""
    values = [_value(statement, _letters(_CLEAN) | {_ROWS: rows}) for rows in _CLEAN_ROWS]
    return agree(np.array(values), _best_penalties(), NEAR * _best_penalties())


def generations_one_by_one(statement: Statement) -> bool:
    """Least squares below the rank, on 1500 rows, predicted for 128 generations one after another."""
    at = [{long_chains.SOURCE: r, long_chains.GENERATIONS: n} for r in _LONG for n in _LENGTHS]
    values = [_value(statement, _CHAIN | letters) for letters in at]
    expected = _chains()[statement.name]
    return agree(np.array(values), expected, 0.03 * expected)


def narrow_projections(statement: Statement) -> bool:
    """One fit through a random projection, predicted at widths of 200 and 400 and ten million rows."""
    sources, rows = _PROJECTED[statement.name]
    letters = [_width_letters(statement, r) | {x.width: width} for r in sources for width in _WIDTHS]
    part = 0 if statement.name == widths.BIAS_OF_A_WIDTH.name else 1
    expected = np.concatenate([_fits(r, rows, _WIDTHS)[part] for r in sources])
    return agree(np.array([_value(statement, one) for one in letters]), expected, NEAR * expected)


def the_best_width_by_search(statement: Statement) -> bool:
    """Where a parabola through three predicted errors has its minimum, of widths that close in on it."""
    (source,), rows = _PROJECTED[statement.name]
    expected = _best_width(source, rows)
    return agree(_value(statement, _width_letters(statement, source)), expected, 0.02 * expected)


def where_two_parts_of_a_mixture_are_equal(statement: Statement) -> bool:
    """SciPy's root in the rows: what a shift adds, at the best penalty without it, and all the rest of the error."""
    common = {x.noise: NOISE, laws.SHARE: _SHARE, laws.SHIFT: _SHIFT}
    values = [_value(statement, common | {laws.EXPONENT: beta, laws.SOURCE: r}) for beta, r in _MIXED]
    expected = np.array([_start(beta, r) for beta, r in _MIXED])
    return agree(np.array(values), expected, 0.03 * expected)


def _letters(family: Demystified) -> dict[Any, Any]:
    return {
        laws.EXPONENT: family.exponent,
        laws.SOURCE: family.source,
        laws.PENALTY: family.penalty,
        laws.GENERATIONS: family.generations,
        laws.GENERATOR_ROWS: family.generator_rows,
        laws.RATIO: family.generator_ratio,
        laws.NOISE: family.noise,
        laws.GENERATOR_NOISE: family.generator_noise,
    }


def _width_letters(statement: Statement, source: float) -> dict[Any, Any]:
    _, rows = _PROJECTED[statement.name]
    return {widths.EXPONENT: 2.5, widths.SOURCE: source, x.rows: rows, x.noise: NOISE}


def _value(statement: Statement, letters: Mapping[Any, Any]) -> float:
    """By SymPy: zeta, and letters in exponents, are no part of what the library compiles."""
    return float(statement.expanded().subs({letter: sympy.Float(value) for letter, value in letters.items()}).evalf())


@cache
def _theorem(name: str) -> Array:
    part, (family, rows, dimension) = _TERMS[name]
    return np.asarray(getattr(errors_along(family, rows, dimension=dimension), part))


def _tuned(family: Demystified, rows: float, dimension: int | None) -> tuple[float, float]:
    """The penalty of least error, and that error."""

    def error(log_penalty: float) -> float:
        return float(errors_along(family, rows, dimension=dimension, penalty=np.exp(log_penalty)).error)

    start = -0.5 * np.log(rows)
    best = minimize_scalar(error, bracket=(start, start + 0.5), tol=1e-6)
    return float(np.exp(best.x)), float(best.fun)


@cache
def _slopes(name: str) -> Array:
    """One row for each family: of the penalty and of the least error."""
    found = []
    for family, rows, dimension in _TUNED[name]:
        low, high = (np.log(_tuned(family, many, dimension)) for many in rows)
        found.append((low - high) / np.log(rows[1] / rows[0]))
    return np.array(found)


@cache
def _best_penalties() -> Array:
    return np.array([_tuned(_CLEAN, rows, _DIRECTIONS)[0] for rows in _CLEAN_ROWS])


@cache
def _chains() -> Mapping[str, Array]:
    """What every statement on long chains is held against."""
    at, found = [length - 1 for length in _LENGTHS], []
    for source in _LONG:
        population = Population(PowerLaw(30_000, 3.0), SourceCondition(source))
        found.append(predict(replacement(population, _LENGTHS[-1], 1500, NOISE, MinimumNorm())))
    return {
        long_chains.NOISE_FREE_GROWTH.name: np.concatenate([one.bias[at] for one in found]),
        long_chains.NOISE_ACCUMULATION.name: np.concatenate([one.variance[at] for one in found]),
        long_chains.NOISE_GAIN.name: np.concatenate([one.variance[[0, 0]] for one in found]),
    }


@cache
def _fits(source: float, rows: int, several: tuple[int, ...]) -> Array:
    """Bias and variance at widths."""
    population, each = Population(PowerLaw(50_000, 2.5), SourceCondition(source)), []
    for width in several:
        found = predict(replacement(population, 1, rows, NOISE, RandomProjection(width, None)))
        each.append((found.bias[0], found.variance[0]))
    return np.array(each).T


@cache
def _best_width(source: float, rows: int) -> float:
    centre = 300.0
    for factor in (4.0, 2.0, 1.3, 1.1):
        several = tuple(round(centre * change) for change in (1 / factor, 1.0, factor))
        square, slope, _ = np.polyfit(np.log(several), _fits(source, rows, several).sum(axis=0), 2)
        centre = float(np.clip(np.exp(-slope / (2 * square)), several[0], several[-1]))
    return centre


@cache
def _start(beta: float, r: float) -> float:
    dimension = 30_000
    spectrum = PowerLaw(dimension, beta)
    delta = np.arange(1.0, dimension + 1) ** -2
    offset = Shifted(GaussianTarget(_SHIFT**2 * delta / delta.sum() / spectrum.eigenvalues()))
    sources = Source(9, NOISE), Source(1, NOISE, offset)
    chain = Chain(Population(spectrum, SourceCondition(r)), (Generation(sources, Ridge(0.1)),))
    clean = optimal_penalty(Demystified(beta, r, 1, noise=NOISE, generator_noise=0))

    def gap(log_rows: float) -> float:
        rows = float(np.exp(log_rows))
        found = collapse_over(chain, rows=rows, penalty=clean.penalty_at(rows), synthetic_share=_SHARE)
        return float(found.error - 2 * found.collapse)

    return float(np.exp(brentq(gap, np.log(1e3), np.log(1e9), xtol=1e-6)))


SCALING_CHECKS = (
    Check.of(the_theorem_at_many_rows, *laws.TERMS),
    Check.of(exponents_of_the_best_penalty_by_search, *laws.LEAST_ERRORS),
    Check.of(the_best_penalty_by_search, laws.BEST_PENALTY_AT_SOURCE_ONE),
    Check.of(generations_one_by_one, *long_chains.STATEMENTS),
    Check.of(narrow_projections, widths.BIAS_OF_A_WIDTH, widths.VARIANCE_OF_A_WIDTH),
    Check.of(the_best_width_by_search, widths.BEST_WIDTH_OF_A_ROUGH_TRUTH, widths.BEST_WIDTH_OF_A_SMOOTH_TRUTH),
    Check.of(where_two_parts_of_a_mixture_are_equal, laws.START_OF_THE_PLATEAU),
)

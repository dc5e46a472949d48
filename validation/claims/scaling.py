"""Claims of the paper on model collapse about power laws: rates that are kept, and those that are lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from scipy.optimize import minimize_scalar

from ...theory.asymptotics import Demystified, scaling_law
from ...theory.evaluation.law_errors import LawErrors, errors_along
from ..figures.scaling import plot_scaling_law
from .claim import Claim, Evidence

ErrorsAlong: TypeAlias = Callable[..., LawErrors]
SAME = 0.01  # of exponents
_FEW: dict[str, Any] = {"dimension": 100_000}
_ROWS = np.array([1e7, 1e8])
# beta = 1.5, r = 1/2: clean labels have the best penalty T^(-.6), which leaves an error T^(-.6).
_CLEAN = Demystified(1.5, 0.5, 0.6, 0, 1.5, generator_noise=0)


def enough_generator_rows_keep_the_rate(formula: ErrorsAlong) -> Evidence:
    """The penalty tuned: the error's exponent is that of clean labels for b - a >= 1, and (b - a) of it below.

    Args:
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are exponents by b - a.
    """
    clean = _tuned_slope(_CLEAN, formula)
    numbers = {"clean labels": clean}
    holds = True
    for surplus in (1.2, 1.0, 0.8, 0.6):
        slope = _tuned_slope(replace(_CLEAN, generations=1.5 - surplus, generator_noise=1), formula)
        holds &= abs(slope - min(surplus, 1) * clean) < SAME
        numbers[f"b - a = {surplus:g}"] = slope
    return Evidence(bool(holds), numbers, _picture(replace(_CLEAN, generations=0.7, generator_noise=1)))


def the_clean_penalty_loses_more(formula: ErrorsAlong) -> Evidence:
    """The best penalty of clean labels kept: the collapse term falls like T^(-(b - a - 2/5)), and grows from there on.

    Args:
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are exponents of the collapse term by b - a, and one of a tuned error.
    """
    numbers, holds = dict[str, float](), True
    for surplus in (0.8, 0.6, 0.4, 0.2):
        family = replace(_CLEAN, generations=1.5 - surplus, generator_noise=1)
        slope = _slope(formula(family, _ROWS, **_FEW).collapse)
        holds &= abs(slope - (surplus - 0.4)) < SAME
        numbers[f"b - a = {surplus:g}"] = slope
    tuned = _tuned_slope(replace(_CLEAN, generations=0.9, generator_noise=1), formula)
    holds &= tuned > numbers["b - a = 0.6"] + 10 * SAME
    return Evidence(bool(holds), {**numbers, "b - a = 0.6, tuned": tuned}, _picture(replace(_CLEAN, generations=0.9)))


def more_generator_rows_than_rows_are_wasted(formula: ErrorsAlong) -> Evidence:
    """T_0 = T^b with d = T_0/2: from b = 1 on the collapse term's exponent stays; with d fixed it goes on growing.

    Args:
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are exponents of the collapse term by b.
    """
    numbers, exponents = dict[str, float](), (0.8, 1.0, 1.5)
    rows = np.array([5e3, 1e4])
    for b in exponents:
        family = replace(_CLEAN, generator_rows=b, generator_noise=1)
        numbers[f"d = T_0/2, b = {b:g}"] = _slope(formula(replace(family, generator_ratio=0.5), rows).collapse, rows)
        if b >= 1:
            numbers[f"d fixed, b = {b:g}"] = _slope(formula(family, _ROWS, **_FEW).collapse)
    low, first, last = (numbers[f"d = T_0/2, b = {b:g}"] for b in exponents)
    gain = numbers["d fixed, b = 1.5"] - numbers["d fixed, b = 1"]
    holds = first - low > 0.15 and abs(last - first) < 2 * SAME and abs(gain - 0.5) < SAME
    picture = replace(_CLEAN, generator_rows=1.2, generator_ratio=0.5, generator_noise=1)
    draw = partial(plot_scaling_law, scaling_law(picture), np.geomspace(1e3, 1e4, 5))
    return Evidence(bool(holds), numbers, lambda ax: draw(ax=ax))


def _slope(values: Any, rows: Any = _ROWS) -> float:
    """The exponent between two numbers of rows."""
    return float(np.log(values[0] / values[1]) / np.log(rows[1] / rows[0]))


def _tuned_slope(family: Demystified, formula: ErrorsAlong) -> float:
    return _slope([_least(family, rows, formula) for rows in _ROWS])


def _least(family: Demystified, rows: float, formula: ErrorsAlong) -> float:
    """The error at the best penalty."""

    def error(log_penalty: float) -> float:
        return float(formula(family, rows, penalty=np.exp(log_penalty), **_FEW).error)

    start = -0.5 * np.log(rows)
    return float(minimize_scalar(error, bracket=(start, start + 0.5), tol=1e-6).fun)


def _picture(family: Demystified) -> Callable[[Any], Any]:
    draw = partial(plot_scaling_law, scaling_law(family), np.geomspace(1e7, 1e8, 4), **_FEW)
    return lambda ax: draw(ax=ax)


_POWERS = "beta = 1.5, r = 1/2, 10^5 directions, 10^7 and 10^8 rows, generators on T^1.5 rows, b - a ="
SCALING_CLAIMS: tuple[Claim[ErrorsAlong], ...] = (
    Claim(
        "enough generator rows keep the clean rate",
        "With the penalty tuned, chains of T^a generators on T^b rows keep the rate of clean labels if and only if "
        "b - a >= 1, as long as directions are few; below, they keep the share b - a of its exponent.",
        f"{_POWERS} 0.6, 0.8, 1, 1.2",
        enough_generator_rows_keep_the_rate,
        errors_along,
    ),
    Claim(
        "the clean penalty loses more than need be",
        "With the best penalty of clean labels the collapse term falls like T^(-(b - a - 1/(2 r beta + 1))), slower "
        "than with a tuned one, and does not fall at all for b - a <= 1/(2 r beta + 1).",
        f"{_POWERS} 0.2, 0.4, 0.6, 0.8",
        the_clean_penalty_loses_more,
        errors_along,
    ),
    Claim(
        "generator rows beyond the last fit's are wasted",
        "Where the directions are a fixed share of the generators' rows, generator rows that grow faster than the rows "
        "of the last fit bring nothing; where directions are few they do.",
        "beta = 1.5, r = 1/2, T^b generator rows, b = 0.8, 1, 1.5: d = T_0/2 at 5000 and 10^4 rows, or 10^5 directions",
        more_generator_rows_than_rows_are_wasted,
        errors_along,
    ),
)

r"""Least squares on covariates that are refitted in every generation: exact at finite size, for any covariance.

With equal generations and plain maximum likelihood (c = 1) the rules of theory/rules/refitted_covariates.py give
a_g = (n/M)^{g-1}, M = n - r - 1, and as n/M - 1 = (r + 1)/M

    E_N = sigma^2 (r/M) sum_{i<N} (n/M)^i = sigma^2 r/(r + 1) [(n/M)^N - 1]:

where fresh covariates make the error grow by the same amount in every generation, refitted ones multiply it.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.refitted_covariates import (
    ERROR_ON_REFITTED_COVARIATES,
    INFLATION,
    INVERSE_OF_A_REFITTED_COVARIANCE,
    RESCALE,
)
from ..rules.statement import Statement

GENERATIONS = sympy.Symbol("N", integer=True, positive=True)
_PLAIN = {RESCALE: 1, x.share: 1}  # maximum likelihood; the model before labels all rows


def _error_of_equal_generations() -> sympy.Expr:
    """The label noise of all generations, each counted n/M times as often as that before it: a geometric series."""
    growth = (INVERSE_OF_A_REFITTED_COVARIANCE.result / INFLATION).subs(_PLAIN)
    once = ERROR_ON_REFITTED_COVARIATES.result.subs(_PLAIN).subs({INFLATION: 1, x.error: 0})
    margin = dict(LEAST_SQUARES.definitions)
    return sympy.factor((once / (growth - 1)).subs(margin)) * (growth**GENERATIONS - 1)


TEST_ERROR_WITH_REFITTED_COVARIATES = Statement(
    "test error of least squares with refitted covariates",
    "Covariates that are generated too turn the linear growth of the error into an exponential one.",
    (
        "every generation is fitted by least squares on rows that the model before labels, all with one noise",
        "the rows of generation 1 are Gaussian, later ones have the fitted covariance X'X/n of the rows before",
        "every generation has the same number of rows, rows >= rank + 2",
    ),
    LEAST_SQUARES.definitions,
    _error_of_equal_generations(),
    Reference((), "derived in theory/statements/refitted_covariates.py"),
    Kind.EXACT,
)

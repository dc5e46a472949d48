"""Named checks of least squares on covariates that are refitted from one generation to the next.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from ...theory.problem import notation as x
from ...theory.rules.refitted_covariates import (
    ERROR_ON_REFITTED_COVARIATES,
    INFLATION,
    INVERSE_OF_A_REFITTED_COVARIANCE,
    REFITTED_COVARIATES,
    RESCALE,
)
from ...theory.rules.statement import Statement
from ...theory.statements.refitted_covariates import TEST_ERROR_WITH_REFITTED_COVARIATES
from ..evaluated import after
from ..named_check import Check, agree
from ..oracles import inverse_wishart_trace
from . import drawn
from .drawn import Size

CHAIN = Size(rank=3, rows=17, noise=0.6, generations=4, replicates=4000)
INFLATED, RESCALED, SHARE, ERROR = 1.9, 1.3, 0.55, 0.83  # a, c, theta and E of the generation before


def inverse_wishart_means_one_after_another(statement: Statement) -> bool:
    """One generation, or all of them in a loop, from the inverse Wishart mean of SciPy."""
    trace = inverse_wishart_trace(CHAIN.rows, CHAIN.rank)
    growth = CHAIN.rows * trace / CHAIN.rank
    generations = sum(growth**g for g in range(CHAIN.generations))
    reference = {
        INVERSE_OF_A_REFITTED_COVARIANCE.name: INFLATED * growth / RESCALED,
        ERROR_ON_REFITTED_COVARIATES.name: SHARE**2 * ERROR + INFLATED * CHAIN.noise**2 * trace,
        TEST_ERROR_WITH_REFITTED_COVARIATES.name: CHAIN.noise**2 * trace * generations,
    }
    return agree(_value(statement), reference[statement.name])


def regressions_on_refitted_rows(statement: Statement) -> bool:
    """Chains drawn and solved with NumPy: the mean lies within six standard errors."""
    (mean, error), _ = drawn.with_refitted_covariates(CHAIN)
    return agree(_value(statement), mean, 6 * error)


def _value(statement: Statement) -> float:
    given = {x.rows: float(CHAIN.rows), x.rank: float(CHAIN.rank), x.noise: CHAIN.noise, x.share: SHARE, x.error: ERROR}
    return after(CHAIN.generations, statement, given | {INFLATION: INFLATED, RESCALE: RESCALED})


REFITTED_COVARIATES_CHECKS = (
    Check.of(inverse_wishart_means_one_after_another, *REFITTED_COVARIATES, TEST_ERROR_WITH_REFITTED_COVARIATES),
    Check.of(regressions_on_refitted_rows, TEST_ERROR_WITH_REFITTED_COVARIATES),
)

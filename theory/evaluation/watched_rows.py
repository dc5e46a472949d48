"""What a chain's own rows show: training residuals, and the covariance that is fitted to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..chains.family import Reading
from ..chains.hypotheses import require
from ..chains.reading import Step
from ..chains.refitted_covariates import RefittedCovariates
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.covariates import Fresh
from ..rules.least_squares import LEAST_SQUARES
from ..rules.refitted_covariates import RESCALE
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from ..statements.monitors import (
    FIRST_TRACE,
    GENERATIONS,
    IN_SAMPLE_RESIDUAL,
    LOG_DETERMINANT,
    TRACE,
    TRAINING_RESIDUAL_OF_RIDGE,
)
from .exchangeable import NO_SPECTRUM
from .inputs import as_array
from .lowering import Nodes, evaluate, run
from .model_moments import full_spectrum
from .monitor_signal import number
from .straight_line import blended, fit_values, start, states


def in_sample_residuals(chain: Chain, reading: Reading) -> tuple[list[Any], list[Statement], float]:
    """Mean residual variance of every fit (RSS/(n - r) of least squares, RSS/n of ridge regression) and its statement.

    And what scatters in generation 1, n - r residuals of least squares; NaN for ridge regression.

    Raises:
        NoTheorem: where several models label the rows of a fit, or it is of another kind.
    """
    rank, nodes = chain.population.spectrum.rank(), full_spectrum(chain.population)
    if isinstance(reading, RefittedCovariates):
        require(all(rows > rank for rows in chain.rows), "residuals are left over (rows > rank)")
        least = [_left_over(step.rows, rank, step.noise_squared) for step in reading.steps]
        return least, [IN_SAMPLE_RESIDUAL] * len(least), float(reading.steps[0].rows - rank)
    plain = isinstance(reading, tuple) and all(step.rule in (LEAST_SQUARES, RESOLVENT) for step in reading)
    require(plain, "every fit is least squares or ridge regression on rows of its own")
    assert isinstance(reading, tuple)
    one = not any(step.labelling.several for step in reading)
    require(one, "one model, or one blend with the truth, labels all rows of a fit")
    before = [start(nodes), *(state for state, _ in states(reading[:-1], nodes, rank))]
    values, statements = [], []
    for step, state in zip(reading, before, strict=True):
        statement = IN_SAMPLE_RESIDUAL if step.rule is LEAST_SQUARES else TRAINING_RESIDUAL_OF_RIDGE
        require(step.rule is RESOLVENT or step.rows > rank, "residuals are left over (rows > rank)")
        values.append(_residual(statement, step, blended(state, step, nodes), nodes, rank))
        statements.append(statement)
    return values, statements, float(reading[0].rows - rank) if reading[0].rule is LEAST_SQUARES else np.nan


def log_determinants(chain: Chain, reading: Reading) -> list[Any]:
    """Mean log det of the covariance fitted to the new rows of every generation, less that of the population.

    Raises:
        NoTheorem: where new rows are not fresh, nor drawn after those of one earlier generation, or too few.
    """
    rank, found = chain.population.spectrum.rank(), list[Any]()
    once, twice = (replace(LOG_DETERMINANT, result=LOG_DETERMINANT.result.subs(GENERATIONS, g)) for g in (1, 2))
    alone, next_to = with_rank(once, rank), with_rank(twice, rank)
    for rows, older, rescale in _descent(chain, reading):
        require(rows >= rank, "at least as many rows as the rank (else the determinant vanishes)")
        given = {x.rows: float(rows), RESCALE: rescale}
        own = number(alone, given)
        found.append(found[older - 1] + number(next_to, given) - own if older else own)
    return found


def traces(chain: Chain, reading: Reading) -> list[Any]:
    """Mean trace of the same covariance, over that of the population.

    Raises:
        NoTheorem: as for `log_determinants`.
    """
    found = [as_array(1.0)]  # of the population, before generation 1
    next_to = replace(TRACE, result=TRACE.result.subs(GENERATIONS, 2))
    for _, older, rescale in _descent(chain, reading):
        found.append(number(next_to, {RESCALE: rescale, FIRST_TRACE: found[older]}))
    return found[1:]


def with_rank(statement: Statement, rank: int) -> Statement:
    """A statement with sums over the directions carried out."""
    return replace(statement, result=statement.result.subs(x.rank, rank).doit())


def _left_over(rows: Any, rank: Any, noise_squared: Any) -> Any:
    """What is expected of least squares."""
    given = {x.rows: as_array(float(rows)), x.rank: as_array(float(rank)), x.noise: as_array(noise_squared) ** 0.5}
    return evaluate(IN_SAMPLE_RESIDUAL.result, run(IN_SAMPLE_RESIDUAL.definitions, given, NO_SPECTRUM), NO_SPECTRUM)


def _residual(statement: Statement, step: Step, labeller: Any, nodes: Nodes, rank: int) -> Any:
    known = fit_values(step, nodes, rank) | labeller
    known |= {x.noise: as_array(step.noise_squared) ** 0.5}
    return evaluate(statement.result, run(statement.definitions, known, nodes), nodes)


def _descent(chain: Chain, reading: Reading) -> list[tuple[int, int, float]]:
    """New rows of every generation, the number of the one whose covariance they have (0: the population's), and c."""
    if isinstance(reading, RefittedCovariates):
        return [(int(step.rows), step.refitted_to, float(step.rescale)) for step in reading.steps]
    found = []
    for position, step in enumerate(chain.generations, start=1):
        fresh = bool(step.generated) and all(isinstance(source.covariates, Fresh) for source in step.generated)
        require(fresh, f"every generation generates fresh rows (not generation {position})")
        found.append((sum(int(source.rows) for source in step.generated), 0, 1.0))
    return found

"""Least squares on refitted covariates, in numbers: the inflation of the inverse covariance, then the error."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..chains.refitted_covariates import RefittedCovariates, RefittedStep
from ..problem import notation as x
from ..problem.chain import Chain
from ..rules.least_squares import LEAST_SQUARES
from ..rules.refitted_covariates import (
    ERROR_ON_REFITTED_COVARIATES,
    INFLATION,
    INVERSE_OF_A_REFITTED_COVARIANCE,
    RESCALE,
)
from .exchangeable import NO_SPECTRUM, exchangeable_outcome
from .inputs import as_array
from .lowering import Nodes, evaluate, run
from .recursion import Outcome

_ERROR = ERROR_ON_REFITTED_COVARIATES.result.subs(x.noise**2, x.noise_squared)


def refitted_covariates_outcome(chain: Chain, reading: RefittedCovariates, injection: Any, nodes: Nodes) -> Outcome:
    """The errors of a chain with refitted covariates (inside `jax.enable_x64(True)`)."""
    rank, fed = float(chain.population.spectrum.rank()), jnp.asarray(injection)
    error, infinite = jnp.zeros(fed.shape[1]), jnp.zeros(fed.shape[1], dtype=bool)
    errors = []
    for g, (step, inflation) in enumerate(zip(reading.steps, _inflations(reading, rank), strict=True)):
        noise, share = fed[g] * as_array(step.noise_squared), as_array(step.share)
        infinite = (infinite & (share > 0)) | (jnp.isinf(inflation) & (noise > 0))
        known = _fit(step, rank) | {x.share: share, x.error: error, INFLATION: _finite(inflation)}
        error = evaluate(_ERROR, known | {x.noise_squared: noise}, NO_SPECTRUM)
        errors.append(jnp.where(infinite, jnp.inf, error))
    return exchangeable_outcome(nodes, rank, jnp.stack(errors), jnp.full(len(chain), jnp.inf))


def _inflations(reading: RefittedCovariates, rank: float) -> list[Any]:
    """a of every generation; infinite where the mean of (X'X)^{-1} is, for too few rows here or further back."""
    found: list[Any] = []
    for step in reading.steps:
        inflation = as_array(1.0)
        if step.refitted_to:
            older = reading.steps[step.refitted_to - 1]
            known = _fit(older, rank) | {INFLATION: found[step.refitted_to - 1], RESCALE: as_array(step.rescale)}
            inflation = evaluate(INVERSE_OF_A_REFITTED_COVARIANCE.result, known, NO_SPECTRUM)
        found.append(jnp.inf * inflation if _is_starved(step, rank) else inflation)
    return found


def _fit(step: RefittedStep, rank: float) -> dict[Any, Any]:
    """What the statements take as given; a margin of 0 is accounted for by the infinite inflation."""
    given = {x.rows: as_array(float(step.rows)), x.rank: as_array(rank)}
    if _is_starved(step, rank):
        return given | {x.wishart_margin: as_array(1.0)}
    return run(LEAST_SQUARES.definitions, given, NO_SPECTRUM)


def _is_starved(step: RefittedStep, rank: float) -> bool:
    """Whether (X'X)^{-1} has an infinite mean."""
    return float(step.rows) <= rank + 1


def _finite(value: Any) -> Any:
    return jnp.where(jnp.isinf(value), 1.0, value)

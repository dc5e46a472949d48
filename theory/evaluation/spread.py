"""The variance over draws of the error of least squares, in numbers."""

from __future__ import annotations

import jax
import numpy as np

from ..chains.reading import read
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.covariates import Fresh
from ..problem.errors import NoTheorem
from ..rules.least_squares import LEAST_SQUARES
from ..statements.least_squares import DRAW_VARIANCE, SPREAD_OVER_DRAWS, SUM_OF_GAINS, SUM_OF_VARIANCES
from .lowering import Nodes, evaluate

_NO_SPECTRUM = Nodes(np.ones(1), np.ones(1), np.ones(1))


def spread_over_draws(chain: Chain) -> Vector:
    """Standard deviation over draws of the excess error after every generation, shape (N,).

    Raises:
        NoTheorem: unless every generation is least squares with rows >= rank and one noise level, labelled by the
            model before it.

    Source: `SPREAD_OVER_DRAWS` in theory/statements/least_squares.py.
    """
    steps = read(chain)
    if any(step.rule is not LEAST_SQUARES for step in steps) or any(step.share != 1.0 for step in steps[1:]):
        raise NoTheorem(
            "every generation is least squares, labelled by the model before it (for the spread over draws)",
            "simulate(chain)",
        )
    if any(not isinstance(s.covariates, Fresh) for generation in chain.generations for s in generation.generated):
        raise NoTheorem("every generation has fresh rows (for the spread over draws)", "simulate(chain)")
    if any(len({source.noise for source in generation.generated}) > 1 for generation in chain.generations):
        raise NoTheorem("every generation has one noise level (for the spread over draws)", "simulate(chain)")
    rank = chain.population.spectrum.rank()
    gains, variances, result = 0.0, 0.0, []
    with jax.enable_x64(True):
        for step in steps:
            variance = float(step.noise_squared)
            if variance > 0 and step.rows < rank + 4:
                gains = variances = np.inf
            elif variance > 0:
                known = {x.rows: float(step.rows), x.rank: float(rank)}
                definitions = dict(LEAST_SQUARES.definitions)
                gains += variance / evaluate(definitions[x.wishart_margin], known, _NO_SPECTRUM)
                one = dict(SPREAD_OVER_DRAWS.definitions)[DRAW_VARIANCE]
                variances += variance**2 * evaluate(one, known, _NO_SPECTRUM)
            total = {x.rank: float(rank), SUM_OF_GAINS: gains, SUM_OF_VARIANCES: variances}
            result.append(evaluate(SPREAD_OVER_DRAWS.result, total, _NO_SPECTRUM))
    deviation: Vector = np.sqrt(np.array(result, dtype=np.float64))
    return deviation

"""The exact law of the error of repeated least squares, drawn without simulating any regression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..theory.problem import (
    Accumulate,
    Chain,
    Forget,
    Fresh,
    Generation,
    Kept,
    LabelledBy,
    MinimumNorm,
    Perturbed,
    Previous,
    SameRows,
    Subsample,
    Truth,
)
from ..theory.problem.labels import labellers
from .measured import Array


@final
@dataclass(frozen=True)
class WalkLaw:
    """Law of |w_g - w_0|^2_Sigma after least squares on T_m >= rank r rows, each model labelling the rows of the next.

    The whitened model error is a random walk with steps sigma_m (X'X)^{-1/2} z, and a Gaussian vector with an
    independent Wishart precision is a multivariate t vector: a step is sigma_m z_m / chi(T_m - r + 1). Given the chi's
    the walk is Gaussian, so
    $$ E_g = V_g \\chi^2_r, \\qquad V_g = \\sum_m \\sigma_m^2 / \\chi^2_{T_m - r + 1} $$
    with all chi-squares independent.

    Source: derived in validation/exact_law.py.

    Attributes:
        rank: r, the number of positive eigenvalues.
        noise: sigma_m > 0 of every noisy step since the truth last labelled.
        freedom: T_m - r + 1 of these steps, each >= 1.
    """

    rank: int
    noise: tuple[float, ...]
    freedom: tuple[int, ...]

    def mean(self) -> float:
        """The expectation r sum sigma_m^2 / (freedom_m - 2), infinite where a freedom is 1 or 2.

        >>> WalkLaw(rank=4, noise=(0.5,), freedom=(6,)).mean()
        0.25
        """
        if min(self.freedom) <= 2:
            return math.inf
        return self.rank * sum(s**2 / (f - 2) for s, f in zip(self.noise, self.freedom, strict=True))

    def draw(self, count: int, generator: np.random.Generator) -> Array:
        """`count` independent draws of the error."""
        variance = np.zeros(count)
        for sigma, freedom in zip(self.noise, self.freedom, strict=True):
            variance += sigma**2 / generator.chisquare(freedom, count)
        return variance * generator.chisquare(self.rank, count)


def law_of(chain: Chain, generation: int) -> WalkLaw | None:
    """The exact law of the error after `generation`, or None where least squares does not lead there all the way.

    Every generation since the truth last labelled must be `MinimumNorm` on fresh rows >= rank, with one labeller and
    one noise.
    """
    rank = chain.population.spectrum.rank()
    noise, freedom = [], []
    for step in ancestry(chain, generation):
        if not isinstance(step.estimator, MinimumNorm) or step.rows < rank or not _is_simple(step):
            return None
        if step.generated[0].noise > 0:
            noise.append(float(step.generated[0].noise))
            freedom.append(int(step.rows) - rank + 1)
    return WalkLaw(rank, tuple(noise), tuple(freedom)) if noise else None


def ancestry(chain: Chain, generation: int) -> tuple[Generation, ...]:
    """The generations that the model after `generation` depends on: all since the truth last labelled every row.

    All generations, where some look further back than to the one before.
    """
    steps = chain.generations[:generation]
    if not all(_looks_one_back(step) for step in steps):
        return steps
    restarts = [m for m, step in enumerate(steps) if all(isinstance(s.labels, Truth) for s in step.generated)]
    return steps[max(restarts, default=0) :]


def distinct_rows(chain: Chain, generation: int) -> int:
    """Rows that enter a fit, those that stand in it several times counted once."""
    step = chain.generations[generation - 1]
    if isinstance(step.memory, Subsample):
        return int(step.memory.rows)
    first = 1 if isinstance(step.memory, Accumulate) else generation
    rows = {}
    for number in range(first, generation + 1):
        for position, source in enumerate(chain.generations[number - 1].sources):
            where: Any = (number, position)
            here: Any = source
            while isinstance(here, Kept) or isinstance(here.covariates, SameRows):
                reference = here if isinstance(here, Kept) else here.covariates
                where = (reference.generation, reference.source)
                here = chain.generations[reference.generation - 1].sources[reference.source]
            rows[where] = int(here.rows)
    return sum(rows.values())


def _looks_one_back(step: Generation) -> bool:
    """Whether a generation depends on the model before it and on nothing older."""
    if step.kept or not isinstance(step.memory, Forget):
        return False
    fresh = all(isinstance(source.covariates, Fresh | Perturbed) for source in step.generated)
    return fresh and not any(isinstance(one, LabelledBy) for s in step.generated for one in labellers(s.labels))


def _is_simple(step: Generation) -> bool:
    """Whether all rows are fresh, with labels of one model and one noise level, and the population's covariance."""
    if not _looks_one_back(step) or any(not isinstance(s.labels, Truth | Previous) for s in step.generated):
        return False
    if any(s.covariance is not None or not isinstance(s.covariates, Fresh) for s in step.generated):
        return False
    return len({(type(source.labels), source.noise, source.weight) for source in step.generated}) == 1

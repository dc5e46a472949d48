"""The exact law of the error of repeated least squares, drawn without simulating any regression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from ..theory.problem import Chain, Generation, MinimumNorm, Truth
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

    Source: derived, as above.

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

    Every generation since the truth last labelled must be `MinimumNorm` on rows >= rank, with one labeller and one
    noise.
    """
    rank = chain.population.spectrum.rank()
    noise, freedom = [], []
    for step in ancestry(chain, generation):
        if not isinstance(step.estimator, MinimumNorm) or step.rows < rank or not _of_one_kind(step):
            return None
        if step.generated[0].noise > 0:
            noise.append(float(step.generated[0].noise))
            freedom.append(int(step.rows) - rank + 1)
    return WalkLaw(rank, tuple(noise), tuple(freedom)) if noise else None


def ancestry(chain: Chain, generation: int) -> tuple[Generation, ...]:
    """The generations that the model after `generation` depends on: all since the truth last labelled every row."""
    steps = chain.generations[:generation]
    restarts = [m for m, step in enumerate(steps) if all(isinstance(s.labels, Truth) for s in step.generated)]
    return steps[max(restarts, default=0) :]


def _of_one_kind(step: Generation) -> bool:
    """Whether all rows carry labels of one model and one noise level."""
    return len({(type(source.labels), source.noise) for source in step.generated}) == 1

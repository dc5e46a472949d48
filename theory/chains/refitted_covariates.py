"""A chain whose covariates are refitted from one generation to the next, read as mathematics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.covariates import Fresh, Refitted
from ..problem.estimator import MinimumNorm
from ..problem.generation import Generation
from .hypotheses import require, require_common_ground, require_forgetful
from .labelling import labelling_of, offsets_of


@final
@dataclass(frozen=True)
class RefittedStep:
    """One generation of least squares.

    Attributes:
        rows: n.
        noise_squared: label noise variance.
        share: of the model before in the labels; the truth has the rest.
        refitted_to: number of the generation whose rows these have the covariance of; 0 for the population's.
        rescale: of that covariance.
    """

    rows: Any
    noise_squared: Any
    share: Any
    refitted_to: int
    rescale: Any


@final
@dataclass(frozen=True, eq=False)
class RefittedCovariates:
    """A chain of least-squares fits with refitted covariates.

    Attributes:
        steps: one for each generation.
    """

    steps: tuple[RefittedStep, ...]


def read_refitted_covariates(chain: Chain) -> RefittedCovariates:
    """Read a chain of least-squares fits on rows that are fresh, or drawn from a Gaussian fitted to earlier ones.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    require_common_ground(chain, (Fresh, Refitted))
    require(not offsets_of(chain), "no shifted truth labels rows, where covariates are refitted")
    rank = chain.population.spectrum.rank()
    return RefittedCovariates(
        tuple(_step(number, step, rank) for number, step in enumerate(chain.generations, start=1))
    )


def _step(number: int, step: Generation, rank: Any) -> RefittedStep:
    require_forgetful(step, number)
    require(
        isinstance(step.estimator, MinimumNorm) and len(step.sources) == 1,
        f"least squares on one source, where covariates are refitted (not in generation {number})",
    )
    source = step.generated[0]
    labelling = labelling_of(number, step, ())
    require(not labelling.disagrees, f"one labeller, where covariates are refitted (generation {number} has a lottery)")
    require(
        checks.is_symbolic(source.rows) or source.rows >= rank,
        f"rows >= rank, where covariates are refitted (generation {number}: {source.rows}, rank {rank})",
    )
    if not isinstance(source.covariates, Refitted):
        return RefittedStep(source.rows, source.noise**2, labelling.previous, 0, 1.0)
    fit = source.covariates
    plain = checks.is_concrete(fit.shrink) and fit.shrink == 0 and fit.rank is None
    require(plain, f"a refitted covariance is rescaled at most (generation {number} shrinks it, or cuts it in rank)")
    return RefittedStep(source.rows, source.noise**2, labelling.previous, fit.generation, fit.rescale)

"""A chain that fits a sample of everything generated so far, read as mathematics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.covariates import Fresh
from ..problem.estimator import MinimumNorm
from ..problem.labels import Previous
from ..problem.memory import Subsample
from .hypotheses import require, require_common_ground

LEAST_RATIO = 50  # rows per direction from which the limit of many rows is given out as a prediction


@final
@dataclass(frozen=True, eq=False)
class Subsamples:
    """A chain of equal generations, each fitted on a sample of everything so far.

    Attributes:
        rows: that a generation generates, and that it fits.
        noise: standard deviation of the label noise.
    """

    rows: Any
    noise: Any


def read_subsamples(chain: Chain) -> Subsamples:
    """Read a chain of least-squares fits, each on as many rows, of all so far, as a generation makes.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    require_common_ground(chain)
    first = chain.generations[0].sources[0]
    for number, step in enumerate(chain.generations, start=1):
        source = step.generated[0] if len(step.sources) == 1 and step.generated else None
        require(
            source is not None and isinstance(source.labels, Previous) and isinstance(source.covariates, Fresh),
            f"one source of fresh rows, labelled by the model before (not in generation {number})",
        )
        require(
            isinstance(step.memory, Subsample) and isinstance(step.estimator, MinimumNorm),
            f"every generation fits a sample by least squares (not generation {number})",
        )
        assert source is not None
        equal = source == first and isinstance(step.memory, Subsample) and step.memory.rows == source.rows
        require(equal, f"all generations and samples have the same rows and noise (not generation {number})")
    rank, rows = chain.population.spectrum.rank(), chain.generations[0].rows
    require(
        checks.is_symbolic(rows) or rows >= LEAST_RATIO * rank,
        f"at least {LEAST_RATIO} rows per direction, as only that limit is known ({rows} rows, rank {rank})",
    )
    return Subsamples(rows, chain.generations[0].generated[0].noise)

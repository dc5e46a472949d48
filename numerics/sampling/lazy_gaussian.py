"""Gaussian rows of which only what a solver asks of them is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, assert_never, final

import numpy as np
from numpy.typing import NDArray

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Covariates, Fresh, Perturbed, Refitted, SameRows
from ...theory.problem.errors import SpecificationError
from ..reading.single_rows import single_rows_matter
from .host_vectors import batch_of
from .lazy.plan import Plan, plan
from .lazy.replicate import Replicate

Errors = NDArray[np.float64]

LARGEST_TOLERANCE = 1e-4
COORDINATES = 2**17  # directions of a batch: what is interrupted should end soon
STEPS = 50  # of a fit, where memory is estimated
TEMPORARY = 24  # vectors beside the matrices


@final
@dataclass(frozen=True)
class LazyGaussian:
    """A chain is solved by products with its Gaussian matrices, each of which shows no more than it is asked for.

    What is known of Z after some products are its images ZQ and Z'P on orthonormal Q and P; the rest is a standard
    normal matrix from the orthogonal complements, of which the next product draws one vector (`lazy.matrix`). This is
    exact in law, whatever is asked, so that rows and random features can be used again; the rows themselves are never
    drawn, nor are coordinates on their side. A spectrum of a few levels needs no coordinates on the other side either.

    Cost: of order k^2 d for a fit in k steps (8 to 30 where rows are many or the penalty is not small), whatever the
    number of rows, and of order k^3 for a few levels, whatever d.

    Args:
        tolerance: relative, of the root of each excess error: a fit goes on until its distance to the solution is
            known to be smaller; > 0 and at most 1e-4.

    Raises:
        SpecificationError: for another tolerance.
    """

    tolerance: float = 1e-11
    title: ClassVar[str] = "lazy Gaussian: only what a solver asks of a matrix is drawn"

    def __post_init__(self) -> None:
        tolerance = checks.positive("tolerance", self.tolerance)
        if not checks.is_concrete(tolerance) or tolerance > LARGEST_TOLERANCE:
            raise SpecificationError("tolerance", self.tolerance, f"a number > 0 and <= {LARGEST_TOLERANCE}")
        object.__setattr__(self, "tolerance", tolerance)

    def obstacle(self, chain: Chain) -> str:
        """Why this sampler is not exact for a chain; empty where it is.

        >>> from modelcollapse.theory.problem import *
        >>> step = Generation((Source(9, 0.1),), Ridge(0.1), memory=Subsample(5))
        >>> LAZY_GAUSSIAN.obstacle(Chain(Population(Isotropic(4), UniformTarget()), (step,)))
        'a subsample picks single rows'
        """
        return single_rows_matter(chain, _changes_rows, "covariates are changed row by row, or refitted")

    def work(self, chain: Chain, seed: int) -> LazyWork:
        """What one batch of replicates after another is made of.

        Args:
            chain: with numbers in all its fields.
            seed: from 0 to 2^63 - 1.

        Raises:
            SpecificationError: for symbols, and where there is an `obstacle`.
            TooLarge: when a replicate does not fit into memory.

        >>> from modelcollapse.theory.problem import *
        >>> chain = replace(Population(Isotropic(10**8), UniformTarget()), 2, rows=2 * 10**8, noise=0.0)
        >>> LAZY_GAUSSIAN.work(chain.with_(estimator=MinimumNorm()), seed=0).batch(0, 1).tolist()
        [[0.0, 0.0]]
        """
        obstacle = self.obstacle(chain)
        if obstacle:
            raise SpecificationError("sampler", self, f"another one, as {obstacle}")
        read = plan(chain)
        _require_memory(read)
        return LazyWork(read, seed, self.tolerance)


LAZY_GAUSSIAN = LazyGaussian()


@final
@dataclass(frozen=True, eq=False)
class LazyWork:
    """The work of a simulation, one batch of replicates at a time; NumPy only, so that it can be sent to processes."""

    plan: Plan
    seed: int
    tolerance: float

    @property
    def size(self) -> int:
        """Replicates in a batch."""
        return batch_of(self.plan.ground.coordinates, COORDINATES)

    def batch(self, first: int, wanted: int) -> Errors:
        """Excess errors of replicates first, ..., first + wanted - 1, shape (wanted, generations).

        Raises:
            NotCertified: naming the replicate and the generation, when a fit is not known to the tolerance.
        """
        numbers = range(first, first + wanted)
        return np.array([Replicate(self.plan, self.seed, number, self.tolerance).errors() for number in numbers])


def _changes_rows(covariates: Covariates) -> bool:
    match covariates:
        case Fresh() | SameRows():
            return False
        case Refitted() | Perturbed():
            return True
        case _:
            assert_never(covariates)


def _require_memory(read: Plan) -> None:
    """Refuse a chain whose matrices, while they are looked at, show more vectors than fit into memory."""
    uses: dict[tuple[int, int], int] = {}
    most = 0
    for step in read.steps:
        for part in step.read:
            uses[part.root] = uses.get(part.root, 0) + 1
        most = max(most, sum(uses.values()))
        for root in step.last_of:
            uses.pop(root, None)
    vectors = (2 * most + 1) * min(STEPS, read.ground.count) + TEMPORARY
    checks.require_memory("dimension", read.ground.coordinates, 8.0 * vectors)

r"""A chain that keeps one random projection for ever, read as mathematics.

Let v = Sigma^{1/2} w in units of error, A = Sigma^{1/2} S' and W = A A' (theory/rules/projection.py). On rows x =
Sigma^{1/2} g with labels g'v, ridge regression on S x fits

    Sigma^{1/2} S' (S X'X S'/n + lambda)^{-1} S X'X w/n = (W G + lambda)^{-1} W G v,        G = the mean of g g':

what ridge regression on rows of covariance W fits to a truth v. So given S every generation is a ridge fit on the
spectrum of W, whoever labels its rows, and a chain in which S is drawn once is a chain of ridge fits on one random
spectrum: the rules of theory/rules/resolvent.py with W in place of Sigma. Its sums over the spectrum, tr f(W) and
v'f(W)v, are contour integrals of the equivalent (z - W)^{-1} ~ (kappa/z)(Sigma + kappa)^{-1}, kappa (1 - df_1/m) = -z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.estimator import RandomProjection
from ..rules.kind import Kind
from ..rules.resolvent import RESOLVENT
from .hypotheses import require, require_common_ground, require_forgetful, require_fresh, weighed
from .labelling import labelling_of, offsets_of
from .reading import Step, noise_squared, scale_of_penalty


@final
@dataclass(frozen=True, eq=False)
class KeptProjection:
    """A chain with one random projection.

    Attributes:
        width: m.
        steps: the ridge fits that stand for the generations, on the spectrum of W.
    """

    width: Any
    steps: tuple[Step, ...]


def read_kept_projection(chain: Chain) -> KeptProjection:
    """Read a chain of fits on fresh rows under one random projection.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    require_common_ground(chain)
    offsets = offsets_of(chain)
    rank, first = chain.population.spectrum.rank(), chain.generations[0].estimator
    assert isinstance(first, RandomProjection)
    steps: list[Step] = []
    for number, step in enumerate(chain.generations, start=1):
        estimator = step.estimator
        kept = isinstance(estimator, RandomProjection) and (number == 1 or not estimator.redraw)
        require(kept, f"one random projection in all generations (generation {number} has another estimator)")
        assert isinstance(estimator, RandomProjection)
        require_forgetful(step, number)
        require_fresh(step, number)
        rows = sum(source.rows for source in weighed(step))
        narrow = checks.is_symbolic(rows) or rows + 1 < min(estimator.width, rank)
        require(
            estimator.penalty is not None or narrow,
            f"a positive penalty, or fewer rows than width and rank, on a kept projection (generation {number})",
        )
        penalty, scale = estimator.penalty or 0.0, scale_of_penalty(step, number, rows)
        labelling = labelling_of(number, step, offsets)
        own = Step(
            RESOLVENT,
            rows,
            penalty if scale is None else penalty * scale,
            noise_squared(step),
            labelling,
            False,
            Kind.EQUIVALENT,
            width=estimator.width,
        )
        steps.append(own)
    return KeptProjection(first.width, tuple(steps))

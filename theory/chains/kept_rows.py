r"""A chain that keeps the same real rows for ever, read as mathematics.

Least squares on kept real rows (Gram matrix R, error f of the fit to them alone) and t fresh rows X that the model
before labels: (b R + a X'X) e_g = b R f + a X'X e_{g-1} + a X'noise for weights b, a. The distance u = e - f obeys

    (b R + a X'X) u_g = a X'X u_{g-1} + a X'noise:

ridge regression on labels of u_{g-1}, in coordinates R^{1/2} u, where the covariance of the rows is R^{-1} and the
penalty b/(a t). So given the real rows this is a chain of ridge fits on the spectrum of R^{-1}, with sigma_r^2 per
coordinate, that of R^{1/2} f, for the square of its truth; the error of -u as an estimate of f is that of the model as
an estimate of w_0. If the real rows alone are the first generation, u starts from zero, all of that truth lost; if the
first generation also had t fresh real rows, u starts from -f, all of it kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.covariates import Fresh
from ..problem.estimator import MinimumNorm
from ..problem.generation import Generation
from ..problem.labels import Previous, Truth, labellers
from ..problem.memory import Forget
from ..problem.references import origin
from ..problem.source import Kept, Source
from ..rules.kind import Kind
from ..rules.resolvent import RESOLVENT
from .hypotheses import require, require_common_ground
from .labelling import Labelling
from .reading import Step, noise_squared


@final
@dataclass(frozen=True, eq=False)
class KeptRows:
    """A chain with the same real rows in every generation.

    Attributes:
        rows: real rows that are kept.
        noise_squared: variance of their label noise.
        first: rows and label noise variance of the first fit, all labelled by the truth.
        starts_full: whether the first fit saw more rows than the kept ones.
        steps: the ridge fits that stand for generations 1, ..., N, or 2, ..., N where only the kept rows start.
    """

    rows: Any
    noise_squared: Any
    first: tuple[Any, Any]
    starts_full: bool
    steps: tuple[Step, ...]


def read_kept_rows(chain: Chain) -> KeptRows:
    """Read a chain of least-squares fits on kept real rows and fresh synthetic ones.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    require_common_ground(chain)
    kept = next(source for step in chain.generations for source in step.kept)
    real, first = origin(chain.generations, kept), chain.generations[0]
    _require_first(chain, first, kept)
    rank = chain.population.spectrum.rank()
    require(
        checks.is_symbolic(real.rows) or real.rows > rank + 1,
        f"more kept real rows than rank + 1 (there are {real.rows}, the rank is {rank})",
    )
    starts_full = len(first.sources) > 1
    steps = [_step(number, step, kept) for number, step in enumerate(chain.generations[1:], start=2)]
    if starts_full:
        others = [source for position, source in enumerate(first.generated) if position != kept.source]
        steps.insert(0, _ridge(1.0, others))
    return KeptRows(real.rows, real.noise**2, (first.rows, noise_squared(first)), starts_full, tuple(steps))


def _require_first(chain: Chain, first: Generation, kept: Kept) -> None:
    require(kept.generation == 1, f"the kept rows are those of generation 1 (here of generation {kept.generation})")
    weights = [source.weight for source in first.generated]
    plain = all(isinstance(source.covariates, Fresh) for source in first.generated) and isinstance(first.memory, Forget)
    plain = plain and all(weight == weights[0] for weight in weights)
    require(plain, "generation 1 is fitted on its own fresh rows, all of one weight")
    # Every label of generation 1 must be the truth's; the model before it is the truth.
    truthful = all(isinstance(one, Truth | Previous) for source in first.generated for one in labellers(source.labels))
    require(truthful, "the truth labels all rows of generation 1")
    require(
        all(isinstance(step.estimator, MinimumNorm) for step in chain.generations),
        "kept real rows are fitted by least squares in every generation",
    )


def _step(number: int, step: Generation, kept: Kept) -> Step:
    require(isinstance(step.memory, Forget), f"a fit sees its own generation and the kept rows (generation {number})")
    require(step.kept == (kept,), f"every later generation keeps the same real rows once (not generation {number})")
    fresh = all(isinstance(source.covariates, Fresh) for source in step.generated)
    labelled = all(isinstance(source.labels, Previous) for source in step.generated)
    weights = [source.weight for source in step.generated]
    alike = bool(weights) and all(weight == weights[0] for weight in weights)
    require(
        fresh and labelled and alike,
        f"beside the kept rows there are fresh ones of one weight, labelled by the model before (generation {number})",
    )
    return _ridge(kept.weight / weights[0], list(step.generated))


def _ridge(ratio: Any, fresh: list[Source]) -> Step:
    """The ridge fit that stands for a generation: penalty b/(a t) on t rows, for the `ratio` b/a of weights."""
    rows = sum(source.rows for source in fresh)
    noise = sum(source.rows * source.noise**2 for source in fresh) / rows
    return Step(RESOLVENT, rows, ratio / rows, noise, Labelling((1.0,), None, ()), False, Kind.EQUIVALENT)

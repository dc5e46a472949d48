"""A chain read as mathematics, generation by generation: which one-step rule each falls under."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, assert_never, final

import numpy as np

from ..problem import checks
from ..problem.chain import Chain
from ..problem.covariates import Fresh
from ..problem.errors import NoTheorem
from ..problem.estimator import MinimumNorm, RandomProjection, Ridge
from ..problem.generation import Generation
from ..problem.labels import Blend, Labels, Previous, Truth
from ..problem.memory import Accumulate
from ..problem.spectrum import Spectrum
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.one_step import OneStep
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.resolvent import RESOLVENT
from .hypotheses import SIMULATE, common_weight, require, require_common_ground, require_forgetful, same_rows_throughout

RULES = (RESOLVENT, LEAST_SQUARES, RANDOM_SUBSPACE, ACCUMULATED_ROWS, REPEATED_ROWS)


@final
@dataclass(frozen=True)
class Step:
    """One generation as theory sees it.

    Attributes:
        rule: the one-step rule that applies.
        rows: rows that the rule speaks of: those in the fit, counted once.
        penalty: of the objective; 0 for minimum norm.
        noise_squared: label noise variance, averaged over the new rows.
        share: theta, what the model before has in the labels; the truth has the rest.
        infinite_noise: whether label noise has an infinite effect (minimum norm, rows within 1 of the rank).
        kind: what the numbers after this generation are.
        new_rows: rows that this generation generated.
        copies: how many generations, this one included, have labelled the same rows.
    """

    rule: OneStep
    rows: Any
    penalty: Any
    noise_squared: Any
    share: Any
    infinite_noise: bool
    kind: Kind
    new_rows: Any = 1
    copies: int = 1

    @property
    def restarts(self) -> bool:
        """Whether the truth labels all rows, so that earlier generations are forgotten."""
        return isinstance(self.share, float) and self.share == 0.0

    @property
    def blended(self) -> bool:
        """Whether both the truth and the model before have a share in the labels."""
        return not (isinstance(self.share, float) and self.share in (0.0, 1.0))


def read(chain: Chain) -> tuple[Step, ...]:
    """The steps of a chain in which one model, or one blend of truth and model, labels all new rows of a generation.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    require_common_ground(chain)
    rank, isotropic = chain.population.spectrum.rank(), is_isotropic(chain.population.spectrum)
    steps: list[Step] = []
    kind = Kind.EXACT
    known_steps: dict[int, Step] = {}  # equal generations are read once
    for number, generation in enumerate(chain.generations, start=1):
        step = known_steps.get(id(generation))
        if step is None:
            share = _share(number, generation)
            if isinstance(generation.memory, Accumulate) and number > 1:
                step = _accumulated(chain, number, share, rank)
            else:
                step = _forgetful(chain, number, share, rank, isotropic)
                if number > 1:
                    known_steps[id(generation)] = step
        kind = Kind.EXACT if step.restarts else kind
        kind = step.kind if step.kind is Kind.EQUIVALENT else kind
        steps.append(step if step.kind is kind else replace(step, kind=kind))
    return tuple(steps)


def last_restart(steps: tuple[Step, ...]) -> int:
    """Position of the last generation that the truth labels: nothing before it matters after it."""
    return max(index for index, step in enumerate(steps) if step.restarts or index == 0)


def is_isotropic(spectrum: Spectrum) -> bool:
    """Whether the spectrum says, by its `levels`, that all positive eigenvalues are equal."""
    blocks = spectrum.levels()
    if blocks is None:
        return False
    values, _ = blocks
    if len(values) == 1:
        return True
    if not all(checks.is_concrete(value) for value in values):
        return False
    return len({float(value) for value in values if value > 0}) == 1


def noise_squared(generation: Generation) -> Any:
    """Label noise variance averaged over the rows; exact, because rows are exchangeable."""
    noises = [source.noise for source in generation.generated]
    if all(_same(noise, noises[0]) for noise in noises[1:]):
        return noises[0] ** 2
    total = sum(source.rows * source.noise**2 for source in generation.generated)
    return total / generation.rows


def finite_noise(step: Step) -> np.float64 | Any:
    """The noise variance that enters the recursion; infinite effects are accounted for separately."""
    return 0.0 if step.infinite_noise else step.noise_squared


def known(*sizes: Any) -> bool:
    """Whether all sizes are numbers."""
    return not any(checks.is_symbolic(size) for size in sizes)


def _forgetful(chain: Chain, number: int, share: Any, rank: Any, isotropic: bool) -> Step:
    generation = chain.generations[number - 1]
    if number > 1 or not isinstance(generation.memory, Accumulate):
        require_forgetful(generation, number)
    weight = common_weight(generation, number)
    rule, penalty = _rule(generation, weight, rank, isotropic)
    fresh = all(isinstance(source.covariates, Fresh) for source in generation.generated)
    require(
        fresh or (rule is LEAST_SQUARES and len(generation.sources) == 1),
        f"rows are fresh, or fitted by least squares with rows >= rank (generation {number} labels earlier rows)",
    )
    ridgeless = isinstance(generation.estimator, MinimumNorm)
    infinite = ridgeless and known(generation.rows, rank) and abs(generation.rows - rank) <= 1
    return Step(rule, generation.rows, penalty, noise_squared(generation), share, infinite, rule.noise.kind)


def _accumulated(chain: Chain, number: int, share: Any, rank: Any) -> Step:
    """A generation fitted on everything so far; the first one is an ordinary fit."""
    generation = chain.generations[number - 1]
    so_far = chain.generations[:number]
    weights = [common_weight(step, g) for g, step in enumerate(so_far, start=1)]
    require(
        all(_same(weight, weights[0]) for weight in weights),
        f"all stored rows have one weight (they differ between generations up to {number})",
    )
    require(
        all(isinstance(step.memory, Accumulate) and isinstance(step.estimator, MinimumNorm) for step in so_far),
        f"accumulation by least squares in every generation up to {number}",
    )
    require(_is_one(share), f"the model before labels the new rows (in generation {number} the truth has a share)")
    require(
        not known(chain.rows[0], rank) or chain.rows[0] >= rank,
        f"the first generation has at least as many rows as the rank ({chain.rows[0]} < {rank})",
    )
    noise = noise_squared(generation)
    if same_rows_throughout(chain, number):
        rows = chain.rows[0]
        infinite = known(rows, rank) and abs(rows - rank) <= 1
        return Step(REPEATED_ROWS, rows, 0.0, noise, 1.0, infinite, Kind.EXACT, rows, number)
    fresh = all(isinstance(source.covariates, Fresh) for step in so_far for source in step.generated)
    require(fresh, f"accumulated rows are all fresh or all the same (they are mixed up to generation {number})")
    rows = chain.rows[number - 1]
    infinite = known(rows, rank) and abs(rows - rank) <= 1
    return Step(ACCUMULATED_ROWS, rows, 0.0, noise, 1.0, infinite, Kind.EXACT, generation.rows)


def _rule(generation: Generation, weight: Any, rank: Any, isotropic: bool) -> tuple[OneStep, Any]:
    match generation.estimator:
        case Ridge(penalty):
            return RESOLVENT, penalty if _is_one(weight) else penalty / weight  # a common weight scales the objective
        case MinimumNorm():
            return _minimum_norm_rule(generation.rows, rank, isotropic), 0.0
        case RandomProjection():
            raise NoTheorem("the estimator is ridge or minimum norm (a random projection is not read yet)", SIMULATE)
        case _ as never:
            assert_never(never)


def _minimum_norm_rule(rows: Any, rank: Any, isotropic: bool) -> OneStep:
    if not known(rows, rank) or rows >= rank:  # a symbol stands for enough rows; the hypothesis is printed
        return LEAST_SQUARES
    return RANDOM_SUBSPACE if isotropic else RESOLVENT


def share_of_previous(number: int, generation: Generation) -> Any:
    """theta, the share of the model before in all labels of a generation; 0 in the first, where it is the truth.

    None where rows have different labellers, or other ones.
    """
    shares = [label_share(source.labels) for source in generation.generated]
    if not shares or any(share is None for share in shares):
        return None
    if number == 1:
        return 0.0
    return shares[0] if all(_same(share, shares[0]) for share in shares[1:]) else None


def _share(number: int, generation: Generation) -> Any:
    share = share_of_previous(number, generation)
    if share is None:
        raise NoTheorem(
            f"one model, or one blend of the truth and the model before, labels all new rows (in generation {number} "
            "several do)",
            SIMULATE,
        )
    return share


def label_share(labels: Labels) -> Any:
    """The share of the model before in labels that the truth completes, None for other labels.

    >>> from modelcollapse.theory.problem import *
    >>> label_share(Blend(((TRUTH, 0.25), (PREVIOUS, 0.75))))
    0.75
    """
    if isinstance(labels, Truth):
        return 0.0
    if isinstance(labels, Previous):
        return 1.0
    if not isinstance(labels, Blend) or not all(isinstance(part, Truth | Previous) for part, _ in labels.parts):
        return None
    shares = [share for part, share in labels.parts if isinstance(part, Previous)]
    if len(shares) == len(labels.parts):
        return 1.0
    return sum(shares[1:], start=shares[0]) if shares else 0.0


def _same(first: Any, second: Any) -> bool:
    if first is None or second is None or checks.is_tracer(first) or checks.is_tracer(second):
        return first is second
    return bool(first == second)


def _is_one(value: Any) -> bool:
    return isinstance(value, float) and value == 1.0

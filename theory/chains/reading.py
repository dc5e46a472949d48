"""A chain read as mathematics: which one-step rule each generation falls under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never, final

import numpy as np

from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NoTheorem
from ..problem.estimator import MinimumNorm, RandomProjection, Ridge
from ..problem.generation import Generation
from ..problem.labels import Previous, Truth
from ..problem.spectrum import Spectrum
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.one_step import OneStep
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.resolvent import RESOLVENT

_SIMULATE = "simulate(chain), which reads every specification"
RULES = (RESOLVENT, LEAST_SQUARES, RANDOM_SUBSPACE)


@final
@dataclass(frozen=True)
class Step:
    """One generation as theory sees it.

    Attributes:
        rule: the one-step rule that applies.
        rows: rows that enter the fit.
        penalty: of the objective; 0 for minimum norm.
        noise_squared: label noise variance, averaged over the rows.
        restarts: whether the truth labels the rows, so that earlier generations are forgotten.
        infinite_noise: whether label noise has an infinite effect (minimum norm, rows within 1 of the rank).
        kind: what the numbers after this generation are.
    """

    rule: OneStep
    rows: Any
    penalty: Any
    noise_squared: Any
    restarts: bool
    infinite_noise: bool
    kind: Kind


def read(chain: Chain) -> tuple[Step, ...]:
    """The steps of a chain in which every generation is labelled by one model.

    Raises:
        NoTheorem: where sources with different labellers are mixed in one generation.
    """
    rank, isotropic = chain.population.spectrum.rank(), is_isotropic(chain.population.spectrum)
    steps: list[Step] = []
    kind = Kind.EXACT
    for number, generation in enumerate(chain.generations, start=1):
        restarts = _labelled_by_truth(number, generation)
        kind = Kind.EXACT if restarts else kind
        rule, penalty = _rule(generation, rank, isotropic)
        kind = rule.noise.kind if rule.noise.kind is Kind.EQUIVALENT else kind
        ridgeless = isinstance(generation.estimator, MinimumNorm)
        infinite = ridgeless and _known(generation.rows, rank) and abs(generation.rows - rank) <= 1
        steps.append(Step(rule, generation.rows, penalty, noise_squared(generation), restarts, infinite, kind))
    return tuple(steps)


def last_restart(steps: tuple[Step, ...]) -> int:
    """Position of the last generation that the truth labels: nothing before it matters after it."""
    return max(index for index, step in enumerate(steps) if step.restarts)


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
    if len(generation.generated) == 1:
        return generation.generated[0].noise ** 2
    total = sum(source.rows * source.noise**2 for source in generation.generated)
    return total / generation.rows


def _rule(generation: Generation, rank: Any, isotropic: bool) -> tuple[OneStep, Any]:
    match generation.estimator:
        case Ridge(penalty):
            return RESOLVENT, penalty
        case MinimumNorm():
            return _minimum_norm_rule(generation.rows, rank, isotropic), 0.0
        case RandomProjection():
            raise NoTheorem("the estimator is ridge or minimum norm (a random projection is not read yet)", _SIMULATE)
        case _ as never:
            assert_never(never)


def _minimum_norm_rule(rows: Any, rank: Any, isotropic: bool) -> OneStep:
    if not _known(rows, rank) or rows >= rank:  # a symbol stands for enough rows; the hypothesis is printed
        return LEAST_SQUARES
    return RANDOM_SUBSPACE if isotropic else RESOLVENT


def _known(*sizes: Any) -> bool:
    return not any(checks.is_symbolic(size) for size in sizes)


def _labelled_by_truth(number: int, generation: Generation) -> bool:
    labellers = {type(source.labels) for source in generation.generated}
    if labellers == {Truth}:
        return True
    if labellers == {Previous} or number == 1:  # model 0 is the truth
        return number == 1
    raise NoTheorem(
        f"one model labels all rows of a generation (generation {number} mixes real and synthetic rows)",
        _SIMULATE,
    )


def finite_noise(step: Step) -> np.float64 | Any:
    """The noise variance that enters the recursion; infinite effects are accounted for separately."""
    return 0.0 if step.infinite_noise else step.noise_squared

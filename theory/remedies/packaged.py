"""Remedies without a verifier: penalties, real rows, stores."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass, replace
from typing import Any, final

from ..problem import policies
from ..problem.chain import Chain
from ..problem.errors import SpecificationError
from ..problem.estimator import Estimator, MinimumNorm, Ridge
from .budget import Budget, Needs
from .parameter import Count, Magnitude, Parameter
from .remedy import Remedy, require_goods
from .situation import Situation

LEAST_SQUARES = MinimumNorm()
SMALLEST_PENALTY, LARGEST_PENALTY = 1e-7, 1e3  # in units of the largest eigenvalue


@final
@dataclass(frozen=True)
class Replace(Remedy):
    """No remedy: every generation is fitted on rows that the model before labelled.

    Args:
        estimator: of every generation.
    """

    estimator: Estimator = LEAST_SQUARES
    title = "replace"
    needs = Needs()

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`replace` on all synthetic rows."""
        return situation.under(policies.replace, budget.synthetic_rows, self.estimator)


@final
@dataclass(frozen=True)
class WithPenalty(Remedy):
    """Another remedy with one penalty for all generations, optimised together with what is free in that one.

    Args:
        remedy: a dataclass with an `estimator`, least squares or ridge regression, such as `Replace()`,
            `AccumulateRows()` or `VerifyShare()`; ridge regression takes its place.

    Raises:
        SpecificationError: for a remedy without one.

    >>> WithPenalty(AccumulateRows()).title
    'accumulate, one penalty'
    """

    remedy: Remedy

    def __post_init__(self) -> None:
        given = getattr(self.remedy, "estimator", None) if is_dataclass(self.remedy) else None
        if not isinstance(self.remedy, Remedy) or not isinstance(given, MinimumNorm | Ridge):
            allowed = "a remedy that is a dataclass with an `estimator`, least squares or ridge regression"
            raise SpecificationError("remedy", self.remedy, allowed)

    @property
    def title(self) -> str:  # type: ignore[override]
        """That of the other one, and the penalty."""
        return f"{self.remedy.title}, one penalty"

    @property
    def needs(self) -> Needs:  # type: ignore[override]
        """What the other one feeds on."""
        return self.remedy.needs

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """The penalty, after those of the other one."""
        return (*self.remedy.parameters(situation), penalty_of("penalty", situation))

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """That of the other one, by ridge regression."""
        *own, penalty = values
        remedy: Any = self.remedy
        return replace(remedy, estimator=Ridge(penalty)).chain(situation, budget, tuple(own))  # type: ignore[no-any-return]


@final
@dataclass(frozen=True)
class LatePenalty(Remedy):
    """`replace` with one penalty for all generations but the last, which has its own; both are optimised."""

    title = "a penalty, and another in the end"
    needs = Needs()

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """The penalty of the earlier generations, where there are any, and that of the last."""
        last = penalty_of("last penalty", situation)
        return (penalty_of("penalty", situation), last) if situation.generations > 1 else (last,)

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`replace` by ridge regression, two penalties."""
        *earlier, last = map(Ridge, values)
        ridges = [*earlier * (situation.generations - 1), last]
        return situation.under(policies.replace, budget.synthetic_rows, ridges)


@final
@dataclass(frozen=True)
class AccumulateRows(Remedy):
    """Every generation is fitted on all rows so far; each adds the synthetic rows of the budget.

    Args:
        estimator: of every generation.
    """

    estimator: Estimator = LEAST_SQUARES
    title = "accumulate"
    needs = Needs()

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`accumulate`."""
        return situation.under(policies.accumulate, budget.synthetic_rows, self.estimator)


@final
@dataclass(frozen=True)
class SubsampleRows(Remedy):
    """`AccumulateRows` whose fits see as many rows as a generation adds, drawn from all so far.

    Args:
        estimator: of every generation.
    """

    estimator: Estimator = LEAST_SQUARES
    title = "a sample of all rows so far"
    needs = Needs()

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`accumulate_subsample`."""
        return situation.under(policies.accumulate_subsample, budget.synthetic_rows, self.estimator)


@final
@dataclass(frozen=True)
class OnlyReal(Remedy):
    """The fresh real rows of every generation, and no synthetic ones: no collapse, and what mixing must beat.

    Args:
        estimator: of every generation.
    """

    estimator: Estimator = LEAST_SQUARES
    title = "real rows only"
    needs = Needs(real=True, synthetic=False)

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`retain_real` with all rows real."""
        s, rows, noise = situation, budget.real_rows, situation.noise_of_real_rows
        chain = policies.retain_real(
            s.population, s.generations, rows, s.noise, self.estimator, share=1, real_noise=noise
        )
        return s.started(chain)


@final
@dataclass(frozen=True)
class Mix(Remedy):
    """Fresh real rows beside synthetic ones of the same weight, by least squares.

    Args:
        every_row: whether all synthetic rows are used; else their number is optimised, where the budget gives one.
        estimator: of every generation.
    """

    every_row: bool = False
    estimator: Estimator = LEAST_SQUARES
    needs = Needs(real=True)

    @property
    def title(self) -> str:  # type: ignore[override]
        """Whether all rows are used."""
        return "real and all synthetic rows" if self.every_row else "real and synthetic rows"

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """How many of the synthetic rows of a `Budget` are used; what funds buy is used."""
        budget = situation.budget
        if self.every_row or not isinstance(budget, Budget) or not budget.synthetic_rows:
            return ()
        return (Count("synthetic rows", 0, budget.synthetic_rows),)

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`mix`."""
        return mixture(situation, budget, int(values[0]) if values else budget.synthetic_rows, self.estimator)


@final
@dataclass(frozen=True)
class WeightedMix(Remedy):
    """Fresh real rows beside all synthetic ones, whose weight is optimised, and so is the penalty."""

    title = "real and weighted synthetic rows, one penalty"
    needs = Needs(real=True)

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """The penalty, and the weight of a synthetic row, a real one having weight 1."""
        return penalty_of("penalty", situation), Magnitude("weight of synthetic rows", 1e-2, 1e1)

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`mix` with a weight, by ridge regression."""
        penalty, weight = values
        return mixture(situation, budget, budget.synthetic_rows, Ridge(penalty), weight)


@final
@dataclass(frozen=True)
class KeepReal(Remedy):
    """The real rows of one generation, bought once and kept for ever, beside fresh synthetic ones.

    Args:
        estimator: of every generation.
    """

    estimator: Estimator = LEAST_SQUARES
    title = "the same real rows for ever"
    needs = Needs(real=True)

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`retain_real` with the same rows; the first generation sees these alone."""
        s, total = situation, budget.real_rows + budget.synthetic_rows
        chain = policies.retain_real(
            s.population,
            s.generations,
            total,
            s.noise,
            self.estimator,
            share=budget.real_rows / total,
            same_rows=True,
            real_noise=s.noise_of_real_rows,
        )
        return s.started(chain)


def penalty_of(name: str, situation: Situation) -> Magnitude:
    """A penalty, searched around the largest eigenvalue."""
    largest = float(situation.population.spectrum.eigenvalues().max())
    return Magnitude(name, SMALLEST_PENALTY * largest, LARGEST_PENALTY * largest)


def mixture(s: Situation, budget: Budget, synthetic: int, estimator: Estimator, weight: float = 1.0) -> Chain:
    """`mix` of the real rows of the budget with so many synthetic ones."""
    require_goods(budget.real_rows + synthetic > 0, "rows")
    chain = policies.mix(
        s.population,
        s.generations,
        real_rows=budget.real_rows,
        synthetic_rows=synthetic,
        noise=s.noise,
        estimator=estimator,
        synthetic_weight=weight,
        real_noise=s.noise_of_real_rows,
    )
    return s.started(chain)

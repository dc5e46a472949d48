"""The situation in which remedies compete: who trains on what, how noisy it is, and who could judge it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import SpecificationError
from ..problem.population import Population
from ..problem.target import Target
from .budget import Budget, Means


@final
@dataclass(frozen=True)
class Situation:
    """What is given, whatever the remedy.

    Args:
        population: covariates and truth.
        budget: what there is in every generation, a `Budget` or `Funds`.
        generations: N, a whole number >= 1.
        noise: standard deviation of the noise on labels of a model, >= 0.
        real_noise: the same of real labels; None is `noise`.
        verifier: offset of the verifier from the truth; None where there is no verifier.
        initial: offset of model 0 from the truth; None where it is the truth, so that the synthetic rows of the first
            generation carry true labels, at the price of synthetic ones.
        endless: whether the error after infinitely many generations counts, in place of that after N.
    """

    population: Population
    budget: Means
    generations: int
    noise: float
    real_noise: float | None = None
    verifier: Target | None = None
    initial: Target | None = None
    endless: bool = False

    def __post_init__(self) -> None:
        _require("population", self.population, Population, "a Population")
        _require("budget", self.budget, Means, "a Budget or Funds")
        checks.concrete_size("generations", self.generations)
        for name in ("noise", "real_noise"):
            value = getattr(self, name)
            if value is not None or name == "noise":
                _require_number(name, checks.nonnegative(name, value))
        for name in ("verifier", "initial"):
            _require(name, getattr(self, name), Target | None, "a Target: an offset from the truth, or None")
        checks.flag("endless", self.endless)

    @property
    def rank(self) -> int:
        """Number of directions with variance."""
        return int(self.population.spectrum.rank())

    @property
    def noise_of_real_rows(self) -> float:
        """That of real labels."""
        return self.noise if self.real_noise is None else self.real_noise

    def with_(self, **changes: Any) -> Situation:
        """Another situation, with these fields changed."""
        return replace(self, **changes)

    def started(self, chain: Chain) -> Chain:
        """A chain of a policy, begun with this situation's model 0."""
        return chain if self.initial is None else Chain(chain.population, chain.generations, self.initial)

    def under(self, policy: Callable[..., Chain], rows: int, estimator: Any) -> Chain:
        """The chain of a policy that labels so many rows in every generation.

        Args:
            policy: `replace`, `accumulate` or `accumulate_subsample`.
            rows: of every generation.
            estimator: of every generation, or one for each.
        """
        return self.started(policy(self.population, self.generations, rows, self.noise, estimator))

    def require_verifier(self) -> Target:
        """The verifier.

        Raises:
            SpecificationError: where there is none.
        """
        if self.verifier is None:
            raise SpecificationError("verifier", None, "a Target, for remedies that verify: its offset from the truth")
        return self.verifier


def judged_rows(budget: Budget) -> int:
    """How many synthetic rows can be judged; those beyond the calls are left out."""
    return min(budget.synthetic_rows, budget.verifier_calls)


def squared_error(offset: Target, population: Population) -> float:
    """E o'Sigma o of an offset from the truth.

    >>> from modelcollapse.theory.problem import Coefficients, Isotropic, UniformTarget
    >>> squared_error(Coefficients([3.0, 4.0]), Population(Isotropic(2, scale=2.0), UniformTarget()))
    50.0
    """
    spectrum = population.spectrum
    return float((spectrum.eigenvalues() * offset.second_moments(spectrum)).sum())


def _require(field: str, value: Any, kind: Any, allowed: str) -> None:
    if not isinstance(value, kind):
        raise SpecificationError(field, value, allowed)


def _require_number(field: str, value: Any) -> None:
    if not checks.is_number(value):
        raise SpecificationError(field, value, "a number >= 0")

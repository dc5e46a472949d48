"""What a remedy is: a recipe for a chain, with parameters that are left to be optimised."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..problem.chain import Chain
from ..problem.errors import NoTheorem, SpecificationError
from .budget import Budget, Needs
from .parameter import Parameter
from .situation import Situation


class Remedy(ABC):
    """An open family: a frozen dataclass that says what it feeds on, what is free in it, and the chain it makes.

    Attributes:
        title: in words; unique among the remedies that are compared.
        needs: what it feeds on.

    A remedy of one's own is a subclass with `title`, `needs`, and `chain`; with `parameters` where something is free:

    >>> from dataclasses import dataclass
    >>> from modelcollapse.theory.problem import *
    >>> @dataclass(frozen=True)
    ... class Rephrase(Remedy):
    ...     title = "rephrased labels"
    ...     needs = Needs(real=True, synthetic=False)
    ...     def parameters(self, situation):
    ...         return (Share("share of the model in a label"),)
    ...     def chain(self, situation, budget, values):
    ...         return rephrase(situation.population, situation.generations, budget.real_rows, situation.noise,
    ...                         MinimumNorm(), synthetic_share=values[0])
    >>> from modelcollapse.theory.remedies import Budget, Share, best_policy
    >>> population = Population(Isotropic(4), UniformTarget())
    >>> study = best_policy(population, Budget(real_rows=9), 1, [Rephrase()], noise=1.0)
    >>> round(study.best.values[0], 3), round(study.best.error, 6)  # all noise of a label is that of its real part
    (1.0, 0.0)
    """

    title: str
    needs: Needs

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """What is free; nothing unless a subclass says otherwise."""
        return ()

    @abstractmethod
    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """The chain of this remedy.

        Args:
            situation: what is given.
            budget: the goods of every generation, all that `needs` names among them.
            values: one for each of the `parameters`, in their order.

        Raises:
            NoTheorem: where the goods do not suffice for it.
        """


def require_goods(enough: bool, what: str) -> None:
    """Refuse a budget on which a remedy cannot feed."""
    if not enough:
        raise NoTheorem(f"the budget has {what}", "another remedy, or a larger budget")


def require_needs(remedy: Remedy, situation: Situation, budget: Budget) -> None:
    """Refuse a budget, or a situation, without what a remedy feeds on.

    Raises:
        NoTheorem: naming what is missing.
    """
    needs = remedy.needs
    require_goods(not needs.real or budget.real_rows > 0, "real rows")
    require_goods(not needs.synthetic or budget.synthetic_rows > 0, "synthetic rows")
    require_goods(not needs.verifier or budget.verifier_calls > 0, "verifier calls")
    if needs.verifier:
        situation.require_verifier()


def require_remedies(remedies: object) -> tuple[Remedy, ...]:
    """At least one remedy, with different titles.

    Raises:
        SpecificationError: for anything else.
    """
    allowed = "at least one Remedy, with different titles"
    if not isinstance(remedies, Sequence) or not remedies or not all(isinstance(one, Remedy) for one in remedies):
        raise SpecificationError("remedies", remedies, allowed)
    titles = [one.title for one in remedies]
    if len(set(titles)) < len(titles):
        raise SpecificationError("remedies", titles, allowed)
    return tuple(remedies)

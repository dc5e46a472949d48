"""The best policy at a budget: every remedy at its best parameters, ranked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np

from ..evaluation.prediction import predict
from ..problem.chain import Chain
from ..problem.errors import NotCertified, NoTheorem, NothingKept, SpecificationError
from ..problem.labels import Truth
from ..problem.memory import Forget
from ..problem.population import Population
from ..problem.target import Target
from ..results.labelled import LABEL_UNITS, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..rules.bibliography import Reference, cite
from .budget import Budget, Expense, Means, Needs, expense_of
from .packaged import (
    AccumulateRows,
    KeepReal,
    LatePenalty,
    Mix,
    OnlyReal,
    PenalisedMix,
    Replace,
    SharedPenalty,
    WeightedMix,
)
from .parameter import Parameter
from .remedy import Remedy, require_needs
from .search import THOROUGH, Certificate, Effort, least
from .situation import Situation
from .verifying import PenalisedVerify, VerifiedMix, VerifyShare

Refusal = (NoTheorem, NothingKept, NotCertified)


class Policy(NamedTuple):
    """A remedy at its best parameters.

    Attributes:
        title: of the remedy.
        error: what counts: the excess error after the last generation, or after infinitely many.
        by_generation: (N,) the excess error after each generation.
        names: of its parameters.
        values: of these.
        chain: the chain itself.
        expense: what it uses up over all generations.
        cost: that at the budget's prices.
        certificate: of the optimum.
        sources: of the statements behind the errors.
    """

    title: str
    error: float
    by_generation: Any
    names: tuple[str, ...]
    values: tuple[float, ...]
    chain: Chain
    expense: Expense
    cost: float
    certificate: Certificate
    sources: tuple[Reference, ...]


@final
@dataclass(frozen=True, eq=False, repr=False)
class PolicyStudy(Tabled):
    """What every remedy reaches at a budget, the best one first.

    Attributes:
        situation: in which they compete.
        policies: in the order of their errors.
        refused: title -> why a remedy has no number here.
    """

    situation: Situation
    policies: tuple[Policy, ...]
    refused: dict[str, str]

    @property
    def best(self) -> Policy:
        """The winner."""
        return self.policies[0]

    @property
    def gap(self) -> float:
        """By what part the second best error exceeds the best; infinite where there is no second."""
        if len(self.policies) < 2:
            return math.inf
        second, first = self.policies[1].error, self.best.error
        return second / first - 1 if first > 0 else (math.inf if second > 0 else 0.0)

    def __getitem__(self, title: str) -> Policy:
        """The policy of a remedy, by its title.

        Raises:
            SpecificationError: for a title without a number here.
        """
        for policy in self.policies:
            if policy.title == title:
                return policy
        raise SpecificationError("title", title, f"one of {', '.join(one.title for one in self.policies)}")

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "PolicyStudy",
            "generations": self.situation.generations,
            "endless": self.situation.endless,
            "best": self.best.title,
            "gap": plain(self.gap),
            "policies": [
                {
                    "title": one.title,
                    "error": plain(one.error),
                    "by_generation": plain(one.by_generation),
                    "parameters": dict(zip(one.names, map(plain, one.values), strict=True)),
                    **one.expense._asdict(),
                    "cost": plain(one.cost),
                    "optimum_holds": one.certificate.holds,
                    "at_an_end": one.certificate.at_an_end,
                }
                for one in self.policies
            ],
            "refused": dict(self.refused),
        }

    def labelled(self) -> Labelled:
        """One row for each remedy and generation."""
        count = self.situation.generations
        titles = [one.title for one in self.policies]
        columns = {
            "error": Column([one.by_generation for one in self.policies], LABEL_UNITS),
            "cost": Column([[one.cost] * count for one in self.policies], "budget's unit"),
            "optimum": Column([[one.certificate.holds] * count for one in self.policies]),
        }
        parameters = {one.title: dict(zip(one.names, one.values, strict=True)) for one in self.policies}
        about = {"parameters": parameters, "refused": dict(self.refused)}
        return Labelled({"remedy": titles, "generation": range(1, count + 1)}, columns, about)

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the statements used."""
        return cite([source for one in self.policies for source in one.sources])

    _head = ("remedy", "error", "cost", "parameters", "optimum")
    _details_title = "without a number"

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                one.title,
                f"{one.error:.5g}",
                f"{one.cost:.5g}",
                ", ".join(f"{name} {value:.4g}" for name, value in zip(one.names, one.values, strict=True)) or "-",
                "yes" if one.certificate.holds else "no",
            )
            for one in self.policies
        ]

    def _notes(self) -> list[str]:
        return [f"{title}: {why}" for title, why in self.refused.items()]


def best_policy(
    population: Population,
    budget: Means,
    generations: int,
    remedies: Sequence[Remedy] | None = None,
    *,
    noise: float,
    real_noise: float | None = None,
    verifier: Target | None = None,
    initial: Target | None = None,
    endless: bool = False,
    effort: Effort = THOROUGH,
) -> PolicyStudy:
    """Every remedy at its best parameters, at the same budget: which one leaves the least error, and at what cost.

    $$ \\min_{remedy} \\min_{parameters} E_N \\quad (N \\to \\infty \\text{ where endless}) $$

    Args:
        population: covariates and truth.
        budget: what there is in every generation: a `Budget` of each good, or `Funds` that buy them.
        generations: N, a whole number >= 1.
        remedies: with different titles; None takes all packaged ones that the budget feeds.
        noise: standard deviation of the noise on labels of a model, >= 0.
        real_noise: the same of real labels; None is `noise`.
        verifier: offset of the verifier from the truth, where there is one.
        initial: offset of model 0 from the truth; None where the first generation has true labels.
        endless: whether the error after infinitely many generations like the last counts.
        effort: how thoroughly parameters are searched.

    Returns:
        A `PolicyStudy`, the best remedy first. A remedy without a number is in `refused`, with the reason; parameters
        without one count as infinite errors.

    Raises:
        NoTheorem: where no remedy has a finite error.
        SpecificationError: for impossible values, and for a budget that cannot feed one generation.

    Source: `predict`, remedy by remedy.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(10), UniformTarget())
    >>> study = best_policy(population, Budget(synthetic_rows=31), 2, [Replace(), AccumulateRows()], noise=2.0)
    >>> study.best.title, study["replace"].by_generation  # 4 * 10 / (31 - 10 - 1) for each generation
    ('accumulate', array([2., 4.]))
    """
    situation = Situation(population, budget, generations, noise, real_noise, verifier, initial, endless)
    return study_of(situation, remedies, effort)


def study_of(situation: Situation, remedies: Sequence[Remedy] | None = None, effort: Effort = THOROUGH) -> PolicyStudy:
    """`best_policy` in a situation."""
    chosen = packaged_remedies(situation) if remedies is None else require_remedies(remedies)
    found: list[Policy] = []
    refused: dict[str, str] = {}
    for remedy in chosen:
        policy, why = optimised(remedy, situation, effort)
        if policy is None:
            refused[remedy.title] = why
        else:
            found.append(policy)
    if not found:
        reasons = "; ".join(f"{title}: {why}" for title, why in refused.items())
        raise NoTheorem("some remedy has a finite error here", f"another budget or other remedies ({reasons})")
    return PolicyStudy(situation, tuple(sorted(found, key=lambda one: one.error)), refused)


def optimised(remedy: Remedy, situation: Situation, effort: Effort) -> tuple[Policy | None, str]:
    """A remedy at its best parameters; or None, and why.

    Args:
        remedy: whose parameters are searched.
        situation: what is given.
        effort: how thoroughly.
    """
    choices, own = situation.budget.choices(remedy.needs), remedy.parameters(situation)
    parameters: tuple[Parameter, ...] = (*choices, *own)
    reasons: list[str] = []

    def values_at(position: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(parameter.at(place) for parameter, place in zip(parameters, position, strict=True))

    def chain_at(values: tuple[float, ...]) -> Chain:
        goods: Budget = situation.budget.provided(remedy.needs, values[: len(choices)])
        require_needs(remedy, situation, goods)
        return remedy.chain(situation, goods, values[len(choices) :])

    def error(position: tuple[float, ...]) -> float:
        try:
            return error_of(chain_at(values_at(position)), situation.endless)
        except Refusal as refusal:
            reasons.append(str(refusal))
            return math.inf

    found = least(error, len(parameters), effort)
    if not math.isfinite(found.error):
        return None, reasons[0] if reasons else "its error is infinite"
    values = values_at(found.position)
    chain = chain_at(values)
    prediction, expense = predict(chain), expense_of(chain)
    names = tuple(parameter.name for parameter in parameters)
    sources = tuple(statement.source for statement in prediction.statements)
    cost = situation.budget.prices.of(expense)
    errors = np.asarray(prediction.error)
    return Policy(
        remedy.title, found.error, errors, names, values, chain, expense, cost, found.certificate, sources
    ), ""


def error_of(chain: Chain, endless: bool) -> float:
    """The excess error after the last generation of a chain, or after infinitely many like it; infinite where NaN."""
    prediction = predict(chain)
    only_real = all(isinstance(source.labels, Truth) for source in chain.generations[-1].generated)
    at_its_end = not endless or (only_real and isinstance(chain.generations[-1].memory, Forget))
    value = float(prediction.error[-1] if at_its_end else prediction.limit)
    return math.inf if math.isnan(value) else value


def packaged_remedies(situation: Situation) -> tuple[Remedy, ...]:
    """All packaged remedies that the budget feeds, and for which there is a verifier where one is called."""
    everything: tuple[Remedy, ...] = (
        Replace(),
        SharedPenalty(),
        LatePenalty(),
        AccumulateRows(),
        OnlyReal(),
        Mix(),
        PenalisedMix(),
        WeightedMix(),
        KeepReal(),
        VerifyShare(),
        PenalisedVerify(),
        VerifiedMix(),
    )
    return tuple(remedy for remedy in everything if _feeds(situation, remedy.needs))


def _feeds(situation: Situation, needs: Needs) -> bool:
    budget = situation.budget
    if needs.verifier and situation.verifier is None:
        return False
    if not isinstance(budget, Budget):
        return True
    has = Needs(budget.real_rows > 0, budget.synthetic_rows > 0, budget.verifier_calls > 0)
    return all(there or not needed for there, needed in zip(has, needs, strict=True))


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

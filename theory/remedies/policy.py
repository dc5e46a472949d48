"""The best policy at a budget: every remedy at its best parameters, ranked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from ..problem.errors import NoTheorem, SpecificationError
from ..problem.population import Population
from ..problem.target import Target
from ..results.labelled import LABEL_UNITS, Column, Labelled
from ..results.plain import plain
from ..results.progress import Progress, reporting
from ..results.tabled import Tabled
from ..rules.bibliography import cite
from .budget import Budget, Means
from .optimum import Policy, optimised, reason_of
from .packaged import (
    AccumulateRows,
    KeepReal,
    LatePenalty,
    Mix,
    OnlyReal,
    Replace,
    WeightedMix,
    WithPenalty,
)
from .remedy import Remedy, require_needs, require_remedies
from .search import THOROUGH, Certificate, Effort
from .situation import Situation
from .verifying import VerifiedMix, VerifyShare


@final
@dataclass(frozen=True, eq=False, repr=False)
class PolicyStudy(Tabled):
    """What every remedy reaches at a budget, the best one first.

    Attributes:
        situation: in which they compete.
        policies: in the order of their errors.
        refused: title -> why a remedy has no number here: the reason at most of the parameters that were tried, or that
            the search was interrupted.
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
                _told(one.certificate),
            )
            for one in self.policies
        ]

    def _notes(self) -> list[str]:
        return grouped(self.refused)


def _told(certificate: Certificate) -> str:
    if not certificate.holds:
        return "no"
    return "yes, at an end" if certificate.at_an_end else "yes"


def grouped(reasons: Mapping[str, str]) -> list[str]:
    """A line for each reason, with the titles of all remedies that have it.

    >>> grouped({"mix": "no real rows", "verify": "no calls", "real rows only": "no real rows"})
    ['mix; real rows only: no real rows', 'verify: no calls']
    """
    titles: dict[str, list[str]] = {}
    for title, why in reasons.items():
        titles.setdefault(why, []).append(title)
    return [f"{'; '.join(those)}: {why}" for why, those in titles.items()]


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
    progress: Progress = False,
) -> PolicyStudy:
    """Every remedy at its best parameters, at the same budget: which one leaves the least error, and at what cost.

    $$ \\min_{remedy} \\min_{parameters} E_N \\quad (N \\to \\infty \\text{ where endless}) $$

    Args:
        population: covariates and truth.
        budget: what there is in every generation: a `Budget` of each good, or `Funds` that buy them.
        generations: N, a whole number >= 1.
        remedies: with different titles; None takes all packaged ones.
        noise: standard deviation of the noise on labels of a model, >= 0.
        real_noise: the same of real labels; None is `noise`.
        verifier: offset of the verifier from the truth, where there is one.
        initial: offset of model 0 from the truth; None where it is the truth, so that the synthetic rows of the first
            generation carry true labels.
        endless: whether the error after infinitely many generations like the last counts.
        effort: how thoroughly parameters are searched.
        progress: True for a progress bar, or a function of (done, total).

    Returns:
        A `PolicyStudy`, the best remedy first. A remedy without a number is in `refused`, with the reason; parameters
        without one count as infinite errors. When interrupted from the keyboard, the remedies searched so far.

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
    return study_of(situation, remedies, effort, progress)


def study_of(
    situation: Situation,
    remedies: Sequence[Remedy] | None = None,
    effort: Effort = THOROUGH,
    progress: Progress = False,
) -> PolicyStudy:
    """`best_policy` in a situation."""
    chosen = PACKAGED if remedies is None else require_remedies(remedies)
    found: list[Policy] = []
    refused = {} if remedies is not None else {one.title: why for one in chosen if (why := _lacks(situation, one))}
    searched = [one for one in chosen if one.title not in refused]
    with reporting(progress, len(searched), "remedy", "remedies") as report:
        for done, remedy in enumerate(searched):
            report(done, len(searched))
            try:
                policy, why = optimised(remedy, situation, effort)
            except KeyboardInterrupt:
                if not found:
                    raise
                refused |= {one.title: "interrupted before it was searched" for one in searched[done:]}
                break
            if policy is None:
                refused[remedy.title] = why
            else:
                found.append(policy)
        else:
            report(len(searched), len(searched))
    if not found:
        allowed = f"another budget or other remedies ({'; '.join(grouped(refused))})"
        raise NoTheorem("some remedy has a finite error here", allowed)
    return PolicyStudy(situation, tuple(sorted(found, key=lambda one: one.error)), refused)


def packaged_remedies(situation: Situation) -> tuple[Remedy, ...]:
    """All packaged remedies that the budget feeds, and for which there is a verifier where one is called."""
    return tuple(remedy for remedy in PACKAGED if not _lacks(situation, remedy))


PACKAGED: tuple[Remedy, ...] = (
    Replace(),
    WithPenalty(Replace()),
    LatePenalty(),
    AccumulateRows(),
    WithPenalty(AccumulateRows()),
    OnlyReal(),
    WithPenalty(OnlyReal()),
    Mix(),
    WithPenalty(Mix(every_row=True)),
    WeightedMix(),
    KeepReal(),
    WithPenalty(KeepReal()),
    VerifyShare(),
    WithPenalty(VerifyShare()),
    VerifiedMix(),
    WithPenalty(VerifiedMix()),
)


def _lacks(situation: Situation, remedy: Remedy) -> str:
    """What a remedy feeds on and does not find; empty where it finds all."""
    if remedy.needs.verifier and situation.verifier is None:
        return "there is no verifier"
    if isinstance(situation.budget, Budget):
        try:
            require_needs(remedy, situation, situation.budget)
        except NoTheorem as refusal:
            return reason_of(refusal)
    return ""

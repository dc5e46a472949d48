"""`compare` for classification: theory against simulation, judged on label accuracy and on Bayes agreement."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, final

import numpy as np

from ..numerics.classification.simulation import ClassificationSimulation
from ..numerics.measurement.label_noise import DRAWN
from ..numerics.simulation import simulate
from ..theory.evaluation.prediction import predict
from ..theory.problem import ClassificationChain
from ..theory.results.labelled import RATIO, Column, Labelled
from ..theory.results.tabled import Tabled
from .agreement import Judgement, Standard, Verdict, judge_single_size
from .confidence import Looks
from .measured import Array
from .plan import Setup
from .size_ladder import Ladder, judge_ladder
from .streams import Progress, all_judged, seed_of, simulations

NAMES = ("label accuracy", "Bayes agreement")
LADDER = (1, 2, 4)
LARGEST_LADDER = 48  # dimension above which a ladder takes too long to be the default


class Classified(Protocol):
    """A formula's numbers for one chain; a `ClassificationPrediction` is one."""

    @property
    def accuracy(self) -> Any: ...

    @property
    def agreement(self) -> Any: ...

    @property
    def finite_size(self) -> Any: ...


ClassifiedFormula: TypeAlias = Callable[[ClassificationChain], Classified]


@final
@dataclass(frozen=True, eq=False, repr=False)
class ClassificationComparison(Tabled):
    """Theory and simulation of a classification chain, held against each other.

    Attributes:
        chain: what was compared.
        prediction: the formula's numbers that were judged.
        simulation: at the size of the chain.
        judgements: of the label accuracy, and of the Bayes agreement.
        ladder: relative gaps at several sizes, None for a single size.
        level: probability that a true formula is called DISAGREES in either.
        tolerance: relative error of the formula that AGREES excludes.
    """

    chain: ClassificationChain
    prediction: Classified
    simulation: ClassificationSimulation
    judgements: tuple[Judgement, ...]
    ladder: Ladder | None
    level: float
    tolerance: float

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on each."""
        return {name: one.verdict for name, one in zip(NAMES, self.judgements, strict=True)}

    @property
    def verdict(self) -> Verdict:
        """DISAGREES if either does, AGREES if both do, else UNRESOLVED."""
        found = set(self.verdicts.values())
        if Verdict.DISAGREES in found:
            return Verdict.DISAGREES
        return Verdict.UNRESOLVED if Verdict.UNRESOLVED in found else Verdict.AGREES

    @property
    def detectable_error(self) -> float:
        """The relative error that would have been detected in both, each with a probability of 90 %."""
        return max(judgement.detectable_error for judgement in self.judgements)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the replicates, as plain values for JSON."""
        return {
            "result": "ClassificationComparison",
            "chain": repr(self.chain),
            "verdict": self.verdict.name,
            "level": self.level,
            "tolerance": self.tolerance,
            "judgements": [judgement.to_dict() for judgement in self.judgements],
            "scales": [] if self.ladder is None else list(self.ladder.scales),
            "simulation": {name: value for name, value in self.simulation.to_dict().items() if name != "classifiers"},
        }

    def labelled(self) -> Labelled:
        """One row for accuracy, one for agreement: what theory and experiment say, and the verdict."""
        units = dict.fromkeys(("theory", "estimate", "standard_error", "gap", "detectable_error"), RATIO)
        units["replicates"] = "replicates"
        columns = {name: Column([getattr(j, name) for j in self.judgements], unit) for name, unit in units.items()}
        columns["verdict"] = Column([judgement.verdict.value for judgement in self.judgements])
        about = {"level": self.level, "tolerance": self.tolerance, "verdict": self.verdict.value}
        return Labelled({"quantity": list(NAMES)}, columns, about)

    _head = ("", "theory", "experiment", "std. error", "gap", "detectable", "verdict")
    _details_title = "how each verdict was reached"

    def _caption(self) -> str:
        return f"Classification: {self.verdict.value} (false-alarm level {self.level:g})"

    def _details(self) -> list[str]:
        return [f"{name}: {one.rule}" for name, one in zip(NAMES, self.judgements, strict=True)]

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                name,
                f"{one.theory:.6g}",
                f"{one.estimate:.6g}",
                f"{one.standard_error:.2g}",
                f"{100 * one.gap:+.2f} %",
                f"{100 * one.detectable_error:.2g} %",
                one.verdict.value,
            )
            for name, one in zip(NAMES, self.judgements, strict=True)
        ]


@final
@dataclass(frozen=True, eq=False)
class _Plan:
    """Theory at every size, and how accuracy (1) and agreement (2) are judged."""

    scales: tuple[int, ...]
    theories: tuple[Array, ...]
    finite_size: float

    @property
    def rungs(self) -> tuple[Setup, ...]:
        return tuple(Setup(c, DRAWN) for c in self.scales)

    def needs(self, number: int) -> tuple[Setup, ...]:
        return self.rungs

    def ladder(self, found: Mapping[Setup, ClassificationSimulation]) -> Ladder | None:
        if len(self.scales) == 1:
            return None
        return Ladder.measured(self.scales, self.theories, [_columns(found[rung]) for rung in self.rungs])

    def judge(self, number: int, found: Mapping[Setup, ClassificationSimulation], standard: Standard) -> Judgement:
        theory, ladder = float(self.theories[0][number - 1]), self.ladder(found)
        if ladder is None:
            values = _columns(found[self.rungs[0]])[:, number - 1]
            return judge_single_size(number, theory, values, self.finite_size, standard)
        return judge_ladder(number, theory, ladder, self.finite_size, standard)


@dataclass
class _Stream:
    """A simulation that is continued piece by piece."""

    chain: ClassificationChain
    seed: int
    progress: Progress
    simulation: ClassificationSimulation | None = None
    seconds: float = 0.0

    @property
    def replicates(self) -> int:
        return 0 if self.simulation is None else self.simulation.replicates

    @property
    def interrupted(self) -> bool:
        return self.simulation is not None and self.simulation.interrupted

    def grow(self, replicates: int) -> None:
        begun = time.perf_counter()
        piece = simulate(self.chain, replicates, self.seed, start=self.replicates, progress=self.progress)
        self.simulation = piece if self.simulation is None else self.simulation.extended(piece)
        self.seconds = (time.perf_counter() - begun) / piece.replicates


def compare_classification(
    chain: ClassificationChain,
    formula: ClassifiedFormula | None,
    scales: tuple[int, ...],
    counts: Mapping[int, int] | None,
    deadline: float,
    level: float,
    tolerance: float,
    seed: int,
    progress: Progress,
) -> ClassificationComparison:
    """Judge accuracy and agreement, at several sizes or at one; arguments as for `compare`, which has checked them.

    Both are deterministic equivalents: on a ladder of sizes (dimension and rows times c) their relative gap to the
    experiment must vanish as c grows; at one size it may be four times the indicative 1/(n - df_2).

    Raises:
        NothingKept: where a replicate keeps no row.
    """
    read = predict if formula is None else formula
    found = [read(chain.scaled(c)) for c in scales]
    theories = tuple(np.array([float(one.accuracy), float(one.agreement)]) for one in found)
    plan = _Plan(scales, theories, float(found[0].finite_size))
    streams = {rung: _Stream(chain.scaled(rung.scale), seed_of(seed, rung.scale), progress) for rung in plan.rungs}

    def judged(number: int, look: Looks) -> Judgement:
        return plan.judge(number, simulations(streams), Standard(level, tolerance, len(NAMES), look))

    judgements = all_judged(len(NAMES), plan, streams, judged, counts, deadline)
    finished = simulations(streams)
    own = finished[plan.rungs[0]]
    return ClassificationComparison(chain, found[0], own, judgements, plan.ladder(finished), level, tolerance)


def _columns(simulation: ClassificationSimulation) -> Array:
    return np.stack([simulation.accuracies, simulation.agreements], axis=1)

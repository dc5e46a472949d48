"""`compare`: theory against simulation, judged generation by generation."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, final, overload

import numpy as np
from matplotlib.axes import Axes

from ..numerics.simulation import Simulation
from ..theory.problem import Chain, ClassificationChain, SpecificationError, checks
from ..theory.results.chains import chain_record
from ..theory.results.labelled import LABEL_UNITS, RATIO, Column, Labelled
from ..theory.results.plain import plain
from ..theory.results.tabled import Tabled
from ..theory.rules.bibliography import cite
from ..theory.rules.kind import Kind
from .agreement import Judgement, Standard, Verdict
from .arguments import false_alarm_level, fixed_replicates, ladder_scales
from .candidate import Candidate, Formula
from .classes import ClassificationComparison, ClassifiedFormula, compare_classification
from .confidence import Estimate, Looks
from .figures.comparison import plot_comparison
from .measured import Array
from .plan import Plan
from .size_ladder import Ladder
from .streams import Progress, Stream, all_judged, simulations

LADDER = (1, 2, 4)
LARGEST_LADDER = 48  # dimension above which a ladder takes too long to be the default


@final
@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Tabled):
    """Theory and simulation of one chain, held against each other.

    Attributes:
        chain: what was compared.
        prediction: the formula's numbers that were judged.
        simulation: at the size of the chain, with label noise integrated out where that pays.
        judgements: one for each generation.
        ladder: relative gaps at several sizes, None where no generation needed them.
        level: probability that a true formula is called DISAGREES in any generation.
        tolerance: relative error of the formula that AGREES excludes.
    """

    chain: Chain
    prediction: Candidate
    simulation: Simulation
    judgements: tuple[Judgement, ...]
    ladder: Ladder | None
    level: float
    tolerance: float

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One verdict for each generation."""
        return tuple(judgement.verdict for judgement in self.judgements)

    @property
    def verdict(self) -> Verdict:
        """DISAGREES if any generation does, AGREES if all do, else UNRESOLVED."""
        if Verdict.DISAGREES in self.verdicts:
            return Verdict.DISAGREES
        return Verdict.UNRESOLVED if Verdict.UNRESOLVED in self.verdicts else Verdict.AGREES

    @property
    def detectable_error(self) -> float:
        """The relative error that would have been detected in every generation, each with a probability of 90 %."""
        return max(judgement.detectable_error for judgement in self.judgements)

    @property
    def finite_size(self) -> Array:
        """(N,) fitted finite-size correction a_1, the relative gap at the chain's size to first order.

        Zero for exact statements, NaN where no ladder was fitted.
        """
        return np.array([estimate.value for estimate in self._first_order()])

    @property
    def finite_size_error(self) -> Array:
        """(N,) standard error of `finite_size`."""
        return np.array([estimate.standard_error for estimate in self._first_order()])

    def _first_order(self) -> list[Estimate]:
        unknown, none = Estimate(math.nan, math.nan, 0.0, 0), Estimate(0.0, 0.0, 0.0, 0)
        fitted = [
            unknown if self.ladder is None else self.ladder.coefficient(1, g) for g in range(1, len(self.chain) + 1)
        ]
        return [none if kind is Kind.EXACT else a for kind, a in zip(self.prediction.kind, fitted, strict=True)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Theory as a line, simulation as dots with 95 % bars, a mark for each verdict; None makes a new figure."""
        return plot_comparison(self, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the replicates, as plain values for JSON."""
        return {
            "result": "Comparison",
            **chain_record(self.chain),
            "verdict": self.verdict.name,
            "level": self.level,
            "tolerance": self.tolerance,
            "detectable_error": plain(self.detectable_error),
            "kind": [kind.value for kind in self.prediction.kind],
            "judgements": [judgement.to_dict() for judgement in self.judgements],
            "finite_size": plain(self.finite_size),
            "finite_size_error": plain(self.finite_size_error),
            "scales": [] if self.ladder is None else list(self.ladder.scales),
            "simulation": {name: value for name, value in self.simulation.to_dict().items() if name != "errors"},
        }

    def labelled(self) -> Labelled:
        """One row for each generation: what theory and experiment say, and the verdict."""
        units = {"theory": LABEL_UNITS, "estimate": LABEL_UNITS, "standard_error": LABEL_UNITS}
        units |= {"gap": RATIO, "detectable_error": RATIO, "replicates": "replicates"}
        columns = {name: Column([getattr(j, name) for j in self.judgements], unit) for name, unit in units.items()}
        columns["verdict"] = Column([verdict.value for verdict in self.verdicts])
        columns["kind"] = Column([kind.value for kind in self.prediction.kind])
        columns["finite_size"] = Column(self.finite_size, RATIO)
        names = ("assumptions", "sources")  # which the book's own predictions have
        about = {name: list(getattr(self.prediction, name, ())) for name in names}
        numbers = {"level": self.level, "tolerance": self.tolerance, "verdict": self.verdict.value}
        return Labelled({"generation": [j.generation for j in self.judgements]}, columns, {**about, **numbers})

    def cite(self) -> str:
        """BibTeX of the software and of exactly the papers behind the prediction's statements."""
        return cite([statement.source for statement in getattr(self.prediction, "statements", ())])

    _head = ("generation", "theory", "experiment", "std. error", "gap", "detectable", "replicates", "verdict")
    _details_title = "how each verdict was reached"

    def _caption(self) -> str:
        return (
            f"Comparison: {self.verdict.value} (false-alarm level {self.level:g}; an error of "
            f"{100 * self.detectable_error:.2g} % would have been detected)"
        )

    def _details(self) -> list[str]:
        return [f"generation {j.generation}: {j.rule}" for j in self.judgements]

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                str(j.generation),
                f"{j.theory:.6g}",
                f"{j.estimate:.6g}",
                f"{j.standard_error:.2g}",
                f"{100 * j.gap:+.2f} %",
                f"{100 * j.detectable_error:.2g} %",
                str(j.replicates),
                j.verdict.value,
            )
            for j in self.judgements
        ]


@overload
def compare(
    chain: Chain,
    seconds: float = 30,
    *,
    level: float = 0.01,
    tolerance: float = 0.02,
    replicates: int | Mapping[int, int] | None = None,
    scales: Sequence[int] | None = None,
    seed: int = 0,
    progress: Progress = False,
    prediction: Candidate | Formula | None = None,
) -> Comparison: ...


@overload
def compare(
    chain: ClassificationChain,
    seconds: float = 30,
    *,
    level: float = 0.01,
    tolerance: float = 0.02,
    replicates: int | Mapping[int, int] | None = None,
    scales: Sequence[int] | None = None,
    seed: int = 0,
    progress: Progress = False,
    prediction: ClassifiedFormula | None = None,
) -> ClassificationComparison: ...


def compare(
    chain: Chain | ClassificationChain,
    seconds: float = 30,
    *,
    level: float = 0.01,
    tolerance: float = 0.02,
    replicates: int | Mapping[int, int] | None = None,
    scales: Sequence[int] | None = None,
    seed: int = 0,
    progress: Progress = False,
    prediction: Candidate | Formula | ClassifiedFormula | None = None,
) -> Comparison | ClassificationComparison:
    """Judge a formula for the error of a chain by simulating it, until every generation is decided or time is over.

    Exact statements face an unbiased test, deterministic equivalents a ladder of sizes c on which their relative gap
    $$ a_0 + a_1 / c + a_2 / c^2 + ... $$
    must have a_0 = 0, and errors without a finite variance their exact law. Label noise is integrated out where that
    pays: least squares on few rows, say, but not where the samplers that draw no rows make replicates cheap.

    Args:
        chain: with numbers in all its fields. Of a `ClassificationChain` label accuracy and Bayes agreement are judged.
        seconds: wall-clock budget, > 0, which only compilation and the first two batches may exceed. What is simulated
            in that time depends on the machine.
        level: probability, in (0, 1), that a true formula is called DISAGREES in any generation, at any time.
        tolerance: relative error > 0 that AGREES excludes.
        replicates: a fixed number >= 256 at every size, or one for each size, instead of a budget: deterministic.
        scales: sizes of the ladder relative to the chain, at least three, or a single (1,) for no ladder; by default
            (1, 2, 4) up to dimension 48, and no ladder above.
        seed: of all random numbers, from 0 to 2^53 - 1.
        progress: handed on to `simulate`.
        prediction: numbers (an object with `error` and `kind`), or a function of the chain that gives them, judged
            instead of the book's.

    Raises:
        NoTheorem: where no statement of the book applies and no `prediction` is given.
        SpecificationError: for impossible values, before any work starts.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(4), UniformTarget()), generations=2, rows=40, noise=0.5,
    ...                 estimator=MinimumNorm())
    >>> compare(chain, replicates=4096).verdict
    <Verdict.AGREES: 'agrees'>
    """
    if not isinstance(chain, Chain | ClassificationChain):
        raise SpecificationError("chain", chain, "a Chain or a ClassificationChain")
    seconds, tolerance = checks.positive("seconds", seconds), checks.positive("tolerance", tolerance)
    deadline = time.monotonic() + seconds
    level = false_alarm_level(level)
    seed = checks.concrete_size("seed", seed, least=0)
    dimension = chain.mixture.dimension if isinstance(chain, ClassificationChain) else chain.population.dimension
    sizes = ladder_scales(scales, LADDER if dimension <= LARGEST_LADDER else (1,))
    if isinstance(chain, ClassificationChain):
        counts = fixed_replicates(replicates, sizes)
        formula = _formula(prediction)
        return compare_classification(chain, formula, sizes, counts, deadline, level, tolerance, seed, progress)
    plan = Plan.of(chain, cast(Candidate | Formula | None, prediction), sizes)
    counts = fixed_replicates(replicates, {setup.scale for setup in plan.setups})
    streams = {setup: Stream.of(chain, setup, seed, progress) for setup in plan.setups}

    def judged(generation: int, look: Looks) -> Judgement:
        standard = Standard(level, tolerance, len(chain), look)
        return plan.judge(generation, simulations(streams), standard, seed)

    judgements = all_judged(len(chain), plan, streams, judged, counts, deadline)
    finished = simulations(streams)
    ladder = plan.ladder(finished)
    return Comparison(chain, plan.candidate, finished[plan.base], judgements, ladder, level, tolerance)


def _formula(prediction: Any) -> ClassifiedFormula | None:
    if prediction is not None and not callable(prediction):
        raise SpecificationError("prediction", prediction, "None, or a function of the ClassificationChain")
    return cast(ClassifiedFormula | None, prediction)

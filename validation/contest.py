"""Predicted winners among remedies against simulated ones: duels at random points off the boundaries.

At each point up to four remedies, chosen by lot, are optimised by theory; the best two then meet in a simulation with
common random numbers, which grows until the sign of the mean difference of their errors is known at every look. `make
contest` holds 240 duels and writes them to contest.json beside this file; the test suite repeats the first ones.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, fields
from enum import Enum
from functools import partial
from importlib.resources import files
from itertools import repeat
from pathlib import Path
from typing import Any, final

import numpy as np

from ..numerics.arms import compare_arms
from ..theory.evaluation.prediction import predict
from ..theory.problem import Coefficients, KeepAll, Population, PowerLaw, UniformTarget
from ..theory.problem.errors import NoTheorem
from ..theory.remedies.budget import Budget
from ..theory.remedies.optimum import Policy
from ..theory.remedies.policy import PolicyStudy, packaged_remedies, study_of
from ..theory.remedies.search import QUICK
from ..theory.remedies.situation import Situation
from ..theory.results import LABEL_UNITS, RATIO, Column, Labelled, Tabled
from .confidence import Estimate, Growing
from .report.provenance import provenance
from .report.store import Finished, read_finished

DUELS, FIRST_DUELS = 240, 3
LEVEL = 1e-3  # the probability with which a duel is decided for the wrong side, over all its looks
FIRST_LOOK, LAST_LOOK = 256, 2**15  # replicates
DIMENSION, GENERATIONS, REMEDIES = 32, 3, 4
GAPS = 4.0  # a predicted lead counts beyond so many finite-size gaps of either error


class Decision(Enum):
    """What a simulation says of a predicted winner."""

    WON = "won"
    LOST = "lost"
    UNDECIDED = "undecided"


@final
@dataclass(frozen=True)
class Duel:
    """The two best remedies of a point, in theory and in simulation.

    Attributes:
        point: its number; it fixes the situation and the random numbers.
        winner, rival: titles of the best remedy and of the second, by theory.
        error, rival_error: predicted.
        margin: what the predicted relative lead had to exceed.
        difference: simulated error of the rival minus that of the winner, mean over pairs.
        standard_error: of it.
        replicates: of each arm, when the simulation ended.
        decision: for whom.
    """

    point: int
    winner: str
    rival: str
    error: float
    rival_error: float
    margin: float
    difference: float
    standard_error: float
    replicates: int
    decision: Decision


@final
@dataclass(frozen=True, repr=False)
class Contest(Tabled):
    """Duels at points off the boundaries.

    Attributes:
        duels: in the order of their points.
        skipped: how many points were too near a boundary, or had no two remedies.
    """

    duels: tuple[Duel, ...]
    skipped: int

    def count(self, decision: Decision) -> int:
        """How many duels ended so."""
        return sum(one.decision is decision for one in self.duels)

    @property
    def holds(self) -> bool:
        """Whether the predicted winner won in every decided case, and some were decided."""
        return self.count(Decision.LOST) == 0 < self.count(Decision.WON)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        duels = [asdict(one) | {"decision": one.decision.value} for one in self.duels]
        counts = {decision.value: self.count(decision) for decision in Decision}
        return {"result": "Contest", "level": LEVEL, "gaps": GAPS, **counts, "skipped": self.skipped, "duels": duels}

    def labelled(self) -> Labelled:
        """One row for each duel."""
        units = dict.fromkeys(("error", "rival_error", "difference", "standard_error"), LABEL_UNITS)
        units |= {"margin": RATIO, "replicates": "replicates", "winner": "", "rival": ""}
        columns = {name: Column([getattr(one, name) for one in self.duels], unit) for name, unit in units.items()}
        columns["decision"] = Column([one.decision.value for one in self.duels])
        return Labelled({"point": [one.point for one in self.duels]}, columns, {"level": LEVEL})

    _head = ("predicted winner", "duels", *(one.value for one in Decision))

    def _caption(self) -> str:
        told = ", ".join(f"{self.count(decision)} {decision.value}" for decision in Decision)
        return f"{len(self.duels)} duels: {told}; {self.skipped} points skipped near boundaries"

    def _rows(self) -> list[tuple[str, ...]]:
        """By remedy: how often it was predicted to win, and what came of it."""
        titles = dict.fromkeys(one.winner for one in self.duels)
        ends = {title: [one.decision for one in self.duels if one.winner == title] for title in titles}
        return [(title, str(len(found)), *(str(found.count(one)) for one in Decision)) for title, found in ends.items()]


def contest(
    duels: int = DUELS, last_look: int = LAST_LOOK, *, kept: Finished | None = None, workers: int = 1
) -> Contest:
    """Hold duels at the first points that are off the boundaries.

    Args:
        duels: how many.
        last_look: replicates of each arm after which a duel stays undecided.
        kept: finished points on disk, so that a contest that is interrupted goes on.
        workers: processes that share the points; the result does not depend on them.
    """
    held: list[Duel] = []
    point = 0
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) if workers > 1 else nullcontext() as pool:
        each = map if pool is None else pool.map
        while len(held) < duels:
            points = range(point, point + workers)
            ahead = [one for one in points if kept is None or not kept.has(*_named(one, last_look))]
            found = dict(zip(ahead, each(_told, ahead, repeat(last_look)), strict=True))
            for one in points:
                now = found.get(one, {})
                told = now if kept is None else kept.part(*_named(one, last_look), partial(dict, now))
                point += 1
                if told["decision"] is not None:
                    held.append(_read(told))
                if len(held) == duels:
                    break
    return Contest(tuple(held), point - len(held))


def _named(point: int, last_look: int) -> tuple[str, list[int]]:
    return f"point {point}", [last_look]


def _told(point: int, last_look: int) -> dict[str, Any]:
    """The duel at a point as plain values; without a decision where the point is too near to a boundary."""
    study = random_study(point)
    if study is None or not is_off_boundaries(study):
        return {"point": point, "decision": None}
    found = duel(point, study, last_look)
    return asdict(found) | {"decision": found.decision.value}


def _read(told: Mapping[str, Any]) -> Duel:
    known = {field.name: told[field.name] for field in fields(Duel)}
    return Duel(**known | {"decision": Decision(told["decision"])})


def committed() -> Contest:
    """The duels that are kept with the package."""
    kept = json.loads(files(__package__).joinpath("contest.json").read_text(encoding="utf-8"))
    return Contest(tuple(map(_read, kept["duels"])), kept["skipped"])


def duel(point: int, study: PolicyStudy, last_look: int = LAST_LOOK) -> Duel:
    """The best two policies of a study in a simulation that grows until it is decided.

    Args:
        point: seed of the random numbers.
        study: of at least two policies.
        last_look: replicates of each arm after which it stays undecided.
    """
    first, second = study.policies[:2]
    replicates, decision = FIRST_LOOK, Decision.UNDECIDED
    while True:
        arms = compare_arms({"winner": first.chain, "rival": second.chain}, replicates, point)
        errors = [arms.simulations[name].errors[:, -1] for name in ("rival", "winner")]
        lead = Estimate.mean(errors[0] - errors[1])
        if abs(lead.value) > lead.half_width(Growing(1).quantile(LEVEL, replicates)):
            decision = Decision.WON if lead.value > 0 else Decision.LOST
        if decision is not Decision.UNDECIDED or 2 * replicates > last_look:
            break
        replicates *= 2
    errors_told = first.error, second.error, margin_of(study)
    return Duel(point, first.title, second.title, *errors_told, lead.value, lead.standard_error, replicates, decision)


def is_off_boundaries(study: PolicyStudy) -> bool:
    """Whether the predicted lead of the winner exceeds what finite sizes may hide."""
    return len(study.policies) > 1 and study.gap > margin_of(study)


def margin_of(study: PolicyStudy) -> float:
    """Four finite-size gaps of the less certain of the best two errors."""
    return GAPS * max(_finite_size(policy) for policy in study.policies[:2])


def random_situation(point: int) -> Situation:
    """A small problem: spectrum, noise, budget, verifier and model 0 at random.

    Args:
        point: its number.
    """
    draw = np.random.default_rng([20261126, point])
    dimension = DIMENSION
    target = UniformTarget(float(np.exp(draw.uniform(-1.0, 1.5))))
    population = Population(PowerLaw(dimension, float(draw.uniform(0.1, 1.6))), target)
    synthetic = round(dimension * float(np.exp(draw.uniform(np.log(2.0), np.log(12.0)))))
    real = round(synthetic * float(draw.uniform(0.1, 0.9))) if draw.random() < 0.7 else 0
    calls = synthetic if draw.random() < 0.7 else 0
    verifier = _offset(draw, dimension, float(np.exp(draw.uniform(-6.0, 0.5))))
    initial = _offset(draw, dimension, float(np.exp(draw.uniform(-4.0, 0.5)))) if draw.random() < 0.3 else None
    noise = float(np.exp(draw.uniform(-1.6, 0.6)))
    return Situation(population, Budget(real, synthetic, calls), GENERATIONS, noise, None, verifier, initial)


def random_study(point: int) -> PolicyStudy | None:
    """Up to four remedies, by lot, in a random situation; None where none of them has a finite error.

    Args:
        point: its number.
    """
    situation = random_situation(point)
    fed = packaged_remedies(situation)
    chosen = np.random.default_rng([20261127, point]).choice(len(fed), min(REMEDIES, len(fed)), replace=False)
    with suppress(NoTheorem):
        return study_of(situation, [fed[place] for place in sorted(chosen)], QUICK)
    return None


def _offset(draw: np.random.Generator, dimension: int, square: float) -> Coefficients:
    direction = draw.standard_normal(dimension)
    return Coefficients(direction * (square / (direction @ direction)) ** 0.5)


def _finite_size(policy: Policy) -> float:
    """Relative: that of the prediction, and 1/rank where a verifier sees a distance that fluctuates."""
    chain = policy.chain
    judged = any(not isinstance(step.selection, KeepAll) for step in chain.generations)
    rank = int(chain.population.spectrum.rank())
    own = float(predict(chain).finite_size[-1])
    return (own if np.isfinite(own) else 1.0) + judged / rank


if __name__ == "__main__":
    own = Path(__file__)
    begun = own.parents[1] / "build" / "contest.json"
    begun.parent.mkdir(exist_ok=True)
    result = contest(kept=Finished(begun, provenance(), read_finished(begun)), workers=os.cpu_count() or 1)
    own.with_name("contest.json").write_text(result.to_json() + "\n", encoding="utf-8")
    print(result)

"""Simulations that grow until a comparison is decided or its time is over."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np

from ..numerics.simulation import Simulation, simulate
from ..theory.problem import Chain
from .agreement import Judgement, Verdict
from .confidence import FIRST_LOOK, Growing, Looks, Once
from .plan import Setup
from .size_ladder import Ladder, allocate, richardson_weights

BATCH = 32  # replicates that the simulator runs at once
GROWTH = 2  # of the work, from one look to the next
SLICES = 10  # of a growth, between which the clock is read
LEAST_SHARE = 0.2  # of the planned growth; a look that adds less is not worth its share of the level

Progress: TypeAlias = bool | Callable[[int, int], Any]
Sample = TypeVar("Sample")
Sample_contra = TypeVar("Sample_contra", contravariant=True)


class Grows(Protocol[Sample]):
    """An experiment that is continued piece by piece."""

    simulation: Sample | None
    seconds: float

    @property
    def replicates(self) -> int: ...

    @property
    def interrupted(self) -> bool: ...

    def grow(self, replicates: int) -> None: ...


class Laddered(Protocol[Sample_contra]):
    """What is judged, number by number, and which experiments that takes; a `Plan` is one."""

    @property
    def scales(self) -> tuple[int, ...]: ...

    @property
    def rungs(self) -> tuple[Setup, ...]: ...

    def needs(self, generation: int, /) -> tuple[Setup, ...]: ...

    def ladder(self, simulations: Mapping[Setup, Sample_contra], /) -> Ladder | None: ...


@dataclass
class Stream:
    """A simulation that is continued piece by piece, and what a replicate costs."""

    chain: Chain
    setup: Setup
    seed: int
    progress: Progress = False
    simulation: Simulation | None = None
    seconds: float = 0.0  # per replicate, in the last piece

    @classmethod
    def of(cls, chain: Chain, setup: Setup, seed: int, progress: Progress) -> Stream:
        """The simulation of a setup; each size has random numbers of its own, the chain's size those of `seed`."""
        return cls(chain.scaled(setup.scale), setup, seed_of(seed, setup.scale), progress)

    @property
    def replicates(self) -> int:
        """Replicates so far."""
        return 0 if self.simulation is None else self.simulation.replicates

    @property
    def interrupted(self) -> bool:
        """Whether the last piece was interrupted from the keyboard."""
        return self.simulation is not None and self.simulation.interrupted

    def grow(self, replicates: int) -> None:
        """Add replicates."""
        begun = time.perf_counter()
        piece = simulate(
            self.chain,
            replicates,
            self.seed,
            noise=self.setup.noise,
            start=self.replicates,
            progress=self.progress,
        )
        self.simulation = piece if self.simulation is None else self.simulation.extended(piece)
        self.seconds = (time.perf_counter() - begun) / piece.replicates


def seed_of(seed: int, scale: int) -> int:
    """The seed of the experiment at a size; size 1 has the given one."""
    return seed if scale == 1 else int(np.random.SeedSequence([seed, scale]).generate_state(1)[0])


Streams: TypeAlias = Mapping[Setup, Grows[Sample]]


def simulations(streams: Streams[Sample]) -> dict[Setup, Sample]:
    """What has been simulated so far."""
    return {setup: stream.simulation for setup, stream in streams.items() if stream.simulation is not None}


def all_judged(
    count: int,
    plan: Laddered[Sample],
    streams: Streams[Sample],
    judged: Callable[[int, Looks], Judgement],
    counts: Mapping[int, int] | None,
    deadline: float,
) -> tuple[Judgement, ...]:
    """Judgements 1..count of streams: once, at the replicates that are given for each size, or as they grow.

    Raises:
        KeyboardInterrupt: when interrupted before there is something of every size.
    """
    numbers = range(1, count + 1)
    if counts is None:
        found = _watched(count, plan, streams, judged, deadline)
        return tuple(found[number] for number in numbers)
    _grown(streams, counts)
    return tuple(judged(number, Once()) for number in numbers)


def _grown(streams: Streams[Sample], counts: Mapping[int, int]) -> None:
    """Let every stream grow to the number of replicates of its size.

    Raises:
        KeyboardInterrupt: when interrupted before there is something of every size; nothing could be judged.
    """
    for setup, stream in streams.items():
        stream.grow(counts[setup.scale])
        if stream.interrupted:
            break
    if any(stream.replicates == 0 for stream in streams.values()):
        raise KeyboardInterrupt


def _watched(
    count: int,
    plan: Laddered[Sample],
    streams: Streams[Sample],
    judged: Callable[[int, Looks], Judgement],
    deadline: float,
) -> dict[int, Judgement]:
    """Judgements 1..count of growing simulations; a verdict, once reached, stands."""
    judgements: dict[int, Judgement] = {}

    def undecided() -> tuple[int, ...]:
        return tuple(g for g in range(1, count + 1) if not _decided(judgements.get(g)))

    for look in looks(plan, streams, undecided, deadline):
        judgements |= {g: judged(g, Growing(look)) for g in undecided()}
    if not judgements:
        judgements = {g: judged(g, Growing(1)) for g in undecided()}
    return judgements


def _decided(judgement: Judgement | None) -> bool:
    return judgement is not None and judgement.verdict is not Verdict.UNRESOLVED


def looks(
    plan: Laddered[Sample], streams: Streams[Sample], undecided: Callable[[], tuple[int, ...]], deadline: float
) -> Iterator[int]:
    """Let the streams of undecided generations grow, and yield the number of the look after each growth.

    Ends when nothing is undecided, when interrupted from the keyboard, or when another look does not fit in before the
    deadline (by `time.monotonic`), which only the pilot may exceed.
    """
    for _ in ("compiles", "is timed"):
        for stream in streams.values():
            if stream.replicates == 0 or time.monotonic() < deadline:
                stream.grow(BATCH)
    look = 0
    while _grow(streams, _targets(plan, streams, undecided()), deadline):
        look += 1
        yield look
        if any(stream.interrupted for stream in streams.values()):
            return


def _targets(plan: Laddered[Sample], streams: Streams[Sample], undecided: tuple[int, ...]) -> dict[Setup, int]:
    """Total replicates of each stream at the next look; nothing for streams that no open question needs."""
    needed = dict.fromkeys(setup for g in undecided for setup in plan.needs(g))
    targets = {setup: max(FIRST_LOOK, GROWTH * streams[setup].replicates) for setup in needed}
    on_ladder = [g for g in undecided if plan.needs(g) == plan.rungs and plan.rungs]
    if on_ladder and min(streams[rung].replicates for rung in plan.rungs) >= FIRST_LOOK:
        targets |= _ladder_targets(plan, streams, on_ladder)
    return targets


def _ladder_targets(plan: Laddered[Sample], streams: Streams[Sample], generations: list[int]) -> dict[Setup, int]:
    """Replicates of each rung, for the least variance of the extrapolated gap at `GROWTH` times the work."""
    ladder = plan.ladder(simulations(streams))
    assert ladder is not None
    rungs = [streams[rung] for rung in plan.rungs]
    errors = np.array([[row[g - 1].standard_error for g in generations] for row in ladder.gaps])
    counts, costs = np.array([r.replicates for r in rungs]), np.array([r.seconds for r in rungs])
    deviations = errors.max(axis=1) * np.sqrt(counts)
    best = allocate(richardson_weights(plan.scales)[0], deviations, costs, GROWTH * float(costs @ counts))
    return {rung: max(int(n), int(m)) for rung, n, m in zip(plan.rungs, counts, best, strict=True)}


def _grow(streams: Streams[Sample], targets: Mapping[Setup, int], deadline: float) -> bool:
    """Grow towards the targets as far as the time allows; whether that was far enough for another look.

    Slice by slice over all streams, so that a stop on the way leaves them in proportion.
    """
    begin = {setup: streams[setup].replicates for setup in targets}
    missing = {setup: target - begin[setup] for setup, target in targets.items()}
    work = sum(count * streams[setup].seconds for setup, count in missing.items())
    if work <= 0 or (deadline - time.monotonic()) / work < LEAST_SHARE:
        return False
    for part in range(1, SLICES + 1):
        for setup, count in missing.items():
            wanted = begin[setup] + math.ceil(count * part / SLICES)
            pieces = math.ceil((wanted - streams[setup].replicates) / BATCH)
            if pieces > 0:
                streams[setup].grow(BATCH * pieces)
            if time.monotonic() > deadline or streams[setup].interrupted:
                return part > LEAST_SHARE * SLICES
    return True

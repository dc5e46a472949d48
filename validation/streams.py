"""Simulations that grow until a comparison is decided or its time is over."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..numerics.simulation import Simulation, simulate
from ..theory.problem import Chain
from .confidence import FIRST_LOOK
from .plan import Plan, Setup
from .size_ladder import allocate, richardson_weights

BATCH = 32  # replicates that the simulator runs at once
GROWTH = 2  # of the work, from one look to the next
SLICES = 10  # of a growth, between which the clock is read
LEAST_SHARE = 0.2  # of the planned growth; a look that adds less is not worth its share of the level

Progress: TypeAlias = bool | Callable[[int, int], Any]


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
        own = seed if setup.scale == 1 else int(np.random.SeedSequence([seed, setup.scale]).generate_state(1)[0])
        return cls(chain.scaled(setup.scale), setup, own, progress)

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


Streams: TypeAlias = Mapping[Setup, Stream]


def simulations(streams: Streams) -> dict[Setup, Simulation]:
    """What has been simulated so far."""
    return {setup: stream.simulation for setup, stream in streams.items() if stream.simulation is not None}


def looks(plan: Plan, streams: Streams, undecided: Callable[[], tuple[int, ...]], deadline: float) -> Iterator[int]:
    """Let the streams of undecided generations grow, and yield the number of the look after each growth.

    Ends when nothing is undecided, or when another look does not fit in before the deadline (by `time.monotonic`),
    which only the pilot may exceed.
    """
    for _ in ("compiles", "is timed"):
        for stream in streams.values():
            if stream.replicates == 0 or time.monotonic() < deadline:
                stream.grow(BATCH)
    look = 0
    while _grow(streams, _targets(plan, streams, undecided()), deadline):
        look += 1
        yield look


def _targets(plan: Plan, streams: Streams, undecided: tuple[int, ...]) -> dict[Setup, int]:
    """Total replicates of each stream at the next look; nothing for streams that no open question needs."""
    needed = dict.fromkeys(setup for g in undecided for setup in plan.needs(g))
    targets = {setup: max(FIRST_LOOK, GROWTH * streams[setup].replicates) for setup in needed}
    on_ladder = [g for g in undecided if plan.needs(g) == plan.rungs and plan.rungs]
    if on_ladder and min(streams[rung].replicates for rung in plan.rungs) >= FIRST_LOOK:
        targets |= _ladder_targets(plan, streams, on_ladder)
    return targets


def _ladder_targets(plan: Plan, streams: Streams, generations: list[int]) -> dict[Setup, int]:
    """Replicates of each rung, for the least variance of the extrapolated gap at `GROWTH` times the work."""
    ladder = plan.ladder(simulations(streams))
    assert ladder is not None
    rungs = [streams[rung] for rung in plan.rungs]
    errors = np.array([[row[g - 1].standard_error for g in generations] for row in ladder.gaps])
    counts, costs = np.array([r.replicates for r in rungs]), np.array([r.seconds for r in rungs])
    deviations = errors.max(axis=1) * np.sqrt(counts)
    best = allocate(richardson_weights(plan.scales)[0], deviations, costs, GROWTH * float(costs @ counts))
    return {rung: max(int(n), int(m)) for rung, n, m in zip(plan.rungs, counts, best, strict=True)}


def _grow(streams: Streams, targets: Mapping[Setup, int], deadline: float) -> bool:
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

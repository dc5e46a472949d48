"""A sweep that is killed again and again: `killed_sweep.py STORE POINTS KILLS SEED [simulate]`.

Each run is a process of its own, forked from one that has imported everything and started nothing. It is sent SIGKILL
at a random moment. What it had reported as finished must be in the store, unchanged, and stay there. Prints, as JSON,
how many runs were killed before their end, how many of them in the midst of points, and what the store ends with. The
full form: `killed_sweep.py STORE 500 50 1` (half a minute), or with simulated points (some minutes).
"""

import hashlib
import json
import os
import random
import select
import signal
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

import modelcollapse as mc
from modelcollapse.validation.sweep.quantity import Measured, Quantity

POPULATION = mc.Population(mc.Isotropic(4), mc.UniformTarget())
CHAIN = mc.replace(POPULATION, generations=3, rows=20, noise=0.3, estimator=mc.MinimumNorm())


@dataclass(frozen=True)
class Hashing(Quantity):
    """Numbers that depend on every bit of the chain, in some milliseconds and without a compilation."""

    rounds: int = 4000

    columns: ClassVar = {"digest": "1"}
    shown: ClassVar = ("digest",)

    def answers(self, chains, points):
        return [Measured({"digest": self.digest(chain)}) for chain in chains]

    def digest(self, chain):
        text = repr(chain).encode()
        for _ in range(self.rounds):
            text = hashlib.sha256(text).digest()
        return np.frombuffer(text[:24], dtype="<u8") / 2.0**64


def swept(points, quantity=None):
    """A sweep of so many points."""
    return mc.Sweep(CHAIN, {"noise": np.linspace(0.1, 0.9, points)}, quantity or Hashing())


def forked(sweep, store, report):
    """The process that runs the sweep; it reports to the end of a pipe, after its points are on the disk."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        sweep.run(store, progress=lambda done, total: os.write(report, f"{done}\n".encode()))
        status = 0
    finally:
        os._exit(status)


def kept(store):
    """What is in the store, by number; nothing where it has not been begun."""
    connection = sqlite3.connect(store, timeout=60)
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return {}
        return dict(connection.execute("SELECT number, numbers FROM points"))
    finally:
        connection.close()


def killed_once(sweep, store, draw, pace):
    """Whether a run was killed before its end, and how many points it had reported before and in this run."""
    hear, report = os.pipe()
    child = forked(sweep, store, report)
    os.close(report)
    told, grown = b"", draw.random() < 0.2  # one in five at any moment, from the first instruction on
    while not grown:
        piece = os.read(hear, 65536)
        told += piece
        grown = not piece or told.count(b"\n") >= 2
    select.select([], [], [], draw.uniform(0, pace))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while piece := os.read(hear, 65536):
        told += piece
    os.close(hear)
    reports = [int(line) for line in told.split()]
    return os.WIFSIGNALED(status), reports[0] if reports else 0, reports[-1] if reports else 0


def pace_of(points, kills):
    """Seconds after which a run is killed at most, so that so many runs get about as far as the last point."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        swept(points // 10).run(Path(folder) / "store")
    return (time.perf_counter() - begun) * 10 / kills


def killed_often(store, points, kills, seed, quantity=None):
    """Kill, look, go on; at last run to the end."""
    sweep, draw, seen = swept(points, quantity), random.Random(seed), {}
    pace = pace_of(points, kills) if quantity is None else 0.3
    counts = {"killed": 0, "amid points": 0, "lost": 0}
    for _ in range(kills):
        killed, first, last = killed_once(sweep, store, draw, pace)
        now = kept(store)
        counts["killed"] += killed
        counts["amid points"] += killed and first < last < points
        counts["lost"] += max(0, last - len(now)) + sum(now.get(number) != row for number, row in seen.items())
        seen = now
        pace /= 2 if last - first > points / kills else 1  # the machine is less busy than when its pace was taken
    result = sweep.run(store)
    return {**counts, "before the last run": len(seen), "missing": result.missing, "fingerprint": result.fingerprint}


def together(store, points):
    """Two runs at once; their exit statuses, and what is in the store."""
    sweep = swept(points)
    children = [forked(sweep, store, os.open(os.devnull, os.O_WRONLY)) for _ in range(2)]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return {"statuses": statuses, "points": len(kept(store)), "fingerprint": sweep.run(store).fingerprint}


if __name__ == "__main__":
    path, points, kills, seed = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    chosen = mc.Simulating(4) if sys.argv[5:] == ["simulate"] else None
    print(json.dumps(killed_often(path, points, kills, seed, chosen) if kills else together(path, points)))

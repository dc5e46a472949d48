"""A sweep that costs nothing, and hands that do it or die."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

import modelcollapse as mc
from modelcollapse.validation.sweep.quantity import Measured, Quantity

HELPER = Path(__file__).with_name("killed_sweep.py")
POPULATION = mc.Population(mc.Isotropic(4), mc.UniformTarget())
CHAIN = mc.replace(POPULATION, generations=2, rows=20, noise=0.3, estimator=mc.Ridge(0.1))
LEAST = CHAIN.with_(estimator=mc.MinimumNorm())
GRID = {"rows": [12, 20], "penalty": [0.01, 0.1, 1.0]}


@dataclass(frozen=True)
class Noise(Quantity):
    """The noise of the first source, without any work; -1 for a number that is an error."""

    fails_at: float = -1.0

    columns: ClassVar = {"noise": "1"}
    shown: ClassVar = ("noise",)

    def answers(self, chains, points):
        return [Measured({"noise": np.full(len(chain), self._noise(chain))}) for chain in chains]

    def _noise(self, chain):
        noise = chain.generations[0].sources[0].noise
        if noise == self.fails_at:
            raise ZeroDivisionError("a point that is an error")
        return noise


def cheap(points=10, **parameters):
    return mc.Sweep({f"chain {n}": CHAIN.with_(noise=float(n)) for n in range(points)}, quantity=Noise(**parameters))


def helped(*words):
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    command = [sys.executable, *map(str, words)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout


class Hands(Executor):
    """Does everything at once; what it was given is counted, and from a number on it is dead."""

    def __init__(self, dies_at=10**9):
        self.dies_at, self.given = dies_at, 0

    def submit(self, function, /, *arguments, **named):
        future = Future()
        self.given += 1
        if self.given >= self.dies_at:
            future.set_exception(BrokenProcessPool("a worker was killed"))
        else:
            future.set_result(function(*arguments, **named))
        return future


def interrupting(after):
    def report(done, total):
        if done == after:
            raise KeyboardInterrupt

    return report


def kept(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT number, numbers FROM points"))

"""The sampler by sufficient statistics against drawing every row, as ratios within this run; prints JSON.

taskset -c 0 python benchmarks/sampler.py
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from modelcollapse.numerics.designs import GAUSSIAN
from modelcollapse.numerics.execution.memory import batch_size
from modelcollapse.numerics.execution.work import Work
from modelcollapse.numerics.experiment import experiment
from modelcollapse.numerics.measurement.label_noise import DRAWN
from modelcollapse.numerics.measurement.responses import response
from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS, Sampler
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import Chain, Population, PowerLaw, Ridge, UniformTarget, replace

CELLS = ((200, 4), (200, 20), (1000, 4), (1000, 20))  # dimension, rows per direction
GENERATIONS = 2
PENALTY, NOISE = 0.01, 0.3


def chain_of(dimension: int, rows: int, penalty: float = PENALTY, noise: float = NOISE) -> Chain:
    """The chain that is timed."""
    population = Population(PowerLaw(dimension, 1.0), UniformTarget())
    return replace(population, GENERATIONS, rows, noise, Ridge(penalty))


def seconds(call: Callable[[], Any], repeats: int) -> float:
    """Best of several runs."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return float(best)


def simulated(chain: Chain, sampler: Sampler, repeats: int) -> float:
    """Seconds per replicate, compilation left out."""
    parts, structure = experiment(chain, GAUSSIAN, sampler)
    work, size = Work(structure, response(DRAWN, structure), parts, seed=1), batch_size(structure)
    work.batch(0, size)
    return seconds(lambda: work.batch(size, size), repeats) / size


def looped(dimension: int, rows: int) -> float:
    """Seconds per replicate of a NumPy loop with `lstsq` on the rows, sqrt(n lambda) I stacked below them."""
    generator, root = np.random.default_rng(1), np.sqrt(np.arange(1.0, dimension + 1) ** -1.0)

    def replicate() -> None:
        model = np.full(dimension, dimension**-0.5)
        for _ in range(GENERATIONS):
            design = generator.standard_normal((rows, dimension)) * root
            labels = np.append(design @ model + NOISE * generator.standard_normal(rows), np.zeros(dimension))
            stacked = np.vstack([design, np.sqrt(rows * PENALTY) * np.eye(dimension)])
            model = np.linalg.lstsq(stacked, labels, rcond=None)[0]

    return seconds(replicate, 2)


def compilations() -> int:
    """Compilations of the replicate in a sweep of 20 points over rows, penalty and noise."""
    records: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record.getMessage())

    logger, listener = logging.getLogger("jax"), Listener()
    logger.addHandler(listener)
    logger.propagate = False
    with jax.log_compiles():
        for rows in (5, 9, 10, 17, 400):
            for penalty, noise in ((1e-3, 0.1), (1e-2, 0.5), (0.1, 0.2), (1.0, 0.7)):
                simulate(chain_of(10, rows, penalty, noise), 2, sampler=SUFFICIENT_STATISTICS)
    logger.removeHandler(listener)
    return sum(record.startswith("Finished XLA compilation of jit(_batch)") for record in records)


def main() -> None:
    cells = []
    for dimension, factor in CELLS:
        chain, repeats = chain_of(dimension, factor * dimension), 5 if dimension < 500 else 1
        naive, fast = simulated(chain, NAIVE, repeats), simulated(chain, SUFFICIENT_STATISTICS, repeats)
        cell = {"dimension": dimension, "rows": factor * dimension, "seconds": fast, "naive/ours": naive / fast}
        if dimension * factor <= 4000:
            cell["numpy lstsq loop/ours"] = looped(dimension, factor * dimension) / fast
        cells.append(cell)
    print(json.dumps({"cells": cells, "compilations in a sweep of 20 points": compilations()}, indent=2))


if __name__ == "__main__":
    main()

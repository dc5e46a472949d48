"""A published grid on one fixed design per seed: labels replaced, accumulated or sampled, few and many rows.

taskset -c 0 python benchmarks/published_grid.py --out benchmarks/results/published_grid.json

Five dimensions x three memories x five numbers of rows x three noises, 100 seeds of 100 generations each, with exact
risk; beside it, at one cell, the loop of published scripts (`numpy.linalg.pinv` of the whole store), timed for a few
generations and scaled up. Errors are checked against what is known of them: replaced labels with rows >= d + 4 have
the exact mean g sigma^2 d/(rows - d - 1) after g generations. The three noises share their random numbers, and all
numbers of rows of one seed much of theirs, so that their z are few. A sample of the store that hits about as many
rows as there are directions has a fit without a mean: the largest errors are there, and are no rounding.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

import modelcollapse as mc
from modelcollapse.numerics.sampling import ONE_DESIGN

DIMENSIONS, ROWS, NOISES = (1, 3, 10, 32, 100), (7, 20, 64, 250, 1000), (0.1, 0.3, 1.0)
SEEDS, GENERATIONS = 100, 100


def chain(dimension: int, rows: int, noise: float, memory: str) -> mc.Chain:
    """New labels on the rows of generation 1, least norm."""
    kept = {"replace": mc.FORGET, "accumulate": mc.ACCUMULATE, "subsample": mc.Subsample(rows)}[memory]
    first = mc.Generation((mc.Source(rows, noise, mc.PREVIOUS),), mc.MinimumNorm())
    again = mc.Source(rows, noise, mc.PREVIOUS, covariates=mc.SameRows(1))
    later = mc.Generation((again,), mc.MinimumNorm(), memory=kept)
    return mc.Chain(mc.Population(mc.Isotropic(dimension), mc.UniformTarget()), (first, *[later] * (GENERATIONS - 1)))


def pinv_loop(dimension: int, rows: int, noise: float, generations: int) -> tuple[float, float]:
    """CPU seconds of accumulation by `pinv` of the whole store, and its last error."""
    rng = np.random.default_rng(0)
    truth = np.full(dimension, dimension**-0.5)
    design, weight, labels = rng.standard_normal((rows, dimension)), truth, np.zeros(0)
    start = time.process_time()
    for g in range(1, generations + 1):
        labels = np.concatenate([labels, design @ weight + noise * rng.standard_normal(rows)])
        weight = np.linalg.pinv(np.tile(design, (g, 1))) @ labels
    return time.process_time() - start, float(np.sum((weight - truth) ** 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cells: list[dict[str, Any]] = []
    begun = time.process_time()
    for dimension in DIMENSIONS:
        for rows in ROWS:
            for memory in ("replace", "accumulate", "subsample"):
                for noise in NOISES:
                    start = time.process_time()
                    errors = mc.simulate(chain(dimension, rows, noise, memory), SEEDS, sampler=ONE_DESIGN).errors
                    cell = {"dimension": dimension, "rows": rows, "memory": memory, "noise": noise}
                    cell |= {"seconds": time.process_time() - start, "median": float(np.median(errors[:, -1]))}
                    cell |= {"largest": float(errors.max())}
                    if memory == "replace" and rows >= dimension + 4:
                        exact = noise**2 * dimension / (rows - dimension - 1) * GENERATIONS
                        cell["z"] = float((errors[:, -1].mean() - exact) / errors[:, -1].std() * SEEDS**0.5)
                    cells.append(cell)
        print(f"dimension {dimension}: {time.process_time() - begun:.0f} s of CPU so far", flush=True)
    total = time.process_time() - begun
    few = 8
    loop = pinv_loop(100, 1000, 0.3, few)[0]
    # A loop over a store that grows: the time of generation g is proportional to g.
    scaled = loop * (GENERATIONS / few) ** 2 * SEEDS * len(NOISES)
    record = {
        "cpu_seconds": total,
        "cells": len(cells),
        "largest_error_of_all": max(cell["largest"] for cell in cells),
        "largest_z": max(abs(cell.get("z", 0.0)) for cell in cells),
        "pinv_loop_of_the_largest_accumulating_cells_cpu_seconds_scaled_up": scaled,
        "of_these_cells": cells,
    }
    print(json.dumps({name: value for name, value in record.items() if name != "of_these_cells"}, indent=1))
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()

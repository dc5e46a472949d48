"""The lazy Gaussian sampler against a NumPy loop and against a Cholesky factor, as ratios within this run; prints JSON.

Seconds are those of this process, the best of several runs. Extra memory is the growth of the largest resident set.

OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/lazy_gaussian.py
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs

from modelcollapse.numerics.sampling.lazy_gaussian import LazyGaussian
from modelcollapse.theory.problem import Chain, Population, PowerLaw, Ridge, UniformTarget, replace

CELLS = ((1000, 10.0, 20.0), (2000, 40.0, 80.0))  # dimension, least ratio, ratio that is hoped for
LARGE, FACTORED = 100_000, 1000  # dimensions
MOST_FACTORS, MOST_MEGABYTES = 150.0, 400.0
ROWS = 4  # for each direction
NOISE = 0.3


def chain_of(dimension: int, penalty: float) -> Chain:
    """The chain of one generation that is timed."""
    population = Population(PowerLaw(dimension, 1.0), UniformTarget())
    return replace(population, 1, ROWS * dimension, NOISE, Ridge(penalty))


def seconds(call: Callable[[], Any], repeats: int) -> float:
    """Process time, the best of several runs."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return float(best)


def lazy(dimension: int, penalty: float, tolerance: float, repeats: int) -> float:
    """Seconds for a replicate; the chain is read once."""
    work = LazyGaussian(tolerance).work(chain_of(dimension, penalty), seed=1)
    return seconds(lambda: work.batch(0, 4), repeats) / 4


def naive(dimension: int, penalty: float) -> float:
    """Seconds for a replicate in NumPy: normals, Gram matrix, Cholesky factor, two triangular systems."""
    generator, rows = np.random.default_rng(1), ROWS * dimension
    root = np.arange(1.0, dimension + 1) ** -0.5
    truth = np.full(dimension, dimension**-0.5)

    def replicate() -> None:
        design = generator.standard_normal((rows, dimension)) * root
        labels = design @ truth + NOISE * generator.standard_normal(rows)
        gram = design.T @ design
        gram.flat[:: dimension + 1] += rows * penalty
        factor, _ = dpotrf(gram, lower=1, overwrite_a=1)
        dpotrs(factor, design.T @ labels, lower=1)

    return seconds(replicate, 3)


def factor(dimension: int) -> float:
    """Seconds for a Cholesky factor."""
    half = np.random.default_rng(2).standard_normal((dimension, 2 * dimension))
    matrix = np.asfortranarray(half @ half.T)
    return seconds(lambda: dpotrf(matrix, lower=1), 7)


def largest_resident_set() -> float:
    """In megabytes, so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main() -> None:
    before = largest_resident_set()
    large = lazy(LARGE, 1e-3, 1e-6, 3)
    extra = largest_resident_set() - before
    one = factor(FACTORED)
    report: dict[str, Any] = {
        "large": {
            "dimension": LARGE,
            "seconds": large,
            "ours/factor": large / one,
            "at most": MOST_FACTORS,
            "extra megabytes": extra,
            "at most megabytes": MOST_MEGABYTES,
        },
        "cells": [],
    }
    for dimension, least, hoped in CELLS:
        ours, theirs = lazy(dimension, 1e-2, 1e-8, 7), naive(dimension, 1e-2)
        cell = {"dimension": dimension, "rows": ROWS * dimension, "seconds": ours, "naive/ours": theirs / ours}
        report["cells"].append(cell | {"at least": least, "hoped for": hoped})
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()

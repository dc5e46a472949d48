"""A chain that is watched: all monitors in every generation of every replicate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..theory.problem import checks
from ..theory.problem.chain import Chain
from ..theory.problem.checks import Vector
from ..theory.problem.errors import SpecificationError
from ..theory.problem.estimator import MinimumNorm
from ..theory.problem.monitors import Monitor
from ..theory.results.progress import Progress
from .designs import GAUSSIAN
from .execution.replicates import run
from .execution.work import Work
from .experiment import experiment
from .measurement.watched import Readings, Watched
from .sampling import NAIVE

_PLACES = {name: place for place, name in enumerate(Readings._fields)}


def watch(
    chain: Chain,
    replicates: int = 200,
    seed: int = 0,
    *,
    samples: int = 1000,
    tail: float = 2.0,
    progress: Progress = False,
) -> tuple[dict[Monitor, Vector], Vector]:
    """Run a chain `replicates` times and read off every `Monitor` after every generation.

    Every row is drawn, as residuals are those of rows. The generator after generation g labels fresh rows of the
    population by model g, with the root mean square label noise of that generation's new rows (of the last ones, where
    there are none); real labels have the noise of
    generation 1.

    Args:
        chain: with numbers in all its fields.
        replicates: at least 2.
        seed: from 0 to 2^63 - 1.
        samples: labels that are looked at in each generation, >= 1.
        tail: labels further than so many standard deviations of real ones from the truth are in the tails, > 0.
        progress: True for a progress bar, or a function of (done, total).

    Returns:
        The readings of each monitor, and the excess errors; float64 of shape (replicates, generations), fewer rows when
        interrupted from the keyboard.

    Raises:
        SpecificationError: for impossible values, before any work starts.
        NotCertified: when a least-squares system is too close to singular to be solved to six digits.
    """
    if not isinstance(chain, Chain):
        raise SpecificationError("chain", chain, "a Chain")
    replicates = checks.concrete_size("replicates", replicates, least=2)
    seed = checks.concrete_size("seed", seed, least=0)
    watched = Watched(checks.concrete_size("samples", samples), float(checks.positive("tail", tail)))
    parts, structure = experiment(chain, GAUSSIAN, NAIVE)
    readings: Any
    readings, _ = run(Work(structure, watched, parts, seed), 0, replicates, progress, 1)
    found = {name: readings[:, :, place] for name, place in _PLACES.items()}
    return {
        Monitor.LABEL_VARIANCE: found["label_variance"],
        Monitor.ENTROPY: np.log(2 * math.pi * math.e * found["label_variance"]) / 2,
        Monitor.IN_SAMPLE: found["training_residual"] * _per_freedom(chain, found["rows"], found["directions"]),
        Monitor.HELD_OUT: found["held_out_residual"],
        Monitor.DRIFT: found["drift"],
        Monitor.TAIL_COVERAGE: found["tail_coverage"],
        Monitor.LOG_DETERMINANT: found["log_determinant"],
        Monitor.TRACE: found["trace"],
    }, found["error"]


def _per_freedom(chain: Chain, rows: Vector, rank: Vector) -> Vector:
    """n/(n - r) for least squares on n > r rows, which turns RSS/n into RSS/(n - r); 1 for other fits."""
    least = np.array([isinstance(step.estimator, MinimumNorm) for step in chain.generations]) & (rows > rank)
    return np.asarray(np.divide(rows, rows - rank, out=np.ones_like(rows), where=least))

"""Replicates in fixed batches: bitwise the same numbers, however the work is cut."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from ...theory.problem.errors import NotCertified
from ..chain import Structure, replicate
from ..estimators.inverse_root import Factorisation, cholesky, householder
from ..experiment import Experiment
from .memory import batch_size
from .progress import Progress, reporting

# Largest relative rounding error that is let through.
TOLERANCE = 1e-6

Errors = NDArray[np.float64]


def run(
    structure: Structure, parts: Experiment, seed: int, start: int, replicates: int, progress: Progress
) -> tuple[Errors, bool]:
    """Excess errors of shape (replicates, generations), fewer rows when interrupted; and whether that happened.

    Raises:
        NotCertified: when an error is not known to a relative accuracy of `TOLERANCE`.
        KeyboardInterrupt: when interrupted before anything is finished.
    """
    batch = batch_size(structure)
    with jax.enable_x64(True):
        root = jax.random.key(seed)
    finished: list[Errors] = []
    with reporting(progress, replicates) as report:
        try:
            for first in range(0, replicates, batch):
                numbers = start + first + np.arange(batch)
                finished.append(_certified(structure, parts, root, numbers, min(batch, replicates - first)))
                report(min(first + batch, replicates), replicates)
        except KeyboardInterrupt:
            if not finished:
                raise
            return np.concatenate(finished), True
    return np.concatenate(finished), False


def _certified(structure: Structure, parts: Experiment, root: Array, numbers: NDArray[np.int64], wanted: int) -> Errors:
    """Errors of the first `wanted` replicates of a batch; the others fill it up, as another shape would take other
    kernels. Replicates that the fast factorisation leaves in doubt are solved again accurately.
    """
    errors, doubts = _measure(structure, cholesky, parts, root, numbers)
    unsure = np.flatnonzero(~(doubts[:wanted] <= TOLERANCE))
    if unsure.size:
        again = np.resize(unsure, numbers.shape)  # padded by repetition
        accurate, doubts = _measure(structure, householder, parts, root, numbers[again])
        errors[again] = accurate
        worst = int(np.argmax(np.where(np.isnan(doubts), np.inf, doubts)))
        if not doubts[worst] <= TOLERANCE:
            raise NotCertified(_explanation(int(numbers[again][worst]), float(doubts[worst])))
    return errors[:wanted]


def _measure(
    structure: Structure, factorise: Factorisation, parts: Experiment, root: Array, numbers: NDArray[np.int64]
) -> tuple[Errors, Errors]:
    with jax.enable_x64(True):
        measured = _batch(structure, factorise, parts, root, numbers.astype(np.uint32))
    return np.array(measured.error), np.asarray(measured.doubt).max(axis=1)


@partial(jax.jit, static_argnums=(0, 1))
def _batch(structure: Structure, factorise: Factorisation, parts: Experiment, root: Array, numbers: Array) -> Any:
    return jax.vmap(partial(replicate, structure, factorise, parts, root))(jnp.asarray(numbers))


def _explanation(number: int, doubt: float) -> str:
    return (
        f"replicate {number} has a relative rounding error of up to {doubt:.1e}, more than {TOLERANCE:.0e}: its least-"
        "squares system is too close to singular (minimum norm with repeated rows, rows next to the rank, or a very "
        "steep spectrum). Use a larger penalty, or numbers of rows further from the rank."
    )

"""The work of a simulation, one batch of replicates at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from ...theory.problem.errors import NotCertified
from ..chain import replicate
from ..estimators.inverse_root import Factorisation, cholesky, householder
from ..experiment import Experiment
from ..measurement.responses import Response
from ..measurement.watched import Watched
from ..structure import Structure
from .memory import batch_size

# Largest relative rounding error that is let through.
TOLERANCE = 1e-6
COMPILED = 32  # structures whose compilations are kept
LONG_LOOPS = 32  # directions from which the loops of sufficient statistics are worth a longer compilation

Errors = NDArray[np.float64]


class Batched(Protocol):
    """Work that is done in batches of one size, each for itself, and can be sent to other processes."""

    @property
    def size(self) -> int: ...

    def batch(self, first: int, wanted: int) -> Errors: ...


@dataclass(frozen=True)
class Work:
    """What one batch after another is made of; NumPy only, so that it can be sent to other processes."""

    structure: Structure
    response: Response | Watched
    parts: Experiment
    seed: int

    @property
    def size(self) -> int:
        """Replicates in a batch: as many on each device."""
        return batch_size(self.structure) * jax.local_device_count()

    def batch(self, first: int, wanted: int) -> Errors:
        """Errors of replicates first, ..., first + wanted - 1; what a device gets is filled up, as another shape would
        take other kernels. Replicates that the fast factorisation leaves in doubt are solved again accurately.

        Raises:
            NotCertified: when an error is not known to a relative accuracy of `TOLERANCE`.
        """
        numbers = first + np.arange(self._filled(wanted))
        errors, doubts = self.measure(cholesky, numbers)
        unsure = np.flatnonzero(~(doubts[:wanted] <= TOLERANCE))
        if unsure.size:
            again = np.resize(unsure, self._filled(unsure.size))  # padded by repetition
            accurate, doubts = self.measure(householder, numbers[again])
            errors[again] = accurate
            worst = int(np.argmax(np.where(np.isnan(doubts), np.inf, doubts)))
            if not doubts[worst] <= TOLERANCE:
                raise NotCertified(_explanation(int(numbers[again][worst]), float(doubts[worst])))
        return errors[:wanted]

    def measure(self, factorise: Factorisation, numbers: NDArray[np.int64]) -> tuple[Errors, Errors]:
        """Errors and the largest doubts of some replicates, whole batches of them, one on each device.

        Each device is given what one alone would be given, and none waits for another: the numbers are the same.
        """
        devices = itertools.cycle(jax.local_devices())
        pieces = numbers.astype(np.uint32).reshape(-1, batch_size(self.structure))
        with jax.enable_x64(True):
            batch = _compiled(self.structure, self.response, factorise)
            given = [(self.parts, jax.random.key(self.seed), piece) for piece in pieces]
            if len(pieces) > 1:
                given = [jax.device_put(each, device) for each, device in zip(given, devices, strict=False)]
            measured = [batch(*each) for each in given]
        errors, doubts = (np.concatenate([np.asarray(each[part]) for each in measured]) for part in range(2))
        return errors, doubts.max(axis=1)

    def _filled(self, count: int) -> int:
        """So many replicates, in whole batches of one device."""
        each = batch_size(self.structure)
        return -(-count // each) * each


@lru_cache(maxsize=COMPILED)
def _compiled(structure: Structure, response: Response | Watched, factorise: Factorisation) -> Callable[..., Any]:
    """One compilation for a structure; the eldest are let go, as each holds several hundred mappings of memory, of
    which a process may have 65530.
    """

    def _batch(parts: Experiment, root: Array, numbers: Array) -> Any:
        return jax.vmap(partial(replicate, structure, response, factorise, parts, root))(jnp.asarray(numbers))

    return jax.jit(_batch, compiler_options=_effort(structure))


def _effort(structure: Structure) -> dict[str, Any]:
    """Options for XLA: on CPUs most of the time goes into library calls, and all of LLVM's passes double that of the
    compilation for nothing (0.7 to 2 seconds); they depend on the structure alone, so that the numbers do, too.
    """
    long = structure.sampler.for_any_rows and structure.directions > LONG_LOOPS
    return {} if long or jax.default_backend() != "cpu" else {"xla_backend_optimization_level": 1}


def _explanation(number: int, doubt: float) -> str:
    return (
        f"replicate {number} has a relative rounding error of up to {doubt:.1e}, more than {TOLERANCE:.0e}: its least-"
        "squares system is too close to singular (minimum norm with repeated rows, rows next to the rank, or a very "
        "steep spectrum). Use a larger penalty, or numbers of rows further from the rank."
    )

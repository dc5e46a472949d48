"""One run shared by the processes of a JAX cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ...theory.problem.errors import NotCertified, SpecificationError
from ...theory.results.progress import Progress
from .replicates import run
from .work import Batched, Errors


@final
@dataclass(frozen=True)
class JaxProcesses:
    """All processes that `jax.distributed.initialize` has brought together.

    Each of them makes the same call; each does its share of the replicates, and each is given all of them.
    """


JAX_PROCESSES = JaxProcesses()


def run_together(work: Batched, start: int, replicates: int, progress: Progress) -> Errors:
    """What one process alone would measure, bit for bit, in every process.

    Raises:
        NotCertified: when this process, or another, could not finish its share.
        SpecificationError: where processes ask for other replicates.
    """
    told = _gathered(np.array([[work.size, start, replicates]], np.float64))
    if not np.array_equal(told[:, 1:], np.broadcast_to(told[0, 1:], told[:, 1:].shape)):
        raise SpecificationError("processes", JAX_PROCESSES, "processes that all make the same call")
    batch = int(told[:, 0].max())  # with more devices it is more, and no number depends on it
    each = -(-replicates // (batch * jax.process_count())) * batch
    first = min(jax.process_index() * each, replicates - 1)  # who has nothing to do measures the last one again
    count = min(each, replicates - first)
    try:
        errors, interrupted = run(work, start + first, count, progress, 1)
        if interrupted:
            raise KeyboardInterrupt
    except BaseException:
        _gathered(np.zeros(1))  # the others would wait for ever
        raise
    if not _gathered(np.ones(1)).all():
        raise NotCertified("another process could not finish its share of the replicates; it says why")
    share = np.zeros((each, *errors.shape[1:]))
    share[:count] = errors
    return _gathered(share)[:replicates]


def _gathered(own: Errors) -> Errors:
    """The arrays of all processes, one after the other along the first axis, in every process; all of one shape."""
    firsts = {device.process_index: device for device in reversed(jax.devices())}
    mesh = Mesh(np.array([firsts[index] for index in range(jax.process_count())]), ("processes",))
    spec: Any = PartitionSpec
    with jax.enable_x64(True):
        together: Callable[..., Any] = jax.make_array_from_process_local_data
        shared = together(NamedSharding(mesh, spec("processes")), own)
        whole = jax.jit(lambda rows: rows, out_shardings=NamedSharding(mesh, spec()))(shared)
        return np.asarray(whole.addressable_data(0))

"""The work of samplers whose arithmetic is on vectors of replicates."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import jax
import numpy as np
from jax.sharding import Mesh, PartitionSpec
from numpy.typing import NDArray

from .backends import BLOCK, Backend, Draws, JaxBackend, Numbers

Fields = NDArray[np.float64]
COMPILED = 32  # programs that are kept


class Program(Hashable, Protocol):
    """What all replicates do, from arrays and random numbers to fields of shape (generations, replicates)."""

    def __call__(self, backend: Backend, parts: Any, draws: Callable[[Any], Draws]) -> tuple[Numbers, ...]: ...


@dataclass(frozen=True)
class Lanes:
    """A program on batches of replicates side by side.

    Attributes:
        program: hashable; what is compiled for.
        backend: where it runs.
        parts: its arrays.
        seed: of the simulation.
    """

    program: Program
    backend: Backend
    parts: Any
    seed: int

    def fields(self, first: int, wanted: int) -> list[Fields]:
        """Fields of replicates first, ..., first + wanted - 1, each of shape (wanted, generations)."""
        if isinstance(self.backend, JaxBackend):
            return self._on_device(first, wanted)
        before = first % BLOCK  # streams belong to whole blocks
        replicates = np.arange(first - before, -(-(first + wanted) // BLOCK) * BLOCK)
        lanes, backend = range(before, before + wanted), self.backend
        with np.errstate(all="ignore"):  # what is no number is told by the caller
            found = self.program(backend, self.parts, lambda g: backend.draws(self.seed, replicates, g, lanes))
        return [np.ascontiguousarray(field[:, before : before + wanted].T) for field in found]

    def alone(self, number: int) -> list[Fields]:
        """The fields of one replicate, computed by itself on the host, shape (1, generations)."""
        assert not isinstance(self.backend, JaxBackend)
        backend, block = self.backend, np.arange(number - number % BLOCK, number - number % BLOCK + BLOCK)
        lane = slice(number % BLOCK, number % BLOCK + 1)

        def draws(generation: Any) -> Draws:
            drawn = backend.draws(self.seed, block, generation, range(BLOCK)[lane])

            def own_chi(freedom: Numbers) -> Numbers:
                return drawn.own_chi(_in_all_lanes(freedom))[:, lane]

            def each(function: Callable[..., Numbers], *over: Numbers) -> Numbers:
                return drawn.each(function, *map(_in_all_lanes, over))[..., lane]

            return Draws(
                lambda count: drawn.normal(count)[:, lane], lambda freedom: drawn.chi(freedom)[:, lane], own_chi, each
            )

        with np.errstate(all="ignore"):
            return [field.T for field in self.program(backend, self.parts, draws)]

    def _on_device(self, first: int, wanted: int) -> list[Fields]:
        """A batch is filled up, as another shape would take other kernels."""
        assert isinstance(self.backend, JaxBackend)
        replicates = (first + np.arange(self.backend.batch)).astype(np.uint32)
        # The other kind has no prefixes: a longer draw would begin anew.
        with jax.enable_x64(True), jax.threefry_partitionable(True):
            compiled = _compiled(self.program, self.backend)
            found = compiled(self.backend.ready(self.parts), jax.random.key(self.seed), replicates)
            return [np.array(field, np.float64).T[:wanted] for field in found]


def _in_all_lanes(of_one: Numbers) -> Numbers:
    """What one replicate has, for each of a block."""
    return np.broadcast_to(of_one, (*of_one.shape[:-1], BLOCK))


@lru_cache(maxsize=COMPILED)
def _compiled(program: Program, backend: JaxBackend) -> Callable[..., Any]:
    def fields(parts: Any, key: Any, replicates: Any) -> Any:
        return program(backend, parts, lambda generation: backend.draws(key, replicates, generation))

    return jax.jit(_on_all_devices(fields, backend.batch))


def _on_all_devices(fields: Callable[..., Any], batch: int) -> Callable[..., Any]:
    """Each device has its share of the replicates and knows nothing of the others."""
    count = jax.local_device_count()
    if count == 1 or batch % count:
        return fields
    mesh = Mesh(np.array(jax.local_devices()), ("replicates",))
    spec: Any = PartitionSpec
    own, all_of, shares = spec("replicates"), spec(), spec(None, "replicates")
    shared: Callable[..., Any] = jax.shard_map(
        fields, mesh=mesh, in_specs=(all_of, all_of, own), out_specs=shares, check_vma=False
    )
    return shared

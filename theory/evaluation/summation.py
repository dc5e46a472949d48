"""Sums whose rounding error does not grow with the number of terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

BLOCK = 8  # terms that are added in whatever order the compiler likes


def pairwise_sum(terms: Any) -> Any:
    """Sum over the last axis by halving; relative error at most ceil(log2(length)) roundings for positive terms.

    Explicit halves, because a compiled reduction may add in any order. NumPy arrays are summed by NumPy, which compiles
    nothing.

    >>> float(pairwise_sum(jnp.arange(5.0)))
    10.0
    """
    return _halved(terms, np) if isinstance(terms, np.ndarray) else _compiled(terms)


def _halved(terms: Any, array: Any) -> Any:
    *batch, length = terms.shape
    zeros = array.zeros_like(terms, shape=(*batch, (1 << rounding_steps(length)) - length))
    terms = array.concatenate([terms, zeros], axis=-1)
    while terms.shape[-1] > 1:
        terms = terms.reshape(*batch, 2, -1).sum(axis=-2)
    return terms.reshape(batch)


@jax.custom_jvp
def _compiled(terms: Any) -> Any:
    return _halved(terms, jnp)


@_compiled.defjvp
def _compiled_jvp(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
    # A plain sum, whose transpose is one broadcast: compiled in half the time, and no order of adding matters there.
    return _compiled(*primals), jnp.sum(tangents[0], axis=-1)


def blockwise_sums(terms: Sequence[Any]) -> list[Any]:
    """Sums over the last axis of several arrays of one shape, in one pass over what they are computed from.

    Blocks of 8 are reduced, then blocks of 8 of their sums: `blockwise_steps(length)` roundings at most, in any order
    within a block. A compiler that is asked for each sum by itself computes the terms once for each.

    >>> [float(total) for total in blockwise_sums([jnp.arange(20.0), jnp.ones(20)])]
    [190.0, 20.0]
    """
    sums = list(terms)
    while (length := sums[0].shape[-1]) > 1:
        padding = [(0, 0)] * (sums[0].ndim - 1) + [(0, -length % BLOCK)]
        blocks = [jnp.pad(part, padding).reshape(*part.shape[:-1], -1, BLOCK) for part in sums]
        zeros = tuple(jnp.zeros((), part.dtype) for part in sums)
        sums = list(jax.lax.reduce(tuple(blocks), zeros, _added, (blocks[0].ndim - 1,)))
    return [part[..., 0] for part in sums]


def _added(first: Any, second: Any) -> Any:
    return tuple(a + b for a, b in zip(first, second, strict=True))


def blockwise_steps(length: int) -> int:
    """Number of successive additions in `blockwise_sums` of that length, at most.

    >>> blockwise_steps(1000)  # 125 blocks, 16 blocks of these, 2, 1
    22
    """
    steps = 0
    while length > 1:
        steps += min(length, BLOCK) - 1
        length = -(-length // BLOCK)
    return steps


def rounding_steps(length: int) -> int:
    """Number of successive additions in `pairwise_sum` of that length.

    >>> rounding_steps(1000)
    10
    """
    return max(length - 1, 0).bit_length()

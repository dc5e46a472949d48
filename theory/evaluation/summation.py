"""Sums whose rounding error does not grow with the number of terms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


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


def rounding_steps(length: int) -> int:
    """Number of successive additions in `pairwise_sum` of that length.

    >>> rounding_steps(1000)
    10
    """
    return max(length - 1, 0).bit_length()

"""Sums whose rounding error does not grow with the number of terms."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np


def pairwise_sum(terms: Any) -> Any:
    """Sum over the last axis by halving; relative error at most ceil(log2(length)) roundings for positive terms.

    Explicit halves, because a compiled reduction may add in any order. NumPy arrays are summed by NumPy, which compiles
    nothing.

    >>> float(pairwise_sum(jnp.arange(5.0)))
    10.0
    """
    *batch, length = terms.shape
    # Concatenation and reshaping, because the transposes of padding and slicing would need the caller's precision.
    array: Any = np if isinstance(terms, np.ndarray) else jnp
    zeros = array.zeros_like(terms, shape=(*batch, (1 << rounding_steps(length)) - length))
    terms = array.concatenate([terms, zeros], axis=-1)
    while terms.shape[-1] > 1:
        terms = terms.reshape(*batch, 2, -1).sum(axis=-2)
    return terms.reshape(batch)


def rounding_steps(length: int) -> int:
    """Number of successive additions in `pairwise_sum` of that length.

    >>> rounding_steps(1000)
    10
    """
    return max(length - 1, 0).bit_length()

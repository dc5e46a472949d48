"""Sums whose rounding error does not grow with the number of terms."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def pairwise_sum(terms: jax.Array) -> jax.Array:
    """Sum over the last axis by halving; relative error at most ceil(log2(length)) roundings for positive terms.

    Explicit halves, because a compiled reduction may add in any order.

    >>> float(pairwise_sum(jnp.arange(5.0)))
    10.0
    """
    length = terms.shape[-1]
    padding = [(0, 0)] * (terms.ndim - 1) + [(0, (1 << rounding_steps(length)) - length)]
    terms = jnp.pad(terms, padding)
    while terms.shape[-1] > 1:
        half = terms.shape[-1] // 2
        terms = terms[..., :half] + terms[..., half:]
    return terms[..., 0]


def rounding_steps(length: int) -> int:
    """Number of successive additions in `pairwise_sum` of that length.

    >>> rounding_steps(1000)
    10
    """
    return max(length - 1, 0).bit_length()

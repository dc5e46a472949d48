"""The exact quadratic test error: no test set, the covariance is known."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def excess_error(deviation: Array) -> Array:
    """|v - v_0|^2 = (w - w_0)' Sigma (w - w_0).

    Args:
        deviation: v - v_0 in whitened coordinates, shape (rank,).
    """
    return jnp.sum(deviation**2)


def expected_excess_error(deviation: Array, covariance: Array) -> Array:
    """E |v - v_0|^2 for a model with this mean deviation, shape (rank,), and covariance, shape (rank, rank)."""
    return excess_error(deviation) + jnp.trace(covariance)

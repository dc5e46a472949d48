"""Two ways to W with W W' = (B'B + diag(ridge))^(-1): fast, and accurate to the last digit that can be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
from jax import Array, lax


class InverseRoot(NamedTuple):
    """W with W W' = (B'B + diag(ridge))^(-1)."""

    matrix: Array

    def solve(self, right: Array) -> Array:
        """(B'B + diag(ridge))^(-1) right, for a vector."""
        return self.matrix @ (self.matrix.T @ right)

    def inverse(self) -> Array:
        """(B'B + diag(ridge))^(-1)."""
        return self.matrix @ self.matrix.T


Factorisation: TypeAlias = Callable[[Array, Array], InverseRoot]


def cholesky(columns: Array, ridge: Array) -> InverseRoot:
    """By the Cholesky factor of the Gram matrix, scaled to a unit diagonal; loses eps * condition.

    The scaling makes the condition number blind to the size of the columns, hence to steep spectra.

    Args:
        columns: B, shape (m, k).
        ridge: shape (k,), >= 0.
    """
    size = columns.shape[1]
    gram = columns.T @ columns + jnp.diag(ridge)
    scale = lax.rsqrt(jnp.diagonal(gram))
    factor = jnp.linalg.cholesky(gram * scale[:, None] * scale[None, :])
    inverse = lax.linalg.triangular_solve(factor, jnp.eye(size), left_side=True, lower=True)
    return InverseRoot(scale[:, None] * inverse.T)


def householder(columns: Array, ridge: Array) -> InverseRoot:
    """By the triangular factor of [B; diag(sqrt(ridge))]; loses eps * sqrt(condition), costs several times as much.

    Args:
        columns: B, shape (m, k).
        ridge: shape (k,), >= 0.
    """
    size = columns.shape[1]
    scale = lax.rsqrt(jnp.sum(columns**2, axis=0) + ridge)
    stacked = jnp.concatenate([columns * scale[None, :], jnp.diag(jnp.sqrt(ridge) * scale)])
    factor = jnp.linalg.qr(stacked, mode="r")
    inverse = lax.linalg.triangular_solve(factor, jnp.eye(size), left_side=True, lower=False)
    return InverseRoot(scale[:, None] * inverse)

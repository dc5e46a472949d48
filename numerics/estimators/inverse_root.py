"""Two ways to solve (B'B + diag(ridge)) a = b: fast, and accurate to the last digit that can be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
from jax import Array, lax


class InverseRoot(NamedTuple):
    """W = diag(scale) L'^(-1), so that W W' = (B'B + diag(ridge))^(-1); vectors never need the inverse of L."""

    scale: Array
    lower: Array

    def half(self, right: Array) -> Array:
        """W' right, for a vector."""
        scaled = (self.scale * right)[:, None]
        return lax.linalg.triangular_solve(self.lower, scaled, left_side=True, lower=True)[:, 0]

    def other_half(self, half: Array) -> Array:
        """W half, for a vector."""
        solved = lax.linalg.triangular_solve(self.lower, half[:, None], left_side=True, lower=True, transpose_a=True)
        return self.scale * solved[:, 0]

    def solve(self, right: Array) -> Array:
        """(B'B + diag(ridge))^(-1) right, for a vector."""
        return self.other_half(self.half(right))

    @property
    def matrix(self) -> Array:
        """W itself."""
        identity = jnp.eye(self.scale.shape[0])
        inverse = lax.linalg.triangular_solve(self.lower, identity, left_side=True, lower=True)
        return self.scale[:, None] * inverse.T


Factorisation: TypeAlias = Callable[[Array, Array], InverseRoot]


def cholesky(columns: Array, ridge: Array) -> InverseRoot:
    """By the Cholesky factor of the Gram matrix, scaled to a unit diagonal; loses eps * condition.

    The scaling makes the condition number blind to the size of the columns, hence to steep spectra.

    Args:
        columns: B, shape (m, k).
        ridge: shape (k,), >= 0.
    """
    gram = columns.T @ columns + jnp.diag(ridge)
    scale = lax.rsqrt(jnp.diagonal(gram))
    scaled = gram * scale[:, None] * scale[None, :]
    return InverseRoot(scale, lax.linalg.cholesky(scaled, symmetrize_input=False))


def householder(columns: Array, ridge: Array) -> InverseRoot:
    """By the triangular factor of [B; diag(sqrt(ridge))]; loses eps * sqrt(condition), costs several times as much.

    Args:
        columns: B, shape (m, k).
        ridge: shape (k,), >= 0.
    """
    scale = lax.rsqrt(jnp.sum(columns**2, axis=0) + ridge)
    stacked = jnp.concatenate([columns * scale[None, :], jnp.diag(jnp.sqrt(ridge) * scale)])
    return InverseRoot(scale, jnp.linalg.qr(stacked, mode="r").T)

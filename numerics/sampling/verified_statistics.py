"""Of a judged row only what its verifier sees is drawn; everything else comes as sufficient statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import jax
import jax.numpy as jnp
from jax import Array

from .naive import Draw
from .sufficient_statistics import triangular_factor


@final
@dataclass(frozen=True)
class VerifiedStatistics:
    """T judged rows become d + 1 pseudo-rows.

    A residual depends on a Gaussian row z through its coordinate g along u = labeller - verifier alone, so that of the
    n rows that are kept the other coordinates are as before: independent standard normals. Turned by the orthogonal
    matrix that brings (g, residuals) to upper triangular form they are so again: two pseudo-rows carry g and the
    residuals, and the n - 2 others, with neither, are replaced by their triangular factor.
    """

    title: ClassVar[str] = "verified statistics: of a judged row only what its verifier sees is drawn"
    for_any_rows: ClassVar[bool] = False

    def places(self, rows: int, directions: int) -> int:
        """Places that a source of so many rows takes in a block."""
        return rows

    def present(self, rows: int, directions: int) -> int:
        """Places of them that hold a row."""
        return rows

    def block(self, key: Array, counts: Array, draw: Draw, rows: int, directions: int, pool: Any) -> Array:
        """Nothing: no row is drawn as a whole."""
        return jnp.zeros((rows, directions))

    def mixing(self, key: Array, rows: Array, shape: tuple[int, int]) -> Array:
        """Standard normal matrix whose rows mix the `shape[1]` rows that a Gaussian is fitted to."""
        return jax.random.normal(key, shape, dtype="float64")


VERIFIED_STATISTICS = VerifiedStatistics()


def pseudo_rows(key: Array, along: Array, residuals: Array, kept: Array, toward: Array) -> tuple[Array, Array]:
    """Pseudo-rows of one source, shape (d + 1, d), and their residuals, shape (d + 1,).

    Args:
        key: of the coordinates that no one judged.
        along: coordinate of each row along `toward`, shape (rows,).
        residuals: shape (rows,).
        kept: 1 for rows that are kept, else 0, shape (rows,).
        toward: u, shape (d,), d >= 2.
    """
    count, first, slope, second = triangle(along, residuals, kept)
    directions = toward.shape[0]
    key, top = jax.random.split(key)
    exists = jnp.stack([count >= 1, count >= 2]).astype("float64")
    seen = exists[:, None] * jax.random.normal(top, (2, directions - 1), dtype="float64")
    others = jnp.concatenate([seen, triangular_factor(key, count - 2, directions - 1)])
    nothing = jnp.zeros(directions)
    column = jnp.concatenate([jnp.stack([first]), nothing])
    labels = jnp.concatenate([jnp.stack([slope, second]), nothing[1:]])
    return turned(jnp.concatenate([column[:, None], others], axis=1), toward), labels


def triangle(along: Array, residuals: Array, kept: Array) -> tuple[Array, Array, Array, Array]:
    """Number of rows that are kept, and the upper triangular factor (a, b; 0, c) of their (along, residuals).

    >>> with jax.enable_x64(True):
    ...     [float(one) for one in triangle(jnp.array([3.0, 4.0]), jnp.array([1.0, -2.0]), jnp.ones(2))]
    [2.0, 5.0, -1.0, 2.0]
    """
    count, square = jnp.sum(kept), jnp.sum(kept * along**2)
    ratio = jnp.where(square > 0, jnp.sum(kept * along * residuals) / jnp.where(square > 0, square, 1.0), 0.0)
    rest = kept * (residuals - ratio * along)
    first = jnp.sqrt(square)
    return count, first, ratio * first, jnp.sqrt(jnp.sum(rest**2))


def turned(rows: Array, toward: Array) -> Array:
    """Rows whose first coordinate was along the first direction, reflected so that it is along `toward`."""
    length = jnp.sqrt(jnp.sum(toward**2))
    first = jnp.where(jnp.arange(toward.shape[0]) == 0, 1.0, 0.0)
    unit = jnp.where(length > 0, toward / jnp.where(length > 0, length, 1.0), first)
    sign = jnp.where(unit[0] > 0, -1.0, 1.0)  # the reflection that cancels no digits
    normal = first - sign * unit
    flipped = rows * jnp.where(first > 0, sign, 1.0)[None, :]
    return flipped - jnp.outer(flipped @ normal, 2 * normal / jnp.sum(normal**2))

"""A fit sees its Gaussian rows only through Z'Z and Z'y: these are drawn, at a cost that no number of rows changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import jax
import jax.numpy as jnp
from jax import Array

from .naive import Draw


@final
@dataclass(frozen=True)
class SufficientStatistics:
    """A source of T fresh Gaussian rows Z becomes min(T, d) pseudo-rows R with R'R equal in law to Z'Z.

    Z = Q R with orthonormal columns Q, hence labels Z v + sigma * noise turn into R v + sigma * Q'noise: pseudo-rows
    are labelled, weighted, kept and read again exactly as rows are. (Bartlett's decomposition.)
    """

    title: ClassVar[str] = "sufficient statistics: a source is drawn as the triangular factor of its rows"
    for_any_rows: ClassVar[bool] = True

    def places(self, rows: int, directions: int) -> int:
        """Places that a source takes in a block: as many as there are directions, whatever its rows."""
        return directions

    def present(self, rows: int, directions: int) -> int:
        """Places of them that hold a pseudo-row."""
        return min(rows, directions)

    def block(self, key: Array, counts: Array, draw: Draw, rows: int, directions: int, pool: None) -> Array:
        """The triangular factors of all sources one below the other, shape (rows, directions)."""
        keys = jax.random.split(key, counts.shape[0])
        factors = jax.vmap(triangular_factor, in_axes=(0, 0, None))(keys, counts, directions)
        return factors.reshape(rows, directions)

    def mixing(self, key: Array, rows: Array, shape: tuple[int, int]) -> Array:
        """The triangular factor of a standard normal matrix with `rows` rows, shape (d, d)."""
        return triangular_factor(key, rows, shape[1])


SUFFICIENT_STATISTICS = SufficientStatistics()


def triangular_factor(key: Array, rows: Array, dimension: int) -> Array:
    """Upper trapezoidal R, shape (dimension, dimension), with R'R equal in law to Z'Z of `rows` standard normal rows.

    $$ R_{ii} \\sim \\chi_{T-i}, \\quad R_{ij} \\sim N(0, 1) \\; (j > i), \\quad R_{i\\cdot} = 0 \\; (i \\ge T) $$

    Args:
        key: of this factor.
        rows: T >= 1, may be traced.
        dimension: d >= 1.
    """
    diagonal_key, key = jax.random.split(key)
    freedom = rows - jnp.arange(dimension, dtype="float64")
    above = jnp.where((freedom > 0)[:, None], strict_upper_triangle(key, dimension), 0.0)
    return above + jnp.diag(chi(diagonal_key, freedom))


def strict_upper_triangle(key: Array, dimension: int) -> Array:
    """Standard normal above the diagonal, zero elsewhere; half a square is drawn and folded, so that none is wasted."""
    half = (dimension + 1) // 2
    drawn = jax.random.normal(key, (half, dimension), dtype="float64")
    below = jnp.tril(drawn[: dimension - half], -1)[::-1, ::-1]
    return jnp.concatenate([jnp.triu(drawn, 1), below])


def chi(key: Array, freedom: Array) -> Array:
    """Chi variables, exactly 0 where there is no degree of freedom.

    Args:
        key: of all of them.
        freedom: degrees of freedom, of any sign, shape (count,).
    """
    square = 2 * jax.random.gamma(key, jnp.maximum(freedom, 1.0) / 2, dtype="float64")
    return jnp.where(freedom > 0, jnp.sqrt(square), 0.0)

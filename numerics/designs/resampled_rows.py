"""Rows of a data set: how far the Gaussian theory carries on real covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from ...theory.problem.checks import ByContent, Vector
from ...theory.problem.errors import SpecificationError

# Entries along a direction without variance must vanish up to this share of the largest entry.
NEGLIGIBLE = 1e-8


@final
@dataclass(frozen=True, eq=False)
class ResampledRows(ByContent):
    """Every row is drawn uniformly, with replacement, from given rows.

    Args:
        rows: array of shape (m, d), m >= 1, in the eigenbasis of the population (same order as its eigenvalues).

    Raises:
        SpecificationError: unless `rows` is a two-dimensional array of finite real numbers.

    >>> ResampledRows([[1.0, 0.0], [-1.0, 2.0]]).rows.shape
    (2, 2)
    """

    rows: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", _finite_matrix(self.rows))

    def whitened_pool(self, eigenvalues: Vector) -> NDArray[np.float64]:
        """The rows divided by the square roots of the positive eigenvalues, shape (m, rank).

        Raises:
            SpecificationError: when the rows do not belong to a population with these eigenvalues.
        """
        if self.rows.shape[1] != eigenvalues.shape[0]:
            raise SpecificationError(
                "design", self, f"rows with {eigenvalues.shape[0]} columns, one for each eigenvalue of the population"
            )
        positive = eigenvalues > 0
        outside = np.abs(self.rows[:, ~positive])
        if outside.size and outside.max() > NEGLIGIBLE * np.abs(self.rows).max():
            raise SpecificationError("design", self, "rows that vanish wherever the population's eigenvalue is zero")
        pool: NDArray[np.float64] = self.rows[:, positive] / np.sqrt(eigenvalues[positive])
        return pool

    @staticmethod
    def draw(key: Array, count: int, rank: int, pool: Array) -> Array:
        """Whitened rows of shape (count, rank)."""
        return jnp.take(pool, jax.random.randint(key, (count,), 0, pool.shape[0]), axis=0)


def _finite_matrix(rows: Any) -> NDArray[np.float64]:
    allowed = "a non-empty two-dimensional array of finite real numbers"
    try:
        raw = np.asarray(rows)
    except Exception:
        raise SpecificationError("rows", rows, allowed) from None
    if isinstance(rows, np.ma.MaskedArray) or raw.dtype.kind not in "iuf" or raw.ndim != 2 or raw.size == 0:
        raise SpecificationError("rows", rows, allowed)
    array = raw.astype(np.float64) + 0.0  # a fresh copy, in which -0.0 reads 0.0
    if not np.all(np.isfinite(array)):
        raise SpecificationError("rows", rows, allowed)
    array.setflags(write=False)
    return array

"""The fit of least norm by singular values: for rows that repeat, or that do not vary in every direction."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

# Singular values below CUT times the largest count as zero; between the two marks of GREY nothing is certain.
CUT = 1e-10
GREY = (1e-12, 1e-8)


def is_steep(design: Array) -> Array:
    """Whether rows or directions differ so much in size that a true singular value could pass for a zero.

    Args:
        design: rows in the units of the covariance, shape (count, rank); rows and columns of zeros do not count.
    """
    sizes = [jnp.sqrt(jnp.sum(design**2, axis=axis)) for axis in (0, 1)]
    smallest = [jnp.min(jnp.where(size > 0, size, jnp.inf)) for size in sizes]
    return (smallest[0] < GREY[1] * jnp.max(sizes[0])) | (smallest[1] < GREY[1] * jnp.max(sizes[1]))


class Singular(NamedTuple):
    """w = X^+ y with X = Z sqrt(s), in whitened coordinates v = sqrt(s) w, measured from the truth."""

    rows: Array
    scale: Array  # sqrt(s)
    left: Array  # (count, k)
    inverse: Array  # (k,) reciprocal singular values, 0 for those that count as zero
    right: Array  # (k, rank)
    certain: Array  # NaN where a singular value is neither clearly zero nor clearly not, else 0

    @classmethod
    def of(cls, rows: Array, eigenvalues: Array, steep: Array) -> Singular:
        """Decompose; absent rows are zero and change nothing.

        Args:
            rows: whitened rows, shape (count, rank).
            eigenvalues: positive, shape (rank,).
            steep: whether the design is, see `is_steep`.
        """
        scale = jnp.sqrt(eigenvalues)
        left, values, right = jnp.linalg.svd(rows * scale[None, :], full_matrices=False)
        relative = values / jnp.where(values[0] > 0, values[0], 1.0)  # without any rows all are zero
        kept = relative > CUT
        grey = jnp.any((relative > GREY[0]) & (relative < GREY[1]))
        inverse = jnp.where(kept, 1 / jnp.where(kept, values, 1.0), 0.0)
        right = jnp.where(kept[:, None], right, 0.0)
        return cls(rows, scale, left, inverse, right, jnp.where(grey | steep, jnp.nan, 0.0))

    def deviation(self, labels: Array, truth: Array, refinements: int) -> tuple[Array, Array]:
        """e by iterative refinement, and the last correction made to it, NaN where the rank is in doubt."""
        model = truth / self.scale
        deviation = self._answer(labels) - self.scale * (model - self.right.T @ (self.right @ model))
        correction = deviation
        for _ in range(refinements):
            correction = self._answer(labels - self.rows @ deviation)
            deviation = deviation + correction
        return deviation, correction + self.certain

    def smoother(self) -> Array:
        """The matrix A of the fit v = A y, shape (rank, count)."""
        return self.scale[:, None] * ((self.right.T * self.inverse[None, :]) @ self.left.T)

    def responses(self) -> tuple[Array, Array]:
        """A Z, the answer to a labelling model, and A A', the answer to white label noise; both (rank, rank)."""
        smoother = self.smoother()
        return smoother @ self.rows, smoother @ smoother.T

    def _answer(self, labels: Array) -> Array:
        return self.scale * (self.right.T @ (self.inverse * (self.left.T @ labels)))

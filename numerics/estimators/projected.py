"""The fit on random features."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from .dual import Dual
from .primal import Primal
from .singular import Singular


class Projected(NamedTuple):
    """argmin_u |y - F u|^2 + ridge |u|^2 on the features F = Z M', read as the model v = M'u in whitened coordinates.

    The features have no truth of their own, so that the inner fit is measured from zero.
    """

    rows: Array
    features: Array  # M, shape (width, rank)
    inner: Primal | Dual | Singular

    def deviation(self, labels: Array, truth: Array, refinements: int) -> tuple[Array, Array]:
        """v - truth by iterative refinement, and the last correction made to it."""
        labels = labels[: self.rows.shape[0]]  # the others belong to absent rows
        nothing = jnp.zeros(self.features.shape[0])
        answer, correction = self.inner.deviation(labels + self.rows @ truth, nothing, refinements)
        return self.features.T @ answer - truth, self.features.T @ correction

    def smoother(self) -> Array:
        """The matrix A of the fit v = A y, shape (rank, count)."""
        return self.features.T @ self.inner.smoother()

    def responses(self) -> tuple[Array, Array]:
        """A Z, the answer to a labelling model, and A A', the answer to white label noise; both (rank, rank)."""
        smoother = self.smoother()
        return smoother @ self.rows, smoother @ smoother.T

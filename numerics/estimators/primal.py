"""The fit by its normal equations in the coefficients: for at least as many rows as directions."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from .inverse_root import Factorisation, InverseRoot

# A direction with such a ridge is not fitted at all; anything larger would overflow.
UNFITTED = 1e290


class Primal(NamedTuple):
    """argmin_v |y - Z v|^2 + sum_k ridge_k v_k^2 in whitened coordinates, with ridge_k = n lambda / s_k.

    Everything is measured from the truth: v = truth + e and y = Z truth + labels, so that
    (Z'Z + ridge) e = Z' labels - ridge * truth loses no digits where the fit is close to the truth.
    """

    rows: Array
    ridge: Array
    root: InverseRoot

    @classmethod
    def of(cls, rows: Array, present: Array, ridge: Array, eigenvalues: Array, factorise: Factorisation) -> Primal:
        """Factorise; absent rows are zero and change nothing.

        Args:
            rows: whitened rows, shape (count, rank), of rank `rank` where there is no ridge.
            present: 1 on rows that exist and 0 on padding, shape (count,).
            ridge: n lambda >= 0.
            eigenvalues: positive eigenvalues, shape (rank,).
            factorise: how.
        """
        per_direction = jnp.minimum(ridge / eigenvalues, UNFITTED)
        return cls(rows, per_direction, factorise(rows, per_direction))

    def deviation(self, labels: Array, truth: Array, refinements: int) -> tuple[Array, Array]:
        """e by iterative refinement, and the last correction made to it: the error of the step before."""
        deviation = correction = self.root.solve(self.rows.T @ labels - self.ridge * truth)
        for _ in range(refinements):
            residual = self.rows.T @ (labels - self.rows @ deviation) - self.ridge * (truth + deviation)
            correction = self.root.solve(residual)
            deviation = deviation + correction
        return deviation, correction

    def smoother(self) -> Array:
        """The matrix A of the fit v = A y, shape (rank, count)."""
        root = self.root.matrix
        return root @ (root.T @ self.rows.T)

    def responses(self) -> tuple[Array, Array]:
        """A Z, the answer to a labelling model, and A A', the answer to white label noise; both (rank, rank)."""
        root = self.root.matrix
        inverse = root @ root.T
        to_model = jnp.eye(inverse.shape[0]) - inverse * self.ridge[None, :]
        return to_model, to_model @ inverse

"""The fit by its normal equations in the rows: for fewer rows than directions."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from .inverse_root import Factorisation, InverseRoot


class Dual(NamedTuple):
    """w = X'a with (X X' + ridge I) a = y, the limit of least norm included, with ridge = n lambda and X = Z sqrt(s).

    In whitened coordinates v = s * Z'a; measured from the truth, v = truth + e and y = Z truth + labels.
    """

    rows: Array
    ridge: Array
    root: InverseRoot
    columns: Array  # s * Z', shape (rank, count)

    @classmethod
    def of(cls, rows: Array, present: Array, ridge: Array, eigenvalues: Array, factorise: Factorisation) -> Dual:
        """Factorise; an absent row gets a unit pivot and no weight.

        Args:
            rows: whitened rows, shape (count, rank).
            present: 1 on rows that exist and 0 on padding, shape (count,).
            ridge: n lambda >= 0.
            eigenvalues: positive eigenvalues, shape (rank,).
            factorise: how.
        """
        columns = jnp.sqrt(eigenvalues)[:, None] * rows.T
        root = factorise(columns, jnp.where(present > 0, ridge, 1.0))
        return cls(rows, ridge, root, jnp.sqrt(eigenvalues)[:, None] * columns)

    def deviation(self, labels: Array, truth: Array, refinements: int) -> tuple[Array, Array]:
        """e by iterative refinement, and the last correction made to it: the error of the step before."""
        labels = labels[: self.rows.shape[0]]  # the others belong to absent rows
        coefficients = self.root.solve(labels + self.rows @ truth)
        deviation = correction = self.columns @ coefficients - truth
        for _ in range(refinements):
            change = self.root.solve(labels - self.rows @ deviation - self.ridge * coefficients)
            correction = self.columns @ change
            coefficients, deviation = coefficients + change, deviation + correction
        return deviation, correction

    def smoother(self) -> Array:
        """The matrix A of the fit v = A y, shape (rank, count)."""
        root = self.root.matrix
        return (self.columns @ root) @ root.T

    def responses(self) -> tuple[Array, Array]:
        """A Z, the answer to a labelling model, and A A', the answer to white label noise; both (rank, rank)."""
        smoother = self.smoother()
        return smoother @ self.rows, smoother @ smoother.T

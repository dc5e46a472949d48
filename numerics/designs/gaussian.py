"""Gaussian rows: the design that the theory speaks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import jax
from jax import Array

from ...theory.problem.checks import Vector


@final
@dataclass(frozen=True)
class Gaussian:
    """Every row is drawn afresh: x ~ N(0, Sigma), so that Sigma^(-1/2) x ~ N(0, I)."""

    def whitened_pool(self, eigenvalues: Vector) -> None:
        """Nothing is stored: rows are drawn from a formula."""

    @staticmethod
    def draw(key: Array, count: int, rank: int, pool: None) -> Array:
        """Whitened rows of shape (count, rank)."""
        return jax.random.normal(key, (count, rank), dtype="float64")


GAUSSIAN = Gaussian()

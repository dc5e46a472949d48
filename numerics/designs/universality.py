"""Rows with independent entries that are not Gaussian: does the theory need more than two moments?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from ...theory.problem import checks
from ...theory.problem.checks import Vector
from ...theory.problem.errors import SpecificationError


@final
@dataclass(frozen=True)
class Rademacher:
    """Every coordinate of a whitened row is 1 or -1, with equal probabilities."""

    def whitened_pool(self, eigenvalues: Vector) -> None:
        """Nothing is stored: rows are drawn from a formula."""

    @staticmethod
    def draw(key: Array, count: int, rank: int, pool: None) -> Array:
        """Whitened rows of shape (count, rank)."""
        return jax.random.rademacher(key, (count, rank), dtype="float64")


RADEMACHER = Rademacher()


@final
@dataclass(frozen=True)
class StudentT:
    """Every coordinate of a whitened row is Student's t, scaled to variance 1.

    Args:
        freedom: degrees of freedom, > 2; the fourth moment, which universality asks for, is finite above 4.

    Raises:
        SpecificationError: for anything but a number above 2.
    """

    freedom: Any

    def __post_init__(self) -> None:
        freedom = checks.positive("freedom", self.freedom)
        if not checks.is_concrete(freedom) or freedom <= 2:
            raise SpecificationError("freedom", self.freedom, "a number above 2, for the variance to be finite")
        object.__setattr__(self, "freedom", float(freedom))

    def whitened_pool(self, eigenvalues: Vector) -> NDArray[np.float64]:
        """The degrees of freedom, so that one program serves all."""
        return np.array(self.freedom)

    @staticmethod
    def draw(key: Array, count: int, rank: int, pool: Array) -> Array:
        """Whitened rows of shape (count, rank)."""
        drawn = jax.random.t(key, jnp.asarray(pool), (count, rank), dtype="float64")
        scaled: Array = drawn * jnp.sqrt(1 - 2 / pool)
        return scaled

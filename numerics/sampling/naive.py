"""Every row is drawn: right for every chain and every design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, final

import jax
from jax import Array

# Rows of a design: key, number of rows, number of directions, what is drawn from.
Draw: TypeAlias = Callable[[Array, int, int, Any], Array]


@final
@dataclass(frozen=True)
class Naive:
    """Each row is drawn and enters its fit as it is."""

    title: ClassVar[str] = "naive: every row is drawn and every fit is solved"
    for_any_rows: ClassVar[bool] = False

    def places(self, rows: int, directions: int) -> int:
        """Places that a source of so many rows takes in a block."""
        return rows

    def present(self, rows: int, directions: int) -> int:
        """Places of them that hold a row."""
        return rows

    def block(self, key: Array, counts: Array, draw: Draw, rows: int, directions: int, pool: Any) -> Array:
        """Standard rows of shape (rows, directions), whatever their sources."""
        return draw(key, rows, directions, pool)

    def mixing(self, key: Array, rows: Array, shape: tuple[int, int]) -> Array:
        """Standard normal matrix whose rows mix the `shape[1]` rows that a Gaussian is fitted to."""
        return jax.random.normal(key, shape, dtype="float64")


NAIVE = Naive()

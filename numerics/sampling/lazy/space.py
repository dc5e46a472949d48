"""Spaces in which random vectors live: as many coordinates as anything that was drawn so far makes necessary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, final

import numpy as np
from numpy.typing import NDArray

from .rows import Vector

Integers = NDArray[np.int64]


class Space(Protocol):
    """Vectors as arrays of coordinates; one that is shorter than others has zeros in the coordinates it lacks."""

    def fresh(self, generator: np.random.Generator) -> Vector:
        """A standard normal vector of the whole space, independent of everything that was drawn before."""

    def each(self, values: Vector) -> Vector:
        """For each coordinate the value of the block that it belongs to."""

    def shortened(self, vectors: Sequence[Vector]) -> tuple[Space, list[Vector]]:
        """A space for these vectors alone, and the vectors in it: lengths and angles stay, nothing else does."""


@final
class Explicit:
    """R^d, each coordinate a block of its own."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension

    def fresh(self, generator: np.random.Generator) -> Vector:
        """A standard normal vector, shape (dimension,)."""
        return generator.standard_normal(self._dimension)

    def each(self, values: Vector) -> Vector:
        """The values themselves, shape (dimension,)."""
        return values

    def shortened(self, vectors: Sequence[Vector]) -> tuple[Explicit, list[Vector]]:
        """Nothing to be gained."""
        return self, list(vectors)


@final
class Grown:
    """A sum of blocks R^m, in each of which axes are chosen as they are needed.

    A standard normal vector has N(0, 1) on the axes that are known in its block and, as its rest points anywhere, a
    length chi_{m - known} along one new axis; where no degree of freedom is left, there is no new axis.

    >>> space = Grown([10**8, 1], [0, 0])
    >>> [space.fresh(np.random.default_rng(0)).size for _ in range(3)]
    [2, 3, 4]
    """

    def __init__(self, multiplicities: Sequence[int], axes: Sequence[int]) -> None:
        """
        Args:
            multiplicities: dimension m of each block.
            axes: of each block, how many are known; coordinates are those of the first block, then of the next.
        """
        self._multiplicities = np.array(multiplicities, np.int64)
        self._block = np.repeat(np.arange(len(multiplicities)), axes)
        self._left = self._multiplicities - np.array(axes, np.int64)
        self._open = np.flatnonzero(self._left > 0)

    def fresh(self, generator: np.random.Generator) -> Vector:
        """A standard normal vector, in the coordinates so far and one new one for each block that is not used up."""
        known, left = self._block.size, self._left[self._open]
        vector = generator.standard_normal(known + left.size)
        if left.size:
            vector[known:] = np.sqrt(generator.chisquare(left))
            self._block = np.concatenate([self._block, self._open])
            self._left[self._open] = left - 1
            if left.min() == 1:
                self._open = self._open[left > 1]
        return vector

    def each(self, values: Vector) -> Vector:
        """For each coordinate so far the value of its block."""
        return values[self._block]

    def shortened(self, vectors: Sequence[Vector]) -> tuple[Grown, list[Vector]]:
        """The blocks turned so that they have as few axes as these vectors need."""
        size, blocks = self._block.size, range(self._multiplicities.size)
        table = np.zeros((len(vectors), size))
        for row, vector in zip(table, vectors, strict=True):
            row[: vector.size] = vector
        turned = [_lower_triangle(table[:, self._block == block]) for block in blocks]
        space = Grown(self._multiplicities.tolist(), [part.shape[1] for part in turned])
        return space, list(np.concatenate(turned, axis=1))


def _lower_triangle(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows turned so that row i has its first i + 1 coordinates only."""
    upper: NDArray[np.float64] = np.linalg.qr(rows.T)[1]
    return upper.T

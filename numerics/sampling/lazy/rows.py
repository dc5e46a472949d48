"""Vectors one below the other, in an array that grows; what is shorter than the longest is filled up with zeros."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ....theory.problem import checks

Vector = NDArray[np.float64]

FIRST_ROWS = 16
GROWTH = 1.6
CANCELLED = 0.7  # share of its length below which a projected vector is projected again: twice is enough


def plus(first: Vector, second: Vector) -> Vector:
    """The sum of two vectors, the shorter one filled up with zeros.

    >>> plus(np.array([1.0, 2.0]), np.array([0.5])).tolist()
    [1.5, 2.0]
    """
    if first.size == second.size:
        return first + second
    longer, shorter = (first, second) if first.size > second.size else (second, first)
    total = longer.copy()
    total[: shorter.size] += shorter
    return total


def norm(vector: Vector) -> float:
    """The Euclidean length."""
    return math.sqrt(vector @ vector)


class Rows:
    """Vectors that can be added one by one, and their products with others.

    >>> rows = Rows()
    >>> rows.append(np.array([1.0, 0.0]))
    >>> rows.append(np.array([0.0, 1.0, 0.0]))
    >>> rows.dot(np.array([2.0, 3.0])).tolist(), rows.combine(np.array([4.0, 5.0])).tolist()
    ([2.0, 3.0], [4.0, 5.0, 0.0])
    """

    def __init__(self) -> None:
        self._array = np.zeros((0, 0))
        self._count = self._width = 0

    def append(self, vector: Vector) -> None:
        """Add a vector below the others.

        Raises:
            TooLarge: when there are more than fit into memory.
        """
        height, width = self._array.shape
        if self._count == height or vector.size > width:
            self._grow(self._count + 1, vector.size)
        self._array[self._count, : vector.size] = vector
        self._count += 1
        self._width = max(self._width, vector.size)

    def dot(self, vector: Vector) -> Vector:
        """The inner product of each with a vector, shape (count,)."""
        shared = min(self._width, vector.size)
        products: Vector = self._array[: self._count, :shared] @ vector[:shared]
        return products

    def combine(self, coefficients: Vector) -> Vector:
        """The sum of all, each times its coefficient."""
        total: Vector = coefficients @ self._array[: self._count, : self._width]
        return total

    def split(self, vector: Vector) -> tuple[Vector, Vector, float]:
        """Coefficients of a vector along the rows, which are orthonormal; what is orthogonal to them; its length."""
        length = norm(vector)
        coefficients, rest = self.dot(vector), vector
        if self._count:
            rest = plus(vector, -self.combine(coefficients))
        before, length = length, norm(rest)
        if length < CANCELLED * before:
            more = self.dot(rest)
            rest = plus(rest, -self.combine(more))
            coefficients, length = coefficients + more, norm(rest)
        return coefficients, rest, length

    def _grow(self, count: int, size: int) -> None:
        """Room for so many vectors of that size and, where room was short, for some more."""
        height, width = self._array.shape
        if count > height:
            height = max(count, FIRST_ROWS, int(GROWTH * height))
        if size > width:
            width = max(size, FIRST_ROWS, int(GROWTH * width))
        checks.require_memory("vectors", height, 8 * width)
        grown = np.zeros((height, width))
        grown[: self._count, : self._width] = self._array[: self._count, : self._width]
        self._array = grown

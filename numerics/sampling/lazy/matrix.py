"""A standard normal matrix, drawn only where it is looked at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .rows import Rows, Vector, norm, plus
from .space import Space

NEGLIGIBLE = 1e-13  # relative length of what is left of a vector that is known already


class _Side(NamedTuple):
    """Orthonormal vectors of a space, and what the matrix makes of each."""

    space: Space
    basis: Rows
    images: Rows


class LazyMatrix:
    """Z with independent N(0, 1) entries: exact in law, however its products depend on each other.

    $$ Z = Z Q Q' + P P' Z (I - Q Q') + (I - P P') \\tilde Z (I - Q Q') $$

    Q and P are orthonormal bases of the vectors that Z and Z' were applied to; given ZQ and Z'P, the matrix in the last
    term is a new one, of which a product with one more vector shows one more row or column.

    >>> from .space import Explicit, Grown
    >>> matrix = LazyMatrix(Grown([10**12], [0]), Explicit(3), np.random.default_rng(0))
    >>> x, u = np.array([1.0, 0.0, 2.0]), np.array([1.0])
    >>> forward, backward = matrix.times(x), matrix.transposed_times(u)
    >>> bool(np.isclose(u @ forward, x @ backward)), forward.size
    (True, 1)
    """

    def __init__(self, left: Space, right: Space, generator: np.random.Generator) -> None:
        """
        Args:
            left: of the images Zx, as long as Z has rows.
            right: of the vectors x.
            generator: of the entries.
        """
        self.left = left
        self._left, self._right = _Side(left, Rows(), Rows()), _Side(right, Rows(), Rows())
        self._generator = generator

    def times(self, vector: Vector) -> Vector:
        """Z x, in the coordinates of the left space."""
        return self._applied(self._right, self._left, vector)

    def transposed_times(self, vector: Vector) -> Vector:
        """Z' u, in the coordinates of the right space."""
        return self._applied(self._left, self._right, vector)

    def _applied(self, near: _Side, far: _Side, vector: Vector) -> Vector:
        """The image of a vector of the near space."""
        coefficients, rest, length = near.basis.split(vector)
        if length > NEGLIGIBLE * norm(vector):
            rest = rest / length
            image = far.space.fresh(self._generator)
            seen = far.images.dot(rest) - far.basis.dot(image)  # what the far side knows, in place of the fresh
            if seen.size:
                image = plus(image, far.basis.combine(seen))
            near.basis.append(rest)
            near.images.append(image)
            coefficients = np.append(coefficients, length)
        return near.images.combine(coefficients)

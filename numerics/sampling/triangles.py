"""Triangles on the host that stand for standard normal rows: their squares have the same law."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..reading.fresh_rows import FreshRows

Array = NDArray[np.float64]


def pseudo_rows(rng: np.random.Generator, step: FreshRows, d: int, means: Array) -> list[tuple[Array, Array]]:
    """What stands for the rows of each source, and their labels, in the order in which `WISHART` draws them."""
    found = []
    enough = step.rows.sum() >= d
    for rows, noise, mean in zip(step.rows.astype(int), step.noise, means, strict=True):
        if rows:
            pseudo = from_below(rng, rows, d).T if enough and rows >= d else factor(rng, rows, d)
            found.append((pseudo, pseudo @ mean + noise * rng.standard_normal(len(pseudo))))
    return found


def from_below(rng: np.random.Generator, rows: int, d: int) -> Array:
    """Upper triangular U with U U' equal in law to Z'Z of `rows` >= d standard normal rows."""
    return _triangle(rng, np.arange(rows - d + 1, rows + 1), d)


def factor(rng: np.random.Generator, rows: int, d: int) -> Array:
    """Upper trapezoidal R with R'R equal in law to Z'Z, shape (min(rows, d), d)."""
    return _triangle(rng, rows - np.arange(min(rows, d)), d)


def _triangle(rng: np.random.Generator, freedom: NDArray[np.int64], d: int) -> Array:
    triangle = np.zeros((freedom.size, d))
    for i, row in enumerate(triangle):
        rng.standard_normal(out=row[i + 1 :])
    np.einsum("ii->i", triangle[:, : freedom.size])[:] = np.sqrt(2 * rng.standard_gamma(freedom / 2))
    return triangle

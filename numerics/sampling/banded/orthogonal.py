"""The fits of a band by orthogonal triangularisation, one replicate at a time: no condition number is squared."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from .fit import Fitted, Size, full_labels
from .rows import Band

Array = NDArray[np.float64]


def orthogonal(band: Band, reference: Array, ridge: float, scale: Array, size: Size) -> Fitted:
    """What `primal` and `dual` find, both ends alike.

    Args:
        band: of a single replicate, on the host, long enough for the truncation not to matter.
        reference: model along q, shape (c, 1).
        ridge: number of rows times penalty.
        scale: eigenvalue of each direction q, then of all others, shape (c + 1,).
        size: numbers of rows and directions.
    """
    c = reference.shape[0]
    fit = _wide if size.rows < size.directions else _tall
    model, condition = fit(_dense(band.diagonals[:, :, 0]), band, reference, float(ridge), scale, size)
    along = np.repeat(model[:c, None, None], 2, axis=1)
    return Fitted(along, np.full((2, 1), model[c:] @ model[c:]), np.full((2, 1), condition))


def _tall(dense: Array, band: Band, reference: Array, ridge: float, scale: Array, size: Size) -> tuple[Array, float]:
    """The model minus the reference."""
    c, unknowns = reference.shape[0], len(dense) - 1
    here = int(min(unknowns, size.directions))
    root = np.sqrt(ridge / _of_columns(scale, c, here))
    right = np.concatenate([band.labels[:, 0], np.zeros(len(dense) - c - 1 + here)])
    right[len(dense) : len(dense) + c] = -root[:c] * reference[:, 0]
    unit, left, upper, condition = _triangular(np.concatenate([dense[:, :here], np.diag(root)]))
    solution: Array = unit * lapack.dtrtrs(upper, left.T @ right)[0]
    return solution, condition


def _wide(dense: Array, band: Band, reference: Array, ridge: float, scale: Array, size: Size) -> tuple[Array, float]:
    """The model of least norm, or the penalised one, minus the reference."""
    c, rows = reference.shape[0], int(min(len(dense) - 1, size.rows))
    root = np.sqrt(_of_columns(scale, c, dense.shape[1]))
    columns = (dense[:rows] * root).T
    right = np.zeros(rows)
    right[: min(rows, c + 1)] = full_labels(band, reference)[:rows, 0]
    unit, left, upper, condition = _triangular(np.concatenate([columns, np.sqrt(ridge) * np.eye(rows)]))
    model: Array = root * (left[: len(root)] @ lapack.dtrtrs(upper, unit * right, trans=1)[0])
    model[:c] -= reference[:, 0]
    return model, condition


def _triangular(matrix: Array) -> tuple[Array, Array, Array, float]:
    """Scales of the columns, both factors of the scaled matrix, and its condition number."""
    unit = 1 / np.linalg.norm(matrix, axis=0)
    left, upper = np.linalg.qr(matrix * unit)
    return unit, left, upper, 1 / max(lapack.dtrcon(upper, uplo="U")[0], np.finfo(float).tiny)


def _dense(diagonals: Array) -> Array:
    """The rows with all their entries; those beyond the last column are of directions that no other row reaches."""
    length, width = diagonals.shape
    dense = np.zeros((length, length + width - 2))
    for k in range(width):
        row = np.arange(1 if k == 0 else 0, length)
        dense[row, row - 1 + k] = diagonals[row, k]
    return dense


def _of_columns(scale: Any, c: int, count: int) -> Array:
    """The eigenvalue of each column."""
    return np.concatenate([scale[:c], np.full(max(count - c, 0), scale[c])])[:count]

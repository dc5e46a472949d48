"""Ridge regression and least norm on a band, by the smaller of the two normal equations."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..backends import Backend, Numbers, namespace
from .rows import Band
from .schur import schur, solve


class Size(NamedTuple):
    """Numbers of rows and directions."""

    rows: Any  # of each replicate, or of all of them, shape (replicates or 1,)
    directions: Any

    def norm(self, xp: Any) -> Any:
        """About the largest square of a singular value of the rows."""
        return (xp.sqrt(self.rows) + xp.sqrt(self.directions)) ** 2


class Fitted(NamedTuple):
    """A model in whitened coordinates; the first axis is the two ends of `schur`, the last one the replicates."""

    along: Numbers  # (c, ends, replicates) the model minus the reference, along the directions q
    beyond: Numbers  # (ends, replicates) the square of its length in all others
    condition: Numbers  # (ends, replicates) at least the condition number of what was solved


def primal(backend: Backend, band: Band, reference: Numbers, ridge: Numbers, scale: Numbers, size: Size) -> Fitted:
    """By the normal equations in the coefficients, for at least as many rows as directions.

    (M'M + ridge/s) delta = M'(labels - M reference) - ridge/s * reference

    Args:
        backend: where it is computed.
        band: of labels measured from those of the reference.
        reference: model along q, shape (c, replicates).
        ridge: number of rows times penalty, shape (replicates or 1,).
        scale: eigenvalue of each direction q, then of all others, shape (c + 1,).
        size: numbers of rows and directions.
    """
    xp, (c, _) = backend.numbers, reference.shape
    rows = band.diagonals
    length = rows.shape[0] - 1  # unknowns; the last row reaches the last of them alone
    whole = _gram_of_columns(xp, rows, c, length)
    last = xp.concatenate([rows[length, 0][None] ** 2 / 2, 0 * rows[length, 1:]])
    both = xp.stack([whole, xp.concatenate([whole[:-1], (whole[-1] - last)[None]])], axis=2)
    of_column = xp.concatenate([scale[:c], xp.broadcast_to(scale[c:], (length - c,))])[:, None, None]
    unknown = xp.arange(length, dtype=scale.dtype)[:, None, None]
    there = xp.where(unknown < size.directions, 1 + 0 * unknown, 0 * unknown)
    both = _with_diagonal(xp, both, xp.where(there > 0, ridge[None, None] / of_column, 1 + 0 * of_column))
    keep = 2 * c + 1
    window, change, trace = schur(backend, both, there, keep)
    right = []
    for j in range(keep):
        entries = (rows[i, j - i + 1] * band.labels[i] for i in range(max(j - c, 0), min(j + 1, c) + 1))
        here = sum(entries, start=0 * band.labels[0])
        right.append(here - ridge / scale[j] * reference[j] if j < c else here)
    found, rest = _head(xp, _leading(xp, both, window, keep), xp.stack(right), change)
    norm = size.norm(xp) + ridge / scale[c]
    return Fitted(found[:c], _quadratic(xp, change, found[c:]), norm[None] * (trace + rest))


def dual(backend: Backend, band: Band, reference: Numbers, ridge: Numbers, scale: Numbers, size: Size) -> Fitted:
    """By the normal equations in the rows, for fewer rows than directions.

    (M s M' + ridge) a = labels, v = s M'a, and beyond q |v|^2 = s (a'labels - ridge |a|^2 - sum_q v_q^2/s_q)

    Args:
        backend: where it is computed.
        band: of labels measured from those of the reference.
        reference: model along q, shape (c, replicates).
        ridge: number of rows times penalty, shape (replicates or 1,).
        scale: eigenvalue of each direction q, then of all others, shape (c + 1,).
        size: numbers of rows and directions.
    """
    xp, (c, _) = backend.numbers, reference.shape
    length = band.diagonals.shape[0] - 1
    entries = band.diagonals[:length]
    column = xp.arange(length)[:, None] + xp.arange(c + 2)[None, :] - 1
    weighted = entries * xp.sqrt(scale[xp.clip(column, 0, c)])[:, :, None]
    cut = xp.where((column < length - 1)[:, :, None], weighted, weighted * math.sqrt(0.5))
    both = _gram_of_rows(xp, xp.stack([weighted, cut], axis=2), c)
    unknown = xp.arange(length, dtype=scale.dtype)[:, None, None]
    there = xp.where(unknown < size.rows[None, None], 1 + 0 * unknown, 0 * unknown)
    both = _with_diagonal(xp, both, xp.where(there > 0, ridge[None, None], 1 + 0 * unknown))
    keep = c + 1
    window, change, trace = schur(backend, both, there, keep)
    right = full_labels(band, reference)
    found, rest = _head(xp, window, right, change)
    models = []
    for j in range(c):
        products = (entries[i, j - i + 1][None] * found[i] for i in range(j + 1))
        models.append(scale[j] * sum(products, start=0 * found[0]))
    explained = sum((model**2 / scale[j] for j, model in enumerate(models)), start=0 * found[0])
    fitted = xp.sum(right[:, None] * found, axis=0) - ridge[None] * _quadratic(xp, change, found)
    beyond = xp.maximum(scale[c] * (fitted - explained), 0 * explained)
    norm = xp.max(scale) * size.norm(xp) + ridge
    along = xp.stack(models) - reference[:, None]
    return Fitted(along, beyond, norm[None] * (trace + rest))


def full_labels(band: Band, reference: Numbers) -> Numbers:
    """Labels of the first rows, no longer measured from those of the reference, shape (c + 1, replicates)."""
    c = reference.shape[0]
    labels = []
    for i in range(c + 1):
        said = (band.diagonals[i, j - i + 1] * reference[j] for j in range(max(i - 1, 0), c))
        labels.append(band.labels[i] + sum(said, start=0 * band.labels[0]))
    stacked: Numbers = namespace(labels[0]).stack(labels)
    return stacked


def _head(xp: Any, matrix: Numbers, right: Numbers, change: Numbers) -> tuple[Numbers, Numbers]:
    """The first unknowns of both ends, and what they add to the trace of the inverse."""
    size, width = matrix.shape[0], change.shape[0]
    zero = 0 * matrix[0, 0]
    derivative = []
    for i in range(size):
        ahead = [1 + zero if i == j else zero for j in range(size - width)]
        behind = list(change[i - (size - width)]) if i >= size - width else [zero] * width
        derivative.append(xp.stack([right[i][None] + zero, *ahead, *behind]))
    found = solve(xp, matrix, xp.stack(derivative))
    return found[:, 0], sum((found[i, 1 + i] for i in range(size)), start=zero)


def _gram_of_columns(xp: Any, rows: Numbers, c: int, length: int) -> Numbers:
    """(M'M)_{j, j+t} at [j, t] for the first columns: row j + 1 - k has its k-th entry in column j."""
    above = xp.concatenate([0 * rows[:1]] * c + [rows])  # row i at i + c
    found = []
    for t in range(c + 2):
        shifted = [above[c + 1 - k : c + 1 - k + length] for k in range(c + 2 - t)]
        terms = [here[:, k] * here[:, k + t] for k, here in enumerate(shifted)]
        found.append(sum(terms[1:], start=terms[0]))
    return xp.stack(found, axis=1)


def _gram_of_rows(xp: Any, rows: Numbers, c: int) -> Numbers:
    """(M M')_{i, i+t} at [i, t]: the k-th entry of a row stands above the (k - t)-th of the t-th row below."""
    length = rows.shape[0]
    below = xp.concatenate([rows, *[0 * rows[:1]] * (c + 1)])
    found = []
    for t in range(c + 2):
        terms = [rows[:, k] * below[t : t + length, k - t] for k in range(t, c + 2)]
        found.append(sum(terms[1:], start=terms[0]))
    return xp.stack(found, axis=1)


def _with_diagonal(xp: Any, band: Numbers, added: Numbers) -> Numbers:
    """A band with more on its diagonal, the same at both ends."""
    return xp.concatenate([(band[:, 0] + added)[:, None], band[:, 1:]], axis=1)


def _leading(xp: Any, band: Numbers, window: Numbers, keep: int) -> Numbers:
    """The leading matrix of a band, its last entries replaced by the window."""
    width = window.shape[0]
    first, zero = keep - width, 0 * band[0, 0]

    def entry(i: int, j: int) -> Numbers:
        low, high = min(i, j), max(i, j)
        if low >= first:
            return window[i - first, j - first]
        return band[low, high - low] if high - low <= width else zero

    return xp.stack([xp.stack([entry(i, j) for j in range(keep)]) for i in range(keep)])


def _quadratic(xp: Any, matrix: Numbers, vector: Numbers) -> Numbers:
    """x' H x, not below zero."""
    return xp.maximum(xp.sum(vector * xp.sum(matrix * vector[None], axis=1), axis=0), 0 * vector[0])

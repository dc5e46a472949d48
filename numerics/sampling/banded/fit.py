"""Ridge regression and least norm on a band, by the smaller of the two normal equations."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..backends import Backend, Numbers
from .rows import Band
from .schur import schur, solve


class Fitted(NamedTuple):
    """A model in whitened coordinates; the first axis is the two ends of `schur`, the last one the replicates."""

    along: Numbers  # (c, ends, replicates) the model minus the reference, along the directions q
    beyond: Numbers  # (ends, replicates) the square of its length in all others
    pivot: Numbers  # (ends, replicates) the least pivot, relative to its diagonal entry


def primal(backend: Backend, band: Band, reference: Numbers, ridge: Numbers, scale: Numbers, dimension: Any) -> Fitted:
    """By the normal equations in the coefficients, for at least as many rows as directions or with a penalty.

    (M'M + ridge/s) delta = M'(labels - M reference) - ridge/s * reference

    Args:
        backend: where it is computed.
        band: of labels measured from those of the reference.
        reference: model along q, shape (c, replicates).
        ridge: number of rows times penalty.
        scale: eigenvalue of each direction q, then of all others, shape (c + 1,).
        dimension: number of directions.
    """
    xp, (c, _) = backend.numbers, reference.shape
    rows = band.diagonals
    length = rows.shape[0] - 1  # unknowns; the last row reaches the last of them alone
    whole = _gram_of_columns(xp, rows, c, length)
    last = xp.concatenate([rows[length, 0][None] ** 2 / 2, 0 * rows[length, 1:]])
    cut = xp.concatenate([whole[:-1], (whole[-1] - last)[None]])
    both = xp.stack([whole, cut], axis=2)
    column = xp.arange(length, dtype=scale.dtype)
    of_column = xp.concatenate([scale[:c], xp.broadcast_to(scale[c:], (length - c,))])
    added = xp.where(column < dimension, ridge / of_column, 1.0 + 0 * of_column)
    both = _with_diagonal(xp, both, added)
    counted = xp.where(column >= c, 1.0 + 0 * column, 0 * column)
    square = _with_diagonal(xp, 0 * both, counted)
    keep = 2 * c + 1
    window, change, pivot = schur(backend, both, square, keep)
    matrix = _leading(xp, both, window, keep)
    right = []
    for j in range(keep):
        entries = (rows[i, j - i + 1] * band.labels[i] for i in range(max(j - c, 0), min(j + 1, c) + 1))
        here = sum(entries, start=0 * band.labels[0])
        right.append(here - ridge / of_column[j] * reference[j] if j < c else here)
    right = xp.stack(right)
    found = solve(xp, matrix, xp.stack([right, right], axis=1))
    return Fitted(found[:c], _quadratic(xp, change, found[c:]), pivot)


def dual(backend: Backend, band: Band, reference: Numbers, ridge: Numbers, scale: Numbers, rows: Any) -> Fitted:
    """By the normal equations in the rows, for fewer rows than directions.

    (M s M' + ridge) a = labels, v = s M'a

    Args:
        backend: where it is computed.
        band: of labels measured from those of the reference.
        reference: model along q, shape (c, replicates).
        ridge: number of rows times penalty.
        scale: eigenvalue of each direction q, then of all others, shape (c + 1,).
        rows: their number.
    """
    xp, (c, _) = backend.numbers, reference.shape
    length = band.diagonals.shape[0] - 1
    entries = band.diagonals[:length]
    column = xp.arange(length)[:, None] + xp.arange(c + 2)[None, :] - 1
    free = xp.where((column >= c)[:, :, None], entries, 0 * entries[:1])
    cut = xp.where((column < length - 1)[:, :, None], free, free * math.sqrt(0.5))
    beyond = scale[c] * _gram_of_rows(xp, xp.stack([free, cut], axis=2), c)
    explicit = xp.where((column < c)[:, :, None], entries, 0 * entries[:1])
    place = xp.clip(column, 0, c)
    weighted = explicit * xp.sqrt(scale[place])[:, :, None]
    both = beyond + _gram_of_rows(xp, weighted[:, :, None], c)
    there = xp.arange(length, dtype=scale.dtype) < rows
    both = _with_diagonal(xp, both, xp.where(there, ridge + 0 * scale[:1], 1.0 + 0 * scale[:1]))
    keep = c + 1
    window, change, pivot = schur(backend, both, scale[c] * beyond, keep)
    labels = []
    for i in range(keep):
        said = (entries[i, j - i + 1] * reference[j] for j in range(max(i - 1, 0), c))
        labels.append(band.labels[i] + sum(said, start=0 * band.labels[0]))
    right = xp.stack(labels)
    found = solve(xp, window, xp.stack([right, right], axis=1))
    along = []
    for j in range(c):
        products = (entries[i, j - i + 1][None] * found[i] for i in range(j + 1))
        along.append(scale[j] * sum(products, start=0 * found[0]) - reference[j][None])
    return Fitted(xp.stack(along), _quadratic(xp, change, found), pivot)


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
    """A band with more on its diagonal, the same for all replicates."""
    return xp.concatenate([(band[:, 0] + added[:, None, None])[:, None], band[:, 1:]], axis=1)


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

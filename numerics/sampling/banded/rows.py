r"""The rows of a fit, turned until they are a band.

Labels depend on c directions q only, and on noise. Rotations of rows bring [Z q, labels] to upper triangular form, one
of them in each source. The other columns of all rows are standard normal and know nothing of this: turned among
themselves, and with the rows below the triangle, they leave of row i the entries i - 1, ..., i + c, counted from the
first direction: chi variables at both ends, standard normals between them. (Dumitriu and Edelman's tridiagonal form is
c = 0 without labels.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..backends import Numbers


class Band(NamedTuple):
    """The first rows of a fit; the last axis of arrays is the replicates."""

    diagonals: Numbers  # (length, c + 2): entries i - 1, ..., i + c of row i
    labels: Numbers  # (c + 1,) of the first rows; the others have none


def numbers_of_triangles(sources: int, c: int) -> int:
    """How many standard normals the triangles of the sources take."""
    return sources * (c + 1) * c // 2


def freedom_of_triangles(xp: Any, rows: Numbers, c: int) -> Numbers:
    """Degrees of freedom of the chi variables that the triangles of the sources take."""
    return (rows[:, None] - xp.arange(c + 1, dtype=rows.dtype)[None]).reshape(-1)


def freedom_of_ends(xp: Any, total: Numbers, c: int, dimension: Numbers, length: int) -> Numbers:
    """Degrees of freedom of the chi variables at both ends of each row, shape (2 length, replicates or 1).

    Args:
        xp: namespace of array functions.
        total: number of rows, shape (replicates or 1,).
        c: number of directions that labels depend on.
        dimension: number of directions, the c ones included.
        length: number of rows of the band.
    """
    first = xp.arange(length, dtype=total.dtype)[:, None]
    right = xp.broadcast_to(dimension - c - first, (length, total.shape[0]))
    return xp.stack([right, total[None] - first], axis=1).reshape(2 * length, -1)


def draw_band(
    xp: Any, triangle: list[list[Numbers]], chi: Numbers, normal: Numbers, total: Numbers, dimension: Numbers
) -> Band:
    """The first rows of a fit.

    Args:
        xp: namespace of array functions.
        triangle: the upper triangular form of [Z q, labels], row by row, as (c + 1) x (c + 1) vectors.
        chi: with `freedom_of_ends`.
        normal: c for each row of the band.
        total: number of rows, shape (replicates or 1,).
        dimension: number of directions, the c ones included.
    """
    p = len(triangle)
    c = p - 1
    ends = chi.reshape(-1, 2, chi.shape[-1])
    length, nothing = ends.shape[0], 0 * ends[:1, :1]
    row = xp.arange(length, dtype=total.dtype)[:, None]
    columns = row + xp.arange(c, dtype=total.dtype)[None, :]  # of the middle, counted from the first direction
    exists = row[:, :, None] < total[None, None]
    middle = normal.reshape(length, c, -1)
    middle = xp.where(exists & (columns < dimension)[:, :, None], middle, nothing)
    right = xp.where(exists, ends[:, :1], nothing)
    left = xp.where((row <= dimension)[:, :, None], ends[:, 1:], nothing)
    full = xp.concatenate([left, middle, right], axis=1)
    head = [_head_row(xp, full[i], triangle, i, c) for i in range(p)]
    return Band(xp.concatenate([xp.stack(head), full[p:]]), xp.stack([triangle[i][c] for i in range(p)]))


def _head_row(xp: Any, drawn: Numbers, triangle: list[list[Numbers]], i: int, c: int) -> Numbers:
    """Row i <= c: the triangle in the c directions, beyond them what was drawn."""
    entries = []
    for k in range(c + 2):
        column = i - 1 + k
        if column < c:
            entries.append(triangle[i][column] if 0 <= i <= column else 0 * drawn[0])
        else:
            entries.append(drawn[k])
    return xp.stack(entries)


def draw_triangle(
    xp: Any, chi: Numbers, normal: Numbers, rows: Numbers, noise: Numbers, along: Numbers
) -> list[list[Numbers]]:
    """The upper triangular form of [Z q, labels] of all sources, row by row, as (c + 1) x (c + 1) vectors.

    Args:
        xp: namespace of array functions.
        chi: with `freedom_of_triangles`.
        normal: `numbers_of_triangles` of them.
        rows: of each source, shape (sources,).
        noise: of each source, shape (sources,).
        along: the mean label of each source along each direction q, shape (sources, c, replicates).
    """
    sources, c, _ = along.shape
    p, zero = c + 1, 0 * chi[0]
    pairs = [(i, j) for i in range(p) for j in range(i + 1, p)]
    blocks = []
    for s in range(sources):
        block = [[zero] * p for _ in range(p)]
        for i in range(p):
            block[i][i] = chi[s * p + i]
        for n, (i, j) in enumerate(pairs):
            block[i][j] = xp.where(rows[s] > i, normal[s * len(pairs) + n], zero)
        for i in range(p):
            block[i][c] = noise[s] * block[i][c] + sum((block[i][j] * along[s, j] for j in range(i, c)), start=zero)
        blocks += block
    if sources == 1:
        return blocks
    return triangular(xp, xp.stack([xp.stack(row) for row in blocks]))


def triangular(xp: Any, rows: Numbers) -> list[list[Numbers]]:
    """The upper triangular form of rows, shape (rows, columns, replicates), as columns x columns vectors."""
    turned, size = xp.moveaxis(xp.linalg.qr(xp.moveaxis(rows, -1, 0), mode="r"), 0, -1), rows.shape[1]
    return [[turned[i, j] if j >= i else 0 * turned[0, 0] for j in range(size)] for i in range(size)]

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


def numbers_of_band(sources: int, c: int, length: int) -> int:
    """How many standard normals a band takes."""
    return sources * (c + 1) * c // 2 + length * c


def freedom_of_band(xp: Any, rows: Numbers, c: int, dimension: Numbers, length: int) -> Numbers:
    """Degrees of freedom of the chi variables that a band takes: triangles, then two for each row."""
    first = xp.arange(length, dtype=rows.dtype)
    ends = xp.stack([dimension - c - first, xp.sum(rows) - first], axis=1)
    triangles = rows[:, None] - first[None, : c + 1]
    return xp.concatenate([triangles.reshape(-1), ends.reshape(-1)])


def draw_band(
    xp: Any, chi: Numbers, normal: Numbers, rows: Numbers, noise: Numbers, along: Numbers, dimension: Numbers
) -> Band:
    """The first rows of a fit.

    Args:
        xp: namespace of array functions.
        chi: with `freedom_of_band`.
        normal: `numbers_of_band` of them.
        rows: of each source, shape (sources,).
        noise: of each source, shape (sources,).
        along: the mean label of each source along each direction q, shape (sources, c, replicates).
        dimension: number of directions, the c ones included.
    """
    (sources, c, _), total = along.shape, xp.sum(rows)
    p, pairs = c + 1, sources * (c + 1) * c // 2
    triangle = _triangle(xp, chi[: sources * p], normal[:pairs], rows, noise, along)
    ends = chi[sources * p :].reshape(-1, 2, chi.shape[-1])
    length, nothing = ends.shape[0], 0 * ends[:1, :1]
    row = xp.arange(length, dtype=rows.dtype)[:, None]
    columns = row + xp.arange(c, dtype=rows.dtype)[None, :]  # of the middle, counted from the first direction
    middle = normal[pairs:].reshape(length, c, -1)
    middle = xp.where(((row < total) & (columns < dimension))[:, :, None], middle, nothing)
    right = xp.where((row < total)[:, :, None], ends[:, :1], nothing)
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


def _triangle(
    xp: Any,
    chi: Numbers,
    normal: Numbers,
    rows: Numbers,
    noise: Numbers,
    along: Numbers,
) -> list[list[Numbers]]:
    """The upper triangular form of [Z q, labels] of all sources, row by row, as (c + 1) x (c + 1) vectors."""
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
    stacked = xp.moveaxis(xp.stack([xp.stack(row) for row in blocks]), -1, 0)
    turned = xp.moveaxis(xp.linalg.qr(stacked, mode="r"), 0, -1)
    return [[turned[i, j] if j >= i else zero for j in range(p)] for i in range(p)]

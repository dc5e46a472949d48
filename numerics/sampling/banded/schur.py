r"""The first unknowns of a long banded system, and sums over all others, in one pass from the far end.

With (A_RR the far block) the far unknowns are x_R = -A_RR^{-1} A_RE x_E where their right-hand side is zero, so that

$$ (A_{EE} - A_{ER} A_{RR}^{-1} A_{RE}) x_E = b_E, \qquad x' H x = x_E' \, \dot S \, x_E , $$

S-dot being the derivative of the Schur complement along a diagonal H. The derivatives of the pivots, relative to them,
add up to that of log det A, the trace of A^{-1} H: with H = I no more than the number of unknowns times the norm of
A^{-1}, and no less than it. What is beyond the end is not known: it takes away from the last entries something between
nothing and all that they owe to it. Two ends are computed side by side, nothing and half of it (all of it may leave a
singular system): how little they differ at the beginning is the error of the truncation.
"""

from __future__ import annotations

from typing import Any

from ..backends import Backend, Numbers


def schur(backend: Backend, band: Numbers, there: Numbers, keep: int) -> tuple[Numbers, Numbers, Numbers]:
    """Eliminate the last unknowns of a symmetric band.

    Args:
        backend: where it is computed.
        band: A_{j, j+t} at [j, t], shape (length, width + 1, ends, replicates).
        there: the diagonal of H, 1 for unknowns that are there, else 0, shape (length, 1, replicates or 1).
        keep: number of unknowns left, at least `width`.

    Returns:
        The Schur complement of the last `width` unknowns that are kept, its derivative, both of shape (width, width,
        ends, replicates), and the trace of A^{-1} H over those eliminated, shape (ends, replicates), NaN where A is not
        positive definite in the numbers at hand.
    """
    xp, length, width = backend.numbers, band.shape[0], band.shape[1] - 1
    zero = 0 * band[0, 0]

    def diagonal(entry: Numbers, size: int) -> Numbers:
        """The first entry in the corner of a matrix of zeros."""
        return xp.concatenate([(entry + zero)[None], *[zero[None]] * (size - 1)])

    def extended(window: Numbers, entries: Numbers) -> Numbers:
        """The window with one unknown more in front of it."""
        below = xp.concatenate([entries[1:, None], window], axis=1)
        return xp.concatenate([entries[None], below])

    def eliminate(state: Any, entries: Any) -> tuple[Any, None]:
        window, derivative, trace = state
        full = extended(window, entries[0])
        change = extended(derivative, diagonal(entries[1], width + 1))
        pivot, rate = full[width, width], change[width, width]
        slope = full[:width, width] / pivot[None]
        new = full[:width, :width] - full[:width, width][:, None] * slope[None]
        mixed = change[:width, width][:, None] * slope[None]
        square = slope[:, None] * (slope * rate[None])[None]
        change = change[:width, :width] - mixed - xp.swapaxes(mixed, 0, 1) + square
        return (new, change, xp.where(pivot > 0, trace + rate / pivot, xp.nan + zero)), None

    corner = [xp.stack([band[length - width + min(i, j), abs(i - j)] for j in range(width)]) for i in range(width)]
    identity = [
        xp.stack([there[length - width + i] + zero if i == j else zero for j in range(width)]) for i in range(width)
    ]
    fronts = slice(keep - width, length - width)
    over = band[fronts][::-1], there[fronts][::-1]
    window, derivative, trace = backend.scan(eliminate, (xp.stack(corner), xp.stack(identity), zero), over)[0]
    return window, derivative, trace


def solve(xp: Any, matrix: Numbers, right: Numbers) -> Numbers:
    """The solutions of a small positive definite system, side by side for all replicates.

    Args:
        xp: namespace of array functions.
        matrix: shape (n, n, ...).
        right: shape (n, columns, ...).

    >>> import numpy as np
    >>> solve(np, np.array([[[2.0], [1.0]], [[1.0], [2.0]]]), np.array([[[4.0]], [[5.0]]])).tolist()
    [[[1.0]], [[2.0]]]
    """
    size = matrix.shape[0]
    rows = [xp.concatenate([matrix[i], right[i]]) for i in range(size)]
    for i in range(size):
        for j in range(i + 1, size):
            rows[j] = rows[j] - (rows[j][i] / rows[i][i])[None] * rows[i]
    found: list[Numbers] = [right[0]] * size
    for i in reversed(range(size)):
        known = sum((rows[i][j][None] * found[j] for j in range(i + 1, size)), start=0 * right[0])
        found[i] = (rows[i][size:] - known) / rows[i][i][None]
    return xp.stack(found)

r"""The first unknowns of a long banded system, and a square sum of all others, in one pass from the far end.

With (A_RR the far block) the far unknowns are x_R = -A_RR^{-1} A_RE x_E where their right-hand side is zero, so that

$$ (A_{EE} - A_{ER} A_{RR}^{-1} A_{RE}) x_E = b_E, \qquad x' H x = x_E' \, \dot S \, x_E , $$

S-dot being the derivative of the Schur complement along H. What is beyond the end is not known: it takes away from the
last entries something between nothing and all that they owe to it. Two ends are computed side by side, nothing and half
of it (all of it may leave a singular system): how little they differ at the beginning is the error of the truncation.
"""

from __future__ import annotations

from typing import Any

from ..backends import Backend, Numbers


def schur(backend: Backend, band: Numbers, along: Numbers, keep: int) -> tuple[Numbers, Numbers, Numbers]:
    """Eliminate the last unknowns of a symmetric band.

    Args:
        backend: where it is computed.
        band: A_{j, j+t} at [j, t], shape (length, width + 1, ends, replicates).
        along: the same of H.
        keep: number of unknowns left, at least `width`.

    Returns:
        The Schur complement of the last `width` unknowns that are kept, its derivative, both of shape (width, width,
        ends, replicates), and the least pivot relative to its diagonal entry, shape (ends, replicates).
    """
    xp, width = backend.numbers, band.shape[1] - 1
    length = band.shape[0]

    def corner(values: Numbers) -> Numbers:
        """The last `width` unknowns."""
        rows = [xp.stack([values[length - width + min(i, j), abs(i - j)] for j in range(width)]) for i in range(width)]
        return xp.stack(rows)

    def extended(window: Numbers, entries: Numbers) -> Numbers:
        """The window with one unknown more in front of it."""
        below = xp.concatenate([entries[1:, None], window], axis=1)
        return xp.concatenate([entries[None], below])

    def eliminate(state: Any, entries: Any) -> tuple[Any, None]:
        window, derivative, least = state
        full, change = extended(window, entries[0]), extended(derivative, entries[1])
        pivot, slope = full[width, width], full[:width, width] / full[width, width][None]
        new = full[:width, :width] - full[:width, width][:, None] * slope[None]
        mixed = change[:width, width][:, None] * slope[None]
        square = slope[:, None] * (slope * change[width, width][None])[None]
        change = change[:width, :width] - mixed - xp.swapaxes(mixed, 0, 1) + square
        return (new, change, xp.minimum(least, pivot / entries[2])), None

    fronts = slice(keep - width, length - width)
    over = band[fronts][::-1], along[fronts][::-1], band[keep:, 0][::-1]
    start = corner(band), corner(along), xp.ones_like(band[0, 0])
    window, derivative, least = backend.scan(eliminate, start, over)[0]
    return window, derivative, least


def solve(xp: Any, matrix: Numbers, right: Numbers) -> Numbers:
    """The solution of a small positive definite system, entry by entry over all replicates.

    >>> import numpy as np
    >>> solve(np, np.array([[[2.0], [1.0]], [[1.0], [2.0]]]), np.array([[4.0], [5.0]])).tolist()
    [[1.0], [2.0]]
    """
    size = matrix.shape[0]
    rows = [xp.concatenate([matrix[i], right[i][None]]) for i in range(size)]
    for i in range(size):
        for j in range(i + 1, size):
            rows[j] = rows[j] - (rows[j][i] / rows[i][i])[None] * rows[i]
    found: list[Numbers] = [right[0]] * size
    for i in reversed(range(size)):
        known = sum((rows[i][j] * found[j] for j in range(i + 1, size)), start=0 * right[0])
        found[i] = (rows[i][size] - known) / rows[i][i]
    return xp.stack(found)

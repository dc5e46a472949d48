r"""Spectrum compression: a million eigenvalues as a few hundred nodes with a few weights each.

Everything that theory sums over the spectrum is a product of shrinkage factors q = s/(s + kappa), p = kappa/(s +
kappa). In z = log s these are analytic up to distance pi from the real axis, and bounded by 1 up to distance pi/2,
where s turns imaginary: |q|, |p| <= 1 for Re s >= 0, however many generations are multiplied. Chebyshev
interpolation with m nodes in a bin of half-width h in log s therefore errs by at most 4 rho^{-m}/(1 - 1/rho), rho =
x + sqrt(x^2 + 1), x = pi/(2h): below 1e-15 for h = 0.35 and m = 16. Sums over a bin become sums over its nodes,
with weights from the Chebyshev moments of the eigenvalue counts and of the target. `predict` checks the rule on the
error itself, by a second, finer compression.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev

from ..problem.checks import Vector

BIN_WIDTH = 0.7


def compress(s: Vector, targets: Vector, nodes_per_bin: int) -> tuple[Vector, Vector, Vector]:
    """Nodes, counts and target weights with the same spectral sums.

    Args:
        s: positive eigenvalues in any order, shape (d,).
        targets: tau of each, shape (d,), or what several vectors have in each direction, shape (vectors, d).
        nodes_per_bin: Chebyshev nodes m for each bin of width 0.7 in log s that holds more than 2 m eigenvalues.

    Returns:
        (s, counts, targets) of the nodes; counts and targets sum to d and to the sum of the targets.

    >>> k = np.arange(1, 10001)
    >>> s, counts, target = compress(1.0 / k, 1.0 / k**2, 16)
    >>> len(s) < 300, abs(float(np.sum(counts * s / (s + 0.01)) / np.sum(1 / (1 + 0.01 * k)) - 1)) < 1e-13
    (True, True)
    """
    order = np.argsort(s)
    s, targets = s[order], targets[..., order]
    bins = np.floor(np.log(s / s[0]) / BIN_WIDTH).astype(int)
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    blocks = [
        _compressed_bin(s[first:last], targets[..., first:last], nodes_per_bin)
        for first, last in zip(starts, [*starts[1:], len(s)], strict=True)
    ]
    nodes, counts, weights = (np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))
    return nodes, counts, weights


def _compressed_bin(s: Vector, targets: Vector, m: int) -> tuple[Vector, Vector, Vector]:
    if len(s) <= 2 * m:
        return s, np.ones(len(s)), targets
    low, high = np.log(s[0]), np.log(s[-1])
    if high - low < 1e-12:
        return np.array([s.mean()]), np.array([float(len(s))]), targets.sum(axis=-1, keepdims=True)
    points = chebyshev.chebpts1(m)
    position = np.clip((2 * np.log(s) - low - high) / (high - low), -1, 1)
    measures = np.concatenate([np.ones((1, len(s))), targets.reshape(-1, len(s))])
    moments = np.stack([measures @ column for column in _chebyshev_columns(position, m)], axis=1)
    # Interpolation at the Chebyshev points, read as weights on their values.
    moments[:, 1:] *= 2
    weights = moments @ chebyshev.chebvander(points, m - 1).T / m
    return np.exp((low + high + points * (high - low)) / 2), weights[0], weights[1:].reshape(*targets.shape[:-1], m)


def _chebyshev_columns(position: Vector, m: int) -> list[Vector]:
    """T_0, ..., T_{m-1} at every position."""
    columns = [np.ones(len(position)), position]
    while len(columns) < m:
        columns.append(2 * position * columns[-1] - columns[-2])
    return columns

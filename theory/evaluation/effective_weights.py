r"""The effective weights a_k and the effective ridge kappa of the master theorem, by Newton's method on a convex function.

The equations of theory/statements/master.py are the gradient, in log a_k and log kappa, of a convex function made of
exponentials and of logarithms of sums of exponentials. For such functions Newton steps of length log(1 + 2 r)/2 with r
the largest entry of the full step converge from everywhere, and quadratically in the end.

With the shares q_k(i) of the sources in direction i, p = 1 - sum_k q_k, and counts c_i, the gradient is

    n_k (a_k/alpha_k - 1) + sum_i c_i q_k,            sum over k: sum_k n_k a_k/alpha_k - (n - df),
    m - df - m lambda/kappa,                          df = sum_i c_i (1 - p).

Close to interpolation n - df or m - df is a small difference of large numbers. Therefore the sum over k takes the place
of one of its terms, and both margins are split at the directions with p < 1/2, j of them:

    n - df = (n - j) + sum_{p < 1/2} c p - sum_{p >= 1/2} c (1 - p),

in which n - j is exact and no term exceeds 1/2. The second derivatives have one sign each, diagonals included: those of
log det are c q_k (p + sum_{l != k} q_l) and -c q_k q_l, -c q_k p, c p (1 - p).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .summation import pairwise_sum

MAXIMAL_STEPS = 500
CONVERGED = 1e-15
QUADRATIC = 1e-9  # below this a step that is no shorter than the one before is rounding


class EffectiveWeights(NamedTuple):
    """A solution.

    Attributes:
        weights: a_k, shape (K,).
        ridge: kappa.
        correction: the largest relative change of any of them in the last Newton step, an estimate of their error.
        steps: Newton steps taken.
    """

    weights: Any
    ridge: float
    correction: float
    steps: int


def effective_weights(
    s: Any, counts: Any, rows: Any, total: float, weights: Any, penalty: float, width: float
) -> EffectiveWeights:
    """Solve for the weights that the rows of each source have in effect, and for the effective ridge.

    Args:
        s: eigenvalues of the covariances >= 0, shape (K, nodes).
        counts: how many directions a node stands for, shape (nodes,).
        rows: n_k, shape (K,).
        total: n of the objective's 1/n, at least sum n_k.
        weights: alpha_k > 0, shape (K,).
        penalty: lambda > 0, or 0 where sum n_k and width exceed the rank and every s is positive.
        width: m of a random projection, infinite without one.

    Returns:
        An `EffectiveWeights`, to be used only where `correction` is small.

    >>> found = effective_weights(np.ones((1, 1)), np.array([4.0]), np.array([8.0]), 8.0, np.ones(1), 0.0, np.inf)
    >>> found.weights.round(12).tolist(), found.ridge  # 1 - d/n
    ([0.5], 0.0)
    """
    projected = np.isfinite(width) and penalty > 0
    fit = _Fit(s * (rows / total)[:, None], counts, rows, weights, penalty, float(width), bool(projected))
    # Without rows to contradict it a weight is as given; kappa <= 4 lambda + 2 tr C/min(n, m), as for one source.
    start = 4.0 * penalty + 2.0 * float(pairwise_sum(counts * (weights @ fit.s))) / min(float(np.sum(rows)), width)
    logs = np.concatenate([np.log(weights), [np.log(start)] if projected else []])
    previous, change, steps = np.inf, np.inf, 0
    while steps < MAXIMAL_STEPS and change > CONVERGED and not (change < QUADRATIC and change >= previous):
        step = fit.newton(logs)
        previous, change, steps = change, float(np.max(np.abs(step))), steps + 1
        if not np.isfinite(change):
            break
        logs = logs + step * (np.log1p(2.0 * change) / (2.0 * change) if change > 0 else 1.0)
    a, kappa = fit.unknowns(logs)
    return EffectiveWeights(a, float(kappa), change if np.isfinite(change) else np.inf, steps)


class _Fit(NamedTuple):
    """The problem; s holds n_k Sigma_k/n."""

    s: Any
    counts: Any
    rows: Any
    alpha: Any
    penalty: float
    width: float
    projected: bool

    def unknowns(self, logs: Any) -> tuple[Any, Any]:
        """(a, kappa); without a projection kappa is the penalty."""
        values = np.exp(logs)
        return (values[:-1], values[-1]) if self.projected else (values, self.penalty)

    def newton(self, logs: Any) -> Any:
        """The Newton step in the logarithms."""
        a, kappa = self.unknowns(logs)
        parts = a[:, None] * self.s
        below = pairwise_sum(parts.T) + kappa
        q, p = parts / below, kappa / below
        kept = pairwise_sum(q.T)
        own = self.rows * (a / self.alpha)
        above = kept > p
        split = pairwise_sum(self.counts * np.where(above, p, -kept))
        number = pairwise_sum(self.counts * np.where(above, 1.0, 0.0))
        by_ridge = q @ (self.counts * p)  # sum c q_k p
        matrix = -(q * self.counts) @ q.T
        for k in range(len(a)):
            others = pairwise_sum(np.delete(q, k, axis=0).T) if len(a) > 1 else 0.0
            matrix[k, k] = own[k] + pairwise_sum(self.counts * q[k] * (p + others))
        gradient = own - self.rows + q @ self.counts
        matrix[-1], gradient[-1] = own + by_ridge, pairwise_sum(own) - ((np.sum(self.rows) - number) + split)
        if self.projected:
            ratio = self.width * self.penalty / kappa
            slope = pairwise_sum(self.counts * p * kept)
            gradient = np.append(gradient, (self.width - number) + split - ratio)
            column = np.append(-by_ridge[:-1], -slope)[:, None]
            matrix = np.block([[matrix, column], [-by_ridge[None, :], np.array([[slope + ratio]])]])
        size = np.max(np.abs(matrix), axis=1, keepdims=True)
        try:
            return -np.linalg.solve(matrix / size, gradient / size[:, 0])
        except np.linalg.LinAlgError:
            return np.full(len(logs), np.nan)

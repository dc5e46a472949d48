r"""The effective weights a_k and the effective ridge kappa of the master theorem: Newton on a convex function.

The equations of theory/statements/master.py are the gradient, in log a_k and log kappa, of a convex function made of
exponentials and of logarithms of sums of exponentials. For such functions Newton steps of length log(1 + 2 r)/2 with r
the largest entry of the full step converge from everywhere, and quadratically in the end.

With the shares q_k(i) of the sources in direction i, p = 1 - sum_k q_k, and counts c_i, the gradient is

    n_k (a_k/alpha_k - 1) + sum_i c_i q_k,            sum over k: sum_k n_k a_k/alpha_k - (n - df),
    m - df - m lambda/kappa,                          df = sum_i c_i (1 - p).

Close to interpolation n - df or m - df is a small difference of large numbers. Therefore one term of the sum over k and
the last line give way to the smaller margin, split at the directions with p < 1/2, j of them, and to the difference
of both margins:

    n - df = (n - j) + sum_{p < 1/2} c p - sum_{p >= 1/2} c (1 - p),
    (n - df) - (m - df) = sum_k n_k a_k/alpha_k - m lambda/kappa = n - m,

in which n - j and n - m are exact and no term of the sums exceeds 1/2. The second derivatives have one sign each,
diagonals included: those of log det are c q_k (p + sum_{l != k} q_l) and -c q_k q_l, -c q_k p, c p (1 - p).

The error is estimated by the last step, and by what rounding of the terms of the gradient can do to such a step.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .effective_ridge import UNIT_ROUNDOFF
from .summation import pairwise_sum, rounding_steps

MAXIMAL_STEPS = 500
CONVERGED = 1e-15
QUADRATIC = 1e-9  # below this a step that is no shorter than the one before is rounding


class EffectiveWeights(NamedTuple):
    """A solution.

    Attributes:
        weights: a_k, shape (K,).
        ridge: kappa.
        uncertainty: an estimate of the largest relative error of any of them, infinite where there is no solution.
        steps: Newton steps taken.
    """

    weights: Any
    ridge: float
    uncertainty: float
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
        An `EffectiveWeights`, to be used only where `uncertainty` is small.

    >>> found = effective_weights(np.ones((1, 1)), np.array([4.0]), np.array([8.0]), 8.0, np.ones(1), 0.0, np.inf)
    >>> found.weights.round(12).tolist(), found.ridge  # 1 - d/n
    ([0.5], 0.0)
    """
    projected = np.isfinite(width) and penalty > 0
    fit = _Fit(s * (rows / total)[:, None], counts, rows, weights, penalty, float(width), bool(projected))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is not finite ends the iteration
        return _iterated(fit, fit.start())


def _iterated(fit: _Fit, logs: Any) -> EffectiveWeights:
    previous, change, rounding, steps = np.inf, np.inf, np.inf, 0
    while steps < MAXIMAL_STEPS and change > CONVERGED and not (change < QUADRATIC and change >= previous):
        step, rounding = fit.newton(logs)
        previous, change, steps = change, float(np.max(np.abs(step))), steps + 1
        if not np.isfinite(change):
            change = np.inf
            break
        logs = logs + step * (np.log1p(2.0 * change) / (2.0 * change) if change > 0 else 1.0)
    a, kappa = fit.unknowns(logs)
    return EffectiveWeights(a, float(kappa), change + rounding, steps)


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

    def start(self) -> Any:
        """Weights as given: nothing contradicts them; kappa <= 4 lambda + 2 tr C/min(n, m), as for one source."""
        total = float(pairwise_sum(self.counts * (self.alpha @ self.s)))
        ridge = 4.0 * self.penalty + 2.0 * total / min(float(np.sum(self.rows)), self.width)
        return np.log(np.append(self.alpha, ridge) if self.projected else self.alpha)

    def newton(self, logs: Any) -> tuple[Any, float]:
        """The Newton step in the logarithms, and the largest change that rounding can make to it."""
        (a, kappa), counts = self.unknowns(logs), self.counts
        parts = a[:, None] * self.s
        below = pairwise_sum(parts.T) + kappa
        q, p = parts / below, kappa / below
        kept = pairwise_sum(q.T)
        own = self.rows * (a / self.alpha)
        above = kept > p
        halves = pairwise_sum(counts * np.where(above, p, -kept))
        halves_size = pairwise_sum(counts * np.minimum(p, kept))
        surplus = np.array([np.sum(self.rows), self.width]) - pairwise_sum(counts * np.where(above, 1.0, 0.0))
        by_ridge = q @ (counts * p)
        matrix = -(q * counts) @ q.T
        for k in range(len(a)):
            others = pairwise_sum(np.delete(q, k, axis=0).T) if len(a) > 1 else 0.0
            matrix[k, k] = own[k] + pairwise_sum(counts * q[k] * (p + others))
        terms = np.stack([own, -self.rows, pairwise_sum(counts * q)])
        gradient, size = terms.sum(axis=0), np.abs(terms).sum(axis=0)
        total, slope = np.sum(own), pairwise_sum(counts * p * kept)
        ratio = self.width * self.penalty / kappa if self.projected else 0.0
        if self.projected and surplus[1] < surplus[0]:
            by_kappa, matrix[-1], gradient[-1] = slope + ratio, -by_ridge, surplus[1] + halves - ratio
            size[-1] = np.abs(surplus[1]) + halves_size + ratio
        else:
            by_kappa, matrix[-1], gradient[-1] = -slope, own + by_ridge, total - (surplus[0] + halves)
            size[-1] = np.abs(surplus[0]) + halves_size + total
        if self.projected:
            excess = surplus[0] - surplus[1]
            matrix = np.block([[matrix, np.append(-by_ridge[:-1], by_kappa)[:, None]], [own[None, :], ratio]])
            gradient = np.append(gradient, (total - ratio) - excess)
            size = np.append(size, total + ratio + np.abs(excess))
        scale = np.max(np.abs(matrix), axis=1, keepdims=True)
        try:
            inverse = np.linalg.inv(matrix / scale) / scale.T
        except np.linalg.LinAlgError:
            return np.full(len(logs), np.nan), np.inf
        roundings = rounding_steps(len(self.counts)) + 4
        return -inverse @ gradient, float(np.max(np.abs(inverse) @ size)) * UNIT_ROUNDOFF * roundings

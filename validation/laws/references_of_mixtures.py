"""Errors of fits on several labellers' rows by the textbook: risks of the sources, in NumPy and SciPy alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from ...theory.problem import Chain, Generation, Previous, RandomProjection, Shifted
from ...theory.problem.labels import labellers
from ..measured import Array


class _Fit(NamedTuple):
    """One fit in numbers.

    Attributes:
        s: eigenvalues.
        q: Q = 1/(s + kappa).
        rows: n.
        beta: kappa^2/(m - df_2), 0 without a projection.
    """

    s: Array
    q: Array
    rows: float
    beta: float

    @property
    def spilled(self) -> float:
        """beta tr Sigma Q^2, what the projection makes of Sigma."""
        return float(self.beta * np.sum(self.s * self.q**2))

    @property
    def pairing(self) -> float:
        """<Sigma, Sigma> = tr Sigma Q Sigma Q + beta (tr Sigma Q^2)^2."""
        return float(np.sum((self.s * self.q) ** 2) + self.spilled * np.sum(self.s * self.q**2))


def effective_ridge_of_a_projection(s: Array, rows: float, width: float, penalty: float) -> float:
    """kappa, the root of lambda = kappa (1 - df_1/n)(1 - df_1/m) with df_1 < min(n, m)."""

    def excess(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        freedom = np.sum(s / (s + kappa))
        return float(kappa * max(1 - freedom / rows, 0.0) * max(1 - freedom / width, 0.0) / penalty - 1.0)

    least, most = penalty / 2, penalty + np.sum(s) * (1 / rows + 1 / width)
    return float(np.exp(brentq(excess, np.log(least), np.log(most) + 1, xtol=1e-15, rtol=1e-15, maxiter=1000)))


def mixtures(chain: Chain) -> Array:
    """Errors by the risks r_k of the sources, each with its own labeller w_k.

    With T = Sigma Q, W = T sum_k p_k w_k the mean of the model w:
    r_j = sigma_j^2 + E|w_j - W|^2 + beta tr Sigma Q^2 E|W|^2 + <Sigma, Sigma>/n sum_k p_k r_k, and
    Cov(w) = beta Q^2 E|W|^2 + sum_k p_k r_k/n (Q Sigma Q + beta tr(Sigma Q^2) Q^2). Labellers enter by E w_k w_l.
    """
    s = np.asarray(chain.population.spectrum.eigenvalues())
    shifts = list(dict.fromkeys(part for step in chain.generations for part in _shifts(step)))
    moments = _moments(chain, shifts)
    errors = []
    for step in chain.generations:
        moments = _after(step, s, moments, shifts)
        errors.append(float(np.sum(s * _between(moments, _unit(moments, 0) - _unit(moments, -1)))))
    return np.array(errors)


def _shifts(step: Generation) -> list[Shifted]:
    return [part for one in step.generated for part in labellers(one.labels) if isinstance(part, Shifted)]


def _moments(chain: Chain, shifts: list[Shifted]) -> Array:
    """E v_i v_j in every direction, of truth, offsets and model, the model being the truth at first."""
    spectrum = chain.population.spectrum
    k = np.arange(1, spectrum.dimension + 1)
    targets = [chain.population.target, *(one.offset for one in shifts)]
    means = np.array([target.mean(k, spectrum) + 0.0 * k for target in targets])
    squares = np.asarray(means[:, None, :] * means[None, :, :], dtype=np.float64)
    for position, target in enumerate(targets):
        squares[position, position] = target.second_moments(spectrum)
    last = np.array([*range(len(targets)), 0])
    return np.asarray(squares[last[:, None], last[None, :]])


def _after(step: Generation, s: Array, moments: Array, shifts: list[Shifted]) -> Array:
    """The moments with the new model in the last place."""
    sources, fit = step.generated, _fit(step, s)
    shares = np.array([float(one.rows) for one in sources]) / fit.rows
    names = [_labeller(one.labels, moments, shifts) for one in sources]
    mean = fit.s * fit.q * sum(share * name for share, name in zip(shares, names, strict=True))
    norm = float(np.sum(_between(moments, mean)))
    missed = np.array([float(np.sum(s * _between(moments, name - mean))) for name in names])
    drive = np.array([one.noise**2 for one in sources]) + missed + fit.spilled * norm
    coupling = np.broadcast_to(fit.pairing / fit.rows * shares, (len(sources), len(sources)))
    risks = np.linalg.solve(np.eye(len(sources)) - coupling, drive)
    after = moments.copy()
    for position in range(len(moments) - 1):
        after[-1, position] = after[position, -1] = np.sum(mean * moments[:, position], axis=0)
    covariance = fit.q**2 * (fit.beta * norm + shares @ risks / fit.rows * (s + fit.spilled))
    after[-1, -1] = _between(moments, mean) + covariance
    return after


def _fit(step: Generation, s: Array) -> _Fit:
    estimator: Any = step.estimator
    rows = float(step.rows)
    width = float(estimator.width) if isinstance(estimator, RandomProjection) else np.inf
    kappa = effective_ridge_of_a_projection(s, rows, width, estimator.penalty)
    q = np.asarray(1.0 / (s + kappa))
    return _Fit(s, q, rows, float(kappa**2 / (width - np.sum((s * q) ** 2))))


def _labeller(labels: Any, moments: Array, shifts: list[Shifted]) -> Array:
    """A labeller in units of truth, offsets and model."""
    if isinstance(labels, Previous):
        return _unit(moments, -1)
    offset = _unit(moments, 1 + shifts.index(labels)) if isinstance(labels, Shifted) else 0.0
    return np.asarray(_unit(moments, 0) + offset)


def _unit(moments: Array, position: int) -> Array:
    """Shape (vectors, 1)."""
    return np.asarray(np.eye(len(moments))[position][:, None])


def _between(moments: Array, combination: Array) -> Array:
    """E of the square of a combination, in every direction."""
    shares = np.broadcast_to(combination, moments.shape[1:])
    return np.asarray(np.einsum("id,jd,ijd->d", shares, shares, moments))

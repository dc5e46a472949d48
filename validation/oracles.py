"""Numbers that statements must give, found without reading any statement: by drawing fits with NumPy and from SciPy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import final

import numpy as np
from scipy.optimize import brentq
from scipy.stats import beta, chi2, invwishart

from ..theory.problem import SpecificationError
from .exact_law import WalkLaw
from .measured import Array


@final
@dataclass(frozen=True)
class Fit:
    """One fit on Gaussian rows, with a few eigenvalues that each stand several times.

    Attributes:
        eigenvalues, multiplicities: the spectrum.
        weight: B, how often the error counts a direction, one value for each eigenvalue.
        rows: n; of an accumulating fit all rows, of one that labels the same rows again those rows, counted once.
        penalty: lambda; None is minimum norm.
        replicates: how many fits `draws` averages over, at least 2.
        new_rows: how many of the rows the model before labelled, the others being fitted by it already; None is all.
        copies: how many times the same rows are in the fit, the model before having labelled the last ones.
        width: m of a random projection with entries N(0, 1/m), drawn anew for every fit; None is no projection.
        disturbance: standard deviation of what is added to every covariate after labelling.
    """

    eigenvalues: tuple[float, ...]
    multiplicities: tuple[int, ...]
    weight: tuple[float, ...]
    rows: int
    penalty: float | None
    replicates: int = 2
    new_rows: int | None = None
    copies: int | None = None
    width: int | None = None
    disturbance: float = 0.0

    @property
    def rank(self) -> int:
        """Number of directions."""
        return sum(self.multiplicities)

    @property
    def spectrum(self) -> Array:
        """The eigenvalue of every direction."""
        return np.repeat(np.array(self.eigenvalues), self.multiplicities)

    @property
    def weights(self) -> Array:
        """B in every direction."""
        return np.repeat(np.array(self.weight), self.multiplicities)

    def averaged(self, values: Array) -> Array:
        """One value per direction, averaged over the directions with the same eigenvalue."""
        starts = np.cumsum((0, *self.multiplicities[:-1]))
        return np.asarray(np.add.reduceat(values, starts) / np.array(self.multiplicities))


@final
@dataclass(frozen=True, eq=False)
class Draws:
    """What a fit does on average, in units of error; each a pair (mean, standard error) of one value per eigenvalue.

    Attributes:
        kept: E W, the diagonal.
        second_moment: E W'BW, the diagonal.
        noise: E |noise|^2_B for label noise of unit variance, one value.
    """

    kept: tuple[Array, Array]
    second_moment: tuple[Array, Array]
    noise: tuple[Array, Array]


@cache
def draws(fit: Fit) -> Draws:
    """Fits drawn one after another and solved by hand."""
    generator = np.random.default_rng(20240207)
    s, weights = fit.spectrum, fit.weights
    kept, second, noise = [], [], []
    for _ in range(fit.replicates):
        rows = generator.standard_normal((fit.rows, fit.rank)) * np.sqrt(s)
        operator, solve = _one_fit(fit, rows, generator)
        operator = np.sqrt(s)[:, None] * operator / np.sqrt(s)
        kept.append(fit.averaged(np.diag(operator)))
        second.append(fit.averaged(weights @ operator**2))
        noise.append(np.array([np.sum((weights * s)[:, None] * solve**2)]))
    return Draws(_estimate(kept), _estimate(second), _estimate(noise))


@cache
def error_of_fits(fits: tuple[Fit, ...], noise: tuple[float, ...], truth: tuple[float, ...]) -> tuple[float, float]:
    """Excess error after fits one after another, each labelled by the one before: mean and standard error.

    Args:
        fits: on one spectrum; the first says how many chains are drawn.
        noise: standard deviation of the label noise of each; its square is integrated.
        truth: tau, one value for each eigenvalue, the first model.
    """
    generator = np.random.default_rng(20240401)
    s = fits[0].spectrum
    start = np.sqrt(np.repeat(np.array(truth), fits[0].multiplicities) / s)
    errors = []
    for _ in range(fits[0].replicates):
        mean, solves = start, list[Array]()
        for fit, deviation in zip(fits, noise, strict=True):
            operator, solve = _one_fit(fit, generator.standard_normal((fit.rows, fit.rank)) * np.sqrt(s), generator)
            mean, solves = operator @ mean, [*(operator @ one for one in solves), deviation * solve]
        errors.append(s @ (mean - start) ** 2 + sum(float(np.sum(s[:, None] * one**2)) for one in solves))
    average, of_average = _estimate([np.array(error) for error in errors])
    return float(average), float(of_average)


@cache
def error_with_synthetic_rows(
    fit: Fit, synthetic_rows: int, noise: tuple[float, float], truth: tuple[float, ...], shift: tuple[float, ...]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Excess error of a fit whose last rows a shifted truth labels, and the shift's part: means and standard errors.

    Args:
        fit: real and synthetic rows together.
        synthetic_rows: how many rows have shifted labels.
        noise: standard deviations of the label noise of real and synthetic rows; their squares are integrated.
        truth, shift: tau and delta, one value for each eigenvalue; the shift is centred.
    """
    generator = np.random.default_rng(20240517)
    s = fit.spectrum
    start, moved = (np.repeat(np.array(values), fit.multiplicities) / s for values in (truth, shift))
    deviations = np.repeat(noise, (fit.rows - synthetic_rows, synthetic_rows))
    errors, parts = [], []
    for _ in range(fit.replicates):
        rows = generator.standard_normal((fit.rows, fit.rank)) * np.sqrt(s)
        operator, solve = _one_fit(fit, rows, generator)
        missed = operator @ np.sqrt(start) - np.sqrt(start)
        part = s @ (solve[:, -synthetic_rows:] @ rows[-synthetic_rows:]) ** 2 @ moved
        errors.append(s @ missed**2 + part + float(np.sum(s[:, None] * (solve * deviations) ** 2)))
        parts.append(part)
    (error, of_error), (part, of_part) = (_estimate([np.array(one) for one in found]) for found in (errors, parts))
    return (float(error), float(of_error)), (float(part), float(of_part))


def _one_fit(fit: Fit, rows: Array, generator: np.random.Generator) -> tuple[Array, Array]:
    """The matrix that takes the model before to the fitted one, and the one that takes new label noise to it."""
    if fit.width is not None:
        projection = generator.standard_normal((fit.width, fit.rank)) / np.sqrt(fit.width)
        solve = projection.T @ _solution(rows @ projection.T, fit.penalty)
        return np.asarray(solve @ rows), solve
    if fit.new_rows is None and fit.copies is None:
        seen = rows + fit.disturbance * generator.standard_normal(rows.shape) if fit.disturbance else rows
        solve = _solution(seen, fit.penalty)
        return np.asarray(solve @ rows), solve
    if fit.copies is None:
        old, new = rows[fit.new_rows :], rows[: fit.new_rows]
    else:
        old, new = np.tile(rows, (fit.copies - 1, 1)), rows
    # Labels of the old rows that make the model before whatever it may be, one model in each column.
    labels = generator.standard_normal((len(old), fit.rank))
    before = _solution(old, fit.penalty) @ labels
    solve = _solution(np.concatenate([new, old]), fit.penalty)
    after = solve @ np.concatenate([new @ before, labels])
    return np.asarray(np.linalg.solve(before.T, after.T).T), solve[:, : len(new)]


def _solution(rows: Array, penalty: float | None) -> Array:
    """The matrix that takes labels to the fitted model, shape (directions, rows)."""
    if penalty is None:
        return np.asarray(np.linalg.pinv(rows))
    count, directions = rows.shape
    return np.asarray(np.linalg.solve(rows.T @ rows / count + penalty * np.eye(directions), rows.T / count))


def _estimate(samples: list[Array]) -> tuple[Array, Array]:
    values = np.array(samples)
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))


@cache
def kappa(fit: Fit) -> float:
    """The effective ridge by SciPy, from the textbook's kappa = lambda + kappa df_1(kappa)/n.

    With a random projection it is the largest root of lambda = kappa (1 - df_1/n)(1 - df_1/m).

    Raises:
        SpecificationError: for a fit without a penalty.
    """
    if fit.penalty is None:
        raise SpecificationError("penalty", None, "a number > 0")
    s, penalty = fit.spectrum, fit.penalty
    if fit.width is not None:
        return _kappa_of_a_projection(s, penalty, fit.rows, fit.width)

    def excess(candidate: float) -> float:
        return candidate - penalty - float(np.sum(candidate * s / (s + candidate))) / fit.rows

    return float(brentq(excess, penalty / 2, penalty + float(np.sum(s)) / fit.rows, xtol=1e-300, rtol=1e-14))


def _kappa_of_a_projection(s: Array, penalty: float, rows: int, width: int) -> float:
    """The root between the kappa with df_1 = min(n, m) and one with df_1 < min(n, m)/2."""

    def left(candidate: float, size: int) -> float:
        return 1 - float(np.sum(s / (s + candidate))) / size

    least = min(rows, width)
    upper = 4 * penalty + 2 * float(np.sum(s)) / least
    lower = brentq(left, 0.0, upper, args=(least,), rtol=1e-14) if len(s) > least else 0.0

    def excess(candidate: float) -> float:
        return candidate * left(candidate, rows) * left(candidate, width) - penalty

    return float(brentq(excess, lower, upper, xtol=1e-300, rtol=1e-14))


def degrees_of_freedom(fit: Fit, order: int) -> float:
    """df_k = sum (s/(s + kappa))^k."""
    s = fit.spectrum
    return float(np.sum((s / (s + kappa(fit))) ** order))


def inverse_wishart_trace(freedom: int, dimension: int) -> float:
    """E tr W^{-1} for a Wishart matrix, from SciPy's inverse Wishart distribution."""
    return float(np.trace(np.atleast_2d(invwishart(df=freedom, scale=np.eye(dimension)).mean())))


def noise_of_minimum_norm(fit: Fit) -> float:
    """E |noise|^2_B for unit noise, from inverse Wishart means: of X'X above the rank, of XX' below it.

    Below it the eigenvalues must be equal; the directions then share the noise. Of accumulated rows only the new ones
    have new noise; on copies of the same rows the noise of one is divided by their number.
    """
    larger, smaller = max(fit.rows, fit.rank), min(fit.rows, fit.rank)
    everywhere = inverse_wishart_trace(larger, smaller) / fit.rank * float(np.sum(fit.weights))
    return everywhere * (fit.new_rows or fit.rows) / fit.rows / (fit.copies or 1) ** 2


def second_moment_of_subspace(fit: Fit) -> Array:
    """E W'BW for the projection W on a random subspace, from SciPy's Beta distribution.

    W_11 ~ Beta(n/2, (r - n)/2); W = W^2 shares out the rest, E W_1k^2 = (E W_11 - E W_11^2)/(r - 1) for k > 1.
    """
    share = beta(fit.rows / 2, (fit.rank - fit.rows) / 2)
    own = float(share.moment(2))
    other = (float(share.mean()) - own) / (fit.rank - 1)
    weight = np.array(fit.weight)
    return own * weight + other * (np.sum(fit.weights) - weight)


def second_moment_of_projected_rows(fit: Fit) -> Array:
    """E W'BW for least squares on a random projection P, from SciPy's Beta and inverse Wishart distributions.

    On average P B P, and what the labels say outside of P as noise inside: tr(BP)(1 - P)/m times E tr (X'X)^-1 there.
    P_11 P_kk follows from the trace, E P_11 (m - P_11) = (r - 1) E P_11 P_kk for k > 1.
    """
    width = fit.width or fit.rank
    share = beta(width / 2, (fit.rank - width) / 2)
    mean, own = float(share.mean()), float(share.moment(2))
    other = (width * mean - own) / (fit.rank - 1)
    inside = second_moment_of_subspace(replace(fit, rows=width))
    weight, total = np.array(fit.weight), np.sum(fit.weights)
    outside = weight * (mean - own) + (total - weight) * (mean - other)
    return np.asarray(inside + outside * inverse_wishart_trace(fit.rows, width) / width)


def mean_and_variance_of_walk(law: WalkLaw) -> tuple[float, float]:
    """Of the error V chi^2_r of repeated least squares, from the moments of V, a sum of independent terms."""
    first, second = (
        [sigma ** (2 * order) * _inverse_moment(f, order) for sigma, f in zip(law.noise, law.freedom, strict=True)]
        for order in (1, 2)
    )
    mean = law.rank * sum(first)
    square = sum(first) ** 2 - sum(one**2 for one in first) + sum(second)
    return mean, float(chi2(law.rank).moment(2)) * square - mean**2


@cache
def _inverse_moment(freedom: int, order: int) -> float:
    """E c^{-order} for c ~ chi^2, integrated numerically."""
    return float(chi2(freedom).expect(lambda c: c**-order))


def error_of_projections(rank: int, rows: int, noise: float, null_error: float, generations: int) -> float:
    """The error of minimum norm below the rank, isotropic, one generation after another.

    A random subspace keeps n/r of any squared norm; the noise adds an inverse Wishart trace to it. The inner product
    with the truth shrinks by n/r.
    """
    squared_norm = overlap = null_error
    for _ in range(generations):
        squared_norm = rows / rank * squared_norm + noise**2 * inverse_wishart_trace(rank, rows)
        overlap = rows / rank * overlap
    return squared_norm - 2 * overlap + null_error

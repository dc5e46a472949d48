"""A million eigenvalues as a few hundred nodes: the same sums, the same predictions."""

import numpy as np
import pytest

from modelcollapse.theory.evaluation.compression import compress
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    Coefficients,
    Eigenvalues,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    SourceCondition,
    replace,
)

MILLION = np.arange(1.0, 1e6 + 1)
TARGET = 1e-12


@pytest.mark.parametrize("exponent", [1.2, 3.0])
def test_compressed_sums_over_nine_decades(exponent):
    """df_1, df_2, tr[p q] and target-weighted sums, from kappa above the spectrum down."""
    s, target = MILLION**-exponent, MILLION**-1.7
    nodes, counts, targets = compress(s, target, 16)
    assert len(nodes) < 1500
    assert counts.sum() == pytest.approx(1e6, rel=TARGET)
    assert targets.sum() == pytest.approx(target.sum(), rel=TARGET)
    for kappa in 3.0 * 10.0 ** -np.arange(0.0, 10.0):
        q, exact = nodes / (nodes + kappa), s / (s + kappa)
        for function in (lambda q: q, lambda q: q**2, lambda q: q * (1 - q), lambda q: (q * (1 - q)) ** 2):
            assert np.sum(counts * function(q)) == pytest.approx(np.sum(function(exact)), rel=TARGET)
            assert np.sum(targets * function(q)) == pytest.approx(np.sum(target * function(exact)), rel=TARGET)


def effective_ridge(s, rows, penalty):
    """Bisection in log kappa on n = df_1 + n lambda/kappa, without compression, for rows far below the dimension."""
    low, high = np.log(max(penalty, s[-1])), np.log(penalty + s.sum() / rows)
    for _ in range(25):
        middle = (low + high) / 2
        kappa = np.exp(middle)
        low, high = (middle, high) if np.sum(s / (s + kappa)) + rows * penalty / kappa > rows else (low, middle)
    for _ in range(2):
        q = s / (s + kappa)
        slope = np.sum(q * (kappa / (s + kappa))) + rows * penalty / kappa
        kappa *= 1 + (np.sum(q) - rows + rows * penalty / kappa) / slope
    return kappa


def uncompressed(s, truth, rows, penalties, noise):
    """The forward recursion of the chain, eigenvalue by eigenvalue, as printed (u is the variance of w)."""
    kept, lost, u, errors, injected = np.ones_like(s), np.zeros_like(s), np.zeros_like(s), [], np.zeros_like(s)
    for n, penalty, sigma in zip(rows, penalties, noise, strict=True):
        kappa = effective_ridge(s, n, penalty)
        q, p = s / (s + kappa), kappa / (s + kappa)
        margin = n * penalty / kappa + np.sum(p * q)
        shape = s / (s + kappa) ** 2
        gain = kappa**2 * np.sum(s * (kept**2 * truth + u) / (s + kappa) ** 2)
        injected = q**2 * injected + shape * (kappa**2 * np.sum(s * injected / (s + kappa) ** 2) + sigma**2) / margin
        u, kept, lost = q**2 * u + shape * (gain + sigma**2) / margin, kept * q, lost * q + p
        errors.append((np.sum(s * lost**2 * truth) + np.sum(s * u), np.sum(s * injected)))
    return np.array(errors).T


@pytest.mark.parametrize(
    ("exponent", "source", "estimators"),
    [
        (1.3, 0.5, (Ridge(1e-3), Ridge(2e-5), Ridge(0.04))),
        (1.8, 0.3, (MinimumNorm(), Ridge(1e-9), MinimumNorm())),
    ],
)
def test_predictions_for_a_million_directions(exponent, source, estimators):
    population = Population(PowerLaw(10**6, exponent), SourceCondition(source))
    rows, noise = (2000, 900, 5000), (0.3, 0.5, 0.2)
    prediction = predict(replace(population, 3, rows=rows, noise=noise, estimator=estimators))
    s, truth = MILLION**-exponent, MILLION ** (exponent - 1 - 2 * source * exponent)
    penalties = [getattr(estimator, "penalty", 0.0) for estimator in estimators]
    errors, variances = uncompressed(s, truth, rows, penalties, noise)
    np.testing.assert_allclose(prediction.error, errors, rtol=TARGET)
    np.testing.assert_allclose(prediction.variance, variances, rtol=TARGET)


def test_spectra_with_gaps_and_rough_targets():
    """Compression needs no law of the eigenvalues, and none of the target."""
    generator = np.random.default_rng(8)
    s = np.r_[10.0 ** generator.uniform(-8, -6, 2000), np.full(500, 0.3), 10.0 ** generator.uniform(1, 1.01, 700)]
    truth = generator.exponential(size=3200) * (generator.random(3200) < 0.1)
    population = Population(Eigenvalues(s), Coefficients(np.sqrt(truth)))
    prediction = predict(replace(population, 3, rows=(400, 1300, 90), noise=0.4, estimator=Ridge(1e-5)))
    order = np.argsort(-s)
    errors, variances = uncompressed(s[order], truth[order], (400, 1300, 90), (1e-5,) * 3, (0.4,) * 3)
    np.testing.assert_allclose(prediction.error, errors, rtol=TARGET)
    np.testing.assert_allclose(prediction.variance, variances, rtol=TARGET)
    assert prediction.by_mode.shape == (3, 3200)
    np.testing.assert_allclose(prediction.by_mode.sum(axis=1), errors, rtol=TARGET)

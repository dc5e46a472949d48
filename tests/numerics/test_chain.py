"""One replicate against the same experiment written the long way, row by row, in the original coordinates."""

import jax
import numpy as np
import pytest

from modelcollapse.numerics.measurement.label_noise import DRAWN, INTEGRATED
from modelcollapse.numerics.sampling import NAIVE
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Eigenvalues,
    GaussianTarget,
    Generation,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    Source,
)

SPECTRUM = PowerLaw(7, 1.3)
VARIANCES = [0.5, 2.0, 0.7, 1.1, 0.4, 3.0, 0.9]
# Mixed sources, both estimators, more and fewer rows than directions, labellers and noises that differ.
MIXED = (
    Generation((Source(6, 0.3), Source(14, 0.5, PREVIOUS)), Ridge(0.02)),
    Generation((Source(2, 0.2, PREVIOUS), Source(3, 0.4)), MinimumNorm()),
    Generation((Source(9, 0.6, PREVIOUS), Source(4, 0.1, TRUTH)), MinimumNorm()),
    Generation((Source(4, 0.7, PREVIOUS),), Ridge(0.3)),
)
# One labeller and one noise in each generation, cut into two sources where it changes nothing.
ALIKE = (
    Generation((Source(6, 0.3, PREVIOUS), Source(14, 0.3, PREVIOUS)), Ridge(0.02)),
    Generation((Source(5, 0.2, PREVIOUS),), MinimumNorm()),
    Generation((Source(13, 0.4, TRUTH),), MinimumNorm()),
    Generation((Source(4, 0.7, PREVIOUS),), Ridge(0.3)),
)
REPLICATES = 6


def draws(seed, replicate, generation, padded, rank):
    """The random numbers of one generation, after the documented derivation of keys."""
    key = jax.random.fold_in(jax.random.key(seed), replicate)
    design_key, noise_key = jax.random.split(jax.random.fold_in(key, generation))
    rows = jax.random.normal(design_key, (padded, rank), dtype="float64")
    return np.asarray(rows), np.asarray(jax.random.normal(noise_key, (padded,), dtype="float64"))


def truth(seed, replicate, rank):
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), replicate), 0)
    return np.sqrt(VARIANCES) * np.asarray(jax.random.normal(key, (rank,), dtype="float64"))


def smoother(design, estimator):
    """The pseudo-inverse of the rows, with sqrt(n lambda) I stacked below them."""
    n, d = design.shape
    penalty = estimator.penalty if isinstance(estimator, Ridge) else 0.0
    return np.linalg.pinv(np.vstack([design, np.sqrt(n * penalty) * np.eye(d)]))[:, :n]


def long_way(generations, seed, replicate, noise):
    eigenvalues = SPECTRUM.eigenvalues()
    model = w0 = truth(seed, replicate, eigenvalues.size)
    covariance = np.zeros((eigenvalues.size, eigenvalues.size))
    padded = max(step.rows for step in generations)
    errors = []
    for number, step in enumerate(generations, start=1):
        whitened, standard = draws(seed, replicate, number, padded, eigenvalues.size)
        design = whitened[: step.rows] * np.sqrt(eigenvalues)
        labels, label_covariance, row = np.zeros(step.rows), np.zeros((step.rows, step.rows)), 0
        synthetic = np.zeros(step.rows)
        for source in step.sources:
            here = slice(row, row + source.rows)
            labels[here] = design[here] @ (model if source.labels == PREVIOUS else w0)
            labels[here] += source.noise * standard[here] * (noise == DRAWN)
            label_covariance[here, here] = source.noise**2 * np.eye(source.rows)
            synthetic[here] = source.labels == PREVIOUS
            row += source.rows
        label_covariance += np.outer(synthetic, synthetic) * (design @ covariance @ design.T)
        fit = smoother(design, step.estimator)
        model, covariance = fit @ labels, fit @ label_covariance @ fit.T
        spread = np.sum(eigenvalues * np.diag(covariance)) if noise == INTEGRATED else 0.0
        errors.append(np.sum(eigenvalues * (model - w0) ** 2) + spread)
    return errors


@pytest.mark.parametrize("noise", [DRAWN, INTEGRATED])
@pytest.mark.parametrize("generations", [MIXED, ALIKE])
def test_every_replicate_equals_textbook_least_squares(generations, noise):
    chain = Chain(Population(SPECTRUM, GaussianTarget(VARIANCES)), generations)
    found = simulate(chain, REPLICATES, seed=11, noise=noise, sampler=NAIVE).errors
    with jax.enable_x64(True):
        expected = [long_way(generations, 11, replicate, noise) for replicate in range(REPLICATES)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_directions_without_variance_have_no_error():
    """They change nothing: bitwise the chain on the others, whatever the truth is there."""
    inside = Population(Eigenvalues([1.0, 0.5]), GaussianTarget([1.0, 2.0]))
    around = Population(Eigenvalues([1.0, 0.0, 0.5]), GaussianTarget([1.0, 7.0, 2.0]))
    steps = (Generation((Source(5, 0.3, PREVIOUS),), Ridge(0.1)),) * 2
    assert np.array_equal(simulate(Chain(inside, steps), 4).errors, simulate(Chain(around, steps), 4).errors)

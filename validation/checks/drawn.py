"""Chains of least-squares fits drawn with NumPy, many replicates at once, whitened and measured from the truth.

Nothing here reads a statement, a chain or the simulator. Replicates stand along the first axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import final

import numpy as np

from ..measured import Array

SEED = 20240401


@final
@dataclass(frozen=True)
class Size:
    """Equal generations.

    Attributes:
        rank: number of directions.
        rows: that a generation generates.
        noise: standard deviation of the label noise.
        generations: N.
        replicates: how many chains are drawn.
    """

    rank: int
    rows: int
    noise: float
    generations: int
    replicates: int

    def normal(self, generator: np.random.Generator) -> tuple[Array, Array]:
        """Rows and label noise of one generation."""
        rows = generator.standard_normal((self.replicates, self.rows, self.rank))
        return rows, self.noise * generator.standard_normal((self.replicates, self.rows))


@cache
def accumulated(size: Size, same_rows: bool) -> tuple[float, float]:
    """Error of least squares on all rows so far, fresh ones or the first again; mean and standard error."""
    generator = np.random.default_rng(SEED)
    models, store = np.zeros((size.replicates, size.rank)), []
    first, _ = size.normal(generator)
    for _ in range(size.generations):
        rows, noise = size.normal(generator)
        rows = first if same_rows else rows
        store.append((rows, labelled(rows, models) + noise))
        models = fitted(*(np.concatenate(part, axis=1) for part in zip(*store, strict=True)))
    return mean_error(models)


@cache
def with_refitted_covariates(size: Size) -> tuple[tuple[float, float], tuple[float, float]]:
    """Error of least squares on rows drawn after those before, and log det X'X/n: means and standard errors.

    New rows Z R, R'R = X'X/n, have the fitted covariance of the old ones.
    """
    generator = np.random.default_rng(SEED)
    models, root = np.zeros((size.replicates, size.rank)), np.eye(size.rank)
    for _ in range(size.generations):
        standard, noise = size.normal(generator)
        rows = standard @ root
        models = fitted(rows, labelled(rows, models) + noise)
        covariance = np.einsum("bnr,bns->brs", rows, rows) / size.rows
        root = np.swapaxes(np.linalg.cholesky(covariance), 1, 2)
    height = np.linalg.slogdet(covariance)[1]
    return mean_error(models), (float(height.mean()), float(height.std(ddof=1) / np.sqrt(len(height))))


@cache
def with_labellers(
    size: Size, counts: tuple[int, ...], labellers: tuple[tuple[float, ...], ...], earlier: tuple[float, ...]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """One fit to rows labelled by several models: its error, its inner product with an earlier one; and both errors."""
    rows, noise = size.normal(np.random.default_rng(SEED))
    given = np.repeat(np.array(labellers), counts, axis=0)
    models = fitted(rows, np.einsum("bnr,nr->bn", rows, given) + noise)
    products = models @ np.array(earlier)
    return mean_error(models), (float(products.mean()), float(products.std(ddof=1) / np.sqrt(len(products))))


@cache
def with_fresh_real_rows(size: Size, synthetic: int) -> tuple[float, float]:
    """Error of least squares where the model before labels the first `synthetic` rows; mean and standard error."""
    generator = np.random.default_rng(SEED)
    models = np.zeros((size.replicates, size.rank))
    for _ in range(size.generations):
        rows, noise = size.normal(generator)
        labels = labelled(rows, models)
        labels[:, synthetic:] = 0.0
        models = fitted(rows, labels + noise)
    return mean_error(models)


@cache
def with_kept_rows(
    size: Size, real_rows: int, real_noise: float, real_weight: float, starts_full: bool
) -> tuple[float, float]:
    """Error of weighted least squares on the same real rows and fresh synthetic ones; mean and standard error.

    There are other rows in so many `generations`, real ones in the first of them if the chain starts full; else there
    is one before them, fitted on the kept rows alone.
    """
    generator = np.random.default_rng(SEED)
    real = generator.standard_normal((size.replicates, real_rows, size.rank))
    truth = real_noise * generator.standard_normal((size.replicates, real_rows))
    kept, models = (np.sqrt(real_weight) * real, np.sqrt(real_weight) * truth), fitted(real, truth)
    for number in range(size.generations):
        rows, noise = size.normal(generator)
        further = starts_full and number == 0
        labels = noise * real_noise / size.noise if further else labelled(rows, models) + noise
        models = fitted(*(np.concatenate(part, axis=1) for part in zip(kept, (rows, labels), strict=True)))
    return mean_error(models)


@cache
def means_of_samples(size: Size) -> tuple[float, float]:
    """Mean square of a mean over `rows` labels drawn from the store, in units of a fresh one; and its standard error.

    Least squares with very many rows per direction averages labels: the fit in one direction, without its rows.
    """
    generator = np.random.default_rng(SEED)
    models, store = np.zeros(size.replicates), np.zeros((size.replicates, 0))
    for _ in range(size.generations):
        noise = size.noise * generator.standard_normal((size.replicates, size.rows))
        store = np.concatenate([store, models[:, None] + noise], axis=1)
        drawn = generator.permuted(np.arange(store.shape[1])[None, :].repeat(size.replicates, axis=0), axis=1)
        models = np.take_along_axis(store, drawn[:, : size.rows], axis=1).mean(axis=1)
    return mean_error(models[:, None] * np.sqrt(size.rows) / size.noise)


def labelled(rows: Array, models: Array) -> Array:
    """Noise-free labels, one model for each replicate."""
    return np.asarray(np.einsum("bnr,br->bn", rows, models))


def fitted(rows: Array, labels: Array) -> Array:
    """Least squares in every replicate."""
    gram = np.einsum("bnr,bns->brs", rows, rows)
    return np.asarray(np.linalg.solve(gram, np.einsum("bnr,bn->br", rows, labels)[..., None])[..., 0])


def mean_error(models: Array) -> tuple[float, float]:
    """Mean squared norm over the replicates, and its standard error."""
    squared = (models**2).sum(axis=1)
    return float(squared.mean()), float(squared.std(ddof=1) / np.sqrt(len(squared)))

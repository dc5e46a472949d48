"""One replicate: rows, labels, verification, fit."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.linalg import cho_factor, cho_solve

from ...theory.problem.classification import KeepRates, LinearLabels, LinearVerifier
from ..sampling.sufficient_statistics import triangular_factor
from .setting import Numbers, Setting


class Fitted(NamedTuple):
    """What a fitted classifier is judged by.

    Attributes:
        along: w'mu/|mu|.
        across: norm of the rest of w.
        kept: rows that were fitted; w is NaN for none.
        doubt: estimated relative rounding error of w.
    """

    along: Array
    across: Array
    kept: Array
    doubt: Array


class Sample(NamedTuple):
    """Rows that are fitted, or pseudo-rows with the same moments; rows that are not kept are zero."""

    rows: Array
    labels: Array
    kept: Array


def replicate(setting: Setting, numbers: Numbers, root: Array, index: Array) -> Fitted:
    """A classifier fitted to verified labels."""
    key, others = jax.random.split(jax.random.fold_in(root, index))
    if setting.sampler.for_any_rows:
        return _fit(_reduced(setting, numbers, key, others), numbers.penalty)
    return _fit(_drawn(setting, numbers, key, setting.dimension), numbers.penalty)


def _drawn(setting: Setting, numbers: Numbers, key: Array, coordinates: int) -> Sample:
    """The first coordinates of all rows, with the rejected ones set to zero."""
    of_classes, of_rows, of_labels, of_verifier = jax.random.split(key, 4)
    seen, count = setting.directions, setting.rows
    classes = jax.random.rademacher(of_classes, (count,), dtype="float64")
    rows = jax.random.normal(of_rows, (count, coordinates), dtype="float64")
    rows = rows.at[:, :seen].add(classes[:, None] * numbers.mean[None, :])
    if setting.generator is LinearLabels:
        labels = jnp.where(rows[:, :seen] @ numbers.labeller > 0, 1.0, -1.0)
    else:
        flipped = jax.random.uniform(of_labels, (count,), dtype="float64") < numbers.flips
        labels = jnp.where(flipped, -classes, classes)
    if setting.verifier is LinearVerifier:
        keep = labels * (rows[:, :seen] @ numbers.verifier) > 0
    elif setting.verifier is KeepRates:
        rates = jnp.where(labels == classes, numbers.keep[0], numbers.keep[1])
        keep = jax.random.uniform(of_verifier, (count,), dtype="float64") < rates
    else:
        keep = jnp.ones(count, dtype=bool)
    return Sample(jnp.where(keep[:, None], rows, 0.0), jnp.where(keep, labels, 0.0), keep.sum().astype("float64"))


def _reduced(setting: Setting, numbers: Numbers, key: Array, others: Array) -> Sample:
    """Pseudo-rows with the moments of kept rows and labels.

    Coordinates that neither labels nor verifier see stay standard normal among the kept rows. So A = [rows, labels] of
    the seen coordinates is drawn; of the others, Q'B is standard normal for the orthonormal Q of A = Q R, and what is
    left of B is a Gaussian matrix on the remaining rows.
    """
    seen = _drawn(setting, numbers, key, setting.directions)
    triangle = jnp.linalg.qr(jnp.concatenate([seen.rows, seen.labels[:, None]], axis=1), mode="r")
    size, unseen = triangle.shape[0], setting.dimension - setting.directions
    of_shadow, of_rest = jax.random.split(others)
    shadow = jax.random.normal(of_shadow, (size, unseen), dtype="float64")
    shadow = jnp.where(jnp.arange(size, dtype="float64")[:, None] < seen.kept, shadow, 0.0)
    rest = triangular_factor(of_rest, seen.kept - size, unseen)
    above = jnp.concatenate([triangle[:, :-1], shadow], axis=1)
    below = jnp.concatenate([jnp.zeros((unseen, setting.directions)), rest], axis=1)
    labels = jnp.concatenate([triangle[:, -1], jnp.zeros(unseen)])
    return Sample(jnp.concatenate([above, below]), labels, seen.kept)


def _fit(sample: Sample, penalty: float) -> Fitted:
    """w = (X'X/n + lambda)^{-1} X's/n of the n kept rows; refined once, by residuals taken on the rows themselves."""
    rows, labels, kept = sample
    moment = rows.T @ labels / kept
    factor = cho_factor(rows.T @ rows / kept + penalty * jnp.eye(rows.shape[1]))
    first = cho_solve(factor, moment)
    change = cho_solve(factor, rows.T @ (labels - rows @ first) / kept - penalty * first)
    w = first + change
    return Fitted(w[0], jnp.linalg.norm(w[1:]), kept, jnp.linalg.norm(change) / jnp.linalg.norm(w))

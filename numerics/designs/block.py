"""The rows that a generation generates: drawn, read again, fitted to earlier ones, disturbed."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from ..experiment import Experiment, Step
from ..keys import Keys
from ..structure import Structure


class Block(NamedTuple):
    """Whitened rows of one generation."""

    labelled: Array  # (rows, directions) as they are when they are labelled
    fitted: Array  # (rows, directions) as the fit sees them

    @classmethod
    def of(cls, structure: Structure, parts: Experiment, step: Step, shelf: Array, keys: Keys) -> Block:
        """Generate the rows of all sources.

        Args:
            structure: static.
            parts: the chain as arrays.
            step: the generation.
            shelf: earlier rows, shape (shelf, directions).
            keys: random keys of the generation.
        """
        size = structure.rows, structure.directions
        rows = structure.sampler.block(keys.design, step.count, structure.draw, *size, parts.pool)
        if step.covariance is not None:
            rows = rows * parts.spreads[step.covariance[step.source]]
        if step.origin is not None:
            rows = jnp.concatenate([rows, shelf, *_refitted(structure, parts, step, shelf, keys)])[step.origin]
        if step.disturbance is None:
            return cls(rows, rows)
        disturbance = step.disturbance[step.source][:, None] * jax.random.normal(keys.disturbance, size, "float64")
        return cls(rows, rows + disturbance / jnp.sqrt(parts.eigenvalues)[None, :])


def _refitted(structure: Structure, parts: Experiment, step: Step, shelf: Array, keys: Keys) -> list[Array]:
    """x ~ N(0, rescale [(1 - shrink) C + shrink tr(C)/d I]) with C = X'X/T, one array for each refit of a generation.

    Rows are mixtures of the old rows X with independent normal coefficients, so that C is never decomposed.
    """
    if step.refits is None:
        return []
    padded = jnp.concatenate([shelf, jnp.zeros((1, structure.directions))])
    scale = jnp.sqrt(parts.eigenvalues)[None, :]
    blocks = []
    for index in range(step.refits.old.shape[0]):
        refit = jax.tree.map(lambda value, index=index: value[index], step.refits)
        old = padded[refit.old]
        mix_key, isotropic_key = jax.random.split(keys.refit(index))
        mixing = structure.sampler.mixing(mix_key, refit.rows, (structure.rows, old.shape[0]))
        rows = jnp.sqrt(1 - refit.shrink) * (mixing @ old) / jnp.sqrt(refit.fitted_to)
        if structure.shrinks:
            mean_square = jnp.sum((old * scale) ** 2) / refit.fitted_to / parts.dimension
            isotropic = jax.random.normal(isotropic_key, rows.shape, "float64") / scale
            rows = rows + jnp.sqrt(refit.shrink * mean_square) * isotropic
        if structure.cuts:
            rows = _cut(rows * scale, old * scale, refit.rank) / scale
        blocks.append(jnp.sqrt(refit.rescale) * rows)
    return blocks


def _cut(rows: Array, old: Array, rank: Array) -> Array:
    """Rows projected on the `rank` leading principal directions of the old ones."""
    vectors = jnp.linalg.eigh(old.T @ old)[1]
    count = vectors.shape[0]
    leading = jnp.where((jnp.arange(count, dtype="float64") >= count - rank)[None, :], vectors, 0.0)
    return (rows @ leading) @ leading.T

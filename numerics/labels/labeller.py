"""The labels of a generation, measured from the truth's own labels; linear in everything that is random about them."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from ..designs.block import Block
from ..experiment import Step
from ..keys import Keys
from ..structure import Structure


class Labeller(NamedTuple):
    """Who labels each row of a block, and which labels enter the fit.

    label - x'w_0 = sum_b share_b z'basis_b + recorded * (old label) + noise; a disturbed row has its label measured
    from the truth's label of the disturbed row.
    """

    block: Block
    share: Array  # (rows, basis)
    recorded: Array | None  # (rows,)
    again: Array | None  # (rows,) place on the shelf of a row that was generated before
    noise: Array  # (rows,) standard deviation
    pick: Array | None  # (fitted,)
    root_weight: Array  # (fitted,)
    renew: Array | None  # (shelf,)
    disturbed: bool

    @classmethod
    def of(cls, structure: Structure, step: Step, block: Block, keys: Keys) -> Labeller:
        """Draw what is random about who labels and about which rows enter the fit."""
        option = _options(structure, step, keys)
        share = step.share[step.source, option]
        recorded = again = None
        if step.recorded is not None:
            recorded = step.recorded[step.source, option]
            again = jnp.clip(step.origin - structure.rows, 0, structure.shelf - 1)
        pick, root_weight = _entering(structure, step, keys)
        noise = step.noise[step.source]
        disturbed = step.disturbance is not None
        return cls(block, share, recorded, again, noise, pick, root_weight, step.renew, disturbed)

    def answer(self, models: Array, stored: Array, noise: Array, offsets: Array, truth: Array) -> tuple[Array, Array]:
        """Weighted label deviations of the rows of the fit, shape (fitted,), and those left on the shelf.

        Args:
            models: remembered models, shape (slots, directions).
            stored: label deviations on the shelf, shape (shelf,).
            noise: label noise of each row, shape (rows,).
            offsets: drawn offsets, shape (offsets, directions).
            truth: shape (directions,).
        """
        return self.entering(self.said(models, stored, offsets) + noise, stored, truth)

    def said(self, models: Array, stored: Array, offsets: Array) -> Array:
        """Label deviations of the rows of the block without noise, shape (rows,)."""
        answers = self.block.labelled @ jnp.concatenate([models, offsets]).T
        made = jnp.sum(self.share * answers, axis=1)
        return made if self.recorded is None else made + self.recorded * stored[self.again]

    def entering(self, made: Array, stored: Array, truth: Array) -> tuple[Array, Array]:
        """Weighted label deviations of the rows of the fit, and those left on the shelf, from those of the block."""
        seen = made - (self.block.fitted - self.block.labelled) @ truth if self.disturbed else made
        if self.pick is None:
            return self.root_weight * seen, stored
        table = jnp.concatenate([stored, seen, made])
        return self.root_weight * table[self.pick], stored if self.renew is None else table[self.renew]

    def present(self, kept: Array, stored: Array) -> tuple[Array, Array]:
        """Whether each row of the fit, and each one left on the shelf, was kept by the verifier, from the block's."""
        if self.pick is None:
            return kept, stored
        table = jnp.concatenate([stored, kept, kept])
        return table[self.pick], stored if self.renew is None else table[self.renew]

    def rows(self, shelf: Array) -> tuple[Array, Array]:
        """Weighted rows of the fit, shape (fitted, directions), and the rows left on the shelf."""
        if self.pick is None:
            return self.root_weight[:, None] * self.block.fitted, shelf
        parts = [shelf, self.block.fitted] + ([self.block.labelled] if self.disturbed else [])
        table = jnp.concatenate(parts)
        return self.root_weight[:, None] * table[self.pick], shelf if self.renew is None else table[self.renew]

    def of_fit(self, values: Array, shelf: int) -> Array:
        """Values of the rows of a block as the fit takes them, weighted; for fits that read no earlier row."""
        if self.pick is not None:
            values = values[self.pick - shelf]
        return self.root_weight.reshape(-1, *[1] * (values.ndim - 1)) * values


def _options(structure: Structure, step: Step, keys: Keys) -> Array:
    """Which option labels each row."""
    if step.chance is None:
        return jnp.zeros(structure.rows, dtype="int64")
    drawn = jax.random.uniform(keys.lottery, (structure.rows,), "float64")
    return jnp.sum(drawn[:, None] >= step.chance[step.source][:, :-1], axis=1)


def _entering(structure: Structure, step: Step, keys: Keys) -> tuple[Array | None, Array]:
    """Places of the rows of the fit and the roots of their weights; without replacement where they are drawn."""
    if step.shuffled is None:
        return step.pick, step.root_weight
    candidates = step.pick.shape[0]
    in_order = jnp.arange(candidates) / candidates
    score = jnp.where(step.shuffled, jax.random.uniform(keys.subsample, (candidates,), "float64"), in_order)
    order = jnp.argsort(jnp.where(step.root_weight > 0, score, 2.0))[: structure.fitted]
    taken = jnp.arange(structure.fitted) < step.taken
    return step.pick[order], jnp.where(taken, step.root_weight[order], 0.0)

"""One random key for each purpose, so that nothing drawn for one changes what is drawn for another."""

from __future__ import annotations

from typing import NamedTuple

import jax
from jax import Array

# Numbers 0 and 1 are the two halves of a split.
LOTTERY, DISTURBANCE, SUBSAMPLE, FEATURES, VERDICT, MONITOR, FIRST_REFIT = 2, 3, 4, 5, 6, 7, 8
LAST = 2**32 - 1  # no chain has as many generations


class Keys(NamedTuple):
    """Keys of one generation of one replicate."""

    replicate: Array
    generation: Array
    design: Array
    noise: Array

    @classmethod
    def of(cls, replicate: Array, number: Array) -> Keys:
        """The keys of generation `number` of a replicate's key."""
        generation = jax.random.fold_in(replicate, number)
        return cls(replicate, generation, *jax.random.split(generation))

    @property
    def lottery(self) -> Array:
        """Who labels each row."""
        return jax.random.fold_in(self.generation, LOTTERY)

    @property
    def disturbance(self) -> Array:
        """What the fit sees on top of the rows."""
        return jax.random.fold_in(self.generation, DISTURBANCE)

    @property
    def subsample(self) -> Array:
        """Which stored rows enter the fit."""
        return jax.random.fold_in(self.generation, SUBSAMPLE)

    @property
    def verdict(self) -> Array:
        """Which rows a verifier misjudges."""
        return jax.random.fold_in(self.generation, VERDICT)

    @property
    def monitor(self) -> Array:
        """What is looked at of the model."""
        return jax.random.fold_in(self.generation, MONITOR)

    def refit(self, index: int) -> Array:
        """The rows of a refitted source."""
        return jax.random.fold_in(self.generation, FIRST_REFIT + index)

    def features(self, drawing: Array) -> Array:
        """The random features that generation `drawing` drew."""
        return jax.random.fold_in(jax.random.fold_in(self.replicate, drawing), FEATURES)


def truth_key(replicate: Array) -> Array:
    """The truth of a replicate."""
    return jax.random.fold_in(replicate, 0)


def offset_key(replicate: Array, index: int) -> Array:
    """An offset of a replicate: 0 is model 0, the others follow."""
    return jax.random.fold_in(jax.random.fold_in(replicate, LAST), index)


def verifier_key(replicate: Array, index: int) -> Array:
    """The offset of a verifier of a replicate."""
    return jax.random.fold_in(jax.random.fold_in(replicate, LAST - 1), index)

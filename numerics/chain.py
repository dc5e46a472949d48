"""One replicate of a chain: a scan over generations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from .designs.block import Block
from .estimators.inverse_root import Factorisation
from .experiment import Experiment, Law, Step
from .keys import Keys, offset_key, truth_key, verifier_key
from .labels.labeller import Labeller
from .measurement.fitting import Fitting, World
from .measurement.responses import Response
from .measurement.watched import Watched
from .structure import Structure


def replicate(
    structure: Structure,
    response: Response | Watched,
    factorise: Factorisation,
    parts: Experiment,
    root: Array,
    number: Array,
) -> Any:
    """The `Measured` excess error after every generation of replicate `number`, shapes (generations,).

    Args:
        structure: static.
        response: how label noise is treated, or what is watched (monitors in place of the error), static.
        factorise: how systems are solved, static.
        parts: the chain as arrays.
        root: key of the simulation.
        number: index of the replicate; its random numbers depend on it and on `root` only.
    """
    key = jax.random.fold_in(root, number)
    world = _world(parts, key)

    def generation(state: Any, numbered: tuple[Array, Step]) -> Any:
        (shelf, answers), (index, step) = state, numbered
        keys = Keys.of(key, index)
        block = Block.of(structure, parts, step, shelf, keys)
        labeller = Labeller.of(structure, step, block, keys)
        rows, shelf = labeller.rows(shelf)
        fitting = Fitting(structure, factorise, parts, step, world, labeller, rows, keys)
        answers, measured = response.advance(fitting, answers)
        return (shelf, answers), measured

    start = jnp.zeros((structure.shelf, structure.directions)), response.start(structure, world)
    indices = jnp.arange(1, structure.generations + 1)
    return lax.scan(generation, start, (indices, parts.steps))[1]


def _world(parts: Experiment, key: Array) -> World:
    """Truth, model 0, offsets and verifiers of a replicate."""
    offsets = _all_drawn(parts.offsets, lambda i: offset_key(key, 1 + i))
    verifiers = _all_drawn(parts.verifiers, lambda i: verifier_key(key, i))
    return World(_drawn(parts.truth, truth_key(key)), _drawn(parts.initial, offset_key(key, 0)), offsets, verifiers)


def _all_drawn(laws: Law, key_of: Callable[[int], Array]) -> Array:
    """Vectors with these laws, one below the other."""
    drawn = [_drawn(Law(*each), key_of(i)) for i, each in enumerate(zip(*laws, strict=True))]
    return jnp.stack(drawn) if drawn else jnp.zeros(laws.mean.shape)


def _drawn(law: Law, key: Array) -> Array:
    drawn: Array = law.mean + law.deviation * jax.random.normal(key, law.mean.shape, dtype="float64")
    return drawn

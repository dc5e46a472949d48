"""One round of verification: labels are drawn, judged by their residuals, drawn again or revised."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from .judging import Judging, Rules


class Seen(NamedTuple):
    """What a verifier sees of the rows of a block."""

    said: Array  # (rows,) noise-free labels, measured from the truth's
    verifier: Array  # (rows,) the verifier's own labels, measured from the truth's
    norm: Array  # (rows,) |x| in whitened units
    noise: Array  # (rows,) standard deviation of the label noise
    judged: Array  # (rows,) whether a row is judged at all


def verdict(rules: Rules, rule: Judging, seen: Seen, noise_key: Array, chance_key: Array) -> tuple[Array, Array]:
    """Labels with noise, measured from the truth's, and whether each row is kept; both of shape (rows,).

    Args:
        rules: what must be compiled, static.
        rule: of this generation.
        seen: the rows.
        noise_key: of the label noise.
        chance_key: of the verifier's errors.
    """
    label, kept = _one_try(rules, rule, seen, noise_key, chance_key)
    if rules.tries > 1:

        def again(count: Array, drawn: tuple[Array, Array]) -> tuple[Array, Array]:
            label, kept = drawn
            keys = (jax.random.fold_in(key, count) for key in (noise_key, chance_key))
            newer, good = _one_try(rules, rule, seen, *keys)
            another = ~kept & (jnp.asarray(count, "float64") < rule.tries)
            return jnp.where(another, newer, label), kept | (another & good)

        label, kept = lax.fori_loop(1, rules.tries, again, (label, kept))
    if rules.revises:
        residual = label - seen.verifier
        moved = seen.judged & (jnp.abs(residual) > rule.threshold)
        label = jnp.where(moved, seen.verifier + (1 - rule.shrink) * residual, label)
    return label, kept | rule.keep_last


def _one_try(rules: Rules, rule: Judging, seen: Seen, noise_key: Array, chance_key: Array) -> tuple[Array, Array]:
    label = seen.said + seen.noise * jax.random.normal(noise_key, seen.said.shape, dtype="float64")
    residual, room = label - seen.verifier, rule.slope * seen.norm
    good = (residual >= rule.lower - room) & (residual <= rule.upper + room)
    if rules.ranks:
        size = jnp.where(seen.judged, jnp.abs(residual), jnp.inf)
        good = good & (jnp.argsort(jnp.argsort(size)).astype("float64") < rule.best)
    if rules.errs:
        chance = jax.random.uniform(chance_key, residual.shape, "float64")
        good = jnp.where(good, chance >= rule.false_drop, chance < rule.false_keep)
    return label, good | ~seen.judged

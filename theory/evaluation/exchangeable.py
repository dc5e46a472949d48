"""Outcomes of statements in which all whitened directions are alike."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .effective_ridge import Root
from .lowering import Nodes
from .recursion import Outcome

# Statements about totals have no spectrum of their own.
NO_SPECTRUM = Nodes(np.ones(1), np.ones(1), np.ones(1))


def exchangeable_outcome(nodes: Nodes, rank: Any, errors: Any, margin_2: Any) -> Outcome:
    """The outcome of errors that all directions share equally, of least-squares fits that lose nothing on average.

    Args:
        nodes: the population's spectrum.
        rank: number of directions.
        errors: parts of the excess error, shape (N, K).
        margin_2: reciprocal of the indicative finite-size gap after each generation, shape (N,).
    """
    total, count = errors.sum(axis=1), errors.shape[0]
    share = total / rank
    squared_norm = (jnp.asarray(nodes.target) / jnp.asarray(nodes.s)).sum()
    norm = squared_norm + share * (jnp.asarray(nodes.counts) / jnp.asarray(nodes.s)).sum()
    by_mode = share[:, None] * jnp.asarray(nodes.counts)[None, :]
    return Outcome(
        errors=errors,
        overlap=jnp.full(count, squared_norm),
        norm=norm,
        by_mode=by_mode,
        freedom=jnp.full(count, rank, dtype="float64"),
        margin_2=margin_2,
        root=no_root(count),
        uses_root=jnp.zeros(count, dtype=bool),
    )


def no_root(count: int) -> Root:
    """Where no effective ridge is in use."""
    zeros = jnp.zeros(count)
    return Root(zeros, zeros, zeros, zeros, jnp.ones(count, dtype=bool))

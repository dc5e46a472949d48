"""One generation of judged rows by verified statistics: the rows of its fit are never drawn one by one."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from ..experiment import Step
from ..keys import Keys
from ..sampling.verified_statistics import pseudo_rows
from .judging import Rules
from .verdict import Seen, verdict


def reduced(rules: Rules, step: Step, said: Array, verifier: Array, keys: Keys) -> Any:
    """Pseudo-rows of a fit, their labels measured from the truth's, roots of their weights, and the share that is kept.

    Args:
        rules: what must be compiled, static.
        step: the generation.
        said: what each source's labeller says, as a model measured from the truth, shape (sources, directions).
        verifier: the verifier as a model measured from the truth, shape (directions,).
        keys: random keys of the generation.
    """
    assert step.judging is not None
    sources, directions = said.shape
    toward = jnp.where(step.judging.judged[:, None], verifier[None, :], 0.0)
    apart = said - toward
    length = jnp.sqrt(jnp.sum(apart**2, axis=1))
    present = jnp.arange(step.source.shape[0], dtype="float64") < jnp.sum(step.count)
    along = jax.random.normal(keys.design, step.source.shape, dtype="float64")
    seen = Seen(
        said=length[step.source] * along,
        verifier=jnp.zeros(along.shape),
        norm=jnp.zeros(along.shape),
        noise=step.noise[step.source],
        judged=step.judging.judged[step.source] & present,
    )
    residuals, good = verdict(rules, step.judging, seen, keys.noise, keys.verdict)
    own = (step.source[None, :] == jnp.arange(sources)[:, None]) & (present & good)[None, :]
    kept = own.astype("float64")
    source_keys = jax.random.split(jax.random.fold_in(keys.design, 1), sources)
    rows, rest = jax.vmap(pseudo_rows, in_axes=(0, None, None, 0, 0))(source_keys, along, residuals, kept, apart)
    labels = rest + jnp.einsum("srd,sd->sr", rows, toward)
    firsts = (jnp.cumsum(step.count) - step.count).astype("int64")
    root_weight = jnp.where(step.count > 0, step.root_weight[firsts], 0.0)
    weights = jnp.repeat(root_weight, directions + 1)
    share = jnp.maximum(jnp.sum(kept), 1.0) / jnp.sum(step.count)  # without any rows every penalty gives zero
    return rows.reshape(-1, directions), labels.reshape(-1), weights, share

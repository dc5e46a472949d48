"""Samples of everything so far, in numbers."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import sympy

from ..chains.subsample import Subsamples
from ..problem import notation as x
from ..problem.chain import Chain
from ..statements.subsample import GENERATIONS, TEST_ERROR_OF_SUBSAMPLES
from .exchangeable import NO_SPECTRUM, exchangeable_outcome
from .inputs import as_array
from .lowering import Nodes, evaluate, run
from .recursion import Outcome


def subsamples_outcome(chain: Chain, reading: Subsamples, injection: Any, nodes: Nodes) -> Outcome:
    """The errors of a chain of fits to samples (inside `jax.enable_x64(True)`); only totals are known."""
    rank, count = float(chain.population.spectrum.rank()), len(chain)
    known = run(TEST_ERROR_OF_SUBSAMPLES.definitions, {x.rows: float(reading.rows), x.rank: rank}, NO_SPECTRUM)
    known |= {x.noise: as_array(reading.noise), x.rank: rank}
    error = jnp.stack([evaluate(_after(g), known, NO_SPECTRUM) for g in range(1, count + 1)])
    parts = jnp.asarray(injection).max(axis=0)
    gap = jnp.full(count, float(reading.rows) / rank).at[0].set(jnp.inf)
    return exchangeable_outcome(nodes, rank, error[:, None] * parts[None, :], gap)


def _after(generations: int) -> Any:
    """The statement after a number of generations, its sums carried out."""
    result: sympy.Expr = TEST_ERROR_OF_SUBSAMPLES.result
    return sympy.factor_terms(result.subs(GENERATIONS, generations).doit())

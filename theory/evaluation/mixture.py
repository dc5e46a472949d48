"""Least squares with several labellers, in numbers: the mean products of all models' errors, model after model."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..chains.mixture import Mixture, MixtureStep, product_of_offsets
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.labels import Shifted
from ..rules.labeller_mixture import LABELLER_CORRELATION, LABELLER_MIXTURE
from .exchangeable import NO_SPECTRUM, exchangeable_outcome
from .inputs import as_array, stack
from .lowering import Nodes, evaluate, run
from .recursion import Outcome

_ERROR = LABELLER_MIXTURE.result.subs(x.noise**2, x.noise_squared)


def mixture_outcome(chain: Chain, reading: Mixture, injection: Any, nodes: Nodes) -> Outcome:
    """The errors of a chain of least-squares fits with several labellers (inside `jax.enable_x64(True)`)."""
    count, rank = len(chain), float(chain.population.spectrum.rank())
    products = _products_of_offsets(chain, reading, injection.shape[1])
    depends = jnp.eye(count + len(reading.offsets))[:, count:]  # of each model's mean on the offsets
    errors = []
    for g, step in enumerate(reading.steps):
        labellers, counts = _matrix(step.labellers), _matrix(step.counts)
        error = _error(step, labellers, counts, products, rank, jnp.asarray(injection[g]))
        mean = counts @ labellers
        correlation = evaluate(
            LABELLER_CORRELATION.result,
            {x.over_rows: jnp.einsum("i,pij->pj", mean, products), x.rows: float(step.rows)},
            NO_SPECTRUM,
        )
        products = products.at[:, g, :].set(correlation).at[:, :, g].set(correlation).at[:, g, g].set(error)
        depends = depends.at[g].set(mean @ depends / step.rows)
        errors.append(error)
    outcome = exchangeable_outcome(nodes, rank, jnp.stack(errors), jnp.full(count, jnp.inf))
    if not reading.offsets:
        return outcome
    inner = stack([_inner_product(chain, offset) for offset in reading.offsets])
    unknown = jnp.nan  # offsets are not shared by the directions equally
    return outcome._replace(
        overlap=outcome.overlap + depends[:count] @ inner,
        norm=outcome.norm * unknown,
        by_mode=outcome.by_mode * unknown,
    )


def _error(step: MixtureStep, labellers: Any, counts: Any, products: Any, rank: float, fed: Any) -> Any:
    between = jnp.einsum("ai,pij,bj->pab", labellers, products, labellers)
    known = run(LABELLER_MIXTURE.definitions, {x.rows: float(step.rows), x.rank: rank}, NO_SPECTRUM)
    known |= {
        x.over_rows: jnp.einsum("a,paa->p", counts, between),
        x.over_pairs: jnp.einsum("ab,pab->p", _matrix(step.pairs), between),
        x.noise_squared: fed * as_array(step.noise_squared),
    }
    return evaluate(_ERROR, known, NO_SPECTRUM)


def _products_of_offsets(chain: Chain, reading: Mixture, parts: int) -> Any:
    """E e_i'e_j of models and offsets before the first generation: only offsets differ from the truth, in part 0."""
    count, offsets = len(chain), reading.offsets
    products = jnp.zeros((parts, count + len(offsets), count + len(offsets)))
    for i, first in enumerate(offsets):
        for j, second in enumerate(offsets):
            product = as_array(product_of_offsets(chain.population, first, second))
            products = products.at[0, count + i, count + j].set(product)
    return products


def _inner_product(chain: Chain, offset: Shifted) -> Any:
    """E w_0'offset."""
    k, population = np.arange(1, chain.population.dimension + 1), chain.population
    positive = np.asarray(population.spectrum.eigenvalues()) > 0
    truth = population.target.mean(k, population.spectrum)
    return jnp.sum(jnp.where(positive, jnp.asarray(truth * _mean(chain, offset)), 0.0))


def _mean(chain: Chain, offset: Shifted) -> Any:
    k = np.arange(1, chain.population.dimension + 1)
    return offset.offset.mean(k, chain.population.spectrum)


def _matrix(values: Any) -> Any:
    """Numbers, or numbers and tracers in an array of objects, as one JAX array."""
    if values.dtype != object:
        return jnp.asarray(values)
    return jnp.stack([as_array(value) for value in values.ravel()]).reshape(values.shape)

"""Mean and variance of the model in every direction after every generation, and what it shares with the first one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ..chains.family import Reading
from ..chains.hypotheses import SIMULATE
from ..chains.kept_rows import KeptRows
from ..chains.mixture import Mixture
from ..chains.reading import Step
from ..chains.refitted_covariates import RefittedCovariates
from ..chains.selected import Selected
from ..chains.subsample import Subsamples
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NoTheorem
from ..problem.population import Population
from ..rules.labeller_mixture import LABELLER_CORRELATION
from ..statements.monitors import (
    CORRELATION_WITH_THE_FIRST_MODEL,
    FIRST_LOST,
    FIRST_SPREAD,
    FROM_FIRST,
    LOST_SINCE,
)
from .inputs import as_array, full_nodes, grouped_spectra
from .lowering import Nodes, evaluate
from .outcome import offsets_in
from .selected import second_moments
from .straight_line import kept_by, states


@final
@dataclass(frozen=True, eq=False)
class ModelMoments:
    """What is known of the models of a chain.

    Attributes:
        nodes: the spectrum.
        states: P, Q, U after every generation, each of shape (nodes,); on judged rows U is the whole second moment.
        correlation: E e_g'Sigma e_1 after every generation, shape (N,); None where no statement gives it.
    """

    nodes: Nodes
    states: tuple[dict[Any, Any], ...]
    correlation: Any


def model_moments(chain: Chain, reading: Reading, error: Any) -> ModelMoments:
    """The moments of all models (inside `jax.enable_x64(True)`).

    Args:
        chain: with numbers.
        reading: of the chain.
        error: its excess error after every generation, shape (N,).

    Raises:
        NoTheorem: where no statement follows the model direction by direction.
    """
    nodes = full_spectrum(chain.population)
    rank = chain.population.spectrum.rank()
    match reading:
        case tuple() if not reading[0].labelling.offsets:
            return _of_steps(reading, nodes, rank)
        case Mixture() if not reading.offsets:
            return ModelMoments(nodes, _unbiased(nodes, error, rank), _of_labellers(reading, error))
        case RefittedCovariates():
            kept = np.cumprod([1.0, *(float(step.share) for step in reading.steps[1:])])
            known = _unbiased(nodes, error, rank)
            shares = ({FROM_FIRST: share * jnp.ones_like(nodes.s), LOST_SINCE: 0.0 * nodes.s} for share in kept)
            return ModelMoments(nodes, known, _correlation(known[0], shares, nodes))
        case KeptRows() | Subsamples():
            return ModelMoments(nodes, _unbiased(nodes, error, rank), None)
        case Selected():
            return _of_judged_rows(chain, reading)
        case _:
            hypothesis = "mean and variance of the model are known in every direction (with shifted truths, kept "
            raise NoTheorem(f"{hypothesis}projections and what the engine derives they are not)", SIMULATE)


def _of_judged_rows(chain: Chain, reading: Selected) -> ModelMoments:
    """Second moments alone, as if nothing of them were mean."""
    spectra = grouped_spectra(chain.population, offsets_in(reading))
    nodes, moments = spectra.nodes, second_moments(chain, reading, spectra)
    nothing = jnp.zeros_like(as_array(nodes.s))
    states = tuple({x.kept: nothing, x.lost: nothing, x.spread: one} for one in moments)
    return ModelMoments(Nodes(*(as_array(part) for part in nodes)), states, None)


def full_spectrum(population: Population) -> Nodes:
    """Every positive eigenvalue, in JAX arrays."""
    return Nodes(*(as_array(part) for part in full_nodes(population)))


def _of_steps(steps: tuple[Step, ...], nodes: Nodes, rank: int) -> ModelMoments:
    """Of one-step rules: the forward recursion, and the same from the first model on."""
    known = []
    for state, infinite in states(steps, nodes, rank):
        known.append(state | {x.spread: jnp.full_like(nodes.s, jnp.inf)} if infinite else state)
    lost = [jnp.zeros_like(nodes.s), *(state[x.lost] for state, _ in states(steps[1:], nodes, rank))]
    kept = [jnp.ones_like(nodes.s)]
    for step in steps[1:]:
        kept.append(kept[-1] * as_array(step.share) * kept_by(step, nodes, rank))
    shares = ({FROM_FIRST: one, LOST_SINCE: other} for one, other in zip(kept, lost, strict=True))
    return ModelMoments(nodes, tuple(known), _correlation(known[0], shares, nodes))


def _correlation(first: dict[Any, Any], shares: Any, nodes: Nodes) -> Any:
    given = {FIRST_LOST: first[x.lost], FIRST_SPREAD: first[x.spread]}
    return jnp.stack([evaluate(CORRELATION_WITH_THE_FIRST_MODEL.result, given | each, nodes) for each in shares])


def _unbiased(nodes: Nodes, error: Any, rank: int) -> tuple[dict[Any, Any], ...]:
    """Of least squares that loses nothing: all directions share the error equally."""
    everything, nothing = jnp.ones_like(nodes.s), jnp.zeros_like(nodes.s)
    return tuple({x.kept: everything, x.lost: nothing, x.spread: everything * one / rank} for one in error)


def _of_labellers(reading: Mixture, error: Any) -> Any:
    """The mean over the labellers of the rows, generation after generation."""
    found = [as_array(error[0])]
    for step in reading.steps[1:]:
        models = [float(share) for share in step.counts @ step.labellers]
        total = sum(share * one for share, one in zip(models, found, strict=False))
        known = {x.over_rows: as_array(total), x.rows: as_array(float(step.rows))}
        found.append(evaluate(LABELLER_CORRELATION.result, known, Nodes(np.ones(1), np.ones(1), np.ones(1))))
    return jnp.stack(found)

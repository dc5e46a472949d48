"""A chain as arrays: what the compiled recursion reads."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from ..chains.reading import RULES, Step
from ..problem import checks
from ..problem.chain import Chain
from ..problem.population import Population
from ..rules.resolvent import RESOLVENT
from .compression import compress
from .lowering import Nodes

COMPRESS_ABOVE = 1024


class Float32Warning(UserWarning):
    """A float32 tracer has reached the package: results and gradients carry its precision."""


COARSE, FINE = 16, 20


class Inputs(NamedTuple):
    """Arrays over generations, shape (N,), beside the spectrum.

    Attributes:
        nodes: the positive part of the spectrum.
        rank: number of positive eigenvalues, 0-dimensional.
        rule: index into `RULES`, int32.
        rows, penalty, noise_squared: of each generation.
        share: what the model before has in the labels, the truth having the rest.
        new_rows, copies: see `Step`.
        infinite: whether its label noise has an infinite effect.
        injection: (N, K), which of the K tracked sources of variance the noise of a generation feeds.
        start_kept: what model 0 holds of the truth, everything unless something else than w_0 is tracked.
    """

    nodes: Nodes
    rank: Any
    rule: Any
    rows: Any
    penalty: Any
    noise_squared: Any
    share: Any
    new_rows: Any
    copies: Any
    infinite: Any
    injection: Any
    start_kept: Any = 1.0


def inputs(chain: Chain, steps: tuple[Step, ...], nodes: Nodes, injection: Any) -> Inputs:
    """Assemble the arrays of a chain (inside `jax.enable_x64(True)`)."""
    return step_inputs(steps, nodes, chain.population.spectrum.rank(), injection)


def step_inputs(steps: tuple[Step, ...], nodes: Nodes, rank: Any, injection: Any) -> Inputs:
    """Assemble the arrays of steps on any spectrum (inside `jax.enable_x64(True)`)."""
    return Inputs(
        nodes=Nodes(*(as_array(part) for part in nodes)),
        rank=as_array(rank),
        rule=np.array([RULES.index(step.rule) for step in steps], dtype=np.int32),
        rows=np.array([float(step.rows) for step in steps]),
        # Exact rules have no effective ridge; any harmless penalty keeps the shared solver call finite.
        penalty=stack([step.penalty if step.rule is RESOLVENT else 1.0 for step in steps]),
        noise_squared=stack([step.noise_squared for step in steps]),
        share=stack([step.share for step in steps]),
        new_rows=np.array([float(step.new_rows) for step in steps]),
        copies=np.array([float(step.copies) for step in steps]),
        infinite=np.array([step.infinite_noise for step in steps]),
        injection=as_array(injection),
    )


def rules_used(problem: Inputs) -> tuple[int, ...]:
    """Which of `RULES` occur in a chain, or in any of a batch."""
    return tuple(np.unique(problem.rule).tolist())


def full_nodes(population: Population) -> Nodes:
    """Every positive eigenvalue as a node of its own."""
    s, tau = population.spectrum.eigenvalues(), _tau(population)
    if checks.is_concrete(s):
        positive = s > 0
        s, tau = s[positive], tau[positive]
    return Nodes(s, np.ones(s.shape[0]), tau)


def grouped_nodes(population: Population, nodes_per_bin: int = COARSE) -> Nodes:
    """The fewest nodes with the same spectral sums: levels exactly, long concrete spectra compressed."""
    blocks, tau = population.spectrum.checked_levels(), _tau(population)
    traced = not checks.is_concrete(tau)
    if traced or not checks.is_concrete(population.spectrum.eigenvalue(1)):
        return full_nodes(population)
    if blocks is not None:
        values, multiplicities = np.asarray(blocks[0], dtype=float), np.asarray(blocks[1])
        starts = np.concatenate([[0], np.cumsum(multiplicities)[:-1]])
        target, positive = np.add.reduceat(tau, starts), values > 0
        return Nodes(values[positive], multiplicities[positive].astype(float), target[positive])
    full = full_nodes(population)
    return full if len(full.s) <= COMPRESS_ABOVE else Nodes(*compress(full.s, full.target, nodes_per_bin))


def is_compressed(population: Population) -> bool:
    """Whether `grouped_nodes` approximates this spectrum."""
    if population.spectrum.levels() is not None or not checks.is_concrete(population.spectrum.eigenvalue(1)):
        return False
    return bool(population.spectrum.rank() > COMPRESS_ABOVE)


def as_array(value: Any) -> Any:
    """A float64 JAX array (inside `jax.enable_x64(True)`)."""
    if checks.is_tracer(value) and value.dtype == jnp.float32:
        message = "a float32 tracer reached modelcollapse; use mc.gradient, or trace inside `with mc.precise():`"
        warnings.warn(message, Float32Warning, stacklevel=2)
    return jnp.asarray(value, dtype=jnp.float64)


def stack(values: list[Any]) -> Any:
    """Numbers, or numbers and tracers, as one array."""
    if all(checks.is_concrete(value) for value in values):
        return np.array([float(value) for value in values])
    if all(value is values[0] for value in values):
        return jnp.broadcast_to(as_array(values[0]), len(values))
    return jnp.stack([as_array(value) for value in values])


def _tau(population: Population) -> Any:
    s = population.spectrum.eigenvalues()
    return s * population.target.second_moments(population.spectrum)

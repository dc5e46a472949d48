"""What a loop of blended labels on the same rows settles to, in numbers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.blended_loop import BlendedLoop, read_blended_loop
from ..chains.family import reading_of
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NotCertified
from ..problem.estimator import MinimumNorm
from ..problem.generation import Generation
from ..problem.population import Population
from ..problem.source import Source
from ..statements.blended_loop import (
    KAPPA_A,
    KAPPA_B,
    REAL_SHARE,
    STEADY_NOISE_WITHOUT_PENALTY,
    STEADY_STATE_OF_BLENDED_LABELS,
)
from .effective_ridge import effective_ridge
from .exchangeable import NO_SPECTRUM
from .inputs import as_array, full_nodes, grouped_nodes, is_compressed
from .lowering import Nodes, evaluate, run
from .numbers_only import refuse_symbols
from .outcome import evaluated

_ERROR = STEADY_STATE_OF_BLENDED_LABELS.result.subs(x.noise**2, x.noise_squared)


def blended_steady_state(chain: Chain) -> Any:
    """The excess error after infinitely many fits of the same rows to labels blended from truth and model before.

    $$ E = \\frac{n \\operatorname{tr} p_a^2 \\tau}{n - \\operatorname{tr} q_a^2}
           + \\frac{\\sigma^2 \\operatorname{tr} q_a q_b}{\\pi (2 - \\pi)(n - \\operatorname{tr} q_a q_b)} $$

    with the effective ridges a, b of the penalties lambda/pi and lambda/(2 - pi); without a penalty the error of one
    fit on real labels with the noise variance sigma^2/(pi (2 - pi)).

    Args:
        chain: `blend_labels(..., same_rows=True)` of at least two generations, fitted by `Ridge` or `MinimumNorm`, or
            another chain in which all generations after the first relabel its rows in one way; numbers or tracers
            (the share, noise and penalty, the spectrum and the truth; one tracer for all generations). What the first
            generation is fitted to does not matter. A share 0 of the truth is allowed with a penalty.

    Returns:
        A float, or a float64 JAX array under a transform (NaN where it is not certified). A deterministic equivalent
        for `Ridge`; for `MinimumNorm` of the kind that `predict` gives for one fit, exact for rows >= rank.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
        NotCertified: where an effective ridge could not be certified.
        SpecificationError: for a chain that holds symbols.

    Source: derived in theory/statements/blended_loop.py.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(10), UniformTarget())
    >>> loop = blend_labels(population, 2, rows=31, noise=2.0, estimator=MinimumNorm(), real_share=0.5, same_rows=True)
    >>> round(blended_steady_state(loop), 12)  # s^2 u/(1 - 1/4), s^2 = 2, u = 10/(31 - 10 - 1)
    1.333333333333
    """
    refuse_symbols(chain)
    loop = read_blended_loop(chain)
    with jax.enable_x64(True):
        error = _without_penalty(chain.population, loop) if loop.penalty is None else _ridge(chain.population, loop)
    return error if checks.is_tracer(error) else float(error)


def _ridge(population: Population, loop: BlendedLoop) -> Any:
    nodes = full_nodes(population) if is_compressed(population) else grouped_nodes(population)
    nodes = Nodes(*(as_array(part) for part in nodes))
    fit = (as_array(value) for value in (loop.real_share, loop.rows, loop.penalty, loop.noise))
    error, certified = _settled(nodes, *fit)
    if checks.is_concrete(certified) and not bool(certified):
        message = "an effective ridge of the loop has no certificate: "
        raise NotCertified(message + "the spectrum or the penalty is outside the range of float64")
    return error


@jax.jit
def _settled(nodes: Nodes, share: Any, rows: Any, penalty: Any, noise: Any) -> tuple[Any, Any]:
    """The error, NaN where an effective ridge is not certified, and whether both are."""
    first, second = (
        effective_ridge(s, nodes.counts, rows, penalty) for s in (share * nodes.s, (2.0 - share) * nodes.s)
    )
    certified = first.certified & second.certified
    known = {REAL_SHARE: share, x.penalty: penalty, x.rows: rows, x.noise_squared: noise**2}
    known |= {KAPPA_A: jnp.where(certified, first.value, jnp.nan), KAPPA_B: second.value}
    return evaluate(_ERROR, run(STEADY_STATE_OF_BLENDED_LABELS.definitions, known, nodes), nodes), certified


def _without_penalty(population: Population, loop: BlendedLoop) -> Any:
    """The error of one real fit with the noise of the steady state."""
    known = {REAL_SHARE: as_array(loop.real_share), x.noise: as_array(loop.noise)}
    noise = evaluate(STEADY_NOISE_WITHOUT_PENALTY.result, known, NO_SPECTRUM) ** 0.5
    fit = Chain(population, (Generation((Source(loop.rows, noise),), MinimumNorm()),))
    return evaluated(fit, reading_of(fit), np.ones((1, 1))).errors.sum()

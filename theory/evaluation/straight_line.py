"""The forward recursion executed line by line, with any rules: what `derive` prints, evaluated as it stands.

`predict` runs the same rules compiled; this route serves as its check, and lets mutants of the rules be evaluated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..chains import moments
from ..chains.reading import Step, finite_noise, read
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..rules.blend import BLENDED_LABELS
from ..rules.one_step import OneStep
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from .effective_ridge import effective_ridge
from .inputs import as_array, full_nodes
from .lowering import Nodes, evaluate, run

_effective_ridge = jax.jit(effective_ridge)


def straight_line(
    chain: Chain,
    rule: Callable[[OneStep], OneStep] = lambda rule: rule,
    measure: Statement = moments.ERROR,
) -> Vector:
    """A measured quantity after every generation, from the forward form of each generation's rule.

    Args:
        chain: as for `predict`.
        rule: what to put in place of a one-step rule (itself by default).
        measure: the statement to evaluate on the state, such as `moments.ERROR` or `moments.NORM`.

    Returns:
        float64, shape (N,).
    """
    results, infinite = [], False
    with jax.enable_x64(True):
        nodes = Nodes(*(as_array(part) for part in full_nodes(chain.population)))
        state = {x.kept: jnp.ones_like(nodes.s), x.lost: jnp.zeros_like(nodes.s), x.spread: jnp.zeros_like(nodes.s)}
        for step in read(chain):
            state = _blended(state, step, nodes)
            state = _advanced(rule(step.rule), step, state, nodes, chain.population.spectrum.rank())
            infinite = (infinite and not step.restarts) or (step.infinite_noise and step.noise_squared > 0)
            results.append(np.inf if infinite else float(evaluate(measure.result, state, nodes)))
    return np.array(results)


def fit_values(step: Step, nodes: Nodes, rank: int) -> dict[Any, Any]:
    """The numbers that a generation's definitions start from: n, r, lambda and, for ridge, kappa."""
    known = {x.rows: as_array(step.rows), x.rank: as_array(rank), x.penalty: as_array(step.penalty)}
    known |= {x.new_rows: as_array(step.new_rows), x.copies: as_array(step.copies), x.share: as_array(step.share)}
    if step.rule is RESOLVENT:
        known[x.kappa] = _effective_ridge(nodes.s, nodes.counts, known[x.rows], known[x.penalty]).value
    return known


def _blended(state: dict[Any, Any], step: Step, nodes: Nodes) -> dict[Any, Any]:
    """The state of the model, or blend of models, that labels the rows."""
    known = {**state, x.share: as_array(step.share)}
    return {symbol: evaluate(statement.result, known, nodes) for symbol, statement in BLENDED_LABELS}


def _advanced(rule: OneStep, step: Step, state: dict[Any, Any], nodes: Nodes, rank: int) -> dict[Any, Any]:
    known = run(rule.definitions, fit_values(step, nodes, rank), nodes)
    known[x.noise] = as_array(finite_noise(step)) ** 0.5
    if step.infinite_noise:
        known[x.wishart_margin] = as_array(1.0)
    forward = dict(rule.forward())
    known |= state
    known[x.chi] = evaluate(forward[x.chi], known, nodes)
    new = {symbol: evaluate(forward[symbol], known, nodes) for symbol in state}
    return {symbol: jnp.broadcast_to(value, nodes.s.shape) for symbol, value in new.items()}

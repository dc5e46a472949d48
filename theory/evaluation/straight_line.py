"""The forward recursion executed line by line, with any rules: what `derive` prints, evaluated as it stands.

`predict` runs the same rules compiled; this route serves as its check, and lets mutants of the rules be evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..chains import moments
from ..chains.reading import WITH_ROOT, Step, finite_noise, read
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import NoTheorem
from ..rules.blend import BLENDED_LABELS
from ..rules.one_step import OneStep
from ..rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from ..rules.projection import PROJECTION
from ..rules.several_labellers import DISAGREEMENT, LABELLER_VARIANCE
from ..rules.statement import Statement
from .effective_ridge import effective_ridge, margins
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
    with jax.enable_x64(True):
        nodes = Nodes(*(as_array(part) for part in full_nodes(chain.population)))
        passed = states(_without_offsets(chain), nodes, chain.population.spectrum.rank(), rule)
        return np.array([np.inf if blown else float(evaluate(measure.result, state, nodes)) for state, blown in passed])


def states(
    steps: Iterable[Step], nodes: Nodes, rank: int, rule: Callable[[OneStep], OneStep] = lambda rule: rule
) -> Iterator[tuple[dict[Any, Any], bool]]:
    """U, P, Q after every generation, and whether its error is infinite (inside `jax.enable_x64(True)`).

    Args:
        steps: without offsets; what comes before the first of them is the truth.
        nodes: the spectrum, in JAX arrays.
        rank: number of positive eigenvalues.
        rule: what to put in place of a one-step rule.
    """
    infinite = False
    state = start(nodes)
    for step in steps:
        differ = _disagreement(step, state, nodes)
        blown = step.infinite or (step.infinite_noise and step.noise_squared + differ > 0)
        noise = 0.0 if step.infinite_noise else finite_noise(step) + differ
        state = _advanced(rule(step.rule), step, blended(state, step, nodes), noise, nodes, rank)
        infinite = (infinite and not step.restarts) or blown
        yield state, infinite


def start(nodes: Nodes) -> dict[Any, Any]:
    """U, P, Q of the truth."""
    return {x.kept: jnp.ones_like(nodes.s), x.lost: jnp.zeros_like(nodes.s), x.spread: jnp.zeros_like(nodes.s)}


def kept_by(step: Step, nodes: Nodes, rank: int) -> Any:
    """The share of what its labels say that a fit keeps on average, in every direction."""
    given = fit_values(step, nodes, rank)
    known = run([line for line in step.rule.definitions if line[0] not in given], given, nodes)
    return jnp.broadcast_to(evaluate(step.rule.kept.result, known, nodes), nodes.s.shape)


def fit_values(step: Step, nodes: Nodes, rank: int) -> dict[Any, Any]:
    """The numbers that a generation's definitions start from: n, r, lambda and, for ridge, kappa."""
    known = {x.rows: as_array(step.rows), x.rank: as_array(rank), x.penalty: as_array(step.penalty)}
    known |= {x.new_rows: as_array(step.new_rows), x.copies: as_array(step.copies), x.share: as_array(step.share)}
    known[x.disturbance] = as_array(step.disturbance)
    if step.rule in WITH_ROOT:
        known[x.width] = as_array(float(step.width))
        fit = known[x.rows], known[x.penalty], known[x.width]
        known[x.kappa] = _effective_ridge(nodes.s, nodes.counts, *fit).value
    if step.rule is PROJECTION:
        known[x.margin_1], known[x.width_margin_1] = margins(known[x.kappa], *fit)
    if step.rule is PROJECTED_LEAST_SQUARES:
        known[x.width] = as_array(float(step.width))
    return known


def _without_offsets(chain: Chain) -> tuple[Step, ...]:
    steps = read(chain)
    if steps[0].labelling.offsets:
        raise NoTheorem("no shifted truth labels rows (line by line)", "predict(chain)")
    return steps


def _disagreement(step: Step, state: dict[Any, Any], nodes: Nodes) -> Any:
    """What different labellers of a generation's rows add to its label noise."""
    if step.labelling.covariance is None:
        return 0.0
    known = {**state, LABELLER_VARIANCE: as_array(step.labelling.covariance[0, 0])}
    return evaluate(DISAGREEMENT.result, known, nodes)


def blended(state: dict[Any, Any], step: Step, nodes: Nodes) -> dict[Any, Any]:
    """The state of the model, or blend of models, that labels the rows."""
    known = {**state, x.share: as_array(step.share)}
    return {symbol: evaluate(statement.result, known, nodes) for symbol, statement in BLENDED_LABELS}


def _advanced(rule: OneStep, step: Step, state: dict[Any, Any], noise: Any, nodes: Nodes, rank: int) -> dict[Any, Any]:
    given = fit_values(step, nodes, rank)
    known = run([line for line in rule.definitions if line[0] not in given], given, nodes) | state
    known[x.noise] = as_array(noise) ** 0.5
    if step.infinite_noise:
        known[x.wishart_margin] = as_array(1.0)
    new = dict(state)
    for symbol, expression in rule.forward():
        value = jnp.asarray(evaluate(expression, known, nodes))
        if symbol in state:
            new[symbol] = jnp.broadcast_to(value, nodes.s.shape)
        else:
            known[symbol] = value
    return new

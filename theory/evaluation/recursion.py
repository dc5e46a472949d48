"""The compiled recursion: all effective ridges at once, then one scan over generations.

The recursion tracks K independent parts of the error: part 0 is the noise-free error, the others are the variances that
groups of generations inject (the rule is linear in them).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from ..chains import moments
from ..chains.reading import RULES
from ..problem import notation as x
from ..rules.blend import BLENDED_LABELS
from ..rules.resolvent import RESOLVENT
from ..rules.trace import Trace
from .effective_ridge import Root, effective_ridge
from .inputs import Inputs, rules_used
from .lowering import Nodes, evaluate, run

# What a forward step reads and writes, with sigma^2 as a symbol of its own (its root has no derivative at 0).
_PROGRAMS = tuple(
    tuple((symbol, expression.subs(x.noise**2, x.noise_squared)) for symbol, expression in rule.forward())
    for rule in RULES
)


_BLEND = {symbol: statement.result for symbol, statement in BLENDED_LABELS}


class Outcome(NamedTuple):
    """Results after each of the N generations.

    Attributes:
        errors: (N, K) parts of the excess error.
        overlap, norm: (N,).
        by_mode: (N, nodes) excess error of each node.
        freedom: (N,) degrees of freedom df_1; rank or rows where the rule is exact.
        margin_2: (N,) n - df_2; infinite where the rule is exact.
        root: effective ridges with certificates, each (N,); meaningful where the rule is `RESOLVENT`.
        uses_root: (N,) bool.
    """

    errors: Any
    overlap: Any
    norm: Any
    by_mode: Any
    freedom: Any
    margin_2: Any
    root: Root
    uses_root: Any


class _State(NamedTuple):
    kept: Any  # (nodes,)
    lost: Any  # (nodes,)
    spread: Any  # (K, nodes)
    infinite: Any  # (K,) bool


def recursion(problem: Inputs, used: tuple[int, ...]) -> Outcome:
    """Run the forward recursion (traceable; inside `jax.enable_x64(True)`).

    Args:
        problem: the chain as arrays.
        used: which of `RULES` occur in it; no others are compiled.

    Uncertified effective ridges poison their generation and all later ones with NaN.
    """
    uses_root = jnp.asarray(problem.rule) == RULES.index(RESOLVENT)
    nodes = problem.nodes
    rows = jnp.where(uses_root, problem.rows, 1.0)
    root = jax.vmap(lambda n, penalty: effective_ridge(nodes.s, nodes.counts, n, penalty))(
        rows, jnp.asarray(problem.penalty)
    )
    kappa = jnp.where(root.certified, root.value, jnp.nan)

    def advance(state: _State, generation: tuple[Any, ...]) -> tuple[_State, tuple[Any, ...]]:
        return _advance(problem, used, state, *generation)

    parts = problem.injection.shape[1]
    zeros = jnp.zeros_like(nodes.s)
    kept = zeros + jnp.asarray(problem.start_kept)
    start = _State(kept, 1.0 - kept, jnp.zeros((parts, 1)) + zeros[None, :], jnp.zeros(parts, dtype=bool))
    generations = (
        jnp.asarray(problem.rule),
        jnp.asarray(problem.rows),
        jnp.asarray(problem.penalty),
        jnp.asarray(problem.noise_squared),
        jnp.asarray(problem.share),
        jnp.asarray(problem.new_rows),
        jnp.asarray(problem.copies),
        jnp.asarray(problem.infinite),
        problem.injection,
        kappa,
    )
    _, measured = jax.lax.scan(advance, start, generations)
    errors, overlap, norm, by_mode, freedom, margin_2 = measured
    return Outcome(errors, overlap, norm, by_mode, freedom, margin_2, root, uses_root)


def _advance(
    problem: Inputs,
    used: tuple[int, ...],
    state: _State,
    rule: Any,
    rows: Any,
    penalty: Any,
    noise_squared: Any,
    share: Any,
    new_rows: Any,
    copies: Any,
    infinite: Any,
    injection: Any,
    kappa: Any,
) -> tuple[_State, tuple[Any, ...]]:
    nodes = problem.nodes
    kept, lost, spread = _labelling_model(state, share, nodes)
    fed = injection * noise_squared
    blown = (state.infinite & (share > 0)) | (infinite & (fed > 0))
    # The margin |n - r| - 1 vanishes only where the noise is accounted for as infinite.
    margin = jnp.where(infinite, 1.0, jnp.abs(rows - problem.rank) - 1.0)
    known = {x.rows: rows, x.rank: problem.rank, x.penalty: penalty, x.kappa: kappa, x.wishart_margin: margin}
    known |= {x.new_rows: new_rows, x.copies: copies}
    fed = jnp.where(infinite, 0.0, fed)

    def branch(index: int) -> Any:
        return lambda: _step(index, known, nodes, kept, lost, spread, fed)

    which = jnp.searchsorted(jnp.asarray(used, dtype=rule.dtype), rule)
    kept, lost, spread, freedom, margin_2 = jax.lax.switch(which, [branch(index) for index in used])
    after = _State(kept, lost, spread, blown)
    return after, (*_measure(nodes, after), freedom, margin_2)


def _labelling_model(state: _State, share: Any, nodes: Nodes) -> tuple[Any, Any, Any]:
    """Mean kept, mean lost and variance of what labels the rows."""
    known = {x.share: share, x.kept: state.kept, x.lost: state.lost}
    kept, lost = (evaluate(_BLEND[symbol], known, nodes) for symbol in (x.kept, x.lost))
    return kept, lost, jax.vmap(lambda part: evaluate(_BLEND[x.spread], known | {x.spread: part}, nodes))(state.spread)


def _step(index: int, known: Any, nodes: Nodes, kept: Any, lost: Any, spread: Any, fed: Any) -> tuple[Any, ...]:
    """One generation by rule `index`: the mean once, the variance for every part."""
    definitions = [(key, value) for key, value in RULES[index].definitions if key not in known]
    environment = run(definitions, known, nodes) | {x.kept: kept, x.lost: lost}
    program = dict(_PROGRAMS[index])

    def part(spread: Any, fed: Any, signal: Any) -> Any:
        own = nodes._replace(target=nodes.target * signal)
        variables = environment | {x.spread: spread, x.noise_squared: fed}
        chi = evaluate(program[x.chi], variables, own)
        return jnp.broadcast_to(evaluate(program[x.spread], variables | {x.chi: chi}, own), spread.shape)

    spread_after = jax.vmap(part)(spread, fed, _signal(fed))
    kept_after = jnp.broadcast_to(evaluate(program[x.kept], environment, nodes), kept.shape)
    lost_after = jnp.broadcast_to(evaluate(program[x.lost], environment, nodes), lost.shape)
    if x.margin_2 not in environment:
        return kept_after, lost_after, spread_after, jnp.minimum(known[x.rows], known[x.rank]), jnp.asarray(jnp.inf)
    freedom = evaluate(Trace(x.q), environment, nodes)
    return kept_after, lost_after, spread_after, freedom, environment[x.margin_2]


def _measure(nodes: Nodes, state: _State) -> tuple[Any, ...]:
    def part(spread: Any, signal: Any) -> tuple[Any, ...]:
        own = nodes._replace(target=nodes.target * signal)
        variables = {x.kept: state.kept, x.lost: state.lost, x.spread: spread}
        statements = (moments.ERROR, moments.NORM, moments.ERROR_BY_MODE)
        return tuple(evaluate(statement.result, variables, own) for statement in statements)

    errors, norms, modes = jax.vmap(part)(state.spread, _signal(state.infinite))
    overlap = evaluate(moments.OVERLAP.result, {x.kept: state.kept}, nodes)
    infinite = jnp.any(state.infinite)
    errors = jnp.where(state.infinite, jnp.inf, errors)
    norm = jnp.where(infinite, jnp.inf, norms.sum())
    return errors, overlap, norm, jnp.where(infinite, jnp.inf, modes.sum(axis=0))


def _signal(parts: Any) -> Any:
    """1 for the noise-free part, 0 for the variances."""
    return jnp.where(jnp.arange(parts.shape[0]) == 0, 1.0, 0.0)


compiled_recursion = jax.jit(recursion, static_argnames="used")


def run_recursion(problem: Inputs) -> Outcome:
    """The recursion, compiled for the rules that occur."""
    outcome: Outcome = compiled_recursion(problem, rules_used(problem))
    return outcome

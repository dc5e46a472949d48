r"""Effective ridges and margins of reduced programs, to a few ulp however small the penalty.

A nonlinear block is a set of equations that give its penalty and sizes in terms of kappa, the margins D and the flows
tr q. They are solved in the logarithms of kappa and D, so that all residuals are quotients of positive numbers. A
size next to the dimension is the one place where digits could be lost, as D = size - tr q; there

    sum of sizes - d = sum of margins - tr p

is used instead, whose left side is a difference of whole numbers. It holds for every set of sizes whose flows add up
to all of tr q; of several such sets (rows and width of a projection) the smallest is the anchor, and the margins of
the others differ from its margin by whole numbers.

The solution is followed from a penalty 2^100 times as large, where kappa is the penalty and D the size, by Newton's
method in logarithms; it is the physical branch, because every inverted matrix is positive definite on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import sympy

from ..algebra.reduction.bottlenecks import bottlenecks, sized
from ..algebra.reduction.reduced import PositiveBlock, Reduced
from ..rules.trace import Trace
from .lowering import Nodes, evaluate, run

DOUBLINGS = 100
NEWTON_STEPS = 3
POLISH_STEPS = 10
EXACT_DERIVATIVES = 3
RESIDUAL = 1e-11


class Generators(NamedTuple):
    """Values of the kappas, margins and shrinkage factors of all blocks.

    Attributes:
        values: by symbol.
        residual: the largest relative residual of any equation.
    """

    values: dict[Any, Any]
    residual: Any


@final
@dataclass(frozen=True, eq=False)
class _System:
    """The equations of a block, ready to be solved.

    Attributes:
        unknowns: kappa, then the margins.
        margins: pairs (size, margin).
        penalty: what the block's penalty is, and its function of the unknowns.
        sizes: sizes that are kept as they are, with their functions.
        further: kappas that follow.
        complete: sets of (size, margin) pairs whose flows add up to tr q.
        eigenvalues: of the block; directions in which all vanish do not count.
        lost: p of the block.
        shrinkage: definitions of p and q.
    """

    unknowns: tuple[Any, ...]
    margins: tuple[tuple[Any, Any], ...]
    penalty: tuple[Any, Any]
    sizes: tuple[tuple[Any, Any], ...]
    further: tuple[tuple[Any, Any], ...]
    complete: tuple[tuple[tuple[Any, Any], ...], ...]
    eigenvalues: tuple[Any, ...]
    lost: Any
    shrinkage: tuple[tuple[Any, Any], ...]


def generators(reduced: Reduced, known: Mapping[Any, Any], nodes: Nodes) -> Generators:
    """Solve all blocks (traceable; inside `jax.enable_x64(True)`).

    Args:
        reduced: with the equations.
        known: values of all letters by symbol, spectral ones as arrays over the nodes.
        nodes: the spectrum.
    """
    values = dict(known)
    residual: Any = 0.0
    for system in systems(reduced):
        found, own = _solved(system, values, nodes)
        values |= found
        residual = jnp.maximum(residual, own)
    return Generators(run(reduced.definitions, values, nodes), residual)


@lru_cache(maxsize=64)
def systems(reduced: Reduced) -> tuple[_System, ...]:
    """The equations of all blocks, sorted by what they are for."""
    return tuple(_system(block, reduced) for block in reduced.blocks)


def _system(block: PositiveBlock, reduced: Reduced) -> _System:
    sizes, letters = sized(block), {size for size, _ in block.margins}
    ridges = set(block.ridges)
    further = tuple((one.lhs, one.rhs) for one in block.equations if one.lhs in ridges)
    (penalty,) = ((one.lhs, one.rhs) for one in block.equations if one.lhs not in letters and one.lhs not in ridges)
    complete = bottlenecks(block)
    replaced = {members[0][1] for members in complete}
    own = {*block.lost, *block.kept}
    return _System(
        unknowns=(block.ridges[0], *(margin for _, margin in block.margins)),
        margins=block.margins,
        penalty=penalty,
        sizes=tuple((size, value) for size, margin, value in sizes if margin not in replaced),
        further=further,
        complete=complete,
        eigenvalues=block.eigenvalues,
        lost=block.lost[0],
        shrinkage=tuple(pair for pair in reduced.definitions if pair[0] in own),
    )


def _solved(system: _System, known: Mapping[Any, Any], nodes: Nodes) -> tuple[dict[Any, Any], Any]:
    def values_at(logs: Any) -> dict[Any, Any]:
        values = dict(known) | dict(zip(system.unknowns, [jnp.exp(log) for log in logs], strict=True))
        values = run(system.further, values, nodes)
        return run(system.shrinkage, values, nodes)

    def residuals(logs: Any, growth: Any) -> Any:
        return _residuals(system, values_at(logs), nodes, growth)

    def both(logs: Any, growth: Any) -> tuple[Any, Any]:
        value = residuals(logs, growth)
        return value, value

    def follow(step: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        logs, _ = state
        growth = jnp.log(2.0) * jnp.maximum(DOUBLINGS - 1 - step // NEWTON_STEPS, 0)
        slope, value = jax.jacfwd(both, has_aux=True)(logs, growth)
        inverse = jnp.linalg.inv(slope)
        return logs - jnp.clip(inverse @ value, -1.0, 1.0), inverse

    start = _start(system, known, nodes)
    steps = DOUBLINGS * NEWTON_STEPS + POLISH_STEPS
    # Derivatives pass through the last steps alone, whose matrix is a constant: at the solution k such steps are exact
    # to the k-th derivative, the first by the implicit function theorem.
    logs, inverse = jax.lax.stop_gradient(
        jax.lax.fori_loop(0, steps, follow, (start, jnp.zeros((len(start), len(start)))))
    )

    def settle(_: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        logs, _ = state
        value = residuals(logs, 0.0)
        return logs - inverse @ value, value

    logs, residual = jax.lax.fori_loop(0, EXACT_DERIVATIVES, settle, (logs, jnp.zeros(len(start))))
    values = values_at(logs)
    found = {symbol: values[symbol] for symbol in (*system.unknowns, *(symbol for symbol, _ in system.further))}
    return found, jnp.max(jnp.abs(residual))


def _start(system: _System, known: Mapping[Any, Any], nodes: Nodes) -> Any:
    """kappa and margins for a huge penalty: no flow, every margin its size."""
    kappa = system.unknowns[0]
    values = dict(known) | {margin: known[size] for size, margin in system.margins} | {kappa: jnp.asarray(1.0)}
    symbol, expression = system.penalty
    # Proportional to kappa where nothing flows.
    at_one = evaluate(expression.replace(Trace, lambda _: sympy.S.Zero), values, nodes)
    top = jnp.log(_value(symbol, known, nodes)) + DOUBLINGS * jnp.log(2.0) - jnp.log(at_one)
    return jnp.stack([top, *(jnp.log(values[margin]) for _, margin in system.margins)])


def _residuals(system: _System, values: Mapping[Any, Any], nodes: Nodes, growth: Any) -> Any:
    symbol, expression = system.penalty
    rows = [jnp.log(evaluate(expression, values, nodes)) - jnp.log(_value(symbol, values, nodes)) - growth]
    rows += [jnp.log(evaluate(rhs, values, nodes)) - jnp.log(values[size]) for size, rhs in system.sizes]
    if not system.complete:
        return jnp.stack(rows)
    totals = jnp.stack([sum(values[size] for size, _ in members) for members in system.complete])
    margins = jnp.stack([sum(values[margin] for _, margin in members) for members in system.complete])
    anchor = jnp.argmin(totals)
    smallest, least = totals[anchor], margins[anchor]
    reached = sum(jnp.broadcast_to(evaluate(s, values, nodes), nodes.counts.shape) for s in system.eigenvalues) > 0
    counted = jnp.where(reached, nodes.counts, 0.0)
    gap = smallest - counted.sum()
    lost = (counted * evaluate(system.lost, values, nodes)).sum()
    at_anchor = jnp.log(least + jnp.maximum(-gap, 0.0)) - jnp.log(lost + jnp.maximum(gap, 0.0))
    others = jnp.log(margins) - jnp.log(least + (totals - smallest))
    anchored = jnp.where(jnp.arange(len(system.complete)) == anchor, at_anchor, others)
    return jnp.concatenate([jnp.stack(rows), anchored])


def _value(symbol: Any, values: Mapping[Any, Any], nodes: Nodes) -> Any:
    """A penalty is a letter, or a number."""
    return jnp.asarray(evaluate(symbol, values, nodes))

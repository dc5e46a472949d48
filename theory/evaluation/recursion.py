"""The compiled recursion: all effective ridges at once, then one scan over generations.

The recursion tracks K independent parts of the error: part 0 is the noise-free error, the others are the variances that
groups of generations inject (the rule is linear in them).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..chains import moments
from ..chains.reading import RULES, WITH_ROOT
from ..problem import notation as x
from ..rules.blend import BLENDED_LABELS
from ..rules.one_step import SQUARE_OF_THE_MEAN
from ..rules.projection import PROJECTION
from ..rules.trace import Trace
from .effective_ridge import Margins, Root, effective_ridge, margins
from .inputs import Generations, Inputs, Spectra, rules_used
from .lowering import Nodes, evaluate, run

# What a forward step reads and writes, with sigma^2 as a symbol of its own (its root has no derivative at 0).
_PROGRAMS = tuple(
    tuple((symbol, expression.subs(x.noise**2, x.noise_squared)) for symbol, expression in rule.forward(x.mean_square))
    for rule in RULES
)
_BLEND = {symbol: statement.result for symbol, statement in BLENDED_LABELS}
# The square of the mean error, and of the mean, with offsets beside the truth.
_ERROR = moments.ERROR.result.subs(x.lost**2 * x.tau, x.mean_square)
_ERROR_BY_MODE = moments.ERROR_BY_MODE.result.subs(x.lost**2 * x.tau, x.mean_square)
_NORM = moments.NORM.result.subs(SQUARE_OF_THE_MEAN, x.mean_square)


class Outcome(NamedTuple):
    """Results after each of the N generations.

    Attributes:
        errors: (N, K) parts of the excess error.
        overlap, norm: (N,).
        by_mode: (N, nodes) excess error of each node.
        freedom: (N,) degrees of freedom df_1; rank or rows where the rule is exact.
        margin_2: (N,) n - df_2; infinite where the rule is exact.
        root: effective ridges with certificates, each (N,); meaningful where the rule has one.
        uses_root: (N,) bool.
        condition: (N,) how much rounding is amplified where truth and offsets cancel in the error; 1 where they cannot.
    """

    errors: Any
    overlap: Any
    norm: Any
    by_mode: Any
    freedom: Any
    margin_2: Any
    root: Root
    uses_root: Any
    condition: Any = 1.0


class _State(NamedTuple):
    kept: Any  # (nodes,)
    lost: Any  # (nodes,)
    shifts: Any  # (O, nodes), the share of each offset in the mean model
    spread: Any  # (K, nodes)
    infinite: Any  # (K,) bool


class _Solved(NamedTuple):
    """What is solved for all generations at once."""

    kappa: Any
    margins: Margins


def recursion(problem: Inputs, used: tuple[int, ...], alike: tuple[int, ...] | None = None) -> Outcome:
    """Run the forward recursion (traceable; inside `jax.enable_x64(True)`).

    Args:
        problem: the chain as arrays.
        used: which of `RULES` occur in it; no others are compiled.
        alike: for each generation the place of the first with the same effective ridge, which is solved for once; None
            where that is not known.

    Uncertified effective ridges poison their generation and all later ones with NaN.
    """
    own, nodes = problem.generations, problem.spectra.nodes
    uses_root = jnp.isin(jnp.asarray(own.rule), jnp.asarray([RULES.index(rule) for rule in WITH_ROOT], jnp.int32))
    rows, width = jnp.where(uses_root, own.rows, 1.0), jnp.asarray(own.width)
    fits = rows, jnp.asarray(own.penalty), width
    root = _roots(nodes, fits) if alike is None else _roots_once(nodes, fits, alike)
    kappa = jnp.where(root.certified, root.value, jnp.nan)
    return passed_on(problem, used, root, kappa)._replace(uses_root=uses_root)


def _roots(nodes: Nodes, fits: Any) -> Root:
    return jax.vmap(lambda *fit: effective_ridge(nodes.s, nodes.counts, *fit))(*fits)


def _roots_once(nodes: Nodes, fits: Any, alike: tuple[int, ...]) -> Root:
    """The same, with one solution for all generations that are alike."""
    first, place = np.unique(alike, return_inverse=True)
    found: Root = jax.tree.map(lambda part: part[place], _roots(nodes, [part[first] for part in fits]))
    return found


def passed_on(problem: Inputs, used: tuple[int, ...], root: Root, kappa: Any) -> Outcome:
    """The recursion with effective ridges that are known."""
    own = jax.tree.map(jnp.asarray, problem.generations)
    solved = _Solved(kappa, margins(kappa, own.rows, own.penalty, own.width))
    nodes, (parts, count) = problem.spectra.nodes, (own.injection.shape[1], problem.spectra.products.shape[0])
    zeros = jnp.zeros_like(nodes.s)
    kept = zeros + jnp.asarray(problem.start_kept)
    start = _State(
        kept,
        1.0 - kept,
        jnp.zeros((count - 1, 1)) + zeros[None, :],
        jnp.zeros((parts, 1)) + zeros[None, :],
        jnp.zeros(parts, dtype=bool),
    )
    _, measured = jax.lax.scan(lambda state, one: _advance(problem, used, state, *one), start, (own, solved))
    errors, overlap, norm, by_mode, condition, freedom, margin_2 = measured
    every = jnp.ones_like(kappa, dtype=bool)
    return Outcome(errors, overlap, norm, by_mode, freedom, margin_2, root, every, condition)


def _advance(
    problem: Inputs, used: tuple[int, ...], before: _State, own: Generations, solved: _Solved
) -> tuple[_State, tuple[Any, ...]]:
    spectra = problem.spectra
    fed = own.injection * own.noise_squared + _disagreement(own.disagreement, before, spectra)
    state = _labelling_model(before, own, spectra.nodes)
    blown = (state.infinite & (own.share > 0)) | (own.infinite_noise & (fed > 0))
    varies = (fed > 0) | jnp.any(jnp.abs(state.spread) > 0, axis=1) | (_signal(fed) > 0)
    blown = blown | (own.infinite & varies)
    # The margin |n - r| - 1 vanishes only where the noise is accounted for as infinite.
    directions = jnp.minimum(problem.rank, own.width)
    margin = jnp.where(own.infinite_noise, 1.0, jnp.abs(own.rows - directions) - 1.0)
    known = {x.rows: own.rows, x.width: own.width, x.rank: problem.rank, x.penalty: own.penalty}
    known |= {x.kappa: solved.kappa, x.wishart_margin: margin, x.new_rows: own.new_rows, x.copies: own.copies}
    known[x.disturbance] = own.disturbance
    fed = jnp.where(own.infinite_noise, 0.0, fed)

    def branch(index: int) -> Any:
        given = dict(known)
        if RULES[index] is PROJECTION:  # solved for, not subtracted
            given |= {x.margin_1: solved.margins.rows, x.width_margin_1: solved.margins.width}
        return lambda: _step(index, given, spectra, state, fed)

    which = jnp.searchsorted(jnp.asarray(used, dtype=own.rule.dtype), own.rule)
    after, freedom, margin_2 = jax.lax.switch(which, [branch(index) for index in used])
    after = after._replace(infinite=blown)
    return after, (*_measure(spectra, after), freedom, margin_2)


def _labelling_model(state: _State, own: Generations, nodes: Nodes) -> _State:
    """The mean labeller of the rows."""
    known = {x.share: own.share, x.kept: state.kept, x.lost: state.lost}
    kept, lost = (evaluate(_BLEND[symbol], known, nodes) for symbol in (x.kept, x.lost))
    spread = jax.vmap(lambda part: evaluate(_BLEND[x.spread], known | {x.spread: part}, nodes))(state.spread)
    return state._replace(kept=kept, lost=lost, spread=spread, shifts=own.share * state.shifts + own.shifts[:, None])


def _disagreement(covariance: Any, state: _State, spectra: Spectra) -> Any:
    """The disagreement of the labellers of different rows, for every part."""
    errors = jnp.concatenate([-state.lost[None, :], state.shifts])
    variance = (state.spread * spectra.nodes.counts[None, :]).sum(axis=1)
    variance = jnp.where(state.infinite, 0.0, variance)  # else NaN; it is infinite anyway
    return covariance[0, 0] * variance + _signal(variance) * disagreement_of(covariance, errors, spectra)


def disagreement_of(covariance: Any, errors: Any, spectra: Spectra) -> Any:
    """The disagreement of labellers about the mean error of the model before; see theory/rules/several_labellers.py.

    Args:
        covariance: over the rows, of the shares of the model before and of the offsets.
        errors: shares of truth and offsets in the mean error of the model before, shape (1 + O, nodes).
        spectra: the spectrum, with truth and offsets.
    """
    ours = _product(errors, errors, spectra).sum()  # of the mean error with itself
    across = (errors[:, None, :] * spectra.products[:, 1:]).sum(axis=(0, 2))  # with the offsets
    offsets = spectra.products[1:, 1:].sum(axis=-1)
    return covariance[0, 0] * ours + 2.0 * (covariance[0, 1:] * across).sum() + (covariance[1:, 1:] * offsets).sum()


def _product(first: Any, second: Any, spectra: Spectra) -> Any:
    """The total over each node of the product of two vectors with these shares of truth and offsets."""
    # A matrix product would ask for float64 in the backward pass of a float32 caller.
    return (first[:, None, :] * second[None, :, :] * spectra.products).sum(axis=(0, 1))


def _step(index: int, known: Any, spectra: Spectra, state: _State, fed: Any) -> tuple[Any, ...]:
    """One generation by rule `index`: the mean once, the variance for every part."""
    nodes = spectra.nodes
    definitions = [(key, value) for key, value in RULES[index].definitions if key not in known]
    environment = run(definitions, known, nodes) | {x.kept: state.kept, x.lost: state.lost}
    program = dict(_PROGRAMS[index])
    shares = jnp.concatenate([state.kept[None, :], state.shifts])
    mean_square = mean_of(shares, shares, spectra)

    def part(spread: Any, fed: Any, signal: Any) -> Any:
        variables = environment | {x.spread: spread, x.noise_squared: fed, x.mean_square: mean_square * signal}
        after = run([line for line in _PROGRAMS[index] if line[0] in _VARIANCE], variables, nodes)
        return jnp.broadcast_to(after[x.spread], spread.shape)

    spread_after = jax.vmap(part)(state.spread, fed, _signal(fed))
    kept_after = jnp.broadcast_to(evaluate(program[x.kept], environment, nodes), state.kept.shape)
    lost_after = jnp.broadcast_to(evaluate(program[x.lost], environment, nodes), state.lost.shape)
    kept_share = jnp.broadcast_to(evaluate(RULES[index].kept.result, environment, nodes), nodes.s.shape)
    after = _State(kept_after, lost_after, kept_share[None, :] * state.shifts, spread_after, state.infinite)
    if x.margin_2 not in environment:
        least = jnp.minimum(jnp.minimum(known[x.rows], known[x.rank]), known[x.width])
        return after, least + 0.0 * nodes.s[0], jnp.inf + 0.0 * nodes.s[0]
    freedom = evaluate(Trace(x.q), environment, nodes)
    margin_2 = environment[x.margin_2]
    return after, freedom, jnp.minimum(margin_2, environment.get(x.width_margin_2, jnp.inf))


_VARIANCE = (x.chi, x.eta, x.spread)


def mean_of(first: Any, second: Any, spectra: Spectra) -> Any:
    """The product, averaged over each node, of two vectors with these shares of truth and offsets."""
    return _product(first, second, spectra) / spectra.nodes.counts


def _measure(spectra: Spectra, state: _State) -> tuple[Any, ...]:
    nodes = spectra.nodes
    shares, errors = (jnp.concatenate([one[None, :], state.shifts]) for one in (state.kept, -state.lost))
    mean, mean_error = mean_of(shares, shares, spectra), mean_of(errors, errors, spectra)

    def part(spread: Any, signal: Any) -> tuple[Any, ...]:
        error, square = ({x.spread: spread, x.mean_square: signal * one} for one in (mean_error, mean))
        return evaluate(_ERROR, error, nodes), evaluate(_NORM, square, nodes), evaluate(_ERROR_BY_MODE, error, nodes)

    totals, norms, modes = jax.vmap(part)(state.spread, _signal(state.infinite))
    overlap = evaluate(moments.OVERLAP.result, {x.kept: state.kept}, nodes)
    overlap = overlap + (state.shifts * spectra.products[1:, 0] / nodes.s[None, :]).sum()
    infinite = jnp.any(state.infinite)
    totals = jnp.where(state.infinite, jnp.inf, totals)
    norm = jnp.where(infinite, jnp.inf, norms.sum())
    positive = _product(jnp.abs(errors), jnp.abs(errors), spectra._replace(products=jnp.abs(spectra.products))).sum()
    total = jnp.abs(totals.sum())
    condition = jnp.where(total > 0, positive / jnp.where(total > 0, total, 1.0), jnp.where(positive > 0, jnp.inf, 1.0))
    return totals, overlap, norm, jnp.where(infinite, jnp.inf, modes.sum(axis=0)), condition


def _signal(parts: Any) -> Any:
    """1 for the noise-free part, 0 for the variances."""
    return jnp.where(jnp.arange(parts.shape[0]) == 0, 1.0, 0.0)


compiled_recursion = jax.jit(recursion, static_argnames="used")


def run_recursion(problem: Inputs) -> Outcome:
    """The recursion, compiled for the rules that occur."""
    outcome: Outcome = compiled_recursion(problem, rules_used(problem))
    return outcome

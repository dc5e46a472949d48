r"""Chains by independence, in numbers: every generation is one map of mean and covariance, its formula certified.

Generations of one shape share one derived rule (theory/rules/derived_rule.py) and one compilation: the effective
ridges of all of them are solved together, for they do not depend on the models, then one scan passes the model
through. A hundred generations cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, groupby
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import sympy

from ..algebra.expression import Role, Source
from ..algebra.polynomial import Letter, Polynomial
from ..algebra.stage import LOST, SPREAD, WEIGHT
from ..problem import notation as x
from ..rules.derived_rule import DerivedRule
from ..rules.fits import Fit
from .fixed_point.machine import Setting
from .generators import RESIDUAL, generators
from .lowering import Nodes, evaluator

WORST_CONDITION = 1e5  # leaves ten digits
_SPREAD = x.spectral(SPREAD)


class Vector(NamedTuple):
    """The truth, or an offset from it: its mean square, and its mean where that does not vanish."""

    name: str
    second: Polynomial
    mean: Letter | None
    is_truth: bool

    @classmethod
    def of(cls, source: Source) -> Vector:
        """What a source says of itself."""
        return cls(source.name, source.second, source.mean, source.role is Role.TRUTH)


class State(NamedTuple):
    """A model: P, R_a for the truth and the offsets, U for every tracked part."""

    lost: Any
    means: dict[str, Any]
    spread: Any


class Measured(NamedTuple):
    """What is asked of each generation's model: (K,) errors, overlap, norm, (nodes,) error by node.

    `magnitude` is the error with every term taken positive: more than it where the truth and offsets cancel.
    """

    errors: Any
    overlap: Any
    norm: Any
    by_mode: Any
    magnitude: Any


class Run(NamedTuple):
    """All generations measured, the largest residual of an effective ridge, and the largest amplification of rounding.

    The amplification is 1 where no formula contains a subtraction.
    """

    measured: Measured
    residual: Any
    condition: Any


class Feeds(NamedTuple):
    """Into which of the K tracked parts of the error everything goes, as vectors of K shares.

    Attributes:
        added: for each generation, by the name of a vector, of two (their means' product) or of a noise of the rule.
        means: by the name of a vector or of two, for the square of the last model's mean error.
    """

    added: Sequence[Mapping[str, Any]]
    means: Mapping[str, Any]


def pairs_of(vectors: Sequence[Vector]) -> tuple[str, ...]:
    """The names of all vectors, and of all pairs whose products of means count."""
    named = [one.name for one in vectors]
    return (*named, *(f"{a} {b}" for a, b in combinations([one.name for one in vectors if one.mean is not None], 2)))


def run_stages(
    fits: Sequence[Fit], vectors: Sequence[Vector], setting: Setting, metric: Polynomial, feeds: Feeds
) -> Run:
    """Every generation's model measured (traceable; inside `jax.enable_x64(True)`).

    Args:
        fits: the generations.
        vectors: the truth and all offsets.
        setting: the numbers of all letters.
        metric: of the error, a function of the eigendirection.
        feeds: which parts of the error are told apart.
    """
    spectral = {letter: jnp.asarray(value) for letter, value in setting.spectral.items()}
    scalars = {letter: jnp.asarray(value, dtype=jnp.result_type(float)) for letter, value in setting.scalars.items()}
    counts = jnp.asarray(next(iter(setting.counts.values())))
    dimensions = {space.size for fit in fits for space in fit.rule.program.spectral.values()}
    known = (spectral, {letter: scalars[letter] for letter in dimensions if letter in scalars}, counts)
    weights = counts * metric.evaluated(lambda letter: {**scalars, **spectral}[letter])
    nothing, kinds = jnp.zeros_like(counts), len(next(iter(feeds.means.values())))
    begun = fits[0].shares  # model 0 is the truth, and an offset from it that is given
    means = {one.name: nothing + 1.0 if one.name in begun else nothing for one in vectors}
    state = State(nothing, means, jnp.zeros((kinds, *counts.shape)))
    measured, residuals, conditions = [], [], []
    for _, group in groupby(zip(fits, feeds.added, strict=True), key=lambda pair: _shape(pair[0])):
        own, added = zip(*group, strict=True)
        compute = _compiled(own[0].rule, tuple(own[0].shares.items()), tuple(vectors))
        numbers = {letter: jnp.stack([scalars[fit.letters[letter]] for fit in own]) for letter in own[0].names.values()}
        fed = {name: jnp.stack([jnp.asarray(one[name]) for one in added]) for name in added[0]}
        state, run = compute(state, known, numbers, weights, fed, dict(feeds.means))
        measured.append(run.measured)
        residuals.append(run.residual)
        conditions.append(run.condition)
    together = jax.tree.map(lambda *parts: jnp.concatenate(parts), *measured)
    return Run(together, jnp.stack(residuals).max(), jnp.stack(conditions).max())


def _shape(fit: Fit) -> tuple[Any, ...]:
    """Generations of one shape pass through one scan."""
    return id(fit.rule), tuple(fit.shares.items())


@lru_cache(maxsize=64)
def _compiled(
    rule: DerivedRule, shares: tuple[tuple[str, Letter], ...], vectors: tuple[Vector, ...]
) -> Callable[..., tuple[State, Run]]:
    """Consecutive generations of one shape, compiled."""

    def compute(state: State, known: Any, numbers: Any, weights: Any, fed: Any, means: Any) -> tuple[State, Run]:
        spectral, scalars, counts = known

        def solve(own: Any) -> tuple[tuple[Any, ...], Any]:
            found = generators(rule.reduced, by_symbol(spectral, {**scalars, **own}), nodes_of(spectral, counts))
            return tuple(found.values[symbol] for symbol in rule.solved), found.residual

        def advance(state: State, generation: Any) -> tuple[State, tuple[Measured, Any]]:
            own, solved, residual, fed = generation
            given = spectral | {LOST: state.lost} | {letter: state.means[name] for name, letter in shares}
            values = by_symbol(given, {**scalars, **own}) | dict(zip(rule.solved, solved, strict=True))
            nodes = nodes_of(spectral, counts)
            after = _advanced(rule, state, values, nodes, fed)
            after = jax.tree.map(lambda value: jnp.where(residual <= RESIDUAL, value, jnp.nan), after)
            measured = _measured(vectors, after, values, nodes, weights, means)
            doubt = _magnitude(rule, values, nodes, weights / counts, state.spread.sum(axis=0))
            total = measured.errors.sum()
            return after, (measured, jnp.where(total > 0, (doubt + measured.magnitude) / total, 1.0))

        solved, residuals = jax.vmap(solve)(numbers)
        state, (measured, conditions) = jax.lax.scan(advance, state, (numbers, solved, residuals, fed))
        return state, Run(measured, residuals.max(), jnp.maximum(conditions.max(), 1.0))

    compiled: Callable[..., tuple[State, Run]] = jax.jit(compute)
    return compiled


def by_symbol(spectral: Mapping[Letter, Any], scalars: Mapping[Letter, Any]) -> dict[Any, Any]:
    """Values of letters by the symbols that stand for them in formulas."""
    return {x.spectral(name): value for name, value in spectral.items()} | {
        x.scalar(name): value for name, value in scalars.items()
    }


def nodes_of(spectral: Mapping[Letter, Any], counts: Any) -> Nodes:
    """The spectrum; tau has a meaning where s and theta are among its letters."""
    one = jnp.ones_like(counts)
    s = spectral.get("s", one)
    return Nodes(s, counts, counts * s * spectral.get("theta", one))


def _advanced(rule: DerivedRule, state: State, values: Mapping[Any, Any], nodes: Nodes, fed: Any) -> State:
    """The model after one generation."""

    value = evaluator(values, nodes)

    def function(expression: Any) -> Any:
        return jnp.broadcast_to(value(expression), nodes.counts.shape)

    def inherited(part: Any) -> Any:
        return jnp.broadcast_to(evaluator({**values, _SPREAD: part}, nodes)(rule.inherited), nodes.counts.shape)

    spread = jax.vmap(inherited)(state.spread)
    for name, expression in rule.spreads.items():
        spread = spread + fed[name][:, None] * function(expression)[None, :]
    means = {name: function(rule.means.get(name, sympy.S.Zero)) for name in state.means}
    return State(function(rule.lost) + function(rule.carried) * state.lost, means, spread)


def _measured(
    vectors: Sequence[Vector], state: State, values: Mapping[Any, Any], nodes: Nodes, weights: Any, means: Any
) -> Measured:
    """Squares of the mean error -P w_0 + sum R_a a and of the mean model, and the covariance."""
    lookup = {symbol.name: value for symbol, value in values.items()}
    second = {one.name: one.second.evaluated(lookup.__getitem__) for one in vectors}
    mean = {one.name: lookup[one.mean] for one in vectors if one.mean is not None}
    (truth,) = (one.name for one in vectors if one.is_truth)

    def squares(shares: Mapping[str, Any]) -> dict[str, Any]:
        alone = {name: share**2 * second[name] for name, share in shares.items()}
        pairs = combinations([one.name for one in vectors if one.name in mean], 2)
        return alone | {f"{a} {b}": 2 * shares[a] * shares[b] * mean[a] * mean[b] for a, b in pairs}

    errors = squares({**state.means, truth: -state.lost})
    spread = state.spread.sum(axis=0)
    overlap = state.means[truth] * second[truth]
    for name in mean:
        if name != truth and truth in mean:
            overlap = overlap + state.means[name] * mean[name] * mean[truth]
    return Measured(
        errors=(weights[None, :] * state.spread).sum(axis=1)
        + sum(means[name] * (weights * value).sum() for name, value in errors.items()),
        overlap=(nodes.counts * overlap).sum(),
        norm=(nodes.counts * (sum(squares(state.means).values()) + spread)).sum(),
        by_mode=weights * (sum(errors.values()) + spread),
        magnitude=(weights * sum(jnp.abs(value) for value in errors.values())).sum(),
    )


def _magnitude(rule: DerivedRule, values: Mapping[Any, Any], nodes: Nodes, metric: Any, spread: Any) -> Any:
    """What all results with subtractions add up to in the error, every term taken positive."""
    positive = {symbol: jnp.abs(value) if symbol.name.startswith("mu") else value for symbol, value in values.items()}
    positive |= {x.spectral(WEIGHT): metric, _SPREAD: spread}
    value = evaluator(positive, nodes)
    return sum((value(magnitude(one)) for one in rule.doubtful), start=jnp.asarray(0.0))


def magnitude(expression: Any) -> Any:
    """The expression with every term taken positive: what its subtractions start from, its letters being positive.

    A denominator that contains subtractions is off by its own magnitude over itself.

    >>> import sympy
    >>> a, b = sympy.symbols("a b", positive=True)
    >>> magnitude((a - 2 * b) * a), magnitude(1 / (a - b))
    (a*(a + 2*b), (a + b)/(a - b)**2)
    """
    if expression.is_Add:
        return sympy.Add(*(magnitude(term) for term in expression.args))
    if expression.is_Mul:
        return sympy.Mul(*(magnitude(factor) for factor in expression.args))
    if expression.is_Pow and expression.exp.is_Integer:
        base, power = magnitude(expression.base), expression.exp
        return base**power if power > 0 or base == expression.base else base**-power * expression.base ** (2 * power)
    return abs(expression) if expression.is_number else expression

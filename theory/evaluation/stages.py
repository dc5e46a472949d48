r"""Chains by independence, in numbers: every generation is one map of mean and covariance, its formula certified.

The map of a generation is a formula, as a rule without subtractions, linear in a weight B of the eigendirection
(theory/algebra/stage.py); the function that stands with B is its derivative, which has no more subtractions than it.
Generations of one shape share one derivation and one compilation, so that a hundred of them cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import sympy

from ..algebra.canonical import canonical
from ..algebra.expression import Role
from ..algebra.polynomial import Letter
from ..algebra.program import Program
from ..algebra.reduction import Reduced, reduced
from ..algebra.stage import LOST, SPREAD, WEIGHT, Stage, gaussians, stage
from ..chains.expressed import Expressed
from ..problem import notation as x
from ..problem.errors import Irreducible, Swell
from .fixed_point.machine import Setting
from .generators import RESIDUAL, generators
from .lowering import Nodes, evaluate

LARGEST_STAGE = 4000  # terms


class Maps(NamedTuple):
    """What a generation does to the model before it, as functions of the eigendirection.

    Attributes:
        lost: E of what is lost of the truth when nothing was lost before.
        carried: E M_xi, by which all that the model before lost is carried on.
        means: R of every vector.
        spread: what xi contributes to the new covariance, one row for each part of U.
        own: what every other source contributes.
        residual: of the effective ridges.
        magnitude: what all results with subtractions add up to in the error, every term taken positive.
    """

    lost: Any
    carried: Any
    means: dict[str, Any]
    spread: Any
    own: dict[str, Any]
    residual: Any
    magnitude: Any


class State(NamedTuple):
    """A model: P, R_a for the truth and the offsets, U for every tracked part."""

    lost: Any
    means: dict[str, Any]
    spread: Any


class Measured(NamedTuple):
    """What is asked of a generation's model: (K,) errors, overlap, norm, (nodes,) error by node.

    `magnitude` is the error with every term taken positive: more than it where the truth and offsets cancel.
    """

    errors: Any
    overlap: Any
    norm: Any
    by_mode: Any
    magnitude: Any


class Formula(NamedTuple):
    """One shape of generation, reduced and compiled."""

    program: Program
    reduced: Reduced
    compiled: Callable[..., Maps]


@lru_cache(maxsize=32)
def stages_of(reading: Expressed) -> tuple[tuple[Stage, Formula, dict[Letter, Letter]], ...] | None:
    """The stages of a chain, or None where generations depend on each other or have no reduced form."""
    pairs = list(zip((None, *reading.estimators), reading.estimators, strict=False))
    earlier: frozenset[str] = frozenset()
    for before, estimator in pairs:
        earlier = earlier if before is None else earlier | gaussians(before)
        if not gaussians(estimator, until=before).isdisjoint(earlier):
            return None
    found = []
    for before, estimator in pairs:
        try:
            made = stage(estimator, before, reading.truth)
        except Swell:
            return None
        program, names = canonical(made.program)
        formula = _formula(str(program), program)
        if formula is None:
            return None
        found.append((made, formula, names))
    return tuple(found)


_FORMULAS: dict[str, Formula | None] = {}


def _formula(key: str, program: Program) -> Formula | None:
    """The reduced program; one for each shape that was ever met."""
    if key not in _FORMULAS:
        try:
            made = reduced(program, LARGEST_STAGE)
        except Irreducible:
            _FORMULAS[key] = None
        else:
            _FORMULAS[key] = Formula(program, made, jax.jit(_maps(made)))
    return _FORMULAS[key]


def _maps(made: Reduced) -> Callable[..., Maps]:
    """The compiled map: settings and state in, functions of the eigendirection out."""
    certificates = made.certificates.items()
    # Products of two means may have either sign, whatever the certificate of positive letters says.
    doubtful = [
        magnitude(made.results[name]) for name, known in certificates if not known.certified or name.count(" ") > 1
    ]

    def compute(scalars: Any, spectral: Any, counts: Any, spread: Any) -> Maps:
        nodes = Nodes(spectral["s"], counts, counts * spectral["s"] * spectral["theta"])
        known = {x.spectral(name): value for name, value in spectral.items()}
        known |= {x.scalar(name): value for name, value in scalars.items()}
        solved = generators(made, known, nodes)

        means = {x.spectral(name): jnp.abs(value) for name, value in spectral.items() if name.startswith("mu")}
        positive = solved.values | means

        def function(name: str, spread: Any) -> Any:
            if name not in made.results:
                return jnp.zeros_like(counts)

            def weighted(weight: Any) -> Any:
                values = solved.values | {x.spectral(WEIGHT): weight, x.spectral(SPREAD): spread}
                return evaluate(made.results[name], values, nodes)

            return jax.grad(weighted)(jnp.ones_like(counts)) / counts

        nothing = jnp.zeros_like(counts)
        return Maps(
            lost=function("lost", nothing),
            carried=function("carried", nothing),
            means={name[5:]: function(name, nothing) for name in made.results if name.startswith("mean ")},
            spread=jax.vmap(lambda part: function("spread xi", part))(spread),
            own={
                name[7:]: function(name, nothing)
                for name in made.results
                if name.startswith("spread ") and name != "spread xi"
            },
            residual=solved.residual,
            magnitude=sum(
                (evaluate(terms, positive | {x.spectral(WEIGHT): spectral["s"]}, nodes) for terms in doubtful),
                start=jnp.asarray(0.0),
            ),
        )

    return compute


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


def run_stages(reading: Expressed, setting: Setting, injection: Any) -> tuple[list[Measured], Any, Any]:
    """Every generation's model measured, the largest residual and condition (inside `jax.enable_x64(True)`).

    Args:
        reading: of a chain that has stages.
        setting: the numbers of its letters.
        injection: (N, K), which of the K tracked parts the noise of a generation feeds.

    Returns:
        What is measured of every generation; the largest relative residual of an effective ridge; and by how much
        rounding is amplified where a formula contains subtractions, 1 where none does.
    """
    made = stages_of(reading)
    assert made is not None
    counts = jnp.asarray(next(iter(setting.counts.values())))
    spectral = {letter: jnp.asarray(value) for letter, value in setting.spectral.items()}
    state = State(jnp.zeros_like(counts), {}, jnp.zeros((injection.shape[1], counts.shape[0])))
    measured, residual, condition = [], jnp.asarray(0.0), jnp.asarray(1.0)
    for g, (own, formula, names) in enumerate(made):
        maps = _applied(own, formula, names, setting, spectral, counts, state)
        state = _advanced(maps, state, jnp.asarray(injection[g]))
        state = jax.tree.map(lambda value, trusted=maps.residual <= RESIDUAL: jnp.where(trusted, value, jnp.nan), state)
        residual = jnp.maximum(residual, maps.residual)
        measured.append(_measured(reading, state, spectral, counts))
        total = measured[-1].errors.sum()
        parts = maps.magnitude + measured[-1].magnitude
        condition = jnp.maximum(condition, jnp.where(total > 0, parts / total, 1.0))
    return measured, residual, condition


def _applied(
    own: Stage,
    formula: Formula,
    names: Mapping[Letter, Letter],
    setting: Setting,
    spectral: Mapping[Letter, Any],
    counts: Any,
    state: State,
) -> Maps:
    letters = dict(spectral) | {LOST: state.lost}
    letters |= {letter: state.means.get(name, jnp.zeros_like(counts)) for name, letter in own.shares.items()}
    used = {letter: letters[letter] for letter in formula.program.spectral if letter in letters}
    used |= {letter: spectral[letter] for letter in ("s", "theta")}
    scalars = {names.get(letter, letter): jnp.asarray(value) for letter, value in setting.scalars.items()}
    scalars = {letter: value for letter, value in scalars.items() if letter in {*names.values(), "d"}}
    return formula.compiled(scalars, used, counts, state.spread)


def _advanced(maps: Maps, state: State, fed: Any) -> State:
    noise_free = jnp.zeros_like(fed).at[0].set(1.0)
    spread = maps.spread
    for name, value in maps.own.items():
        share = fed if name.startswith("e_") else noise_free
        spread = spread + share[:, None] * value[None, :]
    return State(maps.lost + maps.carried * state.lost, maps.means, spread)


def _measured(reading: Expressed, state: State, spectral: Mapping[Letter, Any], counts: Any) -> Measured:
    """Squares of the mean error -P w_0 + sum R_a a and of the mean model, and the covariance."""
    vectors = {one.name: one for one in reading.vectors}
    second = {name: spectral[next(iter(one.spectral))] for name, one in vectors.items()}
    mean = {name: spectral[one.mean] for name, one in vectors.items() if one.mean is not None}
    truth = next(name for name, one in vectors.items() if one.role is Role.TRUTH)
    shares = {name: state.means[name] for name in vectors if name in state.means}

    def squared(shares: Mapping[str, Any], sign: Callable[[Any], Any] = lambda value: value) -> Any:
        total = sum((share**2 * second[name] for name, share in shares.items()), start=jnp.zeros_like(counts))
        for a, b in combinations([name for name in shares if name in mean], 2):
            total = total + sign(2 * shares[a] * shares[b] * mean[a] * mean[b])
        return total

    bias = squared({**shares, truth: -state.lost})
    spread = state.spread.sum(axis=0)
    weights = counts * spectral["s"]
    overlap = shares.get(truth, 0.0) * second[truth]
    for name in shares:
        if name != truth and name in mean and truth in mean:
            overlap = overlap + shares[name] * mean[name] * mean[truth]
    errors = (weights[None, :] * state.spread).sum(axis=1)
    return Measured(
        errors=errors.at[0].add((weights * bias).sum()),
        overlap=(counts * overlap).sum(),
        norm=(counts * (squared(shares) + spread)).sum(),
        by_mode=weights * (bias + spread),
        magnitude=(weights * squared({**shares, truth: -state.lost}, jnp.abs)).sum(),
    )

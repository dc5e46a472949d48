r"""Chains by independence, in numbers: every generation is one map of mean and covariance, its formula certified.

The map of a generation is a formula without subtractions, linear in a weight B of the eigendirection
(theory/algebra/stage.py); the function that stands with B is its derivative, which has no subtractions either.
Generations of one shape share one derivation and one compilation, so that a hundred of them cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from ..algebra.canonical import canonical
from ..algebra.expression import Role
from ..algebra.polynomial import Letter
from ..algebra.program import Program
from ..algebra.reduction import Reduced, reduced
from ..algebra.stage import LOST, SPREAD, WEIGHT, Stage, is_independent, stage
from ..chains.expressed import Expressed
from ..problem import notation as x
from ..problem.errors import Irreducible
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
    """

    lost: Any
    carried: Any
    means: dict[str, Any]
    spread: Any
    own: dict[str, Any]
    residual: Any


class State(NamedTuple):
    """A model: P, R_a for the truth and the offsets, U for every tracked part."""

    lost: Any
    means: dict[str, Any]
    spread: Any


class Measured(NamedTuple):
    """What is asked of a generation's model: (K,) errors, overlap, norm, (nodes,) error by node."""

    errors: Any
    overlap: Any
    norm: Any
    by_mode: Any


class Formula(NamedTuple):
    """One shape of generation, reduced and compiled."""

    program: Program
    reduced: Reduced
    compiled: Callable[..., Maps]


@lru_cache(maxsize=32)
def stages_of(reading: Expressed) -> tuple[tuple[Stage, Formula, dict[Letter, Letter]], ...] | None:
    """The stages of a chain, or None where generations depend on each other or a formula is not certified."""
    pairs = list(zip((None, *reading.estimators), reading.estimators, strict=False))
    if not all(before is None or is_independent(estimator, before) for before, estimator in pairs):
        return None
    found = []
    for before, estimator in pairs:
        made = stage(estimator, before, reading.truth)
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
            _FORMULAS[key] = Formula(program, made, jax.jit(_maps(made))) if made.certified else None
    return _FORMULAS[key]


def _maps(made: Reduced) -> Callable[..., Maps]:
    """The compiled map: settings and state in, functions of the eigendirection out."""

    def compute(scalars: Any, spectral: Any, counts: Any, spread: Any) -> Maps:
        nodes = Nodes(spectral["s"], counts, counts * spectral["s"] * spectral["theta"])
        known = {x.spectral(name): value for name, value in spectral.items()}
        known |= {x.scalar(name): value for name, value in scalars.items()}
        solved = generators(made, known, nodes)

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
        )

    return compute


def run_stages(reading: Expressed, setting: Setting, injection: Any) -> tuple[list[Measured], Any]:
    """Every generation's model measured, and the largest residual (inside `jax.enable_x64(True)`).

    Args:
        reading: of a chain that has stages.
        setting: the numbers of its letters.
        injection: (N, K), which of the K tracked parts the noise of a generation feeds.
    """
    made = stages_of(reading)
    assert made is not None
    counts = jnp.asarray(next(iter(setting.counts.values())))
    spectral = {letter: jnp.asarray(value) for letter, value in setting.spectral.items()}
    state = State(jnp.zeros_like(counts), {}, jnp.zeros((injection.shape[1], counts.shape[0])))
    measured, residual = [], jnp.asarray(0.0)
    for g, (own, formula, names) in enumerate(made):
        maps = _applied(own, formula, names, setting, spectral, counts, state)
        state = _advanced(maps, state, jnp.asarray(injection[g]))
        state = jax.tree.map(lambda value, trusted=maps.residual <= RESIDUAL: jnp.where(trusted, value, jnp.nan), state)
        residual = jnp.maximum(residual, maps.residual)
        measured.append(_measured(reading, state, spectral, counts))
    return measured, residual


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

    def squared(shares: Mapping[str, Any]) -> Any:
        total = sum((share**2 * second[name] for name, share in shares.items()), start=jnp.zeros_like(counts))
        for a, b in combinations([name for name in shares if name in mean], 2):
            total = total + 2 * shares[a] * shares[b] * mean[a] * mean[b]
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
    )

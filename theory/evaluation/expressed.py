r"""Chains that are expressions in Gaussian matrices, in numbers.

All generations are derived in one program, which shares what they share.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..algebra.dyson import dyson
from ..algebra.pencil import pencil
from ..algebra.program import Program
from ..algebra.risk import overlap, risk
from ..chains.expressed import Expressed
from ..problem import checks
from ..problem.chain import Chain
from ..problem.estimator import RandomProjection
from .effective_ridge import effective_ridge
from .fixed_point.interpreter import Evaluation, Setting
from .fixed_point.precision import reliable, traced
from .inputs import as_array, grouped_nodes, is_compressed
from .recursion import Outcome


def expressed_outcome(chain: Chain, reading: Expressed, injection: Any) -> Outcome:
    """The errors of a chain that is an expression (inside `jax.enable_x64(True)`)."""
    program = derived(reading)
    setting = _setting(chain, reading)
    concrete = all(checks.is_concrete(value) for part in setting for value in part.values())
    evaluation = reliable(program, setting) if concrete else traced(program, setting)
    return _outcome(chain, reading, evaluation, jnp.asarray(injection), setting)


@lru_cache(maxsize=32)
def derived(reading: Expressed) -> Program:
    """The program of all generations; results are named (generation, what)."""
    parts = []
    for number, estimator in enumerate(reading.estimators, start=1):
        parts += [(f"{number}|{name}", part) for name, part in risk(estimator, reading.model.metric).parts]
        parts += [(f"{number}|overlap {name}", part) for name, part in overlap(estimator, reading.truth).parts]
    return dyson(pencil(parts))


class _Nodes(NamedTuple):
    spectral: dict[str, Any]
    counts: Any


def _setting(chain: Chain, reading: Expressed) -> Setting:
    nodes = _nodes(chain, reading)
    scalars = {letter: _number(value) for letter, value in reading.scalars.items()}
    scalars[reading.model.dimension] = nodes.counts.sum()
    return Setting(scalars, nodes.spectral, {reading.model.features.name: nodes.counts})


def _nodes(chain: Chain, reading: Expressed) -> _Nodes:
    """The spectral letters on as few nodes as hold the same sums."""
    population = chain.population
    plain = len(reading.spectra) == 1 and len(reading.second_moments) == 1 and not reading.white
    if plain and (population.spectrum.levels() is not None or is_compressed(population)):
        s, counts, target = grouped_nodes(population)
        return _Nodes({"s": s, "theta": target / (counts * s), "mu": target * 0.0}, counts)
    columns = {letter: spectrum.eigenvalues() for letter, spectrum in reading.spectra.items()}
    used = np.ones(population.dimension, dtype=bool)
    if not reading.white and all(checks.is_concrete(column) for column in columns.values()):
        used = np.any([column > 0 for column in columns.values()], axis=0)
    k = np.arange(1, population.dimension + 1)
    columns |= {letter: target.second_moments(population.spectrum) for letter, target in reading.second_moments.items()}
    columns |= {letter: target.mean(k, population.spectrum) for letter, target in reading.means.items()}
    return _Nodes({letter: column[used] for letter, column in columns.items()}, np.ones(int(used.sum())))


def _number(value: Any) -> Any:
    return float(value) if checks.is_concrete(value) else as_array(value)


def _outcome(chain: Chain, reading: Expressed, found: Evaluation, injection: Any, setting: Setting) -> Outcome:
    count, kinds = len(chain), injection.shape[1]
    nodes = setting.counts[reading.model.features.name].shape[0]
    errors = jnp.zeros((count, kinds))
    by_mode, overlaps = jnp.zeros((count, nodes)), jnp.zeros(count)
    first_part = jnp.zeros(kinds).at[0].set(1.0)
    for name, value in found.targets.items():
        number, _, part = name.partition("|")
        g = int(number) - 1
        if part.startswith("overlap "):
            overlaps = overlaps.at[g].add(value)
            continue
        generation = reading.noises.get(part)
        fed = first_part if generation is None else injection[generation - 1]
        errors = errors.at[g].add(value * fed)
        by_mode = by_mode.at[g].add(found.by_node[name])
    return _with_margins(chain, setting, errors, by_mode, overlaps)


def _with_margins(chain: Chain, setting: Setting, errors: Any, by_mode: Any, overlaps: Any) -> Outcome:
    """Effective ridge and margins of ridge on pooled rows: exact where all rows have one covariance and weight."""
    count = len(chain)
    s, counts = jnp.asarray(setting.spectral["s"]), jnp.asarray(next(iter(setting.counts.values())))
    positive = jnp.where(s > 0, counts, 0.0)
    safe = jnp.where(s > 0, s, 1.0)
    rows = jnp.asarray([float(_narrow(chain, g)) for g in range(count)])
    penalties = jnp.stack([as_array(step.estimator.penalty) for step in chain.generations])
    root = jax.vmap(lambda n, penalty: effective_ridge(safe, positive, n, penalty))(rows, penalties)
    q = safe[None, :] / (safe[None, :] + root.value[:, None])
    freedom = (positive[None, :] * q).sum(axis=1)
    margin_2 = rows * penalties / root.value + (positive[None, :] * q * (1 - q)).sum(axis=1)
    plain = np.array([_is_plain(chain, g) for g in range(count)])
    return Outcome(
        errors=errors,
        overlap=overlaps,
        norm=jnp.full(count, jnp.nan),
        by_mode=by_mode,
        freedom=jnp.where(plain, freedom, jnp.nan),
        margin_2=margin_2,
        root=root,
        uses_root=plain,
    )


def _narrow(chain: Chain, g: int) -> Any:
    estimator = chain.generations[g].estimator
    rows = chain.rows[g]
    return min(rows, estimator.width) if isinstance(estimator, RandomProjection) else rows


def _is_plain(chain: Chain, g: int) -> bool:
    """Whether the fit of a generation is ridge on rows of one covariance and weight."""
    step = chain.generations[g]
    if isinstance(step.estimator, RandomProjection):
        return False
    seen = [source for one in chain.generations[: g + 1] for source in one.generated]
    return all(
        source.covariance in (None, chain.population.spectrum)
        and checks.is_concrete(source.weight)
        and source.weight == 1
        and type(source.covariates).__name__ in ("Fresh", "SameRows")
        for source in seen
    )

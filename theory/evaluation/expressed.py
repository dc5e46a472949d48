r"""Chains that are expressions in Gaussian matrices, in numbers.

All generations are derived in one program, which shares what they share.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..algebra.dyson import dyson
from ..algebra.pencil import pencil
from ..algebra.program import Program
from ..algebra.risk import overlap, risk
from ..chains.expressed import Expressed, independent_fits
from ..chains.hypotheses import too_large
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.covariates import Fresh, SameRows
from ..problem.errors import NotCertified, Swell
from ..problem.estimator import Estimator, MinimumNorm, RandomProjection
from ..problem.memory import Accumulate
from ..problem.source import Kept, Source
from ..rules.fits import Fit
from ..rules.resolvent import RESOLVENT
from ..rules.trace import Trace
from .effective_ridge import Root, effective_ridge
from .fixed_point.interpreter import Evaluation
from .fixed_point.machine import Setting
from .fixed_point.precision import reliable, traced
from .generators import RESIDUAL
from .inputs import as_array
from .lowering import Nodes, evaluate
from .lowering import run as lowered
from .recursion import Outcome
from .stages import WORST_CONDITION, Feeds, Vector, pairs_of, run_stages


def expressed_outcome(chain: Chain, reading: Expressed, injection: Any, nodes: Nodes, margins: bool = True) -> Outcome:
    """The errors of a chain that is an expression (inside `jax.enable_x64(True)`); NaN for margins unless wanted.

    Raises:
        NoTheorem: where the derivation becomes too large.
        NotCertified: where the fixed point is not reached.
    """
    setting = _setting(chain, reading, nodes)
    concrete = all(checks.is_concrete(value) for part in setting for value in part.values())
    fits = independent_fits(reading)
    if fits is not None:
        outcome = _staged(chain, reading, fits, setting, injection, concrete)
        return _with_margins(chain, setting, outcome) if margins else outcome
    try:
        program = derived(reading)
    except Swell as swell:
        raise too_large(swell) from None
    evaluation = reliable(program, setting) if concrete else traced(program, setting)
    outcome = _outcome(chain, reading, evaluation, jnp.asarray(injection), setting)
    return _with_margins(chain, setting, outcome) if margins else outcome


def _staged(
    chain: Chain, reading: Expressed, fits: tuple[Fit, ...], setting: Setting, injection: Any, concrete: bool
) -> Outcome:
    """The errors of a chain of independent generations."""
    vectors = [Vector.of(one) for one in reading.vectors]
    noise_free = jnp.zeros(injection.shape[1]).at[0].set(1.0)
    injected = jnp.asarray(injection)

    def fed(fit: Fit, name: str) -> Any:
        noise = fit.noise(name)
        return noise_free if noise is None else injected[reading.noises[noise] - 1]

    added = [{name: fed(fit, name) for name in fit.rule.added} for fit in fits]
    feeds = Feeds(added, dict.fromkeys(pairs_of(vectors), noise_free))
    found = run_stages(fits, vectors, setting, reading.model.metric.value, feeds)
    if concrete and not float(found.residual) <= RESIDUAL:
        raise NotCertified(f"effective ridges and margins are off by a relative {float(found.residual):.1e}")
    if concrete and not float(found.condition) <= WORST_CONDITION:
        raise NotCertified(f"rounding is amplified {float(found.condition):.0e}-fold by subtractions")
    measured = found.measured
    # A projection spreads the model over directions without variance, which are left out here.
    partial = chain.population.spectrum.rank() < chain.population.dimension
    projected = any(isinstance(step.estimator, RandomProjection) for step in chain.generations)
    norm = measured.norm * jnp.nan if partial and projected else measured.norm
    return _without_margins(measured.errors, measured.overlap, norm, measured.by_mode)


@lru_cache(maxsize=32)
def derived(reading: Expressed) -> Program:
    """The program of all generations; results are named (generation, what)."""
    parts = []
    for number, estimator in enumerate(reading.estimators, start=1):
        parts += [(f"{number}|{name}", part) for name, part in risk(estimator, reading.model.metric).parts]
        parts += [(f"{number}|overlap {name}", part) for name, part in overlap(estimator, reading.truth).parts]
    return dyson(pencil(parts))


def _setting(chain: Chain, reading: Expressed, nodes: Nodes) -> Setting:
    """Letters with their numbers; the spectrum on the given nodes where nothing but it and the truth is spectral."""
    plain = len(reading.spectra) == 1 and len(reading.second_moments) == 1 and not reading.white
    if plain:
        s, counts, target = nodes
        spectral = {"s": s, "theta": target / (counts * s), "mu": target * 0.0}
    else:
        spectral = _every_direction(chain, reading)
        counts = np.ones(len(spectral["s"]))
    scalars = {letter: _number(value) for letter, value in reading.scalars.items()}
    scalars[reading.model.dimension] = counts.sum()
    return Setting(scalars, spectral, {reading.model.features.name: counts})


def _every_direction(chain: Chain, reading: Expressed) -> dict[str, Any]:
    """All spectral letters in every direction that any rows reach."""
    population = chain.population
    columns = {letter: spectrum.eigenvalues() for letter, spectrum in reading.spectra.items()}
    used = np.ones(population.dimension, dtype=bool)
    if not reading.white and all(checks.is_concrete(column) for column in columns.values()):
        used = np.any([column > 0 for column in columns.values()], axis=0)
    k = np.arange(1, population.dimension + 1)
    columns |= {letter: target.second_moments(population.spectrum) for letter, target in reading.second_moments.items()}
    columns |= {letter: target.mean(k, population.spectrum) for letter, target in reading.means.items()}
    return {letter: column[used] for letter, column in columns.items()}


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
    if checks.is_concrete(errors):
        _require_no_cancellation(found, np.asarray(errors), reading)
    return _without_margins(errors, overlaps, jnp.full(count, jnp.nan), by_mode)


def _require_no_cancellation(found: Evaluation, errors: Any, reading: Expressed) -> None:
    """The truth and its offsets may cancel in the error; refuse where too few digits are left."""
    sizes = np.zeros(len(errors))
    for name, value in found.targets.items():
        number, _, part = name.partition("|")
        if not part.startswith("overlap ") and part not in reading.noises:
            sizes[int(number) - 1] += abs(float(value))
    lost = sizes > WORST_CONDITION * np.abs(errors.sum(axis=1))
    if lost.any():
        raise NotCertified(f"truth and offsets cancel in the error of generation {int(np.flatnonzero(lost)[0]) + 1}")


def _without_margins(errors: Any, overlap: Any, norm: Any, by_mode: Any) -> Outcome:
    unknown = jnp.full(len(overlap), jnp.nan)
    unused = np.zeros(len(overlap), dtype=bool)
    root = Root(unknown, unknown, unknown, unknown, unused)
    return Outcome(errors, overlap, norm, by_mode, unknown, unknown, root, unused)


def _with_margins(chain: Chain, setting: Setting, outcome: Outcome) -> Outcome:
    """Effective ridge and margins of ridge on pooled rows: exact where all rows have one covariance and weight."""
    count, s = len(chain), setting.spectral["s"]
    (counts,) = setting.counts.values()
    by_mode = outcome.by_mode
    if checks.is_concrete(s):
        by_mode, counts, s = by_mode[:, s > 0], counts[s > 0], s[s > 0]
    rows = jnp.asarray([float(_narrow(chain, g)) for g in range(count)])
    penalties = jnp.stack([as_array(_penalty(step.estimator)) for step in chain.generations])
    root, freedom, margin_2 = _margins(jnp.asarray(s), jnp.asarray(counts), rows, penalties)
    plain = np.array([_is_plain(chain, g) for g in range(count)])
    if checks.is_concrete(root.certified):
        plain = plain & np.asarray(root.certified)  # only shown, so that nothing else depends on it
    freedom = jnp.where(plain, freedom, jnp.nan)
    return outcome._replace(by_mode=by_mode, freedom=freedom, margin_2=margin_2, root=root, uses_root=plain)


@jax.jit
def _margins(s: Any, counts: Any, rows: Any, penalties: Any) -> tuple[Root, Any, Any]:
    """The effective ridge of every generation, df_1 and n - df_2."""
    root = jax.vmap(lambda n, penalty: effective_ridge(s, counts, n, penalty))(rows, penalties)

    def freedom_and_margin(rows: Any, penalty: Any, kappa: Any) -> tuple[Any, Any]:
        nodes = Nodes(s, counts, counts)
        known = lowered(RESOLVENT.definitions, {x.rows: rows, x.penalty: penalty, x.kappa: kappa}, nodes)
        return evaluate(Trace(x.q), known, nodes), known[x.margin_2]

    freedom, margin_2 = jax.vmap(freedom_and_margin)(rows, penalties, root.value)
    return root, freedom, margin_2


def _penalty(estimator: Estimator) -> Any:
    assert not isinstance(estimator, MinimumNorm)  # refused when the chain was read
    return estimator.penalty


def _rows_in_fit(chain: Chain, g: int) -> list[Source]:
    """The sources whose rows are in the fit of a generation, each once however often its rows are used."""
    here = chain.generations[g]
    seen = range(g + 1) if isinstance(here.memory, Accumulate) else (g,)
    found: dict[tuple[int, int], Source] = {}
    for number in seen:
        for position, source in enumerate(chain.generations[number].sources):
            place, generated = (number, position), source
            while isinstance(generated, Kept) or isinstance(generated.covariates, SameRows):
                reference = generated if isinstance(generated, Kept) else generated.covariates
                assert isinstance(reference, Kept | SameRows)
                place = (reference.generation - 1, reference.source)
                generated = chain.generations[place[0]].sources[place[1]]
            assert isinstance(generated, Source)
            found[place] = generated
    return list(found.values())


def _narrow(chain: Chain, g: int) -> float:
    """Rows of a fit, each counted once, or its width where that is less."""
    estimator = chain.generations[g].estimator
    rows = float(sum(source.rows for source in _rows_in_fit(chain, g)))
    return min(rows, float(estimator.width)) if isinstance(estimator, RandomProjection) else rows


def _is_plain(chain: Chain, g: int) -> bool:
    """Whether the fit of a generation is ridge on rows of the population, each used once, all of weight 1."""
    step = chain.generations[g]
    own = _rows_in_fit(chain, g)
    weights = [source.weight for one in chain.generations[: g + 1] for source in one.sources]
    return (
        not isinstance(step.estimator, RandomProjection)
        and _narrow(chain, g) == chain.rows[g]
        and all(checks.is_concrete(weight) and weight == 1 for weight in weights)
        and all(
            source.covariance in (None, chain.population.spectrum) and isinstance(source.covariates, Fresh)
            for source in own
        )
    )

r"""Chains that are expressions in Gaussian matrices, in numbers.

All generations are derived in one program, which shares what they share. It is evaluated in float64; what rounding
costs is measured on the result itself, by evaluating it again with every term disturbed in its last digit. Where that
leaves fewer than ten digits, numbers are evaluated again with as many digits as it takes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

from ..algebra.dyson import dyson
from ..algebra.pencil import pencil
from ..algebra.program import Program
from ..algebra.risk import overlap, risk
from ..chains.expressed import Expressed
from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NotCertified
from ..problem.estimator import RandomProjection
from .effective_ridge import effective_ridge
from .fixed_point.arithmetic import Digits, Disturbed, Float64, Traced
from .fixed_point.interpreter import Evaluation, Setting, run
from .inputs import as_array, grouped_nodes, is_compressed
from .recursion import Outcome

ENOUGH = 1e-10
MOST_DIGITS = 400
RESIDUAL = 1e-9


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


def reliable(program: Program, setting: Setting) -> Evaluation:
    """Numbers with at least ten digits, in as much precision as that takes.

    Raises:
        NotCertified: where 400 digits are not enough, or the fixed point is not reached.
    """
    evaluation = run(program, setting, Float64())
    if rounding_loss(program, setting, evaluation) <= ENOUGH and float(evaluation.residual) <= RESIDUAL:
        return evaluation
    digits = 50
    while digits <= MOST_DIGITS:
        found = _with_digits(program, setting, digits)
        if found is not None:
            return found
        digits *= 2
    raise NotCertified(f"the fixed point of this chain could not be evaluated with {MOST_DIGITS} digits")


def traced(program: Program, setting: Setting) -> Evaluation:
    """As `run`, compiled, for tracers; NaN where rounding or the fixed point spoil the result."""
    evaluation = run(program, setting, Traced())
    again = run(program, setting, Disturbed(Traced(), 0, 2.0**-52), _traces(program, evaluation))
    trusted = evaluation.residual <= RESIDUAL
    for name, value in evaluation.targets.items():
        trusted = trusted & (jnp.abs(again.targets[name] - value) <= 1e-6 * jnp.abs(value))
    targets = {name: jnp.where(trusted, value, jnp.nan) for name, value in evaluation.targets.items()}
    return evaluation._replace(targets=targets)


def rounding_loss(program: Program, setting: Setting, evaluation: Evaluation) -> float:
    """The relative change of the results when every term is disturbed in its last digit: the condition times 2^-52."""
    traces = _traces(program, evaluation)
    lost = 0.0
    for seed in range(3):
        again = run(program, setting, Disturbed(Float64(), seed, 2.0**-52), traces)
        lost = max(lost, _difference(evaluation, again))
    return lost


def _difference(first: Evaluation, second: Evaluation) -> float:
    """Relative to the largest part of the same generation: smaller ones may vanish."""
    worst = 0.0
    sizes: dict[str, float] = {}
    for name, value in first.targets.items():
        group = name.split("|")[0]
        sizes[group] = max(sizes.get(group, 0.0), abs(float(value)))
    for name, value in first.targets.items():
        change = float(abs(second.targets[name] - value)) / (abs(float(value)) or sizes[name.split("|")[0]] or 1.0)
        worst = max(worst, change if np.isfinite(change) else np.inf)
    return worst


def _with_digits(program: Program, setting: Setting, digits: int) -> Evaluation | None:
    """The evaluation with that many digits, None where they are not enough."""
    with mpmath.workdps(digits):
        precise = Setting(*({key: _exact(value) for key, value in part.items()} for part in setting))
        evaluation = run(program, precise, Digits())
        disturbed = Disturbed(Digits(), 0, mpmath.mpf(10) ** (-digits))
        again = run(program, precise, disturbed, _traces(program, evaluation))
        if _difference(evaluation, again) > ENOUGH or evaluation.residual > RESIDUAL:
            return None
    return Evaluation(
        {letter: _rounded(value) for letter, value in evaluation.letters.items()},
        {name: _rounded(value) for name, value in evaluation.targets.items()},
        float(evaluation.residual),
        {name: _rounded(value) for name, value in evaluation.by_node.items()},
    )


def _exact(value: Any) -> Any:
    if np.ndim(value) == 0:
        return mpmath.mpf(float(value))
    return np.array([mpmath.mpf(float(one)) for one in value], dtype=object)


def _rounded(value: Any) -> Any:
    return np.asarray(value, dtype=np.float64) if np.ndim(value) else float(value)


def _traces(program: Program, evaluation: Evaluation) -> dict[str, Any]:
    return {letter: value for letter, value in evaluation.letters.items() if letter.startswith("t")}


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
    q = safe / (safe + root.value[:, None])
    freedom = (positive * q).sum(axis=1)
    margin_2 = rows * penalties / root.value + (positive * q * (1 - q)).sum(axis=1)
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

r"""As many digits as a program needs.

It is evaluated in float64; what rounding costs is measured on the result itself, by evaluating it again with every
term disturbed in its last digit. Where that leaves fewer than ten digits, it is evaluated again with as many as it
takes. No step of this can be misled by an accident of one rounding: three disturbances are tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import jax.numpy as jnp
import mpmath
import numpy as np

from ...algebra.polynomial import Letter
from ...algebra.program import Program, Sort
from ...problem.errors import NotCertified
from .arithmetic import Digits, Disturbed, Float64, Traced
from .interpreter import Evaluation, run
from .machine import Setting

ENOUGH = 1e-10
MOST_DIGITS = 400
RESIDUAL = 1e-9
ROUNDING = 2.0**-52


def reliable(program: Program, setting: Setting) -> Evaluation:
    """Numbers with at least ten digits, in as much precision as that takes.

    Raises:
        NotCertified: where 400 digits are not enough, or the fixed point is not reached.
    """
    start = None
    with suppress(np.linalg.LinAlgError), np.errstate(all="ignore"):
        evaluation = run(program, setting, Float64())
        if float(evaluation.residual) <= RESIDUAL:
            start = _traces(program, evaluation)
            if rounding_loss(program, setting, evaluation) <= ENOUGH:
                return evaluation
    digits = 50
    while digits <= MOST_DIGITS:
        try:
            found = with_digits(program, setting, digits, start)
        except ZeroDivisionError:
            break  # no ridge: more digits do not help
        if found is not None:
            return found
        digits *= 2
    raise NotCertified(f"the fixed point of this chain could not be evaluated with {MOST_DIGITS} digits")


def traced(program: Program, setting: Setting) -> Evaluation:
    """As `run`, compiled, for tracers; NaN where rounding or the fixed point spoil the result."""
    evaluation = run(program, setting, Traced())
    again = run(program, setting, Disturbed(Traced(), 0, ROUNDING), _traces(program, evaluation))
    trusted = evaluation.residual <= RESIDUAL
    for name, value in evaluation.targets.items():
        trusted = trusted & (jnp.abs(again.targets[name] - value) <= 1e-6 * jnp.abs(value))
    targets = {name: jnp.where(trusted, value, jnp.nan) for name, value in evaluation.targets.items()}
    return evaluation._replace(targets=targets)


def rounding_loss(program: Program, setting: Setting, evaluation: Evaluation | None = None) -> float:
    """The relative change of the results when every term is disturbed in its last digit: the condition times 2^-52."""
    evaluation = run(program, setting, Float64()) if evaluation is None else evaluation
    traces = _traces(program, evaluation)
    lost = 0.0
    for seed in range(3):
        again = run(program, setting, Disturbed(Float64(), seed, ROUNDING), traces)
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
    for group in sizes:
        # The parts of an error may cancel in their sum.
        names = [name for name in first.targets if name.split("|")[0] == group and "overlap" not in name]
        before, after = (float(sum(one.targets[name] for name in names)) for one in (first, second))
        change = abs(float(sum(second.targets[name] - first.targets[name] for name in names))) / (
            abs(before) or sizes[group] or 1.0
        )
        worst = max(worst, change if np.isfinite(after) else np.inf)
    return worst


def with_digits(
    program: Program, setting: Setting, digits: int, start: Mapping[Letter, Any] | None = None
) -> Evaluation | None:
    """The evaluation with that many digits, None where they are not enough; `start` as for `run`, in float64."""
    with mpmath.workdps(digits):
        precise = Setting(*({key: _exact(value) for key, value in part.items()} for part in setting))
        near = None if start is None else {letter: mpmath.mpf(float(value)) for letter, value in start.items()}
        evaluation = run(program, precise, Digits(), near)
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
    return {
        definition.letter: evaluation.letters[definition.letter]
        for definition in program.definitions.values()
        if definition.sort is Sort.TRACE
    }

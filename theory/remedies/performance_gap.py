"""Performance gap recovered: how far a student gets from its weak labeller to the ceiling."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..evaluation.exchangeable import NO_SPECTRUM
from ..evaluation.lowering import evaluate
from ..problem.checks import Vector
from ..problem.errors import SpecificationError
from ..statements.performance_gap import CEILING, PERFORMANCE_GAP_RECOVERED, STUDENT, WEAK


def performance_gap_recovered(weak: Any, student: Any, ceiling: Any) -> Any:
    """What a student gains on its weak labeller, as a part of what there is to gain.

    $$ \\mathrm{PGR} = \\frac{E_{weak} - E_{student}}{E_{weak} - E_{ceil}} $$

    Args:
        weak: the excess error of the labeller: a number >= 0, an array, or a `Prediction` (its errors).
        student: that of the student; all three have one shape, or broadcast.
        ceiling: that of the best to be hoped for, less than `weak` everywhere.

    Returns:
        A float, or a float64 array for arrays and predictions. Above 1 where the student beats the ceiling, as a
        verifier may bring in what the ceiling does not know; negative where it is worse than its labeller.

    Raises:
        SpecificationError: for errors that are negative, infinite or NaN, and where there is no gap.

    Source: theory/statements/performance_gap.py.

    >>> performance_gap_recovered(weak=1.25, student=0.5, ceiling=0.25)  # 0.75 of 1
    0.75
    """
    given = {name: _errors(name, value) for name, value in (("weak", weak), ("student", student), ("ceiling", ceiling))}
    try:
        errors = np.broadcast_arrays(*given.values())
    except ValueError:
        shapes = [value.shape for value in given.values()]
        raise SpecificationError("student", shapes, "errors of one shape, or shapes that broadcast") from None
    if not np.all(errors[2] < errors[0]):
        raise SpecificationError("ceiling", ceiling, "less than the error of the weak labeller, everywhere")
    with jax.enable_x64(True):
        known = dict(zip((WEAK, STUDENT, CEILING), errors, strict=True))
        found = np.asarray(evaluate(PERFORMANCE_GAP_RECOVERED.result, known, NO_SPECTRUM))
    return found if found.ndim else float(found)


def _errors(field: str, value: Any) -> Vector:
    allowed = "excess errors: finite numbers >= 0, an array of them, or a Prediction"
    try:
        errors = np.asarray(getattr(value, "error", value))
    except ValueError:  # ragged lists
        raise SpecificationError(field, value, allowed) from None
    if errors.dtype.kind not in "iuf" or not np.all(np.isfinite(errors)) or np.any(errors < 0):
        raise SpecificationError(field, value, allowed)
    return errors.astype(np.float64)

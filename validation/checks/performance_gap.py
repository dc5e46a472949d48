"""Named checks of the performance gap that a student recovers.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules.statement import Statement
from ...theory.statements.performance_gap import (
    BEST_RECOVERY,
    BEST_SHRINKAGE,
    CEILING,
    DESIGN,
    ERROR_OF_A_RIDGE_STUDENT,
    PERFORMANCE_GAP,
    PERFORMANCE_GAP_RECOVERED,
    RECOVERY_OF_LEAST_SQUARES,
    SHRINKAGE,
    STUDENT,
    TRUTH,
    WEAK,
)
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import inverse_wishart_trace

WEAK_ERROR, STUDENT_ERROR, CEILING_ERROR, SQUARED_TRUTH, KEPT, SCATTER = 0.9, 0.5, 0.2, 2.3, 0.65, 0.35
ROWS, RANK, NOISE = 17, 3, 0.6
_VALUES: dict[Any, Any] = {
    WEAK: WEAK_ERROR,
    STUDENT: STUDENT_ERROR,
    CEILING: CEILING_ERROR,
    TRUTH: SQUARED_TRUTH,
    SHRINKAGE: KEPT,
    DESIGN: SCATTER,
    x.rows: ROWS,
    x.rank: RANK,
    x.noise: NOISE,
}
_ONE = Nodes(np.ones(1), np.ones(1), np.ones(1))


def students_of_a_weak_model_at_a_right_angle(statement: Statement) -> bool:
    """Vectors with the truth and the labeller's error for axes; the best student, and label noise, with SciPy."""
    best = minimize_scalar(_without_scatter, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-9})
    scatter = SCATTER * float(((1 - KEPT) ** 2 * _labeller() ** 2).sum())
    references = {
        PERFORMANCE_GAP_RECOVERED.name: float(Fraction(9 - 5, 9 - 2)),
        ERROR_OF_A_RIDGE_STUDENT.name: _without_scatter(KEPT) + scatter,
        BEST_SHRINKAGE.name: float(best.x),
        BEST_RECOVERY.name: (WEAK_ERROR - float(best.fun)) / (WEAK_ERROR - CEILING_ERROR),
        RECOVERY_OF_LEAST_SQUARES.name: -(NOISE**2) * inverse_wishart_trace(ROWS, RANK) / (WEAK_ERROR - CEILING_ERROR),
    }
    return agree(executed(statement, _VALUES, _ONE)[0], references[statement.name], 1e-6)


def _labeller() -> Array:
    return np.array([SQUARED_TRUTH**0.5, WEAK_ERROR**0.5])


def _without_scatter(share: float) -> float:
    missed = share * _labeller() - np.array([SQUARED_TRUTH**0.5, 0.0])
    return float(missed @ missed)


PERFORMANCE_GAP_CHECKS = (Check.of(students_of_a_weak_model_at_a_right_angle, *PERFORMANCE_GAP),)

"""Named checks that every one-step rule faces, and the fits that they are tried on.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import sympy

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ...theory.rules.disturbed_rows import DISTURBED_LEAST_SQUARES
from ...theory.rules.kept_projection import SPECTRUM_OF_A_KEPT_PROJECTION
from ...theory.rules.kind import Kind
from ...theory.rules.least_squares import LEAST_SQUARES
from ...theory.rules.one_step import OneStep
from ...theory.rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from ...theory.rules.projection import EFFECTIVE_RIDGE_OF_A_PROJECTION, PROJECTION
from ...theory.rules.random_subspace import RANDOM_SUBSPACE
from ...theory.rules.resolvent import RESOLVENT
from ...theory.rules.statement import Statement
from .. import oracles
from ..dimensions import NONE, WEIGHT, is_consistent
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit

WEIGHTS = (0.7, 1.9, 0.4)
ABOVE = Fit((0.3, 1.7, 4.1), (60, 45, 35), WEIGHTS, rows=210, penalty=0.55, replicates=25)
BELOW = Fit((0.8, 2.3, 5.2), (50, 65, 40), WEIGHTS, rows=95, penalty=0.25, replicates=25)
_LEAST_SQUARES = Fit((0.6, 2.2, 3.4), (2, 3, 4), WEIGHTS, rows=17, penalty=None, replicates=2000)
_SUBSPACE = Fit((1.7, 1.7, 1.7), (2, 3, 4), WEIGHTS, rows=5, penalty=None, replicates=2000)
_ACCUMULATED = replace(_LEAST_SQUARES, rows=29, new_rows=12)
_REPEATED = replace(_LEAST_SQUARES, copies=6)
_DISTURBED = replace(_LEAST_SQUARES, rows=21, disturbance=1.3)
NARROW = Fit((0.3, 1.7, 4.1), (60, 45, 35), WEIGHTS, rows=110, penalty=0.15, replicates=25, width=85)
WIDE = Fit((0.8, 2.3, 5.2), (50, 65, 40), WEIGHTS, rows=90, penalty=0.25, replicates=25, width=205)
UNPENALISED = Fit((1.7, 1.7, 1.7), (2, 3, 4), WEIGHTS, rows=13, penalty=None, replicates=3000, width=5)
RULES: tuple[tuple[OneStep, tuple[Fit, ...]], ...] = (
    (RESOLVENT, (ABOVE, BELOW)),
    (LEAST_SQUARES, (_LEAST_SQUARES,)),
    (RANDOM_SUBSPACE, (_SUBSPACE,)),
    (ACCUMULATED_ROWS, (_ACCUMULATED,)),
    (REPEATED_ROWS, (_REPEATED,)),
    (PROJECTION, (NARROW, WIDE)),
    (PROJECTED_LEAST_SQUARES, (UNPENALISED,)),
    (DISTURBED_LEAST_SQUARES, (_DISTURBED,)),
)
FITS: Mapping[str, tuple[Fit, ...]] = {
    **{statement.name: fits for rule, fits in RULES for statement in rule.statements()},
    **dict.fromkeys((EFFECTIVE_RIDGE_OF_A_PROJECTION.name, SPECTRUM_OF_A_KEPT_PROJECTION.name), (NARROW, WIDE)),
}


def dimensions_are_consistent(statement: Statement) -> bool:
    """Every exponent is tied to a scaling law: of the covariance, the size, and the weight on the error."""
    weighted = place(statement)[1] in ("second_moment", "noise")
    return is_consistent(statement, WEIGHT if weighted else NONE, {})


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    return bool(np.all(np.isfinite(values(statement, FITS[statement.name][0])[0])))


def kept_plus_lost_is_one(statement: Statement) -> bool:
    """What a fit keeps of the truth on average and what it loses add up to one, symbolically."""
    rule, role = place(statement)
    other = rule.lost if role == "kept" else rule.kept
    return bool(sympy.simplify(statement.expanded() + other.expanded() - 1) == 0)


def monte_carlo_of_one_fit(statement: Statement) -> bool:
    """Fits drawn and solved with NumPy: the mean lies within six standard errors and four finite-size gaps."""
    role = place(statement)[1]
    for fit in FITS[statement.name]:
        drawn = oracles.draws(fit)
        kept, error = drawn.kept
        mean, error = {
            "kept": (kept, error),
            "lost": (1 - kept, error),
            "second_moment": drawn.second_moment,
            "noise": drawn.noise,
        }[role]
        value, _ = values(statement, fit)
        if not agree(value, mean, 6 * error + 4 * finite_size(statement, fit) * np.abs(mean)):
            return False
    return True


def place(statement: Statement) -> tuple[OneStep, str]:
    """The rule that a statement, or what it is a mutant of, belongs to, and as what."""
    for rule, _ in RULES:
        for field in fields(rule):
            if getattr(rule, field.name).name == statement.name:
                return replace(rule, **{field.name: statement}), field.name
    raise KeyError(statement.name)


def values(statement: Statement, fit: Fit) -> tuple[Array, dict[Any, Array]]:
    """The statement's result on a fit, and its definitions."""
    counts = np.array(fit.multiplicities, dtype=np.float64)
    nodes = Nodes(np.array(fit.eigenvalues), counts, counts)  # no rule reads the truth, the last entry
    given = {x.rows: float(fit.rows), x.rank: float(fit.rank), x.weight: np.array(fit.weight)}
    sizes = ((x.new_rows, fit.new_rows), (x.copies, fit.copies), (x.width, fit.width))
    given |= {symbol: float(size) for symbol, size in sizes if size}
    if fit.disturbance:
        given[x.disturbance] = fit.disturbance
    if fit.penalty is not None:
        given |= {x.penalty: fit.penalty, x.kappa: oracles.kappa(fit)}
    return executed(statement, given, nodes)


def finite_size(statement: Statement, fit: Fit) -> float:
    """Relative size of what a deterministic equivalent leaves out."""
    if statement.kind is Kind.EXACT:
        return 0.0
    return 1 / (min(fit.rows, fit.width or fit.rows) - oracles.degrees_of_freedom(fit, 2))


ALL = tuple(statement for rule, _ in RULES for statement in rule.statements())

FIT_CHECKS = (
    Check.of(dimensions_are_consistent, *ALL),
    Check.of(it_can_be_evaluated, *ALL, EFFECTIVE_RIDGE_OF_A_PROJECTION, SPECTRUM_OF_A_KEPT_PROJECTION),
    Check.of(kept_plus_lost_is_one, *(one for rule, _ in RULES for one in (rule.kept, rule.lost))),
    Check.of(monte_carlo_of_one_fit, *ALL),
)

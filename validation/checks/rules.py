"""Named checks of the one-step rules: what one fit keeps, loses, adds, and how it moves a weight.

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
from ...theory.rules.kind import Kind
from ...theory.rules.least_squares import LEAST_SQUARES
from ...theory.rules.one_step import OneStep
from ...theory.rules.random_subspace import RANDOM_SUBSPACE
from ...theory.rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ...theory.rules.statement import Statement
from .. import oracles
from ..dimensions import NONE, WEIGHT, is_consistent
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit

_WEIGHT = (0.7, 1.9, 0.4)
_ABOVE = Fit((0.3, 1.7, 4.1), (60, 45, 35), _WEIGHT, rows=210, penalty=0.55, replicates=25)
_BELOW = Fit((0.8, 2.3, 5.2), (50, 65, 40), _WEIGHT, rows=95, penalty=0.25, replicates=25)
_LEAST_SQUARES = Fit((0.6, 2.2, 3.4), (2, 3, 4), _WEIGHT, rows=17, penalty=None, replicates=2000)
_SUBSPACE = Fit((1.7, 1.7, 1.7), (2, 3, 4), _WEIGHT, rows=5, penalty=None, replicates=2000)
_ACCUMULATED = replace(_LEAST_SQUARES, rows=29, new_rows=12)
_REPEATED = replace(_LEAST_SQUARES, copies=6)
_RULES: tuple[tuple[OneStep, tuple[Fit, ...]], ...] = (
    (RESOLVENT, (_ABOVE, _BELOW)),
    (LEAST_SQUARES, (_LEAST_SQUARES,)),
    (RANDOM_SUBSPACE, (_SUBSPACE,)),
    (ACCUMULATED_ROWS, (_ACCUMULATED,)),
    (REPEATED_ROWS, (_REPEATED,)),
)
FITS: Mapping[str, tuple[Fit, ...]] = {statement.name: fits for rule, fits in _RULES for statement in rule.statements()}
# Limits of a vanishing penalty, where ridge regression becomes minimum norm.
_VANISHING = 1e-9
_LIMIT_ABOVE = Fit((0.3, 1.7, 4.1), (60, 45, 35), _WEIGHT, rows=210, penalty=_VANISHING)
_LIMIT_BELOW = Fit((1.7, 1.7, 1.7), (50, 65, 40), _WEIGHT, rows=95, penalty=_VANISHING)


def dimensions_are_consistent(statement: Statement) -> bool:
    """Every exponent is tied to a scaling law: of the covariance, the size, and the weight on the error."""
    weighted = _place(statement)[1] in ("second_moment", "noise")
    return is_consistent(statement, WEIGHT if weighted else NONE, {})


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    _values(statement, FITS[statement.name][0])
    return True


def kept_plus_lost_is_one(statement: Statement) -> bool:
    """What a fit keeps of the truth on average and what it loses add up to one, symbolically."""
    rule, role = _place(statement)
    other = rule.lost if role == "kept" else rule.kept
    return bool(sympy.simplify(statement.expanded() + other.expanded() - 1) == 0)


def monte_carlo_of_one_fit(statement: Statement) -> bool:
    """Fits drawn and solved with NumPy: the mean lies within six standard errors and four finite-size gaps."""
    role = _place(statement)[1]
    for fit in FITS[statement.name]:
        drawn = oracles.draws(fit)
        kept, error = drawn.kept
        mean, error = {
            "kept": (kept, error),
            "lost": (1 - kept, error),
            "second_moment": drawn.second_moment,
            "noise": drawn.noise,
        }[role]
        value, _ = _values(statement, fit)
        if not agree(value, mean, 6 * error + 4 * _finite_size(statement, fit) * np.abs(mean)):
            return False
    return True


def definitions_are_what_they_are_called(statement: Statement) -> bool:
    """q and p are shares kept and lost by drawn fits; D_1 = n - df_1, D_2 = n - df_2; M is an inverse Wishart mean."""
    for fit in FITS[statement.name]:
        _, defined = _values(statement, fit)
        margin = 4 * _finite_size(statement, fit)
        for symbol, value in defined.items():
            if symbol == x.wishart_margin:
                larger, smaller = max(fit.rows, fit.rank), min(fit.rows, fit.rank)
                right = agree(value, smaller / oracles.inverse_wishart_trace(larger, smaller))
            elif symbol in (x.margin_1, x.margin_2):
                order = (x.margin_1, x.margin_2).index(symbol) + 1
                right = agree(value, fit.rows - oracles.degrees_of_freedom(fit, order))
            else:
                kept, error = oracles.draws(fit).kept
                share = kept if symbol == x.q else 1 - kept
                right = agree(value, share, 6 * error + margin * share)
            if not right:
                return False
    return True


def the_textbook_root_gives_back_the_rows(statement: Statement) -> bool:
    """At the root of kappa = lambda + kappa df_1/n, found by SciPy, the expression is the number of rows."""
    return all(agree(_values(statement, fit)[0], float(fit.rows)) for fit in (_ABOVE, _BELOW))


def beta_and_inverse_wishart_moments(statement: Statement) -> bool:
    """The exact rules against moments that SciPy's Beta and inverse Wishart distributions give."""
    role = _place(statement)[1]
    for fit in FITS[statement.name]:
        share = min(fit.rows / fit.rank, 1.0)
        above = fit.rows >= fit.rank
        reference: dict[str, Array | float] = {
            "kept": share,
            "lost": 1 - share,
            "second_moment": np.array(fit.weight) if above else oracles.second_moment_of_subspace(fit),
            "noise": oracles.noise_of_minimum_norm(fit),
        }
        if not agree(_values(statement, fit)[0], reference[role]):
            return False
    return True


def without_penalty_it_is_least_squares(statement: Statement) -> bool:
    """As the penalty vanishes, with more rows than directions: nothing is lost, the noise is tr B/(n - r)."""
    fit, role = _LIMIT_ABOVE, _place(statement)[1]
    reference: dict[str, Array | float] = {
        "kept": 1.0,
        "lost": 0.0,
        "second_moment": np.array(fit.weight),
        "noise": float(np.sum(fit.weights)) / (fit.rows - fit.rank),
    }
    return agree(_values(statement, fit)[0], reference[role], 100 * _VANISHING)


def without_penalty_it_is_a_random_subspace_in_total(statement: Statement) -> bool:
    """As the penalty vanishes, isotropic, with fewer rows: n/r is kept of the truth and of the sum of all weights."""
    fit, role = _LIMIT_BELOW, _place(statement)[1]
    share, weights = fit.rows / fit.rank, float(np.sum(fit.weights))
    value, _ = _values(statement, fit)
    if role == "second_moment":
        value = np.sum(value * np.array(fit.multiplicities))
    reference = {
        "kept": share,
        "lost": 1 - share,
        "second_moment": share * weights,
        "noise": weights * share / (fit.rank - fit.rows),
    }
    return agree(value, reference[role], 100 * _VANISHING * weights)


def _place(statement: Statement) -> tuple[OneStep, str]:
    """The rule that a statement, or what it is a mutant of, belongs to, and as what."""
    for rule, _ in _RULES:
        for field in fields(rule):
            if getattr(rule, field.name).name == statement.name:
                return replace(rule, **{field.name: statement}), field.name
    raise KeyError(statement.name)


def _values(statement: Statement, fit: Fit) -> tuple[Array, dict[Any, Array]]:
    counts = np.array(fit.multiplicities, dtype=np.float64)
    nodes = Nodes(np.array(fit.eigenvalues), counts, counts)  # no rule reads the truth, the last entry
    given = {x.rows: float(fit.rows), x.rank: float(fit.rank), x.weight: np.array(fit.weight)}
    given |= {symbol: float(size) for symbol, size in ((x.new_rows, fit.new_rows), (x.copies, fit.copies)) if size}
    if fit.penalty is not None:
        given |= {x.penalty: fit.penalty, x.kappa: oracles.kappa(fit)}
    return executed(statement, given, nodes)


def _finite_size(statement: Statement, fit: Fit) -> float:
    """Relative size of what a deterministic equivalent leaves out."""
    if statement.kind is Kind.EXACT:
        return 0.0
    return 1 / (fit.rows - oracles.degrees_of_freedom(fit, 2))


_ALL = tuple(statement for rule, _ in _RULES for statement in rule.statements())
_EXACT = tuple(statement for statement in _ALL if statement.kind is Kind.EXACT)

RULE_CHECKS = (
    Check.of(dimensions_are_consistent, *_ALL),
    Check.of(it_can_be_evaluated, *_ALL),
    Check.of(kept_plus_lost_is_one, *(one for rule, _ in _RULES for one in (rule.kept, rule.lost))),
    Check.of(beta_and_inverse_wishart_moments, *_EXACT),
    Check.of(without_penalty_it_is_least_squares, *RESOLVENT.statements()),
    Check.of(without_penalty_it_is_a_random_subspace_in_total, *RESOLVENT.statements()),
    Check.of(the_textbook_root_gives_back_the_rows, EFFECTIVE_RIDGE),
    Check.of(monte_carlo_of_one_fit, *_ALL),
    Check.of(definitions_are_what_they_are_called, *_ALL),
)

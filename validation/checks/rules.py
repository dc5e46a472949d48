"""Named checks of the one-step rules: what one fit keeps, loses, adds, and how it moves a weight.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

import numpy as np

from ...theory.problem import notation as x
from ...theory.rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ...theory.rules.kind import Kind
from ...theory.rules.least_squares import LEAST_SQUARES
from ...theory.rules.random_subspace import RANDOM_SUBSPACE
from ...theory.rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ...theory.rules.statement import Statement
from .. import oracles
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit
from .one_fit import ABOVE, BELOW, FITS, WEIGHTS, finite_size, place, values

# Limits of a vanishing penalty, where ridge regression becomes minimum norm.
_VANISHING = 1e-9
_LIMIT_ABOVE = Fit((0.3, 1.7, 4.1), (60, 45, 35), WEIGHTS, rows=210, penalty=_VANISHING)
_LIMIT_BELOW = Fit((1.7, 1.7, 1.7), (50, 65, 40), WEIGHTS, rows=95, penalty=_VANISHING)


def definitions_are_what_they_are_called(statement: Statement) -> bool:
    """q and p are shares kept and lost by drawn fits; D_1 = n - df_1, D_2 = n - df_2; M is an inverse Wishart mean."""
    for fit in FITS[statement.name]:
        _, defined = values(statement, fit)
        margin = 4 * finite_size(statement, fit)
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
    return all(agree(values(statement, fit)[0], float(fit.rows)) for fit in (ABOVE, BELOW))


def beta_and_inverse_wishart_moments(statement: Statement) -> bool:
    """The exact rules against moments that SciPy's Beta and inverse Wishart distributions give."""
    role = place(statement)[1]
    for fit in FITS[statement.name]:
        share = min(fit.rows / fit.rank, 1.0)
        above = fit.rows >= fit.rank
        reference: dict[str, Array | float] = {
            "kept": share,
            "lost": 1 - share,
            "second_moment": np.array(fit.weight) if above else oracles.second_moment_of_subspace(fit),
            "noise": oracles.noise_of_minimum_norm(fit),
        }
        if not agree(values(statement, fit)[0], reference[role]):
            return False
    return True


def without_penalty_it_is_least_squares(statement: Statement) -> bool:
    """As the penalty vanishes, with more rows than directions: nothing is lost, the noise is tr B/(n - r)."""
    fit, role = _LIMIT_ABOVE, place(statement)[1]
    reference: dict[str, Array | float] = {
        "kept": 1.0,
        "lost": 0.0,
        "second_moment": np.array(fit.weight),
        "noise": float(np.sum(fit.weights)) / (fit.rows - fit.rank),
    }
    return agree(values(statement, fit)[0], reference[role], 100 * _VANISHING)


def without_penalty_it_is_a_random_subspace_in_total(statement: Statement) -> bool:
    """As the penalty vanishes, isotropic, with fewer rows: n/r is kept of the truth and of the sum of all weights."""
    fit, role = _LIMIT_BELOW, place(statement)[1]
    share, weights = fit.rows / fit.rank, float(np.sum(fit.weights))
    value, _ = values(statement, fit)
    if role == "second_moment":
        value = np.sum(value * np.array(fit.multiplicities))
    reference = {
        "kept": share,
        "lost": 1 - share,
        "second_moment": share * weights,
        "noise": weights * share / (fit.rank - fit.rows),
    }
    return agree(value, reference[role], 100 * _VANISHING * weights)


_CLASSICAL = (RESOLVENT, LEAST_SQUARES, RANDOM_SUBSPACE, ACCUMULATED_ROWS, REPEATED_ROWS)
_ALL = tuple(statement for rule in _CLASSICAL for statement in rule.statements())
_EXACT = tuple(statement for statement in _ALL if statement.kind is Kind.EXACT)

RULE_CHECKS = (
    Check.of(beta_and_inverse_wishart_moments, *_EXACT),
    Check.of(without_penalty_it_is_least_squares, *RESOLVENT.statements()),
    Check.of(without_penalty_it_is_a_random_subspace_in_total, *RESOLVENT.statements()),
    Check.of(the_textbook_root_gives_back_the_rows, EFFECTIVE_RIDGE),
    Check.of(definitions_are_what_they_are_called, *_ALL),
)

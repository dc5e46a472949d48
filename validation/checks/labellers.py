"""Named checks of least squares on rows with several labellers, one fit or a chain with fresh real rows.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import dirichlet

from ...theory.evaluation.lowering import Nodes
from ...theory.evaluation.prediction import predict
from ...theory.problem import Isotropic, MinimumNorm, Population, UniformTarget, retain_real
from ...theory.problem import notation as x
from ...theory.rules.labeller_mixture import LABELLER_CORRELATION, LABELLER_MIXTURE
from ...theory.rules.statement import Statement
from ...theory.statements.mixture import FADING, LIMIT_WITH_FRESH_REAL_ROWS, TEST_ERROR_WITH_FRESH_REAL_ROWS
from ..evaluated import after, executed
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import inverse_wishart_trace
from . import drawn
from .drawn import Size

_RULES = (LABELLER_MIXTURE, LABELLER_CORRELATION)
_THEOREMS = (TEST_ERROR_WITH_FRESH_REAL_ROWS, LIMIT_WITH_FRESH_REAL_ROWS)

# One fit: who labels how many rows, and how each labeller's error looks in whitened directions.
FIT = Size(rank=3, rows=17, noise=0.6, generations=2, replicates=40000)
LABELLED_ROWS = (4, 8, 5)
LABELLERS = ((0.7, -1.3, 0.4), (-0.9, 0.5, 1.6), (1.1, 1.9, -0.3))
EARLIER = (0.8, -0.45, 2.3)
# A chain, `SYNTHETIC` of whose rows the model before labels.
CHAIN = Size(rank=3, rows=13, noise=0.6, generations=4, replicates=20000)
SYNTHETIC = 9
_LONG = 60  # generations after which all but a part c^60 of an error has faded


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    return bool(np.isfinite(_value(statement)))


def one_labeller_passes_its_error_on(statement: Statement) -> bool:
    """Where one model labels all rows its error comes through unchanged, plus that of a SciPy inverse Wishart mean."""
    error, n = 2.7, FIT.rows
    given = {x.over_rows: n * error, x.over_pairs: n * (n - 1) * error}
    noise = _one_fit(FIT) if statement.name == LABELLER_MIXTURE.name else 0.0
    return agree(_of_one_fit(statement, given), error + noise)


def leverages_in_one_direction(statement: Statement) -> bool:
    """In one direction the squared rows have Dirichlet shares of their sum: moments from SciPy."""
    n, (first, second) = FIT.rows, (3.2, 7.4)
    share = dirichlet(np.full(n, 0.5))
    own, shared = float(share.mean()[0] ** 2 + share.var()[0]), float(share.mean()[0] ** 2 + share.cov()[0, 1])
    given = {x.over_rows: first, x.over_pairs: second, x.rank: 1.0}
    return agree(_of_one_fit(statement, given), own * first + shared * second + FIT.noise**2 / (n - 2))


def fits_to_several_labellers(statement: Statement) -> bool:
    """Fits drawn and solved with NumPy, every row labelled by one of three models: within six standard errors."""
    errors, counts = np.array(LABELLERS), np.array(LABELLED_ROWS)
    between = errors @ errors.T
    pairs = np.outer(counts, counts) - np.diag(counts)
    given = {x.over_rows: float(counts @ np.diag(between)), x.over_pairs: float(np.sum(pairs * between))}
    mean, deviation = _drawn_fits()[0]
    if statement.name == LABELLER_CORRELATION.name:
        given[x.over_rows] = float(counts @ errors @ np.array(EARLIER))
        mean, deviation = _drawn_fits()[1]
    return agree(_of_one_fit(statement, given), mean, 6 * deviation)


def definitions_are_what_they_are_called(statement: Statement) -> bool:
    """M is an inverse Wishart mean, h its derivative in the scale; a row's own and shared parts make up the fit.

    E tr W W^-1 = n r E W^-1 - 2 E W^-1, because E_t W^-1 = E_1 W^-1/t has the derivative Cov(tr W, W^-1)/2 at t = 1.
    """
    size = FIT if statement.name == LABELLER_MIXTURE.name else CHAIN
    given = {**_sizes(size), x.over_rows: 3.2, x.over_pairs: 7.4}
    if statement.name != LABELLER_MIXTURE.name:
        given |= {x.new_rows: float(size.rows)}  # as many as there are: nothing fades
    _, defined = _defined(statement, given)
    n, inverse = float(size.rows), inverse_wishart_trace(size.rows, size.rank) / size.rank
    right = agree(defined[x.wishart_margin], 1 / inverse)
    right &= agree(defined[x.leverage], (n * size.rank - 2) * inverse)
    right &= agree(n * defined[x.own] + n * (n - 1) * defined[x.shared], 1.0)
    return right and (FADING not in defined or agree(defined[FADING], 1.0))


def errors_that_fade(statement: Statement) -> bool:
    """E <- a_2 E + V in a loop, a_2 written with the mean squared leverage of a row, V from SciPy.

    The limit exceeds a long loop by the remainder of a geometric series.
    """
    n, r, m = CHAIN.rows, CHAIN.rank, SYNTHETIC
    own = (2 + (n * r - 2) / (n - r - 1)) / (n + 2)
    fading = m / n * (own + (m - 1) * (1 - own) / (n - 1))
    limit, error = statement.name == LIMIT_WITH_FRESH_REAL_ROWS.name, 0.0
    for _ in range(_LONG if limit else CHAIN.generations):
        error = fading * error + _one_fit(CHAIN)
    rest = _one_fit(CHAIN) * fading**_LONG / (1 - fading) if limit else 0.0
    return agree(_value(statement), error + rest)


def fits_with_fresh_real_rows(statement: Statement) -> bool:
    """Chains drawn and solved with NumPy: the mean lies within six standard errors, the limit also within what is left.

    A generation leaves less than the share of its synthetic rows of the error before it.
    """
    mean, deviation = drawn.with_fresh_real_rows(CHAIN, SYNTHETIC)
    limit = statement.name == LIMIT_WITH_FRESH_REAL_ROWS.name
    left = (SYNTHETIC / CHAIN.rows) ** CHAIN.generations * _value(statement) if limit else 0.0
    return agree(_value(statement), mean, 6 * deviation + abs(left))


def the_recursion_ends_there(statement: Statement) -> bool:
    """The closed form against the rule for several labellers iterated generation by generation."""
    population = Population(Isotropic(CHAIN.rank, 1.7), UniformTarget(2.5))
    share = 1 - SYNTHETIC / CHAIN.rows
    chain = retain_real(population, CHAIN.generations, CHAIN.rows, CHAIN.noise, MinimumNorm(), share=share)
    return agree(_value(statement), float(predict(chain).error[-1]))


def _value(statement: Statement) -> float:
    if statement.name in {rule.name for rule in _RULES}:
        return _of_one_fit(statement, {x.over_rows: 3.2, x.over_pairs: 7.4})
    return after(CHAIN.generations, statement, {**_sizes(CHAIN), x.new_rows: float(SYNTHETIC)})


def _of_one_fit(statement: Statement, given: dict[Any, float]) -> float:
    return float(_executed(statement, {**_sizes(FIT), **given})[0])


def _defined(statement: Statement, given: dict[Any, float]) -> tuple[Array, dict[Any, Array]]:
    """The definitions alone: the result of a chain is singular where nothing fades."""
    return _executed(replace(statement, result=x.wishart_margin), given)


def _executed(statement: Statement, given: dict[Any, float]) -> tuple[Array, dict[Any, Array]]:
    return executed(statement, given, Nodes(np.ones(1), np.ones(1), np.ones(1)))


def _sizes(size: Size) -> dict[Any, float]:
    return {x.rows: float(size.rows), x.rank: float(size.rank), x.noise: size.noise}


def _one_fit(size: Size) -> float:
    return size.noise**2 * inverse_wishart_trace(size.rows, size.rank)


def _drawn_fits() -> tuple[tuple[float, float], tuple[float, float]]:
    return drawn.with_labellers(FIT, LABELLED_ROWS, LABELLERS, EARLIER)


LABELLER_CHECKS = (
    Check.of(it_can_be_evaluated, *_RULES, *_THEOREMS),
    Check.of(one_labeller_passes_its_error_on, *_RULES),
    Check.of(leverages_in_one_direction, LABELLER_MIXTURE),
    Check.of(errors_that_fade, *_THEOREMS),
    Check.of(fits_to_several_labellers, *_RULES),
    Check.of(fits_with_fresh_real_rows, *_THEOREMS),
    Check.of(definitions_are_what_they_are_called, LABELLER_MIXTURE, *_THEOREMS),
    Check.of(the_recursion_ends_there, TEST_ERROR_WITH_FRESH_REAL_ROWS),
)

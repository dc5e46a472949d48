"""Named checks of least squares on everything generated so far, and on samples of it.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ...theory.evaluation.prediction import predict
from ...theory.problem import Isotropic, MinimumNorm, Population, UniformTarget, accumulate
from ...theory.problem import notation as x
from ...theory.rules.statement import Statement
from ...theory.statements.accumulation import (
    LIMIT_OF_ACCUMULATION,
    LIMIT_ON_REPEATED_ROWS,
    SAVED_BY_FRESH_ROWS,
    TEST_ERROR_OF_ACCUMULATION,
    TEST_ERROR_ON_REPEATED_ROWS,
)
from ...theory.statements.subsample import LIMIT_OF_SUBSAMPLES, TEST_ERROR_OF_SUBSAMPLES
from ..evaluated import after
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import inverse_wishart_trace
from . import drawn
from .drawn import Size

_SAMPLES = (TEST_ERROR_OF_SUBSAMPLES, LIMIT_OF_SUBSAMPLES)
_FINITE = (TEST_ERROR_OF_ACCUMULATION, TEST_ERROR_ON_REPEATED_ROWS, TEST_ERROR_OF_SUBSAMPLES)
_LIMITS = (LIMIT_OF_ACCUMULATION, LIMIT_ON_REPEATED_ROWS, LIMIT_OF_SUBSAMPLES)

STORE = Size(rank=3, rows=11, noise=0.6, generations=4, replicates=4000)
SAMPLES = Size(rank=2, rows=200, noise=0.6, generations=5, replicates=2000)
_LONG = 3000  # generations that stand for infinitely many, up to a remainder between two bounds


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    return bool(np.isfinite(_value(statement)))


def additions_of_all_generations(statement: Statement) -> bool:
    """The additions of all generations, each a SciPy inverse Wishart mean, added up in a loop."""
    same = statement.name == TEST_ERROR_ON_REPEATED_ROWS.name
    return agree(_value(statement), float(np.sum(_additions(same, STORE.generations))))


def repeated_minus_fresh_additions(statement: Statement) -> bool:
    """The additions of all generations on the same rows minus those on fresh ones, SciPy inverse Wishart means."""
    same, fresh = (_additions(same_rows, STORE.generations) for same_rows in (True, False))
    return agree(_value(statement), float(np.sum(same - fresh)))


def regressions_on_both_stores(statement: Statement) -> bool:
    """Chains on the same rows and on fresh ones drawn with NumPy: their difference, within six standard errors."""
    (same, of_same), (fresh, of_fresh) = (drawn.accumulated(STORE, same_rows) for same_rows in (True, False))
    return agree(_value(statement), same - fresh, 6 * float(np.hypot(of_same, of_fresh)))


def regressions_on_the_store(statement: Statement) -> bool:
    """Chains drawn and solved with NumPy: the mean lies within six standard errors."""
    mean, error = drawn.accumulated(STORE, statement.name == TEST_ERROR_ON_REPEATED_ROWS.name)
    return agree(_value(statement), mean, 6 * error)


def the_recursion_ends_there(statement: Statement) -> bool:
    """The closed form against the one-step rule iterated generation by generation."""
    chain = accumulate(
        Population(Isotropic(STORE.rank, 1.7), UniformTarget(2.5)),
        STORE.generations,
        STORE.rows,
        STORE.noise,
        MinimumNorm(),
        same_rows=statement.name == TEST_ERROR_ON_REPEATED_ROWS.name,
    )
    return agree(_value(statement), float(predict(chain).error[-1]))


def long_chains_come_within_their_remainder(statement: Statement) -> bool:
    """The limit exceeds a long chain by a remainder whose two bounds are known.

    Of sum 1/(i (i - c)), 0 <= c <= 1, it lies between 1/(N + 1) and 1/N; of a'Ca it is three times that of sum 1/i^2.
    """
    if statement.name == LIMIT_OF_SUBSAMPLES.name:
        reached, height = _one_fit(SAMPLES) * _quadratic_form(_LONG), 3 * _one_fit(SAMPLES)
    else:
        same = statement.name == LIMIT_ON_REPEATED_ROWS.name
        reached = float(np.sum(_additions(same, _LONG)))
        height = _one_fit(STORE) if same else STORE.noise**2 * STORE.rank / STORE.rows
    lower, upper = reached + height / (_LONG + 1), reached + height / _LONG
    return agree(_value(statement), (lower + upper) / 2, (upper - lower) / 2)


def correlated_means_in_a_matrix(statement: Statement) -> bool:
    """a'C a with the matrix C of correlations written out, times the error of one fit from SciPy."""
    return agree(_value(statement), _one_fit(SAMPLES) * _quadratic_form(SAMPLES.generations))


def means_of_labels_drawn_from_a_store(statement: Statement) -> bool:
    """Means of labels drawn without replacement, in units of one fit: within six standard errors and two 1/n gaps."""
    mean, error = drawn.means_of_samples(SAMPLES)
    return agree(_value(statement) / _one_fit(SAMPLES), mean, 6 * error + 2 / SAMPLES.rows * mean)


def _value(statement: Statement) -> float:
    size = SAMPLES if statement.name in {one.name for one in _SAMPLES} else STORE
    given = {x.rows: float(size.rows), x.rank: float(size.rank), x.noise: size.noise}
    return after(size.generations, statement, given)


@cache
def _additions(same_rows: bool, generations: int) -> Array:
    """What each generation adds: all rows for fresh ones, a part 1/i of them with new noise; or i copies."""
    size = np.arange(1, generations + 1)
    if same_rows:
        return np.asarray(_one_fit(STORE) / size**2)
    checked = min(generations, STORE.generations)
    traces = [inverse_wishart_trace(int(i) * STORE.rows, STORE.rank) for i in size[:checked]]
    traces += list(STORE.rank / (size[checked:] * STORE.rows - STORE.rank - 1))  # the same without SciPy's overhead
    return np.asarray(STORE.noise**2 * np.array(traces) / size)


def _one_fit(size: Size) -> float:
    return size.noise**2 * inverse_wishart_trace(size.rows, size.rank)


@cache
def _quadratic_form(generations: int) -> float:
    """a'C a: a_i = 1/(i + 1) but a_N = 1; samples i < j share one row in j."""
    number = np.arange(1, generations + 1)
    weight = np.where(number == generations, 1.0, 1 / (number + 1))
    correlation = 1 / np.maximum.outer(number, number)
    np.fill_diagonal(correlation, 1.0)
    return float(weight @ correlation @ weight)


STORE_CHECKS = (
    Check.of(it_can_be_evaluated, *_FINITE, *_LIMITS, SAVED_BY_FRESH_ROWS),
    Check.of(repeated_minus_fresh_additions, SAVED_BY_FRESH_ROWS),
    Check.of(regressions_on_both_stores, SAVED_BY_FRESH_ROWS),
    Check.of(additions_of_all_generations, TEST_ERROR_OF_ACCUMULATION, TEST_ERROR_ON_REPEATED_ROWS),
    Check.of(correlated_means_in_a_matrix, TEST_ERROR_OF_SUBSAMPLES),
    Check.of(long_chains_come_within_their_remainder, *_LIMITS),
    Check.of(regressions_on_the_store, TEST_ERROR_OF_ACCUMULATION, TEST_ERROR_ON_REPEATED_ROWS),
    Check.of(means_of_labels_drawn_from_a_store, TEST_ERROR_OF_SUBSAMPLES),
    Check.of(the_recursion_ends_there, TEST_ERROR_OF_ACCUMULATION, TEST_ERROR_ON_REPEATED_ROWS),
)

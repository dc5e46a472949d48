"""Named checks of the collapse term of least squares, and of where it stops.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

import numpy as np
import sympy
from scipy.optimize import brentq

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules.statement import Statement
from ...theory.statements.mixed_least_squares import (
    COLLAPSE_OF_LEAST_SQUARES,
    COLLAPSE_OF_LEAST_SQUARES_IN_PROPORTION,
    HARMLESS_SYNTHETIC_ROWS,
    PLATEAU_WITHOUT_A_PENALTY,
    STATEMENTS,
)
from ...theory.statements.strong_collapse import SIZE_OF_SHIFT, SYNTHETIC_ROWS, SYNTHETIC_SHARE
from .. import oracles
from ..dimensions import ERROR, SIZE, is_consistent
from ..evaluated import executed
from ..named_check import Check, agree
from ..oracles import Fit

# Real rows first, then synthetic ones; delta in every direction of a level; label noise plays no part in the shift's.
FIT = Fit((0.6, 2.2, 3.4), (2, 3, 4), (0.7, 1.9, 0.4), rows=25, penalty=None, replicates=4000)
SYNTHETIC, OFFSET, NOISE = 8, (0.25, 0.07, 0.16), 0.55
_ENDLESS = 1e12
_NO_SPECTRUM = Nodes(np.ones(1), np.ones(1), np.ones(1))


def dimensions_are_consistent(statement: Statement) -> bool:
    """Every exponent is tied to a scaling law: of the size, the truth and the noise."""
    wanted = SIZE if statement.name == HARMLESS_SYNTHETIC_ROWS.name else ERROR
    return is_consistent(statement, wanted, {SIZE_OF_SHIFT.name: sympy.sqrt(ERROR)})


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    return bool(np.isfinite(_value(statement)))


def leverages_of_all_rows(statement: Statement) -> bool:
    """Mean squared leverages and products of two, with an inverse Wishart mean from SciPy."""
    return agree(_value(statement), _collapse(float(FIT.rows), float(SYNTHETIC), FIT.rank))


def fits_to_shifted_labels(statement: Statement) -> bool:
    """Least squares drawn with NumPy: what comes of the shift lies within six standard errors."""
    _, (mean, error) = oracles.error_with_synthetic_rows(FIT, SYNTHETIC, (NOISE, NOISE), (0.1, 0.1, 0.1), OFFSET)
    return agree(_value(statement), mean, 6 * error)


def a_million_times_the_size(statement: Statement) -> bool:
    """The exact value where rows, synthetic rows and rank are a million times as many."""
    exact = _collapse(1e6 * FIT.rows, 1e6 * SYNTHETIC, 1e6 * FIT.rank)
    return agree(_value(statement), exact, 1e-5 * exact)


def rows_without_end(statement: Statement) -> bool:
    """The exact value at 10^12 times as many rows of either kind."""
    exact = _collapse(_ENDLESS * FIT.rows, _ENDLESS * SYNTHETIC, FIT.rank)
    return agree(_value(statement), exact, 1e-6 * exact)


def exact_errors_that_are_doubled(statement: Statement) -> bool:
    """SciPy's number of synthetic rows, of 10^12 times as many in all, that doubles the exact error of real labels."""
    rows = _ENDLESS * FIT.rows
    clean = NOISE**2 * FIT.rank / (rows - FIT.rank - 1)
    found = float(brentq(lambda synthetic: _collapse(rows, synthetic, FIT.rank) / clean - 1, 1.0, rows, rtol=1e-12))
    return agree(_value(statement), found, 1e-4 * found)


def _value(statement: Statement) -> float:
    rows = _ENDLESS * FIT.rows if statement.name == HARMLESS_SYNTHETIC_ROWS.name else float(FIT.rows)
    given = {x.rows: rows, x.rank: float(FIT.rank), x.noise: NOISE, SIZE_OF_SHIFT: _size_of_shift()}
    given |= {SYNTHETIC_ROWS: float(SYNTHETIC), SYNTHETIC_SHARE: SYNTHETIC / FIT.rows}
    return float(executed(statement, given, _NO_SPECTRUM)[0])


def _size_of_shift() -> float:
    return float(np.sqrt(np.dot(FIT.multiplicities, OFFSET)))


def _collapse(n: float, n_2: float, r: float) -> float:
    """c^2 (a + b h) with b = n_1 n_2/(n (n + 2)(n - 1)) and a = n_2 (n_2 + 2)/(n (n + 2)) - b.

    h = (n r - 2) E tr W^-1/r, from SciPy at the size itself; SciPy writes down no matrix of a million directions.
    """
    inverse = oracles.inverse_wishart_trace(int(n), int(r)) / r if n == FIT.rows else 1 / (n - r - 1)
    b = (n - n_2) * n_2 / (n * (n + 2) * (n - 1))
    a = n_2 * (n_2 + 2) / (n * (n + 2)) - b
    return _size_of_shift() ** 2 * (a + b * (n * r - 2) * inverse)


MIXED_LEAST_SQUARES_CHECKS = (
    Check.of(dimensions_are_consistent, *STATEMENTS[1:]),
    Check.of(it_can_be_evaluated, *STATEMENTS),
    Check.of(leverages_of_all_rows, COLLAPSE_OF_LEAST_SQUARES),
    Check.of(fits_to_shifted_labels, COLLAPSE_OF_LEAST_SQUARES),
    Check.of(a_million_times_the_size, COLLAPSE_OF_LEAST_SQUARES_IN_PROPORTION),
    Check.of(rows_without_end, PLATEAU_WITHOUT_A_PENALTY),
    Check.of(exact_errors_that_are_doubled, HARMLESS_SYNTHETIC_ROWS),
)

r"""Least squares on everything generated so far: exact at finite size.

By theory/rules/accumulation.py the generations add up. With equal sizes n and one noise, fresh rows (n_i = i n rows in
the i-th fit, of which n are new) and the same rows:

    fresh:  E_N = sigma^2 r sum_{i=1}^N 1/(i (i n - r - 1)),      same:  E_N = sigma^2 r/(n - r - 1) sum_{i=1}^N 1/i^2.

Both stay bounded. With c = (r + 1)/n, 1/(i (i - c)) = (1/c)(1/(i - c) - 1/i) sums to -(psi(1 - c) + gamma)/c, and
sum 1/i^2 to pi^2/6. The second is the formula of [G]; for fresh rows it is a strict upper bound, not an equality: the
difference of the two is a sum of terms that are positive from i = 2 on.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ..rules.bibliography import ACCUMULATION, Reference
from ..rules.kind import Kind
from ..rules.one_step import OneStep
from ..rules.statement import Statement
from . import compose

GENERATIONS = sympy.Symbol("N", integer=True, positive=True)
GENERATION = sympy.Symbol("i", integer=True, positive=True)
_EQUAL = ("all generations generate the same number n of rows, with the same noise",)
_SOURCE = Reference((ACCUMULATION,), "derived in theory/statements/accumulation.py")


def _added(rule: OneStep, in_generation: dict[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """What one generation adds to the error, as a function of its number."""
    added = compose.error(compose.after(rule, compose.TRUTH)).subs(dict(rule.definitions))
    return added.subs(in_generation, simultaneous=True)


_FRESH = _added(ACCUMULATED_ROWS, {x.rows: GENERATION * x.rows, x.new_rows: x.rows})
_SAME = _added(REPEATED_ROWS, {x.copies: GENERATION})


def _over_all_generations(added: sympy.Expr) -> sympy.Expr:
    """The sum of A/(i (i - c)) over i = 1, 2, ..., with c = 0 for A/i^2."""
    i = sympy.Dummy("i")
    poles = sympy.roots(sympy.Poly(sympy.denom(sympy.together(added.subs(GENERATION, i))), i))
    c = sum(pole * times for pole, times in poles.items())  # the other pole is zero
    height = sympy.simplify(added * GENERATION * (GENERATION - c))
    if c == 0:
        return height * sympy.pi**2 / 6
    return -height * (sympy.digamma(1 - c) + sympy.EulerGamma) / c


def _theorem(name: str, description: str, rule: OneStep, result: sympy.Expr) -> Statement:
    hypotheses = (*rule.noise.hypotheses, *_EQUAL)
    return Statement(name, description, hypotheses, (), result, _SOURCE, Kind.EXACT)


TEST_ERROR_OF_ACCUMULATION = _theorem(
    "test error of least squares on accumulated rows",
    "The generations add up to a bounded sum (below that for re-used rows, which is an upper bound here).",
    ACCUMULATED_ROWS,
    sympy.Sum(_FRESH, (GENERATION, 1, GENERATIONS)),
)
TEST_ERROR_ON_REPEATED_ROWS = _theorem(
    "test error of least squares on repeated rows",
    "The formula of [G], an equality where every generation labels the same rows.",
    REPEATED_ROWS,
    sympy.Sum(_SAME, (GENERATION, 1, GENERATIONS)),
)
SAVED_BY_FRESH_ROWS = _theorem(
    "what fresh rows save over repeated ones",
    "The error of least squares on repeated rows minus that on accumulated fresh ones: positive from N = 2 on.",
    ACCUMULATED_ROWS,
    sympy.Sum(_SAME * _FRESH * sympy.factor(1 / _FRESH - 1 / _SAME), (GENERATION, 1, GENERATIONS)),
)
LIMIT_OF_ACCUMULATION = _theorem(
    "limit of accumulation",
    "The error of least squares on accumulated rows after infinitely many generations.",
    ACCUMULATED_ROWS,
    _over_all_generations(_FRESH),
)
LIMIT_ON_REPEATED_ROWS = _theorem(
    "limit of accumulation on repeated rows",
    "The error of least squares on repeated rows after infinitely many generations.",
    REPEATED_ROWS,
    _over_all_generations(_SAME),
)

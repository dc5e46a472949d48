"""Dimensional analysis of a statement: every exponent is tied to a scaling law.

A problem may be rescaled in four ways without becoming another problem: the covariates (s, kappa and lambda together),
the truth and the noise (errors by a common factor), the number of rows and directions together, and the weight on the
error. What a statement says must carry the right power of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ..theory.rules.kind import Kind
from ..theory.rules.statement import Statement
from ..theory.rules.trace import Trace

COVARIANCE, ERROR, SIZE, WEIGHT = sympy.symbols("covariance error size weight", positive=True)
NONE = sympy.S.One

# By letter; an index changes nothing. A direction's share of an error shrinks as directions are added.
UNITS: Mapping[str, Any] = {
    **dict.fromkeys(("s", "kappa", "lambda"), COVARIANCE),
    **dict.fromkeys(("n", "r", "m", "D", "D^(1)", "D^(2)", "M"), SIZE),
    **dict.fromkeys(("p", "q", "P", "Q", "N"), NONE),
    **dict.fromkeys(("tau", "U"), ERROR / SIZE),
    "E": ERROR,
    "sigma": sympy.sqrt(ERROR),
    "delta": sympy.sqrt(COVARIANCE),
    "B": WEIGHT,
    "tr": SIZE,
}


class Inconsistent(Exception):
    """Terms of different units in one sum, or a unit in an exponent."""


def is_consistent(statement: Statement, result: Any, known: Mapping[str, Any]) -> bool:
    """Whether the result has the unit `result` and every definition the unit of its symbol.

    Statements that are exact at finite size mix powers of the size (n - r - 1); they are read with size = 1.

    Args:
        statement: what is read.
        result: the unit that its result must have.
        known: units of letters that are special to this statement; letters in neither table get their definition's.
    """
    units = {**UNITS, **known}
    if statement.kind is Kind.EXACT:
        units = {letter: one.subs(SIZE, 1) for letter, one in units.items()}
        result = result.subs(SIZE, 1)
    try:
        for symbol, value in statement.definitions:
            found = unit(value, units)
            if units.setdefault(_letter(symbol), found) != found:
                return False
        return bool(unit(statement.result, units) == result)
    except Inconsistent:
        return False


def unit(node: Any, units: Mapping[str, Any]) -> Any:
    """The unit of an expression as a monomial; a number may be added to anything (n - r - 1).

    Raises:
        Inconsistent: where there is none.

    >>> from modelcollapse.theory.problem import notation as n
    >>> unit(n.rows * n.penalty / n.kappa, UNITS)
    size
    """
    if _is_number(node):
        return NONE
    if node.is_Symbol or isinstance(node, sympy.Indexed):
        return units.get(_letter(node), NONE)
    if isinstance(node, Trace):
        return units["tr"] * unit(node.args[0], units)
    if isinstance(node, sympy.Sum):
        return unit(node.function, units)
    if node.is_Mul:
        return sympy.Mul(*(unit(factor, units) for factor in node.args))
    if node.is_Pow:
        base = unit(node.base, units)
        if base != NONE and not node.exp.is_number:
            raise Inconsistent(node)
        return base**node.exp if base != NONE else NONE
    return _common_unit(node, units)


def _common_unit(total: Any, units: Mapping[str, Any]) -> Any:
    found = {unit(term, units) for term in total.args if not _is_number(term)}
    if len(found) != 1:
        raise Inconsistent(total)
    return found.pop()


def _is_number(node: Any) -> bool:
    """Tr[1] is the rank, which grows with the size."""
    return bool(node.is_number) and not node.has(Trace)


def _letter(symbol: Any) -> str:
    name = symbol.base.name if isinstance(symbol, sympy.Indexed) else symbol.name
    return str(name.partition("_")[0])

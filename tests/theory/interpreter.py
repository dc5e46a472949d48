"""A tiny reader of the theorem book's expressions, for floats and for exact fractions alike."""

import operator
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy

from modelcollapse.theory.rules.trace import Trace

FUNCTIONS = {sympy.sin: np.sin, sympy.cos: np.cos}


def value(expression: Any, known: Mapping[Any, Any], directions: Any) -> Any:
    """The value of an expression; spectral symbols are arrays over the directions, a trace sums over them.

    `directions` is their number, or an array that says how often each counts.
    """
    if expression in known:
        return known[expression]
    if isinstance(expression, sympy.Sum):
        return value(expression.doit(), known, directions)
    if expression is sympy.pi:
        return np.pi
    parts = [value(part, known, directions) for part in expression.args]
    if isinstance(expression, Trace):
        weights = np.ones(directions, dtype=int) if isinstance(directions, int) else directions
        return (weights * parts[0]).sum()
    if expression.is_Integer:
        return int(expression)
    if expression.is_Rational:
        return expression.p / expression.q
    if expression.is_Float:
        return float(expression)
    if expression.is_Add:
        return reduce(operator.add, parts)
    if expression.is_Mul:
        return reduce(operator.mul, parts)
    if expression.is_Pow and expression.exp.is_Integer:
        return parts[0] ** int(expression.exp) if expression.exp > 0 else 1 / parts[0] ** int(-expression.exp)
    if expression.is_Pow and expression.exp == sympy.Rational(1, 2):
        return np.sqrt(parts[0])
    if type(expression) in FUNCTIONS:
        return FUNCTIONS[type(expression)](*parts)
    raise TypeError(f"cannot read {expression!r}")


def run(program: Iterable[tuple[Any, Any]], known: Mapping[Any, Any], directions: Any) -> dict[Any, Any]:
    """All values after a list of definitions, in order."""
    values = dict(known)
    for symbol, expression in program:
        values[symbol] = value(expression, values, directions)
    return values

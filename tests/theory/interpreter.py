"""A tiny reader of the theorem book's expressions, for floats and for exact fractions alike."""

import operator
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from modelcollapse.theory.rules.trace import Trace


def value(expression: Any, known: Mapping[Any, Any], directions: int) -> Any:
    """The value of an expression; spectral symbols are arrays over the directions, a trace sums over them."""
    if expression in known:
        return known[expression]
    parts = [value(part, known, directions) for part in expression.args]
    if isinstance(expression, Trace):
        return (parts[0] + np.zeros(directions, dtype=int)).sum()
    if expression.is_Integer:
        return int(expression)
    if expression.is_Rational:
        return value(expression.p, known, directions) / value(expression.q, known, directions)
    if expression.is_Add:
        return reduce(operator.add, parts)
    if expression.is_Mul:
        return reduce(operator.mul, parts)
    if expression.is_Pow and expression.exp.is_Integer:
        return parts[0] ** int(expression.exp) if expression.exp > 0 else 1 / parts[0] ** int(-expression.exp)
    raise TypeError(f"cannot read {expression!r}")


def run(program: Iterable[tuple[Any, Any]], known: Mapping[Any, Any], directions: int) -> dict[Any, Any]:
    """All values after a list of definitions, in order."""
    values = dict(known)
    for symbol, expression in program:
        values[symbol] = value(expression, values, directions)
    return values

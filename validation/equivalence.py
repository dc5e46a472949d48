"""Mutants that say the same as the statement: recognised symbolically, with the reason."""

from __future__ import annotations

from typing import Any

import sympy

from ..theory.problem import notation as x
from ..theory.rules.statement import Statement
from ..theory.rules.trace import distributed


def why_equivalent(statement: Statement, mutated: Statement) -> str | None:
    """Why a mutant, which differs in the result or in one definition, says the same; None where that is not proven.

    Args:
        statement: the statement.
        mutated: the statement with one of its expressions changed.
    """
    if mutated.result != statement.result:
        if _difference_vanishes(statement.result, mutated.result):
            return "the results are equal, given p = 1 - q"
        same = _difference_vanishes(_first_terms_apart(statement.result), _first_terms_apart(mutated.result))
        return "the results are equal: the first term of a sum vanishes" if same else None
    changed = zip(statement.definitions, mutated.definitions, strict=True)
    symbol, before, after = next((name, old, new) for (name, old), (_, new) in changed if old != new)
    if not _is_used(symbol, statement):
        return f"nothing uses {symbol}"
    return f"the definitions of {symbol} are equal, given p = 1 - q" if _difference_vanishes(before, after) else None


def _difference_vanishes(before: Any, after: Any) -> bool:
    difference = after - before
    shares = {share: 1 - _partner(share) for share in difference.free_symbols if _is_the_rest(share)}
    return bool(sympy.simplify(distributed(difference.subs(shares))) == 0)


def _first_terms_apart(expression: Any) -> Any:
    """Sums that start at 1 start at 2, their first term beside them."""

    def apart(function: Any, limits: Any) -> Any:
        index, first, last = limits
        if first != 1:
            return sympy.Sum(function, limits)
        return function.subs(index, 1) + sympy.Sum(function, (index, 2, last))

    return expression.replace(sympy.Sum, apart)


def _is_the_rest(share: Any) -> bool:
    """Whether it is a p with p + q = 1; what a projection misses and what it passes are no parts of one whole."""
    whole, missed = str(share.name), str(x.missed.name)
    return _letter(share) == x.p.name and whole != missed and not whole.startswith(f"{missed},")


def _partner(share: Any) -> Any:
    """The q of the same generation."""
    index = share.name.partition("_")[2]
    return x.at(x.q, index) if index else x.q


def _is_used(symbol: Any, statement: Statement) -> bool:
    """Whether the letter, with whatever index, stands in the result or in a definition of another letter."""
    others = [value for name, value in statement.definitions if _letter(name) != _letter(symbol)]
    readers = {one for value in (statement.result, *others) for one in value.free_symbols}
    return _letter(symbol) in {_letter(one) for one in readers}


def _letter(symbol: Any) -> str:
    return str(symbol.name.partition("_")[0])

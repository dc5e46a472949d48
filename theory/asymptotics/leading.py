r"""Leading terms of formulas without subtraction.

Every symbol is given an order: x = epsilon^a (x_0 + ...) with a positive x_0, as epsilon -> 0. A product has the sum
of the orders, a sum of positive terms the least of them, and the terms of that order are its leading term; nothing
can cancel. This is what the form in positive generators is good for: its limits are read off, not expanded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, final

import sympy

from ..algebra.reduction.reduced import Reduced
from ..problem.errors import Irreducible
from ..problem.notation import Spectral
from ..rules.trace import Trace


class Term(NamedTuple):
    """A leading term.

    Attributes:
        order: its power of epsilon.
        value: its coefficient; in it a symbol stands for the leading coefficient of its own.
    """

    order: Any
    value: Any


@final
class Leading:
    """Leading terms in a reduced program, from the orders of its generators.

    Args:
        reduced: the program; what its equations and definitions determine gets its order from them.
        orders: of kappas and margins that are not of order 0.

    Raises:
        Irreducible: where margins depend on each other by a difference.

    >>> from ..algebra.dyson import dyson
    >>> from ..algebra.model import Model, ridge
    >>> from ..algebra.pencil import pencil
    >>> from ..algebra.reduction import reduced
    >>> from ..algebra.risk import risk
    >>> m = Model(); X = m.design("X", "T")
    >>> made = reduced(dyson(pencil(risk(ridge(X, X @ m.truth, "lambda")).parts)))
    >>> term = Leading(made, {sympy.Symbol("kappa", positive=True): 1}).of(made.results["w_0"])
    >>> print(term.order, term.value)
    2 (D_T + d)*tr[p**2*tau]/D_T
    """

    def __init__(self, reduced: Reduced, orders: Mapping[Any, Any]) -> None:
        if reduced.relations:
            raise Irreducible("data that is used again makes margins differences, whose leading terms may cancel")
        self._terms = {symbol: Term(sympy.Rational(order), symbol) for symbol, order in orders.items()}
        self._determined = dict(reduced.definitions)
        for block in reduced.blocks:
            lasting = {*(size for size, _ in block.margins), *block.ridges}
            self._determined |= {one.lhs: one.rhs for one in block.equations if one.lhs in lasting}
        self._shares = {symbol for symbol, _ in reduced.definitions}
        self._dimension = reduced.blocks[0].dimensions[0] if reduced.blocks else sympy.S.One

    def of(self, expression: Any) -> Term:
        """The leading term of an expression.

        Raises:
            Irreducible: for a difference, whose leading terms may cancel.
        """
        if expression.is_Symbol:
            return self._symbol(expression)
        if isinstance(expression, Trace):
            order, inside = self.of(expression.args[0])
            return Term(order, Trace(inside) if inside.has(Spectral) else inside * self._dimension)
        if expression.is_number:
            return Term(sympy.S.Zero, expression)
        if expression.is_Pow and expression.exp.is_Integer:
            order, value = self.of(expression.base)
            return Term(order * expression.exp, value**expression.exp)
        terms = [self.of(argument) for argument in expression.args]
        if expression.is_Mul:
            return Term(sympy.Add(*(order for order, _ in terms)), sympy.Mul(*(value for _, value in terms)))
        if not expression.is_Add:
            raise Irreducible(f"{type(expression).__name__} has no known leading term: {expression}")
        if any(argument.as_coeff_Mul()[0] < 0 for argument in expression.args):
            raise Irreducible(f"the leading terms of a difference may cancel: {expression}")
        least = min(order for order, _ in terms)
        return Term(least, sympy.Add(*(value for order, value in terms if order == least)))

    def definition(self, symbol: Any) -> Any:
        """The leading term of what a symbol is defined as."""
        return self.of(self._determined[symbol]).value

    def _symbol(self, symbol: Any) -> Term:
        if symbol not in self._terms:
            order, value = sympy.S.Zero, symbol
            if symbol in self._determined:
                order, found = self.of(self._determined[symbol])
                # q = 1 is put in where the effective ridge vanishes; all other symbols keep their names.
                value = found if found.is_number and symbol in self._shares else symbol
            self._terms[symbol] = Term(order, value)
        return self._terms[symbol]

"""Powers of the rows T: how large the parts of a formula are as T grows, and which of them come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, final

import sympy

from ..problem.errors import NoTheorem
from ..rules.trace import Trace


class Order(NamedTuple):
    """coefficient * T^(-exponent) * (log T)^log.

    Attributes:
        coefficient: a number, or an expression without T.
        exponent: how fast it decays; negative where it grows.
        log: a whole number >= 0.
    """

    coefficient: Any
    exponent: Any
    log: int = 0


Orders = tuple[Order, ...]


@final
class Comparison:
    """Which of two exponents is larger: told by an example, and remembered as a condition where symbols decide.

    Args:
        example: values of the symbols; all that is found out holds wherever `conditions` do.
        ranges: what the symbols are known to be, such as beta = 1 + (something positive).

    >>> beta, ell = sympy.symbols("beta ell", positive=True)
    >>> compare = Comparison({beta: 2, ell: 1})
    >>> compare.sign(1 - ell / beta), compare.sign(sympy.Integer(-3)), compare.conditions
    (1, -1, (beta - ell > 0,))
    """

    def __init__(self, example: Mapping[Any, Any], ranges: Mapping[Any, Any] | None = None) -> None:
        self._example, self._ranges = dict(example), dict(ranges or {})
        self._conditions: dict[Any, None] = {}

    @property
    def conditions(self) -> tuple[Any, ...]:
        """What was decided by the example."""
        return tuple(self._conditions)

    def sign(self, difference: Any) -> int:
        """The sign of a difference.

        Raises:
            NoTheorem: where the example lies on the boundary.
        """
        sign = 1
        for part in sympy.fraction(sympy.together(difference)):
            number, factors = sympy.factor_list(part)
            sign *= int(sympy.sign(number))
            for factor, times in factors:
                sign *= self._sign(factor) ** int(times)
        return sign

    def _sign(self, factor: Any) -> int:
        at_example = sympy.simplify(factor.subs(self._example))
        if at_example == 0:
            if factor.free_symbols:
                raise NoTheorem(f"{factor} is not zero", "`near` with values off this boundary, or numbers")
            return 0
        positive = bool(at_example > 0)
        known = sympy.expand(factor.subs(self._ranges))
        if known.is_positive is None or known.is_negative is None:
            self._conditions[factor > 0 if positive else -factor > 0] = None
        return 1 if positive else -1

    def leading(self, orders: Iterable[Order]) -> Orders:
        """Those of the least exponent, put together by their logarithms."""
        first: list[Order] = []
        for order in orders:
            sign = self.sign(order.exponent - first[0].exponent) if first else 0
            first = [order] if sign < 0 else [*first, order] if sign == 0 else first
        return gathered(first)


def gathered(orders: Iterable[Order]) -> Orders:
    """Orders of one exponent, added up by their logarithms, the highest first.

    >>> gathered([Order(2, 1), Order(3, 1), Order(1, 1, 1)])
    (Order(coefficient=1, exponent=1, log=1), Order(coefficient=5, exponent=1, log=0))
    """
    found: dict[int, Order] = {}
    for order in orders:
        before = found.get(order.log, Order(sympy.S.Zero, order.exponent, order.log))
        found[order.log] = order._replace(coefficient=before.coefficient + order.coefficient)
    return tuple(found[log] for log in sorted(found, reverse=True) if found[log].coefficient != 0)


def product(first: Orders, second: Orders) -> Orders:
    """Every order of the one times every order of the other.

    >>> product((Order(2, 1),), (Order(3, 1), Order(1, 1, 1)))
    (Order(coefficient=2, exponent=2, log=1), Order(coefficient=6, exponent=2, log=0))
    """
    pairs = ((a, b) for a in first for b in second)
    return gathered(Order(a.coefficient * b.coefficient, a.exponent + b.exponent, a.log + b.log) for a, b in pairs)


def power(orders: Orders, exponent: Any) -> Orders:
    """A power of leading terms.

    Args:
        orders: of one exponent.
        exponent: any of a single term without a logarithm; of several terms a whole number >= 0.

    Raises:
        NoTheorem: for other exponents of several terms.

    >>> power((Order(sympy.Integer(2), sympy.Integer(1)),), sympy.Integer(-1))
    (Order(coefficient=1/2, exponent=-1, log=0),)
    """
    if len(orders) == 1 and not orders[0].log:
        return (Order(orders[0].coefficient ** exponent, orders[0].exponent * exponent),)
    found: Orders = (Order(sympy.S.One, sympy.S.Zero),)
    if not (exponent.is_Integer and exponent >= 0):
        raise NoTheorem("no logarithm stands in a denominator", "other exponents")
    for _ in range(exponent):
        found = product(found, orders)
    return found


@final
class Reading:
    """The leading orders of an expression.

    Args:
        symbols: of what is known.
        trace: of a sum over the spectrum.
        compare: decides what comes first.
    """

    def __init__(self, symbols: Mapping[Any, Orders], trace: Callable[[Any], Orders], compare: Comparison) -> None:
        self._known: dict[Any, Orders] = dict(symbols)
        self._trace, self._compare = trace, compare

    def define(self, symbol: Any, expression: Any) -> None:
        """Let a symbol stand for an expression."""
        self._known[symbol] = self.of(expression)

    def of(self, expression: Any) -> Orders:
        """Its leading orders, one for each power of the logarithm; none for what vanishes."""
        if expression in self._known:
            return self._known[expression]
        if isinstance(expression, Trace):
            return self._trace(expression)
        if expression.is_number:
            return (Order(expression, sympy.S.Zero),)
        if expression.is_Add:
            return self._compare.leading(one for term in expression.args for one in self.of(term))
        if expression.is_Pow:
            return power(self.of(expression.base), expression.exp)
        if expression.is_Mul:
            found: Orders = (Order(sympy.S.One, sympy.S.Zero),)
            for factor in expression.args:
                found = product(found, self.of(factor))
            return found
        raise NoTheorem(f"{expression} is made of sums, products and powers", "another formula")

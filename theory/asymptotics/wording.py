"""How conditions, exponents and long expressions are written.

Conditions without positive factors and repetitions, products without a minus sign in front, tables of at most 120
columns: cells that do not fit stand below.
"""

from __future__ import annotations

import textwrap
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy

from ..results.tabled import Tabled
from ..results.tables import Row

WIDTH = 120
BELOW = "(below)"


def stated(conditions: Iterable[Any], ranges: Mapping[Any, Any] | None = None) -> tuple[Any, ...]:
    """Strict inequalities in as few words as they need; what the others imply is left out.

    Args:
        conditions: strict inequalities between rational expressions in positive symbols; true or false.
        ranges: what the symbols are known to be, such as beta = 1 + (something positive).

    Returns:
        Inequalities between sums without minus signs; false alone where they contradict each other openly.

    >>> a, b, beta, ell, r = sympy.symbols("a b beta ell r", positive=True)
    >>> stated([b - 1 > 0, 1 - r > 0, beta - a * beta - ell > 0, b * beta - ell > 0, beta - beta * ell / (r + 1) > 0])
    (b > 1, r < 1, beta > a*beta + ell, r + 1 > ell)
    >>> stated([b - 2 > 0, b - 1 > 0]), stated([b - 1 > 0, b - a - 1 > 0]), stated([1 - 2 * r > 0, 1 - r > 0])
    ((b > 2,), (b > a + 1,), (2*r < 1,))
    """
    known = dict(ranges or {})
    cores = list(dict.fromkeys(_core(one, known) for one in conditions))
    bounds = {core: bound for core in cores if (bound := _bound(core))}
    known = dict(bounds.values()) | known
    bounding = {core for core, (symbol, value) in bounds.items() if known[symbol] == value}  # would imply themselves
    left = list(dict.fromkeys(core if core in bounding else _core(core > 0, known) for core in cores))
    if any(core.is_number and core <= 0 for core in left):
        return (sympy.false,)
    for core in list(left):
        sure = dict(ranges or {}) if core in bounding else known  # its own bound is in what is known
        if core.is_number or any(_sign(core - other, sure) > 0 for other in left if other != core):
            left.remove(core)
    return tuple(_relation(core) for core in left)


def upright(expression: Any, values: Mapping[Any, Any]) -> Any:
    """A product whose sums are turned so that they are positive at an example: 1 - a, not -(a - 1).

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> upright(-b * (a - 1), {a: 0, b: 1})
    b*(1 - a)
    """
    sign, factors = sympy.S.One, []
    for base, power in (factor.as_base_exp() for factor in sympy.Mul.make_args(expression)):
        turned = base.is_Add and power.is_Integer and base.subs(values).is_negative
        sign *= (-1) ** power if turned else 1
        factors.append((-base if turned else base) ** power)
    return sympy.Mul(sign, *factors)


def fitted(head: Row, rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """A table with its longest cells taken out until it is narrow enough, and lines that hold these.

    >>> rows, lines = fitted(("part", "value"), [("bias", "x*" * 60 + "x"), ("variance", "y")])
    >>> rows
    [('bias', '(below)'), ('variance', 'y')]
    >>> [line[:9] for line in lines]
    ['bias: x*x', '    x*x*x']
    """
    table = [list(row) for row in (head, *rows)]
    out: list[tuple[int, int]] = []
    places = [(line, place) for line in range(1, len(table)) for place in range(1, len(head))]
    longest_first = sorted(places, key=lambda at: -len(table[at[0]][at[1]]))
    for line, place in longest_first:
        if sum(max(map(len, column)) + 2 for column in zip(*table, strict=True)) - 2 <= WIDTH:
            break
        out.append((line, place))
        table[line][place] = BELOW
    named = ((f", {head[place]}" if len(head) > 2 else "", rows[line - 1], place) for line, place in sorted(out))
    texts = [f"{row[0]}{column}: {row[place]}" for column, row, place in named]
    return [tuple(row) for row in table[1:]], [line for text in texts for line in wrapped(text)]


class Fitted(Tabled):
    """A result whose cells may be too long for its table: these stand below it, before what else there is to say.

    One says `_head` and `_cells`, and `_remarks` where there are any.
    """

    __slots__ = ()

    @abstractmethod
    def _cells(self) -> Sequence[Row]:
        """The cells in full."""

    def _remarks(self) -> Sequence[str]:
        """Lines at the end."""
        return ()

    def _rows(self) -> list[Row]:
        return fitted(self._head, self._cells())[0]

    def _notes(self) -> list[str]:
        return [*fitted(self._head, self._cells())[1], *self._remarks()]


def wrapped(text: str) -> list[str]:
    """Lines of a long text, those after the first indented."""
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)


def _core(condition: Any, known: Mapping[Any, Any]) -> Any:
    """A polynomial that is positive where the condition holds; 1 or -1 where that is known."""
    if condition in (sympy.true, sympy.false):
        return sympy.S.One if condition == sympy.true else sympy.S.NegativeOne
    core = sympy.S.One
    for part in sympy.fraction(sympy.together(condition.gts - condition.lts)):
        number, factors = sympy.factor_list(part)
        core *= sympy.sign(number)
        for factor in (factor for factor, times in factors if times % 2):
            core *= _sign(factor, known) or factor
    return core


def _sign(polynomial: Any, known: Mapping[Any, Any]) -> int:
    """1 where it is positive for all that is known, -1 where it is negative, else 0."""
    whole = sympy.expand(sympy.fraction(sympy.together(polynomial.subs(known)))[0])
    return 1 if whole.is_positive else -1 if whole.is_negative else 0


def _bound(core: Any) -> tuple[Any, Any] | None:
    """A positive symbol that is above or below a number, in terms of another positive one."""
    if len(core.free_symbols) != 1 or not core.is_polynomial() or sympy.Poly(core).degree() != 1:
        return None
    (symbol,) = core.free_symbols
    free = sympy.Dummy(positive=True)
    slope, at = core.coeff(symbol), sympy.solve(core, symbol)[0]
    if slope < 0:
        return (symbol, at / (1 + free)) if symbol.is_positive and at > 0 else None
    return symbol, at + free


def _relation(core: Any) -> Any:
    """core > 0, with what is subtracted on the other side and a number alone on the right."""
    terms = sympy.Add.make_args(core)
    taken = [term for term in terms if term.could_extract_minus_sign()]
    left, right = sympy.Add(*(term for term in terms if term not in taken)), -sympy.Add(*taken)
    return right < left if left.is_number and not right.is_number else left > right

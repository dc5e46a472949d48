"""The limit of a reduced program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import sympy

from ..problem.notation import Spectral
from ..rules.statement import latex


@final
@dataclass(frozen=True, eq=False)
class Limit:
    """A reduced program where a penalty vanishes or a size is large.

    Attributes:
        conditions: on the sizes, under which this is the limit.
        equations: what is left of the equations of the nonlinear blocks.
        definitions: ordered pairs (symbol, expression): margins and effective ridges that sizes and penalties
            determine, then shrinkage factors. What no definition gives is given by the equations.
        leading: the leading term of every result.
        orders: its order in the penalty, or in one over the size.
        signs: of the leading terms.
    """

    conditions: tuple[Any, ...]
    equations: tuple[Any, ...]
    definitions: tuple[tuple[Any, Any], ...]
    leading: Mapping[str, Any]
    orders: Mapping[str, Any]
    signs: Mapping[str, int]

    @property
    def results(self) -> Mapping[str, Any]:
        """The limits: leading terms of order 0; zero or infinite where the order is another."""
        return {name: self._limit(name) for name in self.leading}

    def explicit(self, name: str) -> Any:
        """A leading term with all margins and effective ridges put in that are defined."""
        expression = self.leading[name]
        for symbol, value in reversed(self.definitions):
            if not isinstance(symbol, Spectral):
                expression = expression.xreplace({symbol: value})
        return expression

    def latex(self) -> str:
        """Displayed LaTeX: a line for every condition, equation, definition and result."""
        relations = (*self.conditions, *self.equations)
        lines = [f"{latex(one.lhs)} &{_relation(one)} {latex(one.rhs)}" for one in relations]
        lines += [f"{latex(symbol)} &= {latex(value)}" for symbol, value in self.definitions]
        for name, value in self.leading.items():
            relation, ending = ("=", "") if self.orders[name] == 0 else (r"\sim", rf" \to {latex(self._limit(name))}")
            lines.append(f"{latex(sympy.Symbol(name))} &{relation} {latex(value)}{ending}")
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def __str__(self) -> str:
        lines = [f"{one.lhs} {_relation(one)} {one.rhs}" for one in (*self.conditions, *self.equations)]
        lines += [f"{symbol} = {value}" for symbol, value in self.definitions]
        for name, value in self.leading.items():
            relation, ending = ("=", "") if self.orders[name] == 0 else ("~", f" -> {self._limit(name)}")
            lines.append(f"{name} {relation} {value}{ending}")
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _limit(self, name: str) -> Any:
        if self.orders[name] == 0 or self.leading[name] == 0:
            return self.leading[name]
        return sympy.S.Zero if self.orders[name] > 0 else self.signs[name] * sympy.oo


def _relation(relation: Any) -> str:
    return {sympy.StrictLessThan: "<", sympy.StrictGreaterThan: ">"}.get(type(relation), "=")

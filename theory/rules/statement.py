"""A statement of the theorem book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import sympy

from .bibliography import Reference as Reference
from .kind import Kind


@final
@dataclass(frozen=True)
class Statement:
    """A theorem as an object: everything else (numbers, LaTeX, derivations, mutants) is made from it.

    Attributes:
        name: words, such as "test error of a chain".
        description: one sentence that says what is stated, then whatever helps to read it.
        hypotheses: what must hold.
        definitions: ordered pairs (symbol, expression), a straight-line program; later ones may use earlier ones.
        result: the expression that the statement is about, in those symbols.
        source: where it comes from.
        kind: exact, or a deterministic equivalent.
    """

    name: str
    description: str
    hypotheses: tuple[str, ...]
    definitions: tuple[tuple[Any, Any], ...]
    result: Any
    source: Reference
    kind: Kind

    def expanded(self) -> Any:
        """The result with all definitions put in.

        >>> from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
        >>> LEAST_SQUARES.noise.expanded()
        tr[B]/(n - r - 1)
        """
        expression = self.result
        for symbol, value in reversed(self.definitions):
            expression = expression.subs(symbol, value)
        return expression

    def equations(self) -> tuple[Any, ...]:
        """The definitions as equations."""
        return tuple(sympy.Eq(symbol, value, evaluate=False) for symbol, value in self.definitions)

    def latex(self) -> str:
        """The statement as displayed LaTeX: definitions, then the result."""
        lines = [f"{latex(symbol)} &= {latex(value)}" for symbol, value in self.definitions]
        return "\\begin{aligned}\n" + " \\\\\n".join([*lines, f"&{latex(self.result)}"]) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"


_NAMES: Mapping[str, str] = {
    "df^(1)": r"\mathrm{df}_1",
    "df^(2)": r"\mathrm{df}_2",
    "D^(1)": "D_1",
    "D^(2)": "D_2",
}


def latex(expression: Any) -> str:
    """LaTeX of an expression, with the notation table's letters."""
    names = {symbol: _symbol_latex(symbol.name) for symbol in expression.atoms(sympy.Symbol)}
    return str(sympy.latex(expression, symbol_names={k: v for k, v in names.items() if v}))


def _symbol_latex(name: str) -> str | None:
    """`D^(1)_3` is printed D_{1,3}, and an index's own index is kept; plain names are left to SymPy.

    >>> _symbol_latex("D_T_1"), _symbol_latex("D_T")
    ('D_{T_{1}}', None)
    """
    base, _, index = name.partition("_")
    if base not in _NAMES:
        return f"{_with_index(base)}_{{{_with_index(index)}}}" if "_" in index else None
    printed = _NAMES[base]
    return f"{printed[:-1]}{{{printed[-1]},{index}}}" if index else printed


def _with_index(name: str) -> str:
    return str(sympy.latex(sympy.Symbol(name)))

"""Mutants of a statement: the mistakes one makes when writing such a formula down, each made once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, final

import sympy

from ..theory.problem import notation as x
from ..theory.rules.statement import Statement
from ..theory.rules.trace import Trace

# What is easily taken for what, whatever its index.
CONFUSED = ((x.p, x.q), (x.kept, x.lost), (x.margin_1, x.margin_2), (x.kappa, x.penalty), (x.rows, x.rank))
# What is taken for one another where a statement speaks of both.
CONFUSED_SIZES = frozenset({x.rows, x.new_rows, x.copies, x.width})
# Shares: one part, and the whole of which the other part has the rest.
SHARES = ((x.rows, x.rank), (x.width, x.rank), (x.new_rows, x.rows), (x.share, sympy.S.One))

Edit = tuple[str, Any]  # what was changed, and the expression after it


@final
@dataclass(frozen=True)
class Mutant:
    """A statement with one mistake in it.

    Attributes:
        name: of the statement.
        description: where the mistake is and what it is.
        statement: the mutated statement.
    """

    name: str
    description: str
    statement: Statement


def mutants(statement: Statement) -> tuple[Mutant, ...]:
    """All mutants of a statement that differ from it and from one another as expressions.

    Each has one mistake, in the result or in one definition: an exponent, a whole number or a count of generations off
    by one; a symbol squared; a factor or term dropped, doubled or with the wrong sign; one symbol taken for another (p
    for q, P for Q, n - df_1 for n - df_2, kappa for lambda, n for r or m, Sigma^2 for Sigma, another index for this
    one, a share for the rest).

    >>> from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
    >>> for mutant in mutants(LEAST_SQUARES.kept)[:3]: print(mutant.description)
    result: doubled
    result: wrong sign
    result: 1 becomes 0
    """
    seen = {(statement.definitions, statement.result)}
    found = []
    for description, mutated in _mutated(statement):
        key = (mutated.definitions, mutated.result)
        if key not in seen:
            seen.add(key)
            found.append(Mutant(statement.name, description, mutated))
    return tuple(found)


def _mutated(statement: Statement) -> Iterator[tuple[str, Statement]]:
    vocabulary = _symbols(statement)
    for what, result in edits(statement.result, vocabulary):
        yield f"result: {what}", dataclasses.replace(statement, result=result)
    for index, (symbol, value) in enumerate(statement.definitions):
        before, after = statement.definitions[:index], statement.definitions[index + 1 :]
        for what, changed in edits(value, vocabulary):
            definitions = (*before, (symbol, changed), *after)
            yield f"definition of {symbol}: {what}", dataclasses.replace(statement, definitions=definitions)


def edits(expression: Any, vocabulary: frozenset[Any]) -> Iterator[Edit]:
    """Every single mistake in one expression; `vocabulary` holds the symbols that may be confused with one another."""
    if not expression.is_Add:
        yield "doubled", 2 * expression
        yield "wrong sign", -expression
    for node, rebuilt in _sites(expression):
        for what, new in (*_slips(node), *_confusions(node, vocabulary)):
            yield what, rebuilt(new)
    yield from _consistent_confusions(expression, vocabulary)


def _sites(node: Any, rebuilt: Callable[[Any], Any] = lambda new: new) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    """Every place in an expression tree, with the function that puts something else there."""
    yield node, rebuilt
    if isinstance(node, sympy.Indexed):
        return
    # The variable of a sum is only a name.
    arguments = list(enumerate(node.args))[1 if isinstance(node, sympy.Tuple) else 0 :]
    for index, argument in arguments:

        def inside(new: Any, node: Any = node, index: int = index) -> Any:
            return rebuilt(node.func(*node.args[:index], new, *node.args[index + 1 :]))

        yield from _sites(argument, inside)


def _slips(node: Any) -> Iterator[Edit]:
    """Mistakes of counting: exponents, whole numbers, factors, terms, signs."""
    if node.is_Pow:
        for exponent in (node.exp - 1, node.exp + 1):
            yield f"exponent of {node.base} becomes {exponent}", node.base**exponent
    elif node.is_Integer:
        for number in (node - 1, node + 1):
            yield f"{node} becomes {number}", number
    elif node.is_Rational:  # pi^2/2 - 2
        for number in (sympy.Rational(node.p, node.q + 1), 1 / node):
            yield f"{node} becomes {number}", number
    elif node.is_Symbol or isinstance(node, Trace | sympy.Indexed):
        yield f"{node} squared", node**2
        yield f"{node} dropped", sympy.S.One
        if node.is_integer:  # a number of generations
            yield f"{node} becomes {node - 1}", node - 1
            yield f"{node} becomes {node + 1}", node + 1
    elif node.is_Mul:
        for factor in node.args:
            yield f"factor {factor} dropped", node / factor
    elif node.is_Add:
        for term in node.args:
            yield f"term {term} dropped", node - term
            yield f"term {term} doubled", node + term
            yield f"term {term} with the wrong sign", node - 2 * term


def _confusions(node: Any, vocabulary: frozenset[Any]) -> Iterator[Edit]:
    """One occurrence of a symbol taken for another."""
    if node.is_Symbol:
        for other in _confused_with(node, vocabulary):
            yield f"one {node} becomes {other}", other


def _consistent_confusions(expression: Any, vocabulary: frozenset[Any]) -> Iterator[Edit]:
    """Two symbols exchanged, or one read as a function of itself, everywhere in the expression."""
    symbols = sorted(expression.free_symbols & vocabulary, key=str)
    for symbol in symbols:
        for other in _confused_with(symbol, vocabulary):
            swapped = expression.subs({symbol: other, other: symbol}, simultaneous=True)
            yield f"{symbol} and {other} exchanged", swapped
    if x.s in symbols:
        yield "s becomes s**2 throughout", expression.subs(x.s, x.s**2)
    for part, whole in SHARES:
        if part in symbols and (whole in vocabulary or whole == 1):
            yield f"share {part / whole} becomes {1 - part / whole}", expression.subs(part, whole - part)


def _confused_with(symbol: Any, vocabulary: frozenset[Any]) -> list[Any]:
    """The same letter with another index, and the letters of `CONFUSED` with the same index."""
    letter, index = _letter_and_index(symbol)
    others = {other for other in vocabulary if _letter_and_index(other)[0] == letter}
    for pair in CONFUSED:
        if letter in (one.name for one in pair):
            partner = pair[1] if letter == pair[0].name else pair[0]
            same_letter = {known for known in vocabulary if _letter_and_index(known)[0] == partner.name}
            if x.rank in (symbol, partner):  # the rank carries no index
                others |= same_letter or {partner}
            else:
                others.add(x.at(partner, index) if index else partner)
    if symbol in CONFUSED_SIZES:
        others |= CONFUSED_SIZES & vocabulary
    return sorted(others - {symbol}, key=str)


def _letter_and_index(symbol: Any) -> tuple[str, str]:
    letter, _, index = symbol.name.partition("_")
    return letter, index


def _symbols(statement: Statement) -> frozenset[Any]:
    """Every symbol that the statement knows, and the rank; the name of an indexed sequence is no symbol."""
    expressions = [statement.result, *(part for pair in statement.definitions for part in pair)]
    free = {symbol for expression in expressions for symbol in expression.free_symbols if symbol.is_Symbol}
    names = {indexed.base.label for indexed in statement.result.atoms(sympy.Indexed)}
    return frozenset(free - names | {x.rank})

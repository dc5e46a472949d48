"""What leading equations determine in terms of sizes and penalties alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sympy

from ..algebra.reduction.signs import stripped
from ..rules.trace import Trace


class Question(NamedTuple):
    """An equation, and the unknowns that it may be solved for.

    Attributes:
        equation: SymPy's Eq.
        unknowns: tried in this order; traces, margins or kappas.
    """

    equation: Any
    unknowns: tuple[Any, ...]


def settled(questions: Sequence[Question], final: Mapping[Any, frozenset[Any]]) -> dict[Any, Any]:
    """The unknowns that the equations determine, solved one by one where they enter linearly.

    Args:
        questions: the equations.
        final: for every unknown, traces included, which unknowns its value may contain.

    >>> T, m, d, D = sympy.symbols("T m d D", positive=True)
    >>> settled([Question(sympy.Eq(T, D + m), (D,)), Question(sympy.Eq(m, d), ())], {D: frozenset()})
    {D: T - m}
    """
    traces = {trace for one in questions for side in one.equation.args for trace in side.atoms(Trace)}
    letters = sorted({*final, *traces}, key=str)  # in an order that does not depend on the process
    names = {letter: sympy.Dummy(str(letter), positive=True) for letter in letters}
    back = {name: unknown for unknown, name in names.items()}
    open_questions = [
        (
            _numerator((one.equation.lhs - one.equation.rhs).xreplace(names)),
            [names[unknown] for unknown in one.unknowns],
        )
        for one in questions
    ]
    found: dict[Any, Any] = {}
    while choice := _linear(open_questions):
        index, unknown, value = choice
        found = {known: sympy.factor(other.xreplace({unknown: value})) for known, other in found.items()}
        found[unknown] = value
        open_questions = [
            (stripped(_numerator(left.xreplace({unknown: value}))), allowed) if left.has(unknown) else (left, allowed)
            for number, (left, allowed) in enumerate(open_questions)
            if number != index
        ]
    values = {back[name]: value.xreplace(back) for name, value in found.items()}
    return {unknown: value for unknown, value in values.items() if not value.has(*(final.keys() - final[unknown]))}


def _linear(questions: Sequence[tuple[Any, list[Any]]]) -> tuple[int, Any, Any] | None:
    """The simplest equation that is linear in one of its unknowns, with the solution."""
    choices = [
        (sympy.count_ops(left), place, index, unknown)
        for index, (left, allowed) in enumerate(questions)
        for place, unknown in enumerate(allowed)
        if left.has(unknown) and sympy.degree(left, unknown) == 1
    ]
    if not choices:
        return None
    _, _, index, unknown = min(choices, key=lambda choice: choice[:3])
    left = questions[index][0]
    slope = left.diff(unknown)
    return index, unknown, sympy.factor(-(left - slope * unknown) / slope)


def _numerator(expression: Any) -> Any:
    return sympy.fraction(sympy.together(expression))[0].expand()


def oriented(expression: Any, differences: Iterable[Any]) -> Any:
    """A product with positive differences written so: T - d, not -(d - T).

    >>> T, d = sympy.symbols("T d", positive=True)
    >>> oriented(-T / (d - T), [T - d])
    T/(T - d)
    """
    known = set(differences)
    sign, factors = sympy.S.One, []
    for base, power in (factor.as_base_exp() for factor in sympy.Mul.make_args(expression)):
        turned = -base in known and power.is_Integer
        sign *= (-1) ** power if turned else 1
        factors.append((-base if turned else base) ** power)
    return sympy.Mul(sign, *factors)


def tidy(expression: Any) -> Any:
    """Numerator and denominator coprime and factored, traces taken for letters.

    >>> n, d = sympy.symbols("n d", positive=True)
    >>> tidy((n**2 - d**2) / (n + d))
    -d + n
    """
    names = {trace: sympy.Dummy(str(trace), positive=True) for trace in expression.atoms(Trace)}
    return sympy.factor(expression.xreplace(names)).xreplace({name: trace for trace, name in names.items()})

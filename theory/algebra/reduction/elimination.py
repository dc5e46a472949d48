"""Rational equations solved for chosen variables in which they are linear."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ...problem.errors import Irreducible
from .fractions import Field, Rational
from .packed import Packed, Terms, primitive


def eliminated(
    field: Field, equations: Sequence[Terms], any_of: Sequence[Packed], all_of: Sequence[Packed]
) -> dict[Packed, Rational]:
    """Solve equations for one of some variables and for all of others, in terms of what is left.

    Args:
        field: of the solutions.
        equations: polynomials that vanish; factors that are monomials do not matter.
        any_of: one of these is solved for, the first for which that is possible.
        all_of: all of these are.

    Returns:
        The solutions in the order in which they were found; each may contain variables that are found later.

    Raises:
        Irreducible: where no equation is linear in any variable that is left.
    """
    waiting = [_normal(field, Rational(equation, {})) for equation in equations]
    groups = [list(any_of), *([variable] for variable in all_of)]
    solved: dict[Packed, Rational] = {}
    while groups and any(waiting):
        step = _step(field, waiting, groups)
        if step is None:
            raise Irreducible("no equation is linear in a size, in the penalty or in an effective ridge")
        variable, group, chosen, value = step
        solved[variable] = value
        groups.remove(group)
        del waiting[chosen]
        waiting = [_normal(field, field.evaluated(terms, {variable: value})) for terms in waiting]
    if any(waiting):
        raise Irreducible("more equations than unknowns")
    return solved


def substituted(field: Field, solved: dict[Packed, Rational], which: Collection[Packed]) -> dict[Packed, Rational]:
    """Solutions with those of some later variables put in.

    Args:
        field: of the solutions.
        solved: in the order in which they were found: each may contain variables that are found later.
        which: the variables to replace.
    """
    later: dict[Packed, Rational] = {}
    result: dict[Packed, Rational] = {}
    for variable, value in reversed(solved.items()):
        result[variable] = field.replaced(value, field, later)
        if variable in which:
            later[variable] = result[variable]
    return {variable: result[variable] for variable in solved}


def _step(
    field: Field, waiting: list[Terms], groups: list[list[Packed]]
) -> tuple[Packed, list[Packed], int, Rational] | None:
    """The first variable in which an equation is linear, and the shortest such equation solved."""
    for group in groups:
        for variable in group:
            best: tuple[int, Terms, Terms] | None = None
            for index, terms in enumerate(waiting):
                parts = linear(field, terms, variable)
                if parts and (best is None or len(terms) < len(waiting[best[0]])):
                    best = (index, *parts)
            if best is not None:
                chosen, coefficient, constant = best
                above = field.negative(Rational(constant, {}))
                value = field.product(above, field.inverse(Rational(coefficient, {})))
                return variable, group, chosen, field.cancelled(value)
    return None


def linear(field: Field, terms: Terms, variable: Packed) -> tuple[Terms, Terms] | None:
    """A and B of A x + B, None for other polynomials."""
    name = next(name for name, _ in field.ring.powers(variable))
    place = field.ring.names.index(name)
    parts: dict[int, Terms] = {}
    for monomial, number in terms.items():
        power = field.ring.exponents(monomial)[place]
        parts.setdefault(power, {})[monomial - power * variable] = number
    return (parts[1], parts[0]) if set(parts) == {0, 1} else None


def _normal(field: Field, value: Rational) -> Terms:
    """A numerator without its known factors, which are positive, and without monomials."""
    terms = field.cancelled(value).terms
    return primitive(field.ring, terms)[2] if terms else {}

"""Polynomials, traces and definitions at numbers, in any arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...algebra.expression import Space
from ...algebra.polynomial import Letter, Polynomial
from ...algebra.program import Definition, Sort
from .arithmetic import Arithmetic


class Setting(NamedTuple):
    """The numbers that a program is evaluated at.

    Attributes:
        scalars: a number for every letter that is not spectral, sizes included.
        spectral: an array over the nodes of its space for every spectral letter.
        counts: how many eigendirections each node stands for, by the name of the space.
    """

    scalars: Mapping[Letter, Any]
    spectral: Mapping[Letter, Any]
    counts: Mapping[str, Any]


class Machine:
    """The values known so far, and how polynomials and traces are computed from them."""

    def __init__(self, setting: Setting, arithmetic: Arithmetic) -> None:
        self.values: dict[Letter, Any] = {**setting.scalars, **setting.spectral}
        self.counts = setting.counts
        self.arithmetic = arithmetic

    def value(self, polynomial: Polynomial) -> Any:
        """A polynomial at the values known so far."""
        total: Any = self.arithmetic.number(0)
        for monomial, number in polynomial.terms.items():
            term = self.arithmetic.number(number)
            for letter, power in monomial:
                term = term * self.values[letter] ** power
            total = total + self.arithmetic.term(term)
        return total

    def trace(self, space: Space, value: Any) -> Any:
        """The trace of a function over a space."""
        counts = self.counts.get(space.name)
        return self.values[space.size] * value if counts is None else self.arithmetic.total(counts, value)

    def defined(self, definition: Definition, body: Any) -> Any:
        """The value of a definition whose body has this value."""
        match definition.sort:
            case Sort.TRACE:
                return self.trace(definition.space, body)
            case Sort.RESOLVENT:
                return self.arithmetic.number(1) / body
            case Sort.ENTRY:
                return body

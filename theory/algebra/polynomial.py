"""Sparse Laurent polynomials with rational coefficients: a dictionary from monomials to numbers.

SymPy stays at the boundary: its general expressions are some hundred times slower, and its polynomial rings carry one
exponent for every generator in every term, of which a derivation has hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias, final

import numpy as np
import sympy

from ..problem.errors import SpecificationError

Letter: TypeAlias = str
Monomial: TypeAlias = tuple[tuple[Letter, int], ...]  # sorted by letter, no exponent is zero
Number: TypeAlias = int | Fraction

ONE: Monomial = ()
OWN = "#"  # begins every letter that is not the user's


def times(first: Monomial, second: Monomial) -> Monomial:
    """The product of two monomials."""
    if not first or not second:
        return first or second
    powers = dict(first)
    for letter, power in second:
        powers[letter] = powers.get(letter, 0) + power
    return tuple(sorted((letter, power) for letter, power in powers.items() if power))


@final
class Polynomial:
    """An immutable sparse polynomial; exponents may be negative.

    >>> x, y = Polynomial.letter("x"), Polynomial.letter("y")
    >>> print((x + y) * (x - y))
    x**2 - y**2
    """

    __slots__ = ("__dict__", "terms")
    terms: Mapping[Monomial, Number]

    def __init__(self, terms: Mapping[Monomial, Number]) -> None:
        self.terms = {monomial: number for monomial, number in terms.items() if number}

    @classmethod
    def number(cls, value: Number) -> Polynomial:
        """A constant."""
        return cls({ONE: value})

    @classmethod
    def letter(cls, name: Letter, power: int = 1) -> Polynomial:
        """A power of a letter."""
        return cls({((name, power),): 1})

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = dict(self.terms)
        for monomial, number in other.terms.items():
            terms[monomial] = terms.get(monomial, 0) + number
        return Polynomial(terms)

    def __neg__(self) -> Polynomial:
        return Polynomial({monomial: -number for monomial, number in self.terms.items()})

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def __mul__(self, other: Polynomial) -> Polynomial:
        terms: dict[Monomial, Number] = {}
        for first, a in self.terms.items():
            for second, b in other.terms.items():
                monomial = times(first, second)
                terms[monomial] = terms.get(monomial, 0) + a * b
        return Polynomial(terms)

    def __pow__(self, power: int) -> Polynomial:
        if power < 0:
            ((monomial, number),) = self.terms.items()  # only a monomial has an inverse
            return Polynomial({tuple((x, power * e) for x, e in monomial): Fraction(number) ** power})
        result = ONE_POLYNOMIAL
        for _ in range(power):
            result = result * self
        return result

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(frozenset(self.terms.items()))

    @cached_property
    def letters(self) -> frozenset[Letter]:
        """All letters that occur."""
        return frozenset(letter for monomial in self.terms for letter, _ in monomial)

    def is_number(self) -> bool:
        """Whether no letter occurs."""
        return not self.letters

    def split(self, letters: Collection[Letter]) -> dict[Monomial, Polynomial]:
        """The coefficients in the other letters of every monomial in `letters`."""
        parts: dict[Monomial, dict[Monomial, Number]] = {}
        for monomial, number in self.terms.items():
            own = tuple(item for item in monomial if item[0] in letters)
            rest = tuple(item for item in monomial if item[0] not in letters)
            parts.setdefault(own, {})[rest] = number
        return {own: Polynomial(rest) for own, rest in parts.items()}

    def renamed(self, names: Mapping[Letter, Letter]) -> Polynomial:
        """Letters replaced by letters, several perhaps by one."""
        if all(names.get(letter, letter) == letter for letter in self.letters):
            return self
        terms: dict[Monomial, Number] = {}
        for monomial, number in self.terms.items():
            new = ONE
            for letter, power in monomial:
                new = times(new, ((names.get(letter, letter), power),))
            terms[new] = terms.get(new, 0) + number
        return Polynomial(terms)

    def replaced(self, values: Mapping[Letter, Polynomial]) -> Polynomial:
        """Letters replaced by polynomials; a letter with a negative power only by a monomial."""
        if self.letters.isdisjoint(values):
            return self
        total = Polynomial({})
        for monomial, number in self.terms.items():
            term = Polynomial.number(number)
            for letter, power in monomial:
                term = term * (values[letter] if letter in values else Polynomial.letter(letter)) ** power
            total = total + term
        return total

    def evaluated(self, value: Callable[[Letter], Any]) -> Any:
        """The value where each letter has one, in any arithmetic that mixes with integers."""
        total: Any = 0
        for monomial, number in self.terms.items():
            term: Any = number if isinstance(number, int) else _quotient(number, value)
            for letter, power in monomial:
                term = term * value(letter) ** power
            total = total + term
        return total

    def to_sympy(self, symbol: Callable[[Letter], Any]) -> Any:
        """The polynomial as a SymPy expression, each letter as the symbol that the caller has for it."""
        products = (
            sympy.Mul(sympy.Rational(number), *(symbol(x) ** power for x, power in monomial))
            for monomial, number in self.terms.items()
        )
        return sympy.Add(*products)

    def __str__(self) -> str:
        return str(self.to_sympy(sympy.Symbol))

    __repr__ = __str__


ZERO = Polynomial({})
ONE_POLYNOMIAL = Polynomial.number(1)


def total(polynomials: Iterable[Polynomial]) -> Polynomial:
    """The sum, collected at once."""
    terms: dict[Monomial, Number] = {}
    for polynomial in polynomials:
        for monomial, number in polynomial.terms.items():
            terms[monomial] = terms.get(monomial, 0) + number
    return Polynomial(terms)


def from_sympy(field: str, expression: Any) -> Polynomial:
    """A number, a name, or a SymPy expression as a polynomial.

    Args:
        field: what the value is, for the error.
        expression: a number (a float means the decimal number that it prints), a name, or a Laurent polynomial in
            SymPy symbols with rational coefficients.

    Raises:
        SpecificationError: for anything else.

    >>> print(from_sympy("penalty", "lambda"), from_sympy("share", 1 - sympy.Symbol("theta")), from_sympy("x", 0.1))
    lambda 1 - theta 1/10
    """
    if isinstance(expression, Polynomial):
        return expression
    if isinstance(expression, np.integer | np.floating):
        expression = expression.item()
    if isinstance(expression, str):
        if not expression.strip() or OWN in expression:
            raise SpecificationError(field, expression, f"a name without {OWN}, which marks what the engine defines")
        return Polynomial.letter(expression)
    if isinstance(expression, int | float | Fraction) and not isinstance(expression, bool):
        try:
            return Polynomial.number(_rational(expression))
        except (ValueError, OverflowError):
            raise SpecificationError(field, expression, _ALLOWED) from None
    if not isinstance(expression, sympy.Expr):
        raise SpecificationError(field, expression, _ALLOWED)
    return total(_term(field, expression, term) for term in sympy.Add.make_args(sympy.expand(expression)))


_ALLOWED = "a finite number, a name, or a polynomial in SymPy symbols"


def _term(field: str, expression: Any, term: Any) -> Polynomial:
    result = ONE_POLYNOMIAL
    for base, power in term.as_powers_dict().items():
        if base.is_Rational and power.is_Integer:
            result = result * Polynomial.number(Fraction(int(base.p), int(base.q)) ** int(power))
        elif base.is_Float and power.is_Integer:
            result = result * Polynomial.number(_rational(float(base)) ** int(power))
        elif base.is_Symbol and power.is_Integer:
            result = result * Polynomial.letter(base.name, int(power))
        else:
            raise SpecificationError(field, expression, _ALLOWED)
    return result


def _rational(value: float | Fraction) -> Number:
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact


def _quotient(number: Fraction, value: Any) -> Any:
    """A fraction in the arithmetic of the values: exact in exact ones, rounded once in floating point."""
    return number.numerator * (value.one / number.denominator) if hasattr(value, "one") else float(number)

"""Rational functions as products of powers of known factors times one polynomial.

Denominators stay factored, and so does what is known of numerators: products and quotients only add exponents, sums
expand what their terms do not share. Common factors are found by trial division with the factors that have been met,
of which a derivation has a handful, instead of by a greatest common divisor at every step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias, final

from ...problem.errors import Swell
from ..polynomial import Number
from .factoring import irreducible
from .packed import Packed, Ring, Terms, added, multiplied, primitive, quotient

Powers: TypeAlias = dict[int, int]


@final
@dataclass(frozen=True, eq=False)
class Rational:
    """terms * product of factor^power.

    Attributes:
        terms: a Laurent polynomial.
        powers: exponents, of either sign, of the field's factors.
    """

    terms: Terms
    powers: Powers

    def __bool__(self) -> bool:
        return bool(self.terms)


@final
class Field:
    """Rational functions over a ring.

    Args:
        ring: its generators.
        limit: the largest number of terms that a polynomial may have.

    Attributes:
        factors: the irreducible polynomials met in denominators, with coprime integer coefficients.
    """

    def __init__(self, ring: Ring, limit: int) -> None:
        self.ring = ring
        self.limit = limit
        self.factors: list[Terms] = []
        self.zero = Rational({}, {})
        self.one = self.number(1)
        self._index: dict[frozenset[tuple[Packed, Number]], int] = {}
        self._products: dict[tuple[tuple[int, int], ...], Terms] = {(): {0: 1}}

    def number(self, value: Number) -> Rational:
        """A constant."""
        return Rational({0: value} if value else {}, {})

    def monomial(self, packed: Packed) -> Rational:
        """A power product of generators."""
        return Rational({packed: 1}, {})

    def product(self, *values: Rational) -> Rational:
        """The product."""
        terms: Terms = {0: 1}
        powers: Powers = {}
        for value in values:
            terms = self._multiplied(terms, value.terms)
            for factor, power in value.powers.items():
                powers[factor] = powers.get(factor, 0) + power
        return Rational(terms, _nonzero(powers) if terms else {})

    def total(self, values: Iterable[Rational]) -> Rational:
        """The sum: shared factors are kept, the others expanded."""
        present = [value for value in values if value.terms]
        if len(present) <= 1:
            return present[0] if present else self.zero
        occurring = {factor for value in present for factor in value.powers}
        shared = {factor: min(value.powers.get(factor, 0) for value in present) for factor in occurring}
        terms: Terms = {}
        for value in present:
            own = {factor: value.powers.get(factor, 0) - shared[factor] for factor in occurring}
            terms = added(terms, self._multiplied(value.terms, self.expanded(_nonzero(own))))
        return Rational(terms, _nonzero(shared) if terms else {})

    def negative(self, value: Rational) -> Rational:
        """-value."""
        return Rational({monomial: -number for monomial, number in value.terms.items()}, value.powers)

    def difference(self, first: Rational, second: Rational) -> Rational:
        """first - second."""
        return self.total((first, self.negative(second)))

    def inverse(self, value: Rational) -> Rational:
        """1/value.

        Raises:
            ZeroDivisionError: at zero.
        """
        if not value:
            raise ZeroDivisionError("the inverse of zero")
        whole = self.factored(value)
        ((monomial, number),) = whole.terms.items()
        return Rational({-monomial: _inverse(number)}, {factor: -power for factor, power in whole.powers.items()})

    def power(self, value: Rational, exponent: int) -> Rational:
        """value^exponent."""
        if exponent < 0:
            return self.power(self.inverse(value), -exponent)
        return self.product(*[value] * exponent)

    def cancelled(self, value: Rational) -> Rational:
        """The same value, with all known factors taken out of its polynomial."""
        if len(value.terms) <= 1:
            return value
        terms, powers = value.terms, dict(value.powers)
        for index, factor in enumerate(self.factors):
            if len(factor) > len(terms):
                continue
            while len(terms) > 1 and (smaller := quotient(self.ring, terms, factor)) is not None:
                terms, powers[index] = smaller, powers.get(index, 0) + 1
        return Rational(terms, _nonzero(powers))

    def factored(self, value: Rational) -> Rational:
        """The same value, with its polynomial split into factors: a number times a monomial is left of it."""
        value = self.cancelled(value)
        if len(value.terms) <= 1:
            return value
        powers = dict(value.powers)
        monomial, number, rest = primitive(self.ring, value.terms)
        for piece in irreducible(self.ring, rest):
            least, content, normal = primitive(self.ring, piece)
            monomial, number = monomial + least, number * content
            if len(normal) > 1:
                index = self._registered(normal)
                powers[index] = powers.get(index, 0) + 1
        return Rational({monomial: number}, _nonzero(powers))

    def expanded(self, powers: Mapping[int, int]) -> Terms:
        """The polynomial that is a product of powers, none negative, of factors."""
        key = tuple(sorted(powers.items()))
        if key not in self._products:
            index, power = key[-1]
            smaller = {**powers, index: power - 1}
            self._products[key] = self._multiplied(self.expanded(_nonzero(smaller)), self.factors[index])
        return self._products[key]

    def numerator(self, value: Rational) -> Terms:
        """The expanded numerator."""
        upper = {factor: power for factor, power in value.powers.items() if power > 0}
        return self._multiplied(value.terms, self.expanded(upper))

    def denominator(self, value: Rational) -> Terms:
        """The expanded denominator."""
        return self.expanded({factor: -power for factor, power in value.powers.items() if power < 0})

    def replaced(self, value: Rational, source: Field, values: Mapping[Packed, Rational]) -> Rational:
        """A value of another field over the ring, with generators replaced.

        Args:
            value: of the other field.
            source: the other field.
            values: for the packed monomial of a generator what takes its place.
        """
        pieces = [self.evaluated(value.terms, values)]
        for index, power in value.powers.items():
            pieces.append(self.power(self.evaluated(source.factors[index], values), power))
        return self.cancelled(self.product(*pieces))

    def evaluated(self, terms: Mapping[Packed, Number], values: Mapping[Packed, Rational]) -> Rational:
        """A polynomial with some generators replaced by their values."""
        kept: dict[tuple[tuple[Packed, int], ...], Terms] = {}
        for monomial, number in terms.items():
            inside = []
            for name, power in self.ring.powers(monomial):
                generator = self.ring.generator(name)
                if generator in values:
                    inside.append((generator, power))
                    monomial -= power * generator
            group = kept.setdefault(tuple(inside), {})
            group[monomial] = group.get(monomial, 0) + number
        return self.total(
            self.product(Rational(group, {}), *(self.power(values[generator], power) for generator, power in inside))
            for inside, group in kept.items()
        )

    def _registered(self, normal: Terms) -> int:
        key = frozenset(normal.items())
        if key not in self._index:
            self._index[key] = len(self.factors)
            self.factors.append(normal)
        return self._index[key]

    def _multiplied(self, first: Terms, second: Terms) -> Terms:
        result = multiplied(first, second)
        if len(result) > self.limit:
            raise Swell(len(result), self.limit)
        return result


def _nonzero(powers: Powers) -> Powers:
    return {factor: power for factor, power in powers.items() if power}


def _inverse(number: Number) -> Any:
    value = 1 / Fraction(number)
    return value.numerator if value.denominator == 1 else value

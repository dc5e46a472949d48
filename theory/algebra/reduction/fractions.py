"""Rational functions as products of powers of known factors times one polynomial.

Denominators stay factored, and so does what is known of numerators: products and quotients only add exponents, sums
expand what their terms do not share. Common factors are found by trial division with the factors that have been met,
of which a derivation has a handful, instead of by a greatest common divisor at every step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm
from typing import TypeAlias, final

from ...problem.errors import Swell
from ..polynomial import Number
from .factoring import irreducible
from .packed import Box, Packed, Ring, Terms, added, multiplied, primitive, quotient

Powers: TypeAlias = dict[int, int]

_ONE = Fraction(1)
_PRODUCTS = 500  # products of terms in all, for each term that a polynomial may have


@final
@dataclass(frozen=True, eq=False)
class Rational:
    """unit * terms * product of factor^power.

    Attributes:
        terms: a Laurent polynomial with integer coefficients.
        powers: exponents, of either sign, of the field's factors.
        unit: a number, so that coefficients stay integers.
    """

    terms: Terms
    powers: Powers = field(default_factory=dict)
    unit: Fraction = _ONE

    def __bool__(self) -> bool:
        return bool(self.terms)


@final
class Field:
    """Rational functions over a ring.

    Args:
        ring: its generators.
        limit: the largest number of terms that a polynomial may have; products of terms may be 500 times as many in
            all, which bounds the time.

    Attributes:
        factors: the irreducible polynomials met in denominators, with coprime integer coefficients.
    """

    def __init__(self, ring: Ring, limit: int) -> None:
        self.ring = ring
        self.limit = limit
        self._products_left = _PRODUCTS * limit
        self.factors: list[Terms] = []
        self._boxes: list[Box] = []
        self.zero = Rational({})
        self.one = self.number(1)
        self._index: dict[frozenset[tuple[Packed, int]], int] = {}
        self._expanded: dict[tuple[tuple[int, int], ...], Terms] = {(): {0: 1}}

    def number(self, value: Number) -> Rational:
        """A constant."""
        return Rational({0: 1}, {}, Fraction(value)) if value else self.zero

    def monomial(self, packed: Packed) -> Rational:
        """A power product of generators."""
        return Rational({packed: 1})

    def polynomial(self, terms: Mapping[Packed, Number]) -> Rational:
        """A polynomial with rational coefficients."""
        below = lcm(*(number.denominator for number in terms.values()))
        return Rational({place: int(number * below) for place, number in terms.items()}, {}, Fraction(1, below))

    def product(self, *values: Rational) -> Rational:
        """The product."""
        terms: Terms = {0: 1}
        powers: Powers = {}
        unit = _ONE
        for value in values:
            terms = self._multiplied(terms, value.terms)
            unit = unit * value.unit if value.unit is not _ONE else unit
            for factor, power in value.powers.items():
                powers[factor] = powers.get(factor, 0) + power
        return Rational(terms, _nonzero(powers), unit) if terms else self.zero

    def total(self, values: Iterable[Rational]) -> Rational:
        """The sum: shared factors are kept, the others expanded."""
        present = [value for value in values if value.terms]
        if len(present) <= 1:
            return present[0] if present else self.zero
        occurring = {factor for value in present for factor in value.powers}
        shared = {factor: min(value.powers.get(factor, 0) for value in present) for factor in occurring}
        below = lcm(*(value.unit.denominator for value in present))
        terms: Terms = {}
        for value in present:
            own = {factor: value.powers.get(factor, 0) - shared[factor] for factor in occurring}
            number = {0: int(value.unit * below)}
            terms = added(terms, multiplied(self._multiplied(value.terms, self.expanded(_nonzero(own))), number))
        return Rational(terms, _nonzero(shared), Fraction(1, below)) if terms else self.zero

    def negative(self, value: Rational) -> Rational:
        """-value."""
        return Rational(value.terms, value.powers, -value.unit)

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
        powers = {factor: -power for factor, power in whole.powers.items()}
        return Rational({-monomial: 1}, powers, 1 / (number * whole.unit))

    def power(self, value: Rational, exponent: int) -> Rational:
        """value^exponent."""
        if exponent < 0:
            return self.power(self.inverse(value), -exponent)
        return self.product(*[value] * exponent)

    def cancelled(self, value: Rational) -> Rational:
        """The same value, with all known factors taken out of its polynomial."""
        if not value:
            return value
        if len(value.terms) == 1:
            ((place, number),) = value.terms.items()
            return Rational({place: 1}, value.powers, value.unit * number)
        content = gcd(*value.terms.values())
        terms = {place: number // content for place, number in value.terms.items()} if content > 1 else value.terms
        powers = dict(value.powers)
        low, high = self.ring.box(terms)
        for index, factor in enumerate(self.factors):
            own = self._boxes[index]
            while len(terms) > 1 and (smaller := quotient(self.ring, terms, factor, (low, high), own)) is not None:
                terms, powers[index] = smaller, powers.get(index, 0) + 1
                low, high = low - own[0], high - own[1]
        return Rational(terms, _nonzero(powers), value.unit * content)

    def factored(self, value: Rational) -> Rational:
        """The same value, with its polynomial split into factors: a number times a monomial is left of it."""
        value = self.cancelled(value)
        if len(value.terms) <= 1:
            return value
        powers = dict(value.powers)
        monomial, number, rest = primitive(self.ring, value.terms)
        unit = value.unit * number
        for piece in irreducible(self.ring, rest):
            least, content, normal = primitive(self.ring, piece)
            monomial, unit = monomial + least, unit * content
            if len(normal) > 1:
                index = self._registered(normal)
                powers[index] = powers.get(index, 0) + 1
        return Rational({monomial: 1}, _nonzero(powers), unit)

    def expanded(self, powers: Mapping[int, int]) -> Terms:
        """The polynomial that is a product of powers, none negative, of factors."""
        key = tuple(sorted(powers.items()))
        if key not in self._expanded:
            index, power = key[-1]
            smaller = {**powers, index: power - 1}
            self._expanded[key] = self._multiplied(self.expanded(_nonzero(smaller)), self.factors[index])
        return self._expanded[key]

    def numerator(self, value: Rational) -> dict[Packed, Fraction]:
        """The expanded numerator, with the unit."""
        upper = {factor: power for factor, power in value.powers.items() if power > 0}
        terms = self._multiplied(value.terms, self.expanded(upper))
        return {place: number * value.unit for place, number in terms.items()}

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
        pieces = [self.evaluated(value.terms, values), self.number(value.unit)]
        for index, power in value.powers.items():
            pieces.append(self.power(self.evaluated(source.factors[index], values), power))
        return self.cancelled(self.product(*pieces))

    def evaluated(self, terms: Mapping[Packed, int], values: Mapping[Packed, Rational]) -> Rational:
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
            self.product(Rational(group), *(self.power(values[generator], power) for generator, power in inside))
            for inside, group in kept.items()
        )

    def _registered(self, normal: Terms) -> int:
        key = frozenset(normal.items())
        if key not in self._index:
            self._index[key] = len(self.factors)
            self.factors.append(normal)
            self._boxes.append(self.ring.box(normal))
        return self._index[key]

    def _multiplied(self, first: Terms, second: Terms) -> Terms:
        self._products_left -= len(first) * len(second)
        if self._products_left < 0:
            raise Swell("products of terms", _PRODUCTS * self.limit - self._products_left, _PRODUCTS * self.limit)
        result = multiplied(first, second)
        if len(result) > self.limit:
            raise Swell("terms in a polynomial", len(result), self.limit)
        return result


def _nonzero(powers: Powers) -> Powers:
    return {factor: power for factor, power in powers.items() if power}

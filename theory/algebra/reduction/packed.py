"""Laurent polynomials as dictionaries from packed exponents to integers.

The exponents of a monomial are the digits of one integer, in base 2^16 and of either sign, so that monomials are
multiplied by adding integers. Products of such dictionaries cost a third of a microsecond a term however many
generators there are, and new generators can be added at any time.
"""

from __future__ import annotations

import struct
from collections.abc import Hashable, Iterable, Mapping
from heapq import heapify, heappop, heappush
from math import gcd
from typing import TypeAlias, final

Packed: TypeAlias = int
Terms: TypeAlias = dict[Packed, int]
Box: TypeAlias = tuple[Packed, Packed]

_BITS = 16
_HALF = 1 << (_BITS - 2)  # exponents lie between -2^14 and 2^14, so that the highest bit of a biased digit is free
_GUARD = 1 << (_BITS - 1)


@final
class Ring:
    """Named generators and their digits; those given at first are the lowest digits.

    >>> ring = Ring()
    >>> x, y = ring.generator("x"), ring.generator("y")
    >>> ring.exponents(2 * x - y)
    (2, -1)
    """

    def __init__(self, lowest: Iterable[Hashable] = ()) -> None:
        self.names: list[Hashable] = []
        self._packed: dict[Hashable, Packed] = {}
        self._bias = self._guard = 0
        for name in lowest:
            self.generator(name)
        self._low = len(self.names)

    def generator(self, name: Hashable) -> Packed:
        """The packed monomial of a generator, made when it is first asked for."""
        known = self._packed.get(name)
        if known is None:
            shift = _BITS * len(self.names)
            known = self._packed[name] = 1 << shift
            self.names.append(name)
            self._bias += _HALF << shift
            self._guard += _GUARD << shift
        return known

    def digits(self, monomial: Packed) -> tuple[int, ...]:
        """The exponents plus 2^14 of all generators, in the order in which they were made."""
        count = len(self.names)
        return struct.unpack(f"<{count}H", (monomial + self._bias).to_bytes(2 * count, "little"))

    def exponents(self, monomial: Packed) -> tuple[int, ...]:
        """The exponents of all generators, in the order in which they were made."""
        return tuple(digit - _HALF for digit in self.digits(monomial))

    def powers(self, monomial: Packed) -> list[tuple[Hashable, int]]:
        """The generators that occur in a monomial, with their exponents."""
        digits = zip(self.names, self.digits(monomial), strict=True)
        return [(name, digit - _HALF) for name, digit in digits if digit != _HALF]

    def low(self, monomial: Packed) -> Packed:
        """The part of a monomial in the generators that the ring was made with."""
        bias = self._bias & ((1 << (_BITS * self._low)) - 1)
        return ((monomial + bias) & ((1 << (_BITS * self._low)) - 1)) - bias

    def box(self, terms: Mapping[Packed, int]) -> Box:
        """The least and the greatest exponent of every generator."""
        bias, guard = self._bias, self._guard
        least = most = next(iter(terms)) + bias
        for monomial in terms:
            place = monomial + bias
            # Guard bits stay set in the digits of a difference that are not negative; from them, masks of those digits.
            above = ((place | guard) - most) & guard
            most ^= (most ^ place) & (above - (above >> (_BITS - 1)))
            below = ((least | guard) - place) & guard
            least ^= (least ^ place) & (below - (below >> (_BITS - 1)))
        return least - bias, most - bias

    def nonnegative(self, monomial: Packed) -> bool:
        """Whether no exponent is negative."""
        return not monomial & self._guard  # a negative digit sets its highest bit, and only borrows upwards

    def inside(self, monomial: Packed, low: Packed, high: Packed) -> bool:
        """Whether every exponent lies in a box."""
        return not ((monomial - low) | (high - monomial)) & self._guard


def added(first: Terms, second: Mapping[Packed, int]) -> Terms:
    """The sum of two polynomials."""
    result = dict(first)
    for monomial, number in second.items():
        value = result.get(monomial, 0) + number
        if value:
            result[monomial] = value
        else:
            del result[monomial]
    return result


def multiplied(first: Mapping[Packed, int], second: Mapping[Packed, int]) -> Terms:
    """The product of two polynomials."""
    if len(first) > len(second):
        first, second = second, first
    if len(first) == 1:
        ((shift, factor),) = first.items()
        return {monomial + shift: number * factor for monomial, number in second.items()}
    result: Terms = {}
    get = result.get
    for m, a in first.items():
        for n, b in second.items():
            result[m + n] = get(m + n, 0) + a * b
    return {monomial: number for monomial, number in result.items() if number}


def quotient(
    ring: Ring, above: Terms, below: Terms, box: Box | None = None, box_below: Box | None = None
) -> Terms | None:
    """The exact quotient of two Laurent polynomials, None where there is none with integer coefficients.

    Args:
        ring: of both.
        above, below: dividend and divisor.
        box, box_below: their boxes, where they are known.

    >>> ring = Ring(); x = ring.generator("x")
    >>> quotient(ring, {2 * x: 1, 0: -1}, {x: 1, 0: 1}) == {x: 1, 0: -1}
    True
    """
    low, high = box or ring.box(above)
    low_below, high_below = box_below or ring.box(below)
    low, high = low - low_below, high - high_below  # where exponents of a quotient can lie
    if not ring.nonnegative(high - low):
        return None
    lead, trail = max(below), min(below)
    leading = below[lead]
    for own, end in ((max(above), lead), (min(above), trail)):
        if above[own] % below[end] or not ring.inside(own - end, low, high):
            return None
    others = [(monomial, number) for monomial, number in below.items() if monomial != lead]
    rest = dict(above)
    heap = [-monomial for monomial in rest]
    heapify(heap)
    result: Terms = {}
    while heap:
        top = -heappop(heap)
        number = rest.pop(top, 0)
        if not number:
            continue
        monomial = top - lead
        if not ring.inside(monomial, low, high):
            return None
        factor, left = divmod(number, leading)
        if left:
            return None
        result[monomial] = factor
        for other, weight in others:
            place = monomial + other
            if place not in rest:
                heappush(heap, -place)
            rest[place] = rest.get(place, 0) - factor * weight
    return result


def primitive(ring: Ring, terms: Terms) -> tuple[Packed, int, Terms]:
    """A monomial, an integer and a polynomial with coprime coefficients and without monomial factors: their product.

    The sign is such that most coefficients are positive.
    """
    least, _ = ring.box(terms)
    content = gcd(*terms.values())
    if 2 * sum(number < 0 for number in terms.values()) > len(terms):
        content = -content
    return least, content, {monomial - least: number // content for monomial, number in terms.items()}

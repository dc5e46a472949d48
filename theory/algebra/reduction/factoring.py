"""Irreducible factors of the polynomials that derivations meet.

These are of degree one in some generator x, A x + B: a factor without x divides both A and B, and what is left is
irreducible. So factoring comes down to factoring the smaller A and to trial division.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from .packed import Packed, Ring, Terms, primitive, quotient

_LARGEST = 100  # terms of a polynomial that is of degree one in nothing and is still given to SymPy


def irreducible(ring: Ring, terms: Terms) -> list[Terms]:
    """Factors whose product is a primitive polynomial; large ones of no generator of degree one are left whole.

    >>> ring = Ring(); x, y = ring.generator("x"), ring.generator("y")
    >>> parts = irreducible(ring, {x + y: 1, x: 1, y: 1, 0: 1})  # (x + 1)(y + 1)
    >>> [len(part) for part in parts]
    [2, 2]
    """
    if len(terms) <= 1:
        return []
    split = _linear(ring, terms)
    if split is None:
        return _by_sympy(ring, terms) if len(terms) <= _LARGEST else [terms]
    if len(split) == 1:
        return [terms]  # the coefficient of x is a unit
    found = []
    _, _, coefficient = primitive(ring, split)
    for factor in irreducible(ring, coefficient):
        while len(terms) > 1 and (smaller := quotient(ring, terms, factor)) is not None:
            found.append(factor)
            terms = smaller
    return [*found, terms]


def _linear(ring: Ring, terms: Terms) -> Terms | None:
    """The coefficient with the fewest terms of a generator of degree one."""
    best: Terms | None = None
    exponents = {monomial: ring.exponents(monomial) for monomial in terms}
    for place, column in enumerate(zip(*exponents.values(), strict=True)):
        if max(column) - min(column) != 1:
            continue
        top = max(column)
        part = {monomial: number for monomial, number in terms.items() if exponents[monomial][place] == top}
        if best is None or len(part) < len(best):
            best = part
    return best


def _by_sympy(ring: Ring, terms: Terms) -> list[Terms]:
    places = [place for place, column in enumerate(zip(*map(ring.exponents, terms), strict=True)) if any(column)]
    domain = sympy.ring([f"x{place}" for place in places], sympy.ZZ)[0]
    element = domain.from_dict({tuple(ring.exponents(m)[place] for place in places): terms[m] for m in terms})
    sign, factors = element.factor_list()
    found = [dict(_packed(ring, places, factor)) for factor, power in factors for _ in range(power)]
    found[0] = {monomial: int(sign) * number for monomial, number in found[0].items()}
    return found


def _packed(ring: Ring, places: list[int], element: object) -> Iterator[tuple[Packed, int]]:
    units = [ring.generator(ring.names[place]) for place in places]
    for exponents, number in element.terms():  # type: ignore[attr-defined]
        yield sum(power * unit for power, unit in zip(exponents, units, strict=True)), int(number)

"""A program walked from its first block to targets, every trace a fraction in positive generators."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import final

from ...problem.errors import Irreducible
from ..expression import Space
from ..polynomial import Letter
from ..program import Block, Sort, Target
from .affine import Row, solved
from .bodies import Bodies, Numbers
from .fractions import Rational
from .packed import Packed
from .solution import size_of
from .start import Start


@final
class Walk:
    """The affine blocks of a program, solved one after the other.

    Args:
        bodies: of the program.
        start: the nonlinear blocks.
    """

    def __init__(self, bodies: Bodies, start: Start) -> None:
        self.bodies, self.ring, self.field = bodies, bodies.ring, start.field
        self.traces, self.values = start.traces, dict(start.values)

    def targets(self, targets: Iterable[Target]) -> dict[str, Rational]:
        """The values of targets."""
        wanted = list(targets)
        needed = frozenset[Letter]().union(*(self.bodies.needed(target) for target in wanted))
        for block in self.bodies.program.blocks:
            if block.definitions[0].letter in needed and not self.bodies.has_generators(block):
                self._block(block)
        return {
            target.name: self._linear(target.space, self.bodies.terms(target.body), ()).get(0, self.field.zero)
            for target in wanted
        }

    def _block(self, block: Block) -> None:
        traces = {known.letter: known for known in block.definitions if known.sort is Sort.TRACE}
        unknowns = {self.ring.generator(letter): known for letter, known in traces.items()}
        if unknowns:
            rows = {
                unknown: self._linear(known.space, self.bodies.terms(known.body), unknowns)
                for unknown, known in unknowns.items()
            }
            self.values.update(solved(self.field, rows))
            return
        (known,) = block.definitions
        if known.sort is Sort.RESOLVENT:
            value = self._linear(None, self.bodies.terms(known.body), ()).get(0, self.field.zero)
            self.values[self.ring.generator(known.letter)] = self.field.inverse(value)

    def _linear(self, space: Space | None, terms: Numbers, unknowns: Collection[Packed]) -> Row:
        """The trace of a polynomial, or where there is no space its value, as a linear form in unknowns."""
        field = self.field
        groups: dict[Packed, list[Rational]] = {}
        for place, number in terms.items():
            low = self.ring.low(place)
            value = field.product(field.number(number), self._trace(space, low))
            groups.setdefault(place - low, []).append(value)
        parts: dict[Packed, dict[Packed, Rational]] = {}
        for high, values in groups.items():
            unknown = self._unknown(high, unknowns)
            parts.setdefault(unknown, {})[high - unknown] = field.cancelled(field.total(values))
        size = field.one if space is None or space in self.bodies.spectral else self._size(space)
        row = {unknown: field.cancelled(field.product(size, self._horner(form))) for unknown, form in parts.items()}
        return {unknown: value for unknown, value in row.items() if value}

    def _trace(self, space: Space | None, low: Packed) -> Rational:
        if space is not None and space in self.bodies.spectral:
            return self.traces.trace(space, low)
        if low:
            raise Irreducible("an eigenvalue on a space that has none")
        return self.field.one

    def _size(self, space: Space) -> Rational:
        return self.values.get(self.ring.generator(size_of(space)), self._value(self.ring.generator(space.size)))

    def _unknown(self, high: Packed, unknowns: Collection[Packed]) -> Packed:
        found = [(unit, power) for unit, power in self._units(high) if unit in unknowns] if unknowns else []
        if found and (len(found) > 1 or found[0][1] != 1):
            raise Irreducible("a block of traces that is not linear")
        return found[0][0] if found else 0

    def _horner(self, form: dict[Packed, Rational]) -> Rational:
        """A polynomial in scalars and solved unknowns, those with the largest values factored out first."""
        if list(form) == [0]:
            return form[0]
        letters = {unit: self._value(unit) for high in form for unit, _ in self._units(high)}
        largest = max(letters, key=lambda unit: (len(letters[unit].terms), unit))
        by_power: dict[int, dict[Packed, Rational]] = {}
        for high, value in form.items():
            power = dict(self._units(high)).get(largest, 0)
            by_power.setdefault(power, {})[high - power * largest] = value
        return self.field.cancelled(
            self.field.total(
                self.field.product(self._horner(rest), self.field.power(letters[largest], power))
                for power, rest in by_power.items()
            )
        )

    def _units(self, high: Packed) -> list[tuple[Packed, int]]:
        return [(self.ring.generator(name), power) for name, power in self.ring.powers(high)]

    def _value(self, unit: Packed) -> Rational:
        return self.values.get(unit, self.field.monomial(unit))

"""A program walked from its first block to its targets, every trace a fraction in positive generators."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias, final

from ...problem.errors import Irreducible
from ..expression import Space
from ..polynomial import Letter, Number, Polynomial
from ..program import Block, BlockKind, Definition, Program, Sort
from .affine import Row, solved
from .atoms import BareTruth, Resolvent, Shrinkage, Traces
from .fractions import Field, Rational
from .generators import UNIT, Solution, size_of, solution
from .packed import Packed, Ring
from .sharing import shared_sizes

Numbers: TypeAlias = dict[Packed, Number]  # a polynomial in the program's own letters

TRUTH, EIGENVALUE = "theta", "s"  # a program in which every theta comes with an s is written in tau = s theta


@final
@dataclass(frozen=True, eq=False)
class Group:
    """Nonlinear blocks with the same equations, hence the same generators.

    Attributes:
        solution: of the first of them.
        blocks: all of them.
        names: the generators of this group for those of the solution.
        shrinkages: the numbers of the nodes' shrinkages.
    """

    solution: Solution
    blocks: list[Solution]
    names: dict[Packed, Packed]
    shrinkages: tuple[int, ...]


@final
class Walk:
    """The reduction of a program.

    Attributes:
        field: of all values.
        groups: the nonlinear blocks.
        traces: the atoms.
        values: of scalar generators that are no generators of the result: traces, sizes, penalties, kappas.
        margins: those that a shared size makes superfluous, in terms of the others.
        targets: the results.
    """

    def __init__(self, program: Program, limit: int) -> None:
        self.program = program
        self.spectral = _spectral_spaces(program)
        resolvents = [
            known.letter
            for known in program.definitions.values()
            if known.sort is Sort.RESOLVENT and known.space in self.spectral
        ]
        self.ring = Ring([UNIT, *sorted(program.spectral), *resolvents])
        self.field = Field(self.ring, limit)
        self.raw: dict[Letter, Numbers] = {}
        for known in program.definitions.values():
            if known.sort is Sort.ENTRY:
                self._expand(known, limit)
        self.groups = self._grouped(limit)
        try:
            self._run(tau=TRUTH in program.spectral and EIGENVALUE in program.spectral)
        except BareTruth:
            self._run(tau=False)

    def _run(self, tau: bool) -> None:
        self.tau = tau
        self.values: dict[Packed, Rational] = {}
        self._positive_generators()
        for block in self.program.blocks:
            self._block(block)
        self.targets = {
            target.name: self.field.cancelled(self.trace(target.space, self.terms(target.body)))
            for target in self.program.targets
        }

    # Entries stay polynomials in the program's own letters; only traces of them become fractions.

    def terms(self, body: Polynomial) -> Numbers:
        """A body with its entries expanded."""
        result: Numbers = {}
        for monomial, number in body.terms.items():
            plain = sum(power * self.ring.generator(letter) for letter, power in monomial if letter not in self.raw)
            term: Numbers = {plain: number}
            for letter, power in monomial:
                for _ in range(power if letter in self.raw else 0):
                    term = _product(term, self.raw[letter])
            for place, value in term.items():
                result[place] = result.get(place, 0) + value
        return {place: value for place, value in result.items() if value}

    def _expand(self, known: Definition, limit: int) -> None:
        from ...problem.errors import Swell

        if known.letter in self.raw:
            return
        for letter in sorted(known.body.letters):
            other = self.program.definitions.get(letter)
            if other is not None and other.sort is Sort.ENTRY:
                self._expand(other, limit)
        self.raw[known.letter] = self.terms(known.body)
        if len(self.raw[known.letter]) > limit:
            raise Swell(len(self.raw[known.letter]), limit)

    # Blocks

    def _grouped(self, limit: int) -> list[Group]:
        groups: dict[object, Group] = {}
        count = 0
        sizes = {space.size for space in self.program.spaces}
        for block in self.program.blocks:
            if not self._has_generators(block):
                continue
            made = solution(block, self.ring, self.spectral, self.program.spectral, sizes, limit)
            known = groups.get(made.signature)
            if known is not None:
                known.blocks.append(made)
                continue
            index = len(groups)
            own = [*made.margins.values(), *(ridge for node in made.nodes for ridge in node.ridges)]
            names = {generator: self.ring.generator((index, self.ring.powers(generator)[0][0])) for generator in own}
            numbers = tuple(range(count, count + len(made.nodes)))
            count += len(numbers)
            groups[made.signature] = Group(made, [made], names, numbers)
        return list(groups.values())

    def _has_generators(self, block: Block) -> bool:
        if block.kind is BlockKind.NONLINEAR:
            return True
        known = block.definitions[0]
        return known.sort is Sort.RESOLVENT and known.space in self.spectral

    def _positive_generators(self) -> None:
        """Shrinkages, and the values of all that the nonlinear blocks define."""
        field = self.field
        basic = {
            own: {generator: field.monomial(name) for generator, name in group.names.items()}
            for own, group in enumerate(self.groups)
        }
        ridges = {
            (own, ridge): field.replaced(group.solution.solved[ridge], group.solution.field, basic[own])
            if ridge in group.solution.solved
            else basic[own][ridge]
            for own, group in enumerate(self.groups)
            for node in group.solution.nodes
            for ridge in node.ridges
        }
        degrees = self._degrees()
        shrinkages = [
            Shrinkage(node.space, node.eigenvalues, tuple(ridges[own, ridge] for ridge in node.ridges), degrees[number])
            for own, group in enumerate(self.groups)
            for number, node in zip(group.shrinkages, group.solution.nodes, strict=True)
        ]
        truth = (TRUTH, -self.ring.generator(EIGENVALUE)) if self.tau else None
        resolvents: dict[Letter, Resolvent] = {}
        self.traces = Traces(field, shrinkages, resolvents, truth)
        inside = [self._inside(own, basic[own]) for own in range(len(self.groups))]
        self.margins = shared_sizes(
            field,
            [
                {
                    space: field.replaced(
                        group.solution.solved[self.ring.generator(size_of(space))], group.solution.field, inside[own]
                    )
                    for space in group.solution.margins
                }
                for own, group in enumerate(self.groups)
            ],
            [{space: group.names[margin] for space, margin in group.solution.margins.items()} for group in self.groups],
        )
        for own, group in enumerate(self.groups):
            for made in group.blocks:
                self._take(made, group, inside[own], resolvents)

    def _inside(self, own: int, basic: dict[Packed, Rational]) -> dict[Packed, Rational]:
        """Values of a group's generators, flows and solved letters."""
        group = self.groups[own]
        inside = dict(basic)
        for number, node in zip(group.shrinkages, group.solution.nodes, strict=True):
            for place, flow in enumerate(node.flows):
                inside[flow] = self.traces.flow(number, place)
        return inside

    def _take(
        self, made: Solution, group: Group, inside: dict[Packed, Rational], resolvents: dict[Letter, Resolvent]
    ) -> None:
        field, ring = self.field, self.ring

        def here(value: Rational) -> Rational:
            moved = field.replaced(value, made.field, inside)
            return field.replaced(moved, field, self.margins) if self.margins else moved

        solved_here = {variable: here(value) for variable, value in made.solved.items()}
        for variable, value in solved_here.items():
            ((name, _),) = ring.powers(variable)
            if isinstance(name, str):
                self.values.setdefault(variable, value)
            elif isinstance(name, tuple) and name[0] == "size":
                self.values.setdefault(variable, value)
                self.values.setdefault(ring.generator(name[1].size), value)
        for letter, value in made.letters.items():
            self.values[ring.generator(letter)] = here(value)
        both = {**inside, **solved_here}
        for number, node in zip(group.shrinkages, made.nodes, strict=True):
            scale = field.replaced(field.replaced(node.scale, made.field, both), field, self.margins)
            resolvents[node.letter] = Resolvent(number, scale, node.weight)

    def _degrees(self) -> list[int]:
        """The highest power of every shrinkage in any trace, at least one."""
        number = {
            node.letter: place
            for group in self.groups
            for made in group.blocks
            for place, node in zip(group.shrinkages, made.nodes, strict=True)
        }
        degrees = [1] * sum(len(group.shrinkages) for group in self.groups)
        for space, body in self._traced():
            if space not in self.spectral:
                continue
            for low in {self.ring.low(place) for place in self.terms(body)}:
                counts = [0] * len(degrees)
                for name, power in self.ring.powers(low):
                    if name in number:
                        counts[number[name]] += power
                degrees = [max(pair) for pair in zip(degrees, counts, strict=True)]
        return degrees

    def _traced(self) -> Iterable[tuple[Space, Polynomial]]:
        for known in self.program.definitions.values():
            if known.sort is Sort.TRACE:
                yield known.space, known.body
        for target in self.program.targets:
            yield target.space, target.body

    def _block(self, block: Block) -> None:
        if self._has_generators(block):
            return
        unknowns = {self.ring.generator(known.letter): known for known in block.definitions if known.sort is Sort.TRACE}
        if unknowns:
            rows = {u: self.linear(known.space, self.terms(known.body), unknowns) for u, known in unknowns.items()}
            self.values.update(solved(self.field, rows))
            return
        (known,) = block.definitions
        if known.sort is Sort.RESOLVENT:
            value = self.linear(None, self.terms(known.body), ()).get(0, self.field.zero)
            self.values[self.ring.generator(known.letter)] = self.field.inverse(value)

    # Traces

    def trace(self, space: Space, terms: Numbers) -> Rational:
        """The trace of a polynomial without unknowns."""
        return self.linear(space, terms, ()).get(0, self.field.zero)

    def linear(self, space: Space | None, terms: Numbers, unknowns: Collection[Packed]) -> Row:
        """The trace of a polynomial as a linear form in unknowns."""
        field, ring = self.field, self.ring
        groups: dict[Packed, list[Rational]] = {}
        for place, number in terms.items():
            low = ring.low(place)
            if space in self.spectral:
                assert space is not None
                value = field.product(field.number(number), self.traces.trace(space, low))
            elif low:
                raise Irreducible("an eigenvalue in a space that has none")
            else:
                value = field.number(number)
            groups.setdefault(place - low, []).append(value)
        parts: dict[Packed, dict[Packed, Rational]] = {}
        for high, values in groups.items():
            unknown = self._unknown(high, unknowns)
            parts.setdefault(unknown, {})[high - unknown] = field.cancelled(field.total(values))
        size = field.one if space is None or space in self.spectral else self._size(space)
        row = {unknown: field.cancelled(field.product(size, self._horner(form))) for unknown, form in parts.items()}
        return {unknown: value for unknown, value in row.items() if value}

    def _size(self, space: Space) -> Rational:
        generator = self.ring.generator(size_of(space))
        return self.values.get(generator) or self._value(self.ring.generator(space.size))

    def _unknown(self, high: Packed, unknowns: Collection[Packed]) -> Packed:
        if not unknowns:
            return 0
        found = [
            (unit, power) for name, power in self.ring.powers(high) if (unit := self.ring.generator(name)) in unknowns
        ]
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
        return self.values.get(unit) or self.field.monomial(unit)


def _spectral_spaces(program: Program) -> list[Space]:
    """Spaces with eigenvalues; without any, those of the targets, on which every eigenvalue is then 1."""
    spaces = dict.fromkeys(program.spectral.values()) or dict.fromkeys(target.space for target in program.targets)
    return list(spaces)


def _product(first: Numbers, second: Numbers) -> Numbers:
    result: Numbers = {}
    for m, a in first.items():
        for n, b in second.items():
            result[m + n] = result.get(m + n, 0) + a * b
    return result

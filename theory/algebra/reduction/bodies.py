"""The bodies of a program's traces as polynomials in its own letters, entries put in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, final

from ...problem.errors import Swell
from ..expression import Space
from ..polynomial import Letter, Number, Polynomial
from ..program import Block, BlockKind, Program, Sort, Target
from .packed import Packed, Ring

Numbers: TypeAlias = dict[Packed, Number]


@final
class Bodies:
    """A program over a ring whose lowest generators are its spectral letters and resolvents.

    Attributes:
        program: the program.
        ring: of packed monomials.
        spectral: the spaces with eigenvalues; without any, those of the targets, where every eigenvalue is then 1.
    """

    def __init__(self, program: Program, limit: int) -> None:
        self.program = program
        self.limit = limit
        own = dict.fromkeys(program.spectral.values()) or dict.fromkeys(target.space for target in program.targets)
        self.spectral: tuple[Space, ...] = tuple(own)
        resolvents = [
            known.letter
            for known in program.definitions.values()
            if known.sort is Sort.RESOLVENT and known.space in self.spectral
        ]
        self.ring = Ring([*sorted(program.spectral), *resolvents])
        self._entries: dict[Letter, Numbers] = {}

    def has_generators(self, block: Block) -> bool:
        """Whether a block has effective ridges and margins: it is nonlinear, or a resolvent on eigenvalues."""
        if block.kind is BlockKind.NONLINEAR:
            return True
        known = block.definitions[0]
        return known.sort is Sort.RESOLVENT and known.space in self.spectral

    def terms(self, body: Polynomial) -> Numbers:
        """A body with its entries expanded."""
        result: Numbers = {}
        for monomial, number in body.terms.items():
            term: Numbers = {0: number}
            for letter, power in monomial:
                entry = self._entry(letter)
                if entry is None:
                    shift = power * self.ring.generator(letter)
                    term = {place + shift: value for place, value in term.items()}
                else:
                    for _ in range(power):
                        term = _product(term, entry)
            for place, value in term.items():
                result[place] = result.get(place, 0) + value
        if len(result) > self.limit:
            raise Swell("terms in a trace", len(result), self.limit)
        return {place: value for place, value in result.items() if value}

    def _entry(self, letter: Letter) -> Numbers | None:
        if letter not in self._entries:
            known = self.program.definitions.get(letter)
            if known is None or known.sort is not Sort.ENTRY:
                return None
            self._entries[letter] = self.terms(known.body)
        return self._entries[letter]

    def needed(self, target: Target) -> frozenset[Letter]:
        """All definitions that a target depends on."""
        reached: set[Letter] = set()
        waiting = list(target.body.letters)
        while waiting:
            known = self.program.definitions.get(waiting.pop())
            if known is not None and known.letter not in reached:
                reached.add(known.letter)
                waiting.extend(known.body.letters)
        return frozenset(reached)

    def degrees(self, target: Target, numbers: dict[Letter, int]) -> tuple[int, ...]:
        """The highest power of every shrinkage in any trace that a target needs, 0 where it needs none.

        Args:
            target: of the program.
            numbers: of the shrinkage of every resolvent.
        """
        needed = self.needed(target)
        degrees = [0] * (max(numbers.values(), default=-1) + 1)
        for letter in needed & numbers.keys():
            degrees[numbers[letter]] = 1
        for space, body in self._traced(target, needed):
            if space not in self.spectral:
                continue
            for low in {self.ring.low(place) for place in self.terms(body)}:
                counts = [0] * len(degrees)
                for name, power in self.ring.powers(low):
                    if name in numbers:
                        counts[numbers[str(name)]] += power
                degrees = [max(pair) for pair in zip(degrees, counts, strict=True)]
        return tuple(degrees)

    def _traced(self, target: Target, needed: frozenset[Letter]) -> Iterable[tuple[Space, Polynomial]]:
        yield target.space, target.body
        for known in self.program.definitions.values():
            if known.sort is Sort.TRACE and known.letter in needed:
                yield known.space, known.body


def _product(first: Numbers, second: Numbers) -> Numbers:
    result: Numbers = {}
    for m, a in first.items():
        for n, b in second.items():
            result[m + n] = result.get(m + n, 0) + a * b
    return result

r"""Positive generators of a nonlinear block: effective ridges, margins and flows, by which its unknowns are written.

A resolvent with determinant c_0 + sum_x c_x x on a space with eigenvalues x is h = N/c_0 with

    kappa_x = c_0/c_x,    N (1 + sum_x x/kappa_x) = 1,    flows  phi_x = tr[N x/kappa_x].

A resolvent on a space of size w without eigenvalues, with determinant c_0 where the unknowns vanish, has the margin
D = w c_0 h > 0. The equations h det = 1 and kappa_x c_x = c_0 are then rational in the generators kappa, D, phi, in the
sizes and in the penalty: they are solved for the penalty, the sizes and all but the first kappa, so that no margin is
ever a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

from ...problem.errors import Irreducible
from ..expression import Space
from ..polynomial import Letter, Number, Polynomial
from ..program import Block, Definition, Sort
from .elimination import eliminated, substituted
from .fractions import Field, Rational
from .packed import Packed, Ring, Terms


@final
@dataclass(frozen=True, eq=False)
class Node:
    """A resolvent on a space with eigenvalues, h = N/(scale * weight).

    Attributes:
        letter: h.
        space: where it lives.
        weight: the monomial of spectral letters in c_0.
        scale: the rest of c_0.
        eigenvalues: the monomials x, 0 for the eigenvalue 1.
        ridges, flows: the generators kappa_x and phi_x, in the same order.
    """

    letter: Letter
    space: Space
    weight: Packed
    scale: Rational
    eigenvalues: tuple[Packed, ...]
    ridges: tuple[Packed, ...]
    flows: tuple[Packed, ...]


@final
@dataclass(frozen=True, eq=False)
class Solution:
    """A nonlinear block in its generators, which are named without reference to the block.

    Attributes:
        field: of the values.
        nodes: the resolvents on spaces with eigenvalues.
        margins: the generator D of every other space.
        solved: penalty, sizes and the kappas after the first, as functions of the generators.
        shown: the same with sizes on the right.
        penalty: the letter that was solved for, None where the penalty is a number.
        letters: the block's traces, and its resolvents on spaces without eigenvalues.
    """

    field: Field
    nodes: tuple[Node, ...]
    margins: dict[Space, Packed]
    solved: dict[Packed, Rational]
    shown: dict[Packed, Rational]
    penalty: Letter | None
    letters: dict[Letter, Rational]

    @property
    def signature(self) -> object:
        """Two blocks with one signature have the same generators."""
        nodes = tuple((node.space, node.eigenvalues) for node in self.nodes)
        equations = tuple(
            (variable, frozenset(self.field.numerator(value).items()), frozenset(self.field.denominator(value).items()))
            for variable, value in self.solved.items()
        )
        return nodes, tuple(self.margins), equations, self.penalty


def size_of(space: Space) -> tuple[str, Space]:
    """The name of the size of a space: spaces are told apart even where their sizes have one letter."""
    return ("size", space)


def solution(
    block: Block, ring: Ring, spectral: Sequence[Space], letters: Iterable[Letter], sizes: Iterable[Letter], limit: int
) -> Solution:
    """The generators of a block.

    Args:
        block: nonlinear, or one resolvent alone.
        ring: of packed monomials.
        spectral: the spaces with eigenvalues.
        letters: of eigenvalues.
        sizes: letters of sizes, which are no penalties.
        limit: of terms.

    Raises:
        Irreducible: for equations of another kind.
    """
    return _Builder(block, ring, spectral, (frozenset(letters), frozenset(sizes)), limit).solution()


class _Builder:
    def __init__(
        self,
        block: Block,
        ring: Ring,
        spectral: Sequence[Space],
        letters: tuple[frozenset[Letter], frozenset[Letter]],
        limit: int,
    ) -> None:
        self.block = {definition.letter: definition for definition in block.definitions}
        self.ring, self.spectral = ring, spectral
        self.letters, self.no_penalties = letters
        self.field = Field(ring, limit)
        self.sizes: dict[Letter, Packed] = {}
        self.nodes: dict[Letter, Node] = {}
        self.margins: dict[Space, Packed] = {}
        self.penalties: list[Letter] = []
        self.values: dict[Letter, Rational] = {}
        self._open: list[Letter] = []

    def solution(self) -> Solution:
        resolvents = [known for known in self.block.values() if known.sort is Sort.RESOLVENT]
        for known in resolvents:
            if known.space not in self.spectral:
                self.sizes.setdefault(known.space.size, self.ring.generator(size_of(known.space)))
        parts = {known.letter: known.body.split(self.block) for known in resolvents}
        self._find_penalties([part.get((), Polynomial({})) for part in parts.values()])
        for known in resolvents:
            self._resolvent(known, parts[known.letter].get((), Polynomial({})))
        equations = [equation for known in resolvents for equation in self._equations(known)]
        kept = [ridge for node in self.nodes.values() for ridge in node.ridges]
        sizes = [self.ring.generator(size_of(space)) for space in self.margins]
        penalties = [self.ring.generator(letter) for letter in self.penalties] or [self.ring.generator(("penalty",))]
        found = eliminated(self.field, equations, penalties, [*sizes, *kept[1:]])
        solved = substituted(self.field, found, found)
        penalty = next((letter for letter in self.penalties if self.ring.generator(letter) in solved), None)
        for known in self.block.values():
            if known.letter not in self.nodes:
                self.value(known.letter)
        values = {
            letter: self.field.replaced(value, self.field, solved)
            for letter, value in self.values.items()
            if letter in self.block
        }
        shown = substituted(self.field, found, kept)
        return Solution(self.field, tuple(self.nodes.values()), self.margins, solved, shown, penalty, values)

    def _find_penalties(self, constants: list[Polynomial]) -> None:
        found = sorted({letter for constant in constants for letter in constant.letters})
        self.penalties = [letter for letter in found if letter not in self.no_penalties | self.letters]
        self._needs_unit = not self.penalties

    def _resolvent(self, known: Definition, constant: Polynomial) -> None:
        if not constant:
            raise Irreducible(f"{known.letter} = 1/({known.body}) has no part that does not depend on unknowns")
        if known.space not in self.spectral:
            margin = self.margins.setdefault(known.space, self.ring.generator(("margin", known.space)))
            scale = self._scaled(self.packed(constant), trivial=constant.is_number())
            size = self.field.monomial(self.ring.generator(size_of(known.space)))
            value = self.field.product(self.field.monomial(margin), self.field.inverse(self.field.product(size, scale)))
            self.values[known.letter] = value
            return
        terms = self.packed(constant)
        weights = {self.ring.low(monomial) for monomial in terms.terms}
        if len(weights) != 1:
            raise Irreducible(f"the penalty {constant} has several eigenvalues")
        weight = weights.pop()
        scale = self._scaled(
            Rational({monomial - weight: number for monomial, number in terms.terms.items()}, {}, terms.unit),
            trivial=constant.is_number(),
        )
        eigenvalues = tuple(
            sorted(self._by_eigenvalue(known, weight), key=lambda x: (x == 0, x))
        )  # 1 divides all: last
        numbers = range(len(self.nodes), len(self.nodes) + len(eigenvalues))
        self.nodes[known.letter] = Node(
            known.letter,
            known.space,
            weight,
            scale,
            eigenvalues,
            tuple(self.ring.generator(("kappa", number, x)) for number, x in zip(numbers, eigenvalues, strict=True)),
            tuple(self.ring.generator(("flow", number, x)) for number, x in zip(numbers, eigenvalues, strict=True)),
        )

    def _scaled(self, value: Rational, trivial: bool) -> Rational:
        """A constant part, with a formal penalty 1 where the block's penalty is a number."""
        if not self._needs_unit or trivial:
            return value
        self._needs_unit = False
        return self.field.product(value, self.field.monomial(self.ring.generator(("penalty",))))

    def _by_eigenvalue(self, known: Definition, weight: Packed) -> dict[Packed, Polynomial]:
        """The part of a determinant that depends on unknowns, by eigenvalue in units of the weight."""
        result: dict[Packed, Polynomial] = {}
        for own, rest in known.body.split(self.letters).items():
            unknown = Polynomial(
                {m: number for m, number in rest.terms.items() if any(letter in self.block for letter, _ in m)}
            )
            if unknown:
                eigenvalue = sum(power * self.ring.generator(letter) for letter, power in own)
                result[eigenvalue - weight] = unknown
        return result

    def _equations(self, known: Definition) -> list[Terms]:
        node = self.nodes.get(known.letter)
        field = self.field
        if node is None:
            det = self.evaluated(known.body)
            return [field.difference(field.product(self.values[known.letter], det), field.one).terms]
        coefficients = {x: self.evaluated(c) for x, c in self._by_eigenvalue(known, node.weight).items()}
        return [
            field.difference(field.product(field.monomial(ridge), coefficients[x]), node.scale).terms
            for x, ridge in zip(node.eigenvalues, node.ridges, strict=True)
        ]

    def packed(self, polynomial: Polynomial) -> Rational:
        """A polynomial without unknowns."""
        terms: dict[Packed, Number] = {}
        for monomial, number in polynomial.terms.items():
            place = sum(power * self._generator(letter) for letter, power in monomial)
            terms[place] = terms.get(place, 0) + number
        return self.field.polynomial(terms)

    def evaluated(self, polynomial: Polynomial) -> Rational:
        """A polynomial without spectral letters, in generators."""
        return self.field.total(
            self.field.product(
                self.field.number(number),
                *(self.field.power(self.value(letter), power) for letter, power in monomial),
            )
            for monomial, number in polynomial.terms.items()
        )

    def value(self, letter: Letter) -> Rational:
        """A letter in generators."""
        if letter not in self.values:
            known = self.block.get(letter)
            if known is None:
                return self.field.monomial(self._generator(letter))
            if letter in self._open or letter in self.nodes:
                raise Irreducible(f"{letter} is not a function of margins and flows")
            self._open.append(letter)
            self.values[letter] = self._trace(known) if known.sort is Sort.TRACE else self.evaluated(known.body)
            self._open.remove(letter)
        return self.values[letter]

    def _generator(self, letter: Letter) -> Packed:
        return self.sizes.get(letter) or self.ring.generator(letter)

    def _trace(self, known: Definition) -> Rational:
        if known.space not in self.spectral:
            size = self.field.monomial(self.ring.generator(size_of(known.space)))
            return self.field.product(size, self.evaluated(known.body))
        parts = known.body.split({*self.letters, *self.nodes})
        return self.field.total(
            self.field.product(self.evaluated(coefficient), self._flow(known, dict(own)))
            for own, coefficient in parts.items()
        )

    def _flow(self, known: Definition, own: dict[Letter, int]) -> Rational:
        """tr[h x] = kappa_x phi_x/c_0."""
        inside = [letter for letter in own if letter in self.nodes]
        node = self.nodes[inside[0]] if len(inside) == 1 and own[inside[0]] == 1 else None
        eigenvalue = sum(power * self.ring.generator(letter) for letter, power in own.items() if letter in self.letters)
        place = eigenvalue - (node.weight if node else 0)
        if node is None or place not in node.eigenvalues:
            raise Irreducible(f"{known.letter} = tr[{known.body}] is not a flow")
        index = node.eigenvalues.index(place)
        return self.field.product(
            self.field.monomial(node.ridges[index] + node.flows[index]), self.field.inverse(node.scale)
        )

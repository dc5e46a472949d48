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

from ...problem.errors import Irreducible
from ..expression import Space
from ..polynomial import Letter, Number, Polynomial
from ..program import Block, Definition, Sort
from .elimination import eliminated, substituted
from .fractions import Field, Rational
from .packed import Packed, Ring, Terms
from .solution import Node, Solution, size_of


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
        self.constants: dict[Letter, Rational] = {}
        self._with_unit: Letter | None = None
        self.values: dict[Letter, Rational] = {}
        self._open: list[Letter] = []

    def solution(self) -> Solution:
        resolvents = [known for known in self.block.values() if known.sort is Sort.RESOLVENT]
        for known in resolvents:
            if known.space not in self.spectral:
                self.sizes.setdefault(known.space.size, self.ring.generator(size_of(known.space)))
        parts = {known.letter: known.body.split(self.block) for known in resolvents}
        constants = {letter: part.get((), Polynomial({})) for letter, part in parts.items()}
        self._find_penalties(constants)
        for known in resolvents:
            self._resolvent(known, constants[known.letter])
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

    def _find_penalties(self, constants: dict[Letter, Polynomial]) -> None:
        """Letters that can be solved for; a factor 1 where the penalty is a number."""
        found = sorted({letter for constant in constants.values() for letter in constant.letters})
        self.penalties = [letter for letter in found if letter not in self.no_penalties | self.letters]
        if not self.penalties:
            numbers = [letter for letter, constant in constants.items() if constant.is_number()]
            spectral = [letter for letter in numbers if self.block[letter].space in self.spectral]
            others = [letter for letter in constants if letter not in numbers]
            self._with_unit = (others or spectral or numbers)[0]

    def _resolvent(self, known: Definition, constant: Polynomial) -> None:
        if not constant:
            raise Irreducible(f"{known.letter} = 1/({known.body}) has no part that does not depend on unknowns")
        packed = self.packed(constant)
        if known.letter == self._with_unit:
            packed = self.field.product(packed, self.field.monomial(self.ring.generator(("penalty",))))
        self.constants[known.letter] = packed
        if known.space in self.spectral:
            self.nodes[known.letter] = self._node(known, packed)
            return
        if known.space in self.margins:
            raise Irreducible(f"two resolvents on {known.space} that depend on each other")
        margin = self.margins[known.space] = self.ring.generator(("margin", known.space))
        size = self.field.monomial(self.ring.generator(size_of(known.space)))
        below = self.field.inverse(self.field.product(size, packed))
        self.values[known.letter] = self.field.product(self.field.monomial(margin), below)

    def _node(self, known: Definition, constant: Rational) -> Node:
        weight = min({self.ring.low(monomial) for monomial in constant.terms}, key=lambda low: (low != 0, low))
        terms = {
            monomial - weight: number
            for monomial, number in constant.terms.items()
            if self.ring.low(monomial) == weight
        }
        eigenvalues = sorted(self._by_eigenvalue(known, weight), key=lambda x: (x == 0, x))  # 1 divides all, so last
        number = len(self.nodes)
        return Node(
            known.letter,
            known.space,
            weight,
            Rational(terms, {}, constant.unit),
            tuple(eigenvalues),
            tuple(self.ring.generator(("kappa", number, x)) for x in eigenvalues),
            tuple(self.ring.generator(("flow", number, x)) for x in eigenvalues),
        )

    def _by_eigenvalue(self, known: Definition, weight: Packed) -> dict[Packed, Polynomial]:
        """A determinant without its constant part, by eigenvalue in units of the weight."""
        result: dict[Packed, Polynomial] = {}
        for own, rest in known.body.split(self.letters).items():
            eigenvalue = sum(power * self.ring.generator(letter) for letter, power in own) - weight
            unknown = rest - rest.split(self.block).get((), Polynomial({})) if eigenvalue == 0 else rest
            if unknown:
                result[eigenvalue] = unknown
        return result

    def _equations(self, known: Definition) -> list[Terms]:
        node = self.nodes.get(known.letter)
        field = self.field
        if node is None:
            rest = known.body - known.body.split(self.block).get((), Polynomial({}))
            det = field.total((self.constants[known.letter], self.evaluated(rest)))
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

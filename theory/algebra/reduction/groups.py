"""The nonlinear blocks of a program and the generators that they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ..expression import Space
from ..polynomial import Letter
from .bodies import Bodies
from .elimination import linear
from .fractions import Field, Rational
from .generators import solution
from .packed import Packed
from .solution import Solution, size_of


@final
@dataclass(frozen=True, eq=False)
class Group:
    """Nonlinear blocks with the same equations, hence the same generators.

    Attributes:
        blocks: the blocks.
        names: the generators of this group for those of the blocks: kappas, margins and flows.
        shrinkages: the number, among all of the program, of the shrinkage of each of its nodes.
    """

    blocks: list[Solution]
    names: dict[Packed, Packed]
    shrinkages: tuple[int, ...]

    @property
    def first(self) -> Solution:
        """The first block, as good as any."""
        return self.blocks[0]


@final
@dataclass(frozen=True, eq=False)
class Relation:
    """A margin that is determined by another block with the same space: data used again, a projection kept.

    Attributes:
        margin: the generator.
        value: in the others, flows among them.
        groups: the numbers of the two groups.
    """

    margin: Packed
    value: Rational
    groups: frozenset[int]


@final
@dataclass(frozen=True, eq=False)
class Groups:
    """All groups of a program.

    Attributes:
        groups: in the order in which they are met.
        relations: between them; later ones do not contain the margins of earlier ones.
        field: of the relations.
        numbers: for every resolvent with eigenvalues the number of its shrinkage.
    """

    groups: tuple[Group, ...]
    relations: tuple[Relation, ...]
    field: Field
    numbers: dict[Letter, int]


def grouped(bodies: Bodies) -> Groups:
    """The groups of a program, and the relations between them."""
    found: dict[object, Group] = {}
    numbers: dict[Letter, int] = {}
    sizes = {space.size for space in bodies.program.spaces}
    count = 0
    for block in filter(bodies.has_generators, bodies.program.blocks):
        made = solution(block, bodies.ring, bodies.spectral, bodies.program.spectral, sizes, bodies.limit)
        if made.signature in found:
            found[made.signature].blocks.append(made)
        else:
            names = _names(bodies, made, len(found))
            found[made.signature] = Group([made], names, tuple(range(count, count + len(made.nodes))))
            count += len(made.nodes)
        own = found[made.signature].shrinkages
        numbers.update({node.letter: number for node, number in zip(made.nodes, own, strict=True)})
    groups = tuple(found.values())
    field = Field(bodies.ring, bodies.limit)
    return Groups(groups, _relations(bodies, groups, field), field, numbers)


def _names(bodies: Bodies, made: Solution, index: int) -> dict[Packed, Packed]:
    own = [*made.margins.values(), *(x for node in made.nodes for x in (*node.ridges, *node.flows))]
    return {generator: bodies.ring.generator((index, bodies.ring.powers(generator)[0][0])) for generator in own}


def _relations(bodies: Bodies, groups: tuple[Group, ...], field: Field) -> tuple[Relation, ...]:
    """Sizes that two groups have in common, each solved for a margin.

    The margin that enters more simply is preferred, as in D = size - flow. That difference is where such programs
    lose their certificates.
    """
    first: dict[Space, int] = {}
    relations: list[Relation] = []
    for index, group in enumerate(groups):
        for space in group.first.margins:
            if space not in first:
                first[space] = index
                continue
            pair = (groups[first[space]], group)
            sizes = [_size(bodies, field, own, space) for own in pair]
            known = {relation.margin: relation.value for relation in relations}
            difference = field.replaced(field.difference(*sizes), field, known)
            margins = [own.names[own.first.margins[space]] for own in pair]
            found = _solved(field, difference, margins)
            if found is not None:
                relations.append(Relation(*found, frozenset({first[space], index})))
    return tuple(relations)


def _size(bodies: Bodies, field: Field, group: Group, space: Space) -> Rational:
    names = {generator: field.monomial(name) for generator, name in group.names.items()}
    return field.replaced(group.first.solved[bodies.ring.generator(size_of(space))], group.first.field, names)


def _solved(field: Field, relation: Rational, margins: list[Packed]) -> tuple[Packed, Rational] | None:
    best: tuple[int, Packed, Rational] | None = None
    for margin in margins:
        parts = linear(field, relation.terms, margin)
        if parts and (best is None or len(parts[0]) < best[0]):
            below, above = (Rational(part) for part in parts)
            value = field.cancelled(field.product(field.negative(above), field.inverse(below)))
            best = (len(parts[0]), margin, value)
    return best and best[1:]

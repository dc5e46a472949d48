"""Unknowns that must be equal are one: partition refinement, as when a finite automaton is minimised.

All unknowns of one kind are first taken for equal; right-hand sides written with one representative for each class
then split what differs, until nothing splits. That is sound because the equations have one solution as formal power
series in the variances, and the merged equations have it too.
"""

from __future__ import annotations

from collections.abc import Hashable

from .components import strongly_connected
from .expression import Space
from .polynomial import Letter, Polynomial
from .program import Block, BlockKind, Definition, Program, Sort, Target


def merged(program: Program) -> Program:
    """The program with equal unknowns merged and the definitions that nothing needs left out."""
    names = _representatives(program.definitions, frozenset(program.spectral.values()))
    definitions = {
        letter: Definition(letter, known.sort, known.space, known.body.renamed(names))
        for letter, known in program.definitions.items()
        if names[letter] == letter
    }
    targets = tuple(Target(one.name, one.space, one.body.renamed(names)) for one in program.targets)
    return Program(ordered_blocks(_needed(definitions, targets)), targets, program.spectral)


def ordered_blocks(definitions: dict[Letter, Definition]) -> tuple[Block, ...]:
    """Definitions ordered by dependence, those that depend on each other together."""
    edges = {
        letter: sorted(other for other in definition.body.letters if other in definitions)
        for letter, definition in definitions.items()
    }
    return tuple(_block(component, definitions, edges) for component in strongly_connected(edges))


def _block(letters: list[Letter], definitions: dict[Letter, Definition], edges: dict[Letter, list[Letter]]) -> Block:
    if len(letters) == 1 and letters[0] not in edges[letters[0]]:
        return Block(BlockKind.EXPLICIT, (definitions[letters[0]],))
    nonlinear = any(definitions[letter].sort is Sort.RESOLVENT for letter in letters)
    order = sorted(letters, key=lambda letter: (definitions[letter].sort is Sort.TRACE, len(letter), letter))
    kind = BlockKind.NONLINEAR if nonlinear else BlockKind.AFFINE
    return Block(kind, tuple(definitions[letter] for letter in order))


def _representatives(definitions: dict[Letter, Definition], spectral: frozenset[Space]) -> dict[Letter, Letter]:
    """For every unknown the first one that is equal to it; spaces without a spectrum are told apart by size alone."""
    classes: dict[Letter, Hashable] = {
        letter: (known.sort, known.space if known.space in spectral else known.space.size)
        for letter, known in definitions.items()
    }
    count = len(set(classes.values()))
    while True:
        first: dict[Hashable, Letter] = {}
        names = {letter: first.setdefault(own, letter) for letter, own in classes.items()}
        seen: dict[tuple[Letter, Polynomial], int] = {}
        refined: dict[Letter, Hashable] = {}
        for letter, definition in definitions.items():
            signature = (names[letter], definition.body.renamed(names))
            refined[letter] = seen.setdefault(signature, len(seen))
        if len(seen) == count:
            return names
        classes, count = refined, len(seen)


def _needed(definitions: dict[Letter, Definition], targets: tuple[Target, ...]) -> dict[Letter, Definition]:
    reached: dict[Letter, Definition] = {}
    waiting = [letter for target in targets for letter in sorted(target.body.letters)]
    while waiting:
        letter = waiting.pop()
        if letter in definitions and letter not in reached:
            reached[letter] = definitions[letter]
            waiting.extend(sorted(definitions[letter].body.letters))
    return {letter: definitions[letter] for letter in definitions if letter in reached}

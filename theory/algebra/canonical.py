"""Programs that differ in the names of their scalars and spaces are one program, derived and compiled once."""

from __future__ import annotations

from dataclasses import replace

from .expression import Space
from .polynomial import Letter
from .program import Block, Program


def canonical(program: Program) -> tuple[Program, dict[Letter, Letter]]:
    """The program with its scalars called #1, #2, ... in the order in which they are met, and those names.

    Spaces without a spectrum are named by what they are in that order, too. Targets keep their names.

    >>> from .dyson import dyson
    >>> from .model import Model, inv
    >>> from .pencil import pencil
    >>> m = Model(); X = m.design("X", "T")
    >>> canonical(dyson(pencil([("trace", inv(X.T @ X + "lambda"))])))[1]
    {'lambda': '#1', 'T': '#2'}
    """
    spectral = set(program.spectral.values())
    fixed = {*program.spectral, *program.definitions, *(space.size for space in spectral)}
    names: dict[Letter, Letter] = {}
    spaces: dict[Space, Space] = {space: space for space in spectral}

    def meet(letters: list[Letter]) -> None:
        for letter in letters:
            if letter not in fixed:
                names.setdefault(letter, f"#{len(names) + 1}")

    for definition in program.definitions.values():
        meet([letter for monomial in definition.body.terms for letter, _ in monomial])
        meet([] if definition.space in spaces else [definition.space.size])
        if definition.space not in spaces:
            spaces[definition.space] = Space(
                f"space {len(spaces)}", names.get(definition.space.size, definition.space.size)
            )
    for target in program.targets:
        meet([letter for monomial in target.body.terms for letter, _ in monomial])
    blocks = tuple(
        Block(
            block.kind,
            tuple(replace(one, space=spaces[one.space], body=one.body.renamed(names)) for one in block.definitions),
        )
        for block in program.blocks
    )
    targets = tuple(replace(target, body=target.body.renamed(names)) for target in program.targets)
    return Program(blocks, targets, program.spectral), names

r"""A derived result as a straight-line program: the fixed-point equations in the order in which they can be solved.

Three kinds of definitions: a *resolvent* h = 1/det, a function of the eigendirection of its space (a number on spaces
without spectral letters); an *entry* g, such a function too, one off-diagonal entry of the expected inverse; a *trace*
t, the sum of a function over a space. Definitions that depend on each other form a block: `NONLINEAR` where a
resolvent is among them, `AFFINE` where only traces and entries are (then it is linear in its traces), else `EXPLICIT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import final

from .expression import Space
from .polynomial import Letter, Polynomial


class Sort(Enum):
    """What a definition defines."""

    TRACE = "trace"
    RESOLVENT = "resolvent"
    ENTRY = "entry"


class BlockKind(Enum):
    """How a block is solved."""

    EXPLICIT = "explicit"
    AFFINE = "affine"
    NONLINEAR = "nonlinear"


@final
@dataclass(frozen=True)
class Definition:
    """One unknown of the program.

    Attributes:
        letter: its name.
        sort: what it is.
        space: where its body lives.
        body: TRACE: letter = tr(body); RESOLVENT: letter = 1/body; ENTRY: letter = body.
    """

    letter: Letter
    sort: Sort
    space: Space
    body: Polynomial


@final
@dataclass(frozen=True)
class Block:
    """Definitions that depend on each other, or one alone."""

    kind: BlockKind
    definitions: tuple[Definition, ...]


@final
@dataclass(frozen=True)
class Target:
    """A named result, the trace of `body` over `space`."""

    name: str
    space: Space
    body: Polynomial


@final
@dataclass(frozen=True, eq=False)
class Program:
    """The expectation of named traces in the limit of proportional sizes.

    Attributes:
        blocks: in the order of dependence.
        targets: what is computed.
        spectral: the space of every spectral letter; other letters without a definition are scalars, sizes included.
    """

    blocks: tuple[Block, ...]
    targets: tuple[Target, ...]
    spectral: dict[Letter, Space]

    @cached_property
    def definitions(self) -> dict[Letter, Definition]:
        """All definitions by letter, in order."""
        return {definition.letter: definition for block in self.blocks for definition in block.definitions}

    @property
    def unknowns(self) -> int:
        """Number of traces: the scalars that the program determines."""
        return sum(definition.sort is Sort.TRACE for definition in self.definitions.values())

    @property
    def terms(self) -> int:
        """Number of monomials in all bodies."""
        bodies = [definition.body for definition in self.definitions.values()]
        return sum(len(body.terms) for body in (*bodies, *(target.body for target in self.targets)))

    @cached_property
    def spaces(self) -> tuple[Space, ...]:
        """The spaces over which anything is defined."""
        spaces = [definition.space for definition in self.definitions.values()]
        return tuple(dict.fromkeys([*spaces, *(target.space for target in self.targets)]))

    def __str__(self) -> str:
        lines = []
        for definition in self.definitions.values():
            body = str(definition.body)
            match definition.sort:
                case Sort.TRACE:
                    body = f"tr_{definition.space.size}[{body}]"
                case Sort.RESOLVENT:
                    body = f"1/({body})"
                case Sort.ENTRY:
                    pass
            lines.append(f"{definition.letter} = {body}")
        lines += [f"{target.name} = tr_{target.space.size}[{target.body}]" for target in self.targets]
        return "\n".join(lines)

"""A nonlinear block written in positive generators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ..expression import Space
from ..polynomial import Letter
from .fractions import Field, Rational
from .packed import Packed


@final
@dataclass(frozen=True, eq=False)
class Node:
    """A resolvent on a space with eigenvalues, h = N/(scale * weight).

    Attributes:
        letter: h.
        space: where it lives.
        weight: the monomial of spectral letters in c_0, 1 where there is a choice.
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

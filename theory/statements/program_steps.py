"""Derived programs as displayed equations: one step for each block, one equation for each unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, final

import sympy

from ..algebra.polynomial import Letter, Polynomial
from ..algebra.program import Block, BlockKind, Definition, Program, Sort, Target
from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.trace import Trace
from .theorem import ProofStep

SOURCE = Reference((), "derived in theory/algebra/dyson.py")
_TITLES = {
    BlockKind.NONLINEAR: "fixed point of a resolvent",
    BlockKind.AFFINE: "traces that determine each other linearly",
    BlockKind.EXPLICIT: "traces and entries that follow",
}
_BEFORE = r"\mathbb{E}\,Q^{-1} = (F - R)^{-1}"


@final
@dataclass(frozen=True)
class Printed:
    """A program in SymPy.

    Attributes:
        steps: one for each block; explicit ones that follow each other are one step.
        results: name and expression of every target.
        symbol: the symbol of a letter.
    """

    steps: tuple[ProofStep, ...]
    results: tuple[tuple[str, Any], ...]
    symbol: Callable[[Letter], Any]


def printed(program: Program, generations: tuple[int, int] = (1, 1)) -> Printed:
    """The equations of a program, its unknowns numbered in the order in which they are met.

    Traces are t_1, t_2, ...; resolvents h_1, ... and entries g_1, ... are functions of the eigenvalue on spaces with a
    spectrum, numbers on others.

    >>> from ..algebra.dyson import dyson
    >>> from ..algebra.model import Model, inv
    >>> from ..algebra.pencil import pencil
    >>> m = Model(); X = m.design("X", "T")
    >>> for symbol, value in printed(dyson(pencil([("trace", inv(X.T @ X + "lambda"))]))).steps[0].after:
    ...     print(symbol, "=", value)
    h_1 = 1/(s*t_1 + lambda)
    h_2 = 1/(t_2 + 1)
    t_1 = T*h_2
    t_2 = tr[h_1*s]
    """
    program = _without_trivial_traces(program)
    symbols = _symbols(program)

    def symbol(letter: Letter) -> Any:
        return symbols.get(letter) or x.scalar(letter)

    steps: list[ProofStep] = []
    for block in program.blocks:
        lines = tuple((symbol(one.letter), _right_side(one, program, symbol)) for one in block.definitions)
        if block.kind is BlockKind.EXPLICIT and steps and steps[-1].rule == _TITLES[BlockKind.EXPLICIT]:
            lines = (*steps.pop().after, *lines)
        steps.append(ProofStep(_TITLES[block.kind], generations, _BEFORE, lines, (), SOURCE))
    results = tuple((target.name, _trace(target, target.body, program, symbol)) for target in program.targets)
    return Printed(tuple(steps), results, symbol)


def _without_trivial_traces(program: Program) -> Program:
    """Traces that follow and are single terms on a space without a spectrum, such as n h, put in where they occur."""
    spectral = set(program.spectral.values())
    values: dict[Letter, Polynomial] = {}
    blocks: list[Block] = []
    for block in program.blocks:
        definitions = tuple(replace(one, body=one.body.replaced(values)) for one in block.definitions)
        (first, *_) = definitions
        plain = first.sort is Sort.TRACE and first.space not in spectral and len(first.body.terms) <= 1
        if block.kind is BlockKind.EXPLICIT and plain:
            values[first.letter] = first.body * Polynomial.letter(first.space.size)
        else:
            blocks.append(Block(block.kind, definitions))
    targets = tuple(replace(target, body=target.body.replaced(values)) for target in program.targets)
    return Program(tuple(blocks), targets, program.spectral)


def _symbols(program: Program) -> dict[Letter, Any]:
    """Spectral letters, then unknowns by sort: functions of the eigenvalue where their space has a spectrum."""
    symbols: dict[Letter, Any] = {letter: x.spectral(letter) for letter in program.spectral}
    counts = dict.fromkeys(Sort, 0)
    on_spectrum = set(program.spectral.values())
    for block in program.blocks:
        for definition in block.definitions:
            counts[definition.sort] += 1
            name = f"{_INITIALS[definition.sort]}_{counts[definition.sort]}"
            varies = definition.sort is not Sort.TRACE and definition.space in on_spectrum
            # Entries may be negative; only their names matter here.
            symbols[definition.letter] = x.Spectral(name) if varies else sympy.Symbol(name)
    return symbols


_INITIALS = {Sort.TRACE: "t", Sort.RESOLVENT: "h", Sort.ENTRY: "g"}


def _right_side(definition: Definition, program: Program, symbol: Callable[[Letter], Any]) -> Any:
    match definition.sort:
        case Sort.TRACE:
            return _trace(definition, definition.body, program, symbol)
        case Sort.RESOLVENT:
            return 1 / definition.body.to_sympy(symbol)
        case Sort.ENTRY:
            return definition.body.to_sympy(symbol)


def _trace(owner: Definition | Target, body: Polynomial, program: Program, symbol: Callable[[Letter], Any]) -> Any:
    """Tr[f] on a space with a spectrum, its size times f on others."""
    value = body.to_sympy(symbol)
    if owner.space in set(program.spectral.values()):
        return Trace(value)
    return symbol(owner.space.size) * value

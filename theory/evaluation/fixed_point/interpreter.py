r"""A program evaluated block by block.

Explicit blocks are read off. An affine block is linear in its traces: its entries are carried as linear forms, whose
coefficients are extracted exactly (never as differences phi(e) - phi(0), which cancel), and one small linear system is
solved. Nonlinear blocks are solved in `nonlinear.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...algebra.polynomial import Letter, Polynomial
from ...algebra.program import Block, BlockKind, Definition, Program, Sort
from .arithmetic import Arithmetic
from .machine import Machine, Setting
from .nonlinear import solved


class Evaluation(NamedTuple):
    """Numbers of all letters and targets.

    Attributes:
        letters: of every definition.
        targets: by name.
        residual: largest relative residual of a nonlinear block.
        by_node: what each node contributes to the targets that are traces over a spectrum.
    """

    letters: dict[Letter, Any]
    targets: dict[str, Any]
    residual: Any
    by_node: dict[str, Any]


def run(
    program: Program, setting: Setting, arithmetic: Arithmetic, start: Mapping[Letter, Any] | None = None
) -> Evaluation:
    """Evaluate a program.

    Args:
        program: as derived.
        setting: the numbers it is evaluated at, in that arithmetic.
        arithmetic: of the numbers.
        start: traces near the solution, from another evaluation; without them the physical branch is followed from
            vanishing variance.
    """
    machine = Machine(setting, arithmetic)
    residuals = [arithmetic.number(0)]
    for block in program.blocks:
        match block.kind:
            case BlockKind.EXPLICIT:
                (definition,) = block.definitions
                machine.values[definition.letter] = machine.defined(definition, machine.value(definition.body))
            case BlockKind.AFFINE:
                _solve_affine(machine, block)
            case BlockKind.NONLINEAR:
                traces, own = solved(machine, block, start)
                machine.values.update(traces)
                residuals.append(own)
                for definition in block.definitions:
                    if definition.sort is not Sort.TRACE:
                        machine.values[definition.letter] = machine.defined(definition, machine.value(definition.body))
    bodies = {target: machine.value(target.body) for target in program.targets}
    return Evaluation(
        {letter: machine.values[letter] for letter in program.definitions},
        {target.name: machine.trace(target.space, body) for target, body in bodies.items()},
        arithmetic.largest(residuals),
        {
            target.name: setting.counts[target.space.name] * body
            for target, body in bodies.items()
            if target.space.name in setting.counts
        },
    )


def _solve_affine(machine: Machine, block: Block) -> None:
    """(1 - A) t = b for the traces of a block; entries follow from them."""
    unknowns = [definition.letter for definition in block.definitions if definition.sort is Sort.TRACE]
    forms: dict[Letter, dict[Letter | None, Any]] = {
        letter: {letter: machine.arithmetic.number(1)} for letter in unknowns
    }
    for definition in _entries_first(block):
        if definition.sort is Sort.ENTRY:
            forms[definition.letter] = linear_form(machine, definition.body, forms)
    zero = machine.arithmetic.number(0)
    matrix, right = [], []
    for position, letter in enumerate(unknowns):
        definition = next(one for one in block.definitions if one.letter == letter)
        form = linear_form(machine, definition.body, forms)
        traces = {key: machine.trace(definition.space, value) for key, value in form.items()}
        row = [-traces.get(other, zero) for other in unknowns]
        row[position] = row[position] + machine.arithmetic.number(1)
        matrix.append(row)
        right.append(traces.get(None, zero))
    machine.values.update(zip(unknowns, machine.arithmetic.solve(matrix, right), strict=True))
    for letter, form in forms.items():
        if letter not in unknowns:
            total: Any = zero
            for key, coefficient in form.items():
                total = total + (coefficient if key is None else coefficient * machine.values[key])
            machine.values[letter] = total


def linear_form(
    machine: Machine, polynomial: Polynomial, forms: Mapping[Letter, Mapping[Letter | None, Any]]
) -> dict[Letter | None, Any]:
    """A polynomial that is linear in letters which themselves are linear forms in the unknowns of a block."""
    result: dict[Letter | None, Any] = {}
    for own, rest in polynomial.split(forms.keys()).items():
        factor = machine.value(rest)
        if not own:
            result[None] = result[None] + factor if None in result else factor
            continue
        ((letter, power),) = own  # affine: one unknown, once
        if power != 1:
            raise ArithmeticError(f"a block that should be affine contains {letter}**{power}")
        for key, coefficient in forms[letter].items():
            term = factor * coefficient
            result[key] = result[key] + term if key in result else term
    return result


def _entries_first(block: Block) -> list[Definition]:
    """Entries in an order in which each uses only earlier ones."""
    waiting = [definition for definition in block.definitions if definition.sort is Sort.ENTRY]
    ordered: list[Definition] = []
    while waiting:
        names = {definition.letter for definition in waiting}
        ready = [definition for definition in waiting if not definition.body.letters & (names - {definition.letter})]
        if not ready:
            raise ArithmeticError("entries of a block depend on each other without a trace between them")
        ordered += ready
        waiting = [definition for definition in waiting if definition not in ready]
    return ordered

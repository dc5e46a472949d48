"""An independent evaluation in exact fractions: the raw program, at values that are consistent by construction.

The spectrum, the effective ridges and the margins are chosen at random; sizes and penalties follow from the equations
of the reduction. The nonlinear equations of the raw program are then checked, its affine blocks solved, and its targets
summed, all without a rounding and without any of the algebra under test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random
from typing import Any

import sympy

from modelcollapse.theory.algebra.expression import Space
from modelcollapse.theory.algebra.polynomial import Polynomial
from modelcollapse.theory.algebra.program import BlockKind, Definition, Program, Sort
from modelcollapse.theory.algebra.reduction import Reduced
from modelcollapse.theory.rules.trace import Trace

Value = Any  # a fraction, or a list of them over the nodes of the spectrum


class Witness:
    """A program and its reduction at one random point.

    Args:
        program: the raw program.
        made: its reduction.
        seed: of the point.
        nodes: number of distinct eigenvalues.
        decades: how far generators go towards 0.
    """

    def __init__(self, program: Program, made: Reduced, seed: int, nodes: int = 3, decades: int = 0) -> None:
        self.program, self.made, self.random, self.decades = program, made, Random(seed), decades
        self.counts = [Fraction(self.random.randint(1, 4)) for _ in range(nodes)]
        self.values: dict[str, Value] = {letter: [self.positive() for _ in self.counts] for letter in program.spectral}
        if {"theta", "s"} <= self.values.keys():
            pairs = zip(self.values["theta"], self.values["s"], strict=True)
            self.values["tau"] = [theta * eigenvalue for theta, eigenvalue in pairs]
        self.values["d"] = sum(self.counts)
        for letter in sorted(self._scalars()):
            self.values.setdefault(letter, self.positive())
        self._generators()

    def positive(self) -> Fraction:
        """A random positive fraction."""
        return Fraction(self.random.randint(1, 30), self.random.randint(1, 12))

    def _scalars(self) -> set[str]:
        bodies = [*self.program.definitions.values(), *self.program.targets]
        found = {space.size for space in self.program.spaces}.union(*(body.body.letters for body in bodies))
        solved = {equation.lhs.name for block in self.made.blocks for equation in block.equations}
        return found - self.program.definitions.keys() - solved

    def _generators(self) -> None:
        determined = {equation.lhs for equation in self.made.relations}
        for block in self.made.blocks:
            for symbol in (block.ridges[0], *(margin for _, margin in block.margins)):
                if symbol not in determined:
                    self.values[symbol.name] = self.positive() / 10 ** self.random.randint(0, self.decades)
        waiting = [*self.made.definitions, *((e.lhs, e.rhs) for e in self.made.relations)]
        waiting += [(e.lhs, e.rhs) for block in self.made.blocks for e in block.equations]
        while waiting:  # in the order in which they can be evaluated: shrinkage, related margins, sizes, penalties
            ready = [pair for pair in waiting if all(symbol.name in self.values for symbol in pair[1].free_symbols)]
            for symbol, expression in ready:
                value = self.exact(expression)
                assert self.values.setdefault(symbol.name, value) == value, f"{symbol} has two values"
            waiting = [pair for pair in waiting if pair not in ready]
        for block in self.made.blocks:
            self.values.update({letter: self.exact(expression) for letter, expression in block.letters.items()})

    def exact(self, expression: Any) -> Value:
        """A formula of the reduction in fractions."""
        if expression.is_Symbol:
            return self.values[expression.name]
        if expression.is_Rational:
            return Fraction(int(expression.p), int(expression.q))
        if isinstance(expression, Trace):
            return self.summed(self.exact(expression.args[0]))
        if expression.is_Pow:
            return self._over(lambda base: base ** int(expression.exp), self.exact(expression.base))
        arguments = [self.exact(argument) for argument in expression.args]
        total = arguments[0]
        for argument in arguments[1:]:
            total = self._over((lambda a, b: a + b) if expression.is_Add else (lambda a, b: a * b), total, argument)
        return total

    def summed(self, value: Value) -> Fraction:
        """The sum over the spectrum."""
        values = value if isinstance(value, list) else [value] * len(self.counts)
        return sum(count * own for count, own in zip(self.counts, values, strict=True))

    def _over(self, operation: Callable[..., Fraction], *values: Value) -> Value:
        if not any(isinstance(value, list) for value in values):
            return operation(*values)
        columns = [value if isinstance(value, list) else [value] * len(self.counts) for value in values]
        return [operation(*row) for row in zip(*columns, strict=True)]

    # The raw program

    def check_nonlinear_equations(self) -> None:
        """All of them hold exactly at the chosen point."""
        for block in self.program.blocks:
            for known in block.definitions if block.kind is BlockKind.NONLINEAR else ():
                self._check(known)

    def _check(self, known: Definition) -> None:
        value = self.polynomial(known.body, self.values)
        if known.sort is Sort.RESOLVENT:
            product = self._over(lambda a, b: a * b, value, self.values[known.letter])
            assert product == 1 or product == [1] * len(self.counts), f"{known.letter} is not 1/({known.body})"
        else:
            assert self.values[known.letter] == self.trace(known.space, value), f"{known.letter} is no trace"

    def polynomial(self, body: Polynomial, values: Mapping[str, Value]) -> Value:
        """A body at values of its letters."""
        total: Value = Fraction(0)
        for monomial, number in body.terms.items():
            term: Value = Fraction(number)
            for letter, power in monomial:
                term = self._over(lambda a, b, power=power: a * b**power, term, values[letter])
            total = self._over(lambda a, b: a + b, total, term)
        return total

    def trace(self, space: Space, value: Value) -> Fraction:
        """The trace over a space."""
        return self.summed(value) if space.size == "d" else self.values[space.size] * value

    def targets(self) -> dict[str, Fraction]:
        """The program's results."""
        for block in self.program.blocks:
            if block.kind is BlockKind.NONLINEAR or block.definitions[0].letter in self.values:
                continue
            traces = [known for known in block.definitions if known.sort is Sort.TRACE]
            solution = self._solved(traces)
            self.values.update(zip((known.letter for known in traces), solution, strict=True))
        return {
            target.name: self.trace(target.space, self._evaluated(target.body, {})) for target in self.program.targets
        }

    def _solved(self, traces: list[Definition]) -> list[Fraction]:
        """An affine block: images of zero and of the unit vectors, then a linear solve."""

        def image(vector: list[int]) -> list[Fraction]:
            local = {known.letter: Fraction(value) for known, value in zip(traces, vector, strict=True)}
            return [self.trace(known.space, self._evaluated(known.body, local)) for known in traces]

        count = len(traces)
        constant = image([0] * count)
        columns = [image([int(i == j) for i in range(count)]) for j in range(count)]
        matrix = sympy.Matrix(count, count, lambda i, j: sympy.Rational(int(i == j) - (columns[j][i] - constant[i])))
        solution = matrix.LUsolve(sympy.Matrix([sympy.Rational(value) for value in constant])) if count else []
        return [Fraction(int(value.p), int(value.q)) for value in solution]

    def _evaluated(self, body: Polynomial, local: dict[str, Value]) -> Value:
        """A body with entries put in; `local` holds trial values of unknowns."""
        for letter in body.letters:
            known = self.program.definitions.get(letter)
            if known is not None and letter not in local and letter not in self.values:
                value = self._evaluated(known.body, local)
                local[letter] = value if known.sort is Sort.ENTRY else self._over(lambda a: 1 / a, value)
        return self.polynomial(body, {**self.values, **local})

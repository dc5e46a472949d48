r"""A nonlinear block solved on the physical branch.

Every trace of a block belongs to one pair of a Gaussian matrix with itself, so with all variances multiplied by v the
block reads t = v T(t). For v -> 0 its solution is v T(0); it is analytic in v as long as every inverted matrix is
positive definite, which a positive ridge ensures. That solution is followed from v = 2^{-100} to v = 1, doubling v, by
Newton steps in log |t|; signs cannot change on the way. T is a sum of terms of one sign wherever the ridge is positive,
so its value is accurate; the accuracy of t is that of the fixed point's condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...algebra.polynomial import Letter, Polynomial
from ...algebra.program import Block, Definition, Sort
from .machine import Machine

DOUBLINGS = 100
NEWTON_STEPS = 3
POLISH_STEPS = 12


class Dual(NamedTuple):
    """A value and its derivatives with respect to the traces of the block."""

    value: Any
    slopes: tuple[Any, ...]


def solved(machine: Machine, block: Block, start: Mapping[Letter, Any] | None) -> tuple[dict[Letter, Any], Any]:
    """The traces of a block, and the largest relative residual |v T(t)/t - 1|.

    Args:
        machine: holds all values that the block depends on.
        block: nonlinear.
        start: traces near the solution, or None.
    """
    fixed_point = FixedPoint(machine, block)
    arithmetic = machine.arithmetic
    if start is None:
        two = arithmetic.log(arithmetic.number(2))
        smallest = arithmetic.exp(-DOUBLINGS * two)
        first = [arithmetic.number(0)] * len(fixed_point.unknowns)
        for _ in first:  # a trace may vanish to the lowest orders; each round finds one more
            first = [smallest * dual.value for dual in fixed_point.images(first)]
        logs = [arithmetic.log(abs(value)) for value in first]
        signs = [value / abs(value) for value in first]

        def double(step: Any, logs: Any) -> Any:
            variance = arithmetic.exp((step + 1 - DOUBLINGS) * two)
            for _ in range(NEWTON_STEPS):
                logs, _ = fixed_point.newton(logs, signs, variance)
            return logs

        logs, polish = arithmetic.repeat(DOUBLINGS, double, logs), POLISH_STEPS
    else:
        polish = POLISH_STEPS // 2  # each step doubles the digits
        signs = [abs(start[letter]) / start[letter] for letter in fixed_point.unknowns]
        logs = [arithmetic.log(abs(start[letter])) for letter in fixed_point.unknowns]
    one = arithmetic.number(1)
    logs = arithmetic.repeat(polish, lambda _, logs: fixed_point.newton(logs, signs, one)[0], logs)
    # Derivatives pass through the last steps alone: at the solution one is the implicit function theorem, and two are
    # exact to the third derivative.
    logs, residual = fixed_point.newton([arithmetic.constant(value) for value in logs], signs, one)
    logs, _ = fixed_point.newton(logs, signs, one)
    traces = [sign * arithmetic.exp(value) for sign, value in zip(signs, logs, strict=True)]
    return dict(zip(fixed_point.unknowns, traces, strict=True)), residual


class FixedPoint:
    """The map T of a block and its derivatives."""

    def __init__(self, machine: Machine, block: Block) -> None:
        self.machine = machine
        self.traces = [definition for definition in block.definitions if definition.sort is Sort.TRACE]
        self.others = [definition for definition in block.definitions if definition.sort is not Sort.TRACE]
        self.unknowns = [definition.letter for definition in self.traces]

    def images(self, traces: list[Any]) -> list[Dual]:
        """T(t) and its derivatives."""
        zero, one = self.machine.arithmetic.number(0), self.machine.arithmetic.number(1)
        known = {
            letter: Dual(value, tuple(one if other == letter else zero for other in self.unknowns))
            for letter, value in zip(self.unknowns, traces, strict=True)
        }
        for definition in self._in_order():
            body = self._dual(definition.body, known)
            if definition.sort is Sort.RESOLVENT:
                inverse = one / body.value
                body = Dual(inverse, tuple(-inverse * inverse * slope for slope in body.slopes))
            known[definition.letter] = body
        images = []
        for definition in self.traces:
            body = self._dual(definition.body, known)
            trace = self.machine.trace
            images.append(
                Dual(trace(definition.space, body.value), tuple(trace(definition.space, one) for one in body.slopes))
            )
        return images

    def newton(self, logs: list[Any], signs: list[Any], variance: Any) -> tuple[list[Any], Any]:
        """One step for log t = log |v T(t)|, and the largest residual before it."""
        arithmetic = self.machine.arithmetic
        traces = [sign * arithmetic.exp(value) for sign, value in zip(signs, logs, strict=True)]
        images = self.images(traces)
        one = arithmetic.number(1)
        residuals, matrix = [], []
        for k, image in enumerate(images):
            residuals.append(arithmetic.log(abs(variance * image.value)) - logs[k])
            row = [-slope * traces[j] / image.value for j, slope in enumerate(image.slopes)]
            row[k] = row[k] + one
            matrix.append(row)
        step = arithmetic.solve(matrix, residuals)
        worst = sum(abs(residual) for residual in residuals)
        return [value + arithmetic.clip(change) for value, change in zip(logs, step, strict=True)], worst

    def _dual(self, polynomial: Polynomial, known: Mapping[Letter, Dual]) -> Dual:
        count = len(self.unknowns)
        value: Any = self.machine.arithmetic.number(0)
        slopes: list[Any] = [self.machine.arithmetic.number(0)] * count
        for own, rest in polynomial.split(known.keys()).items():
            factor = self.machine.value(rest)
            term = factor
            for letter, power in own:
                term = term * known[letter].value ** power
            value = value + term
            for position, (letter, power) in enumerate(own):
                partial = factor * power * known[letter].value ** (power - 1)
                for other, exponent in own[:position] + own[position + 1 :]:
                    partial = partial * known[other].value ** exponent
                for j, slope in enumerate(known[letter].slopes):
                    slopes[j] = slopes[j] + partial * slope
        return Dual(value, tuple(slopes))

    def _in_order(self) -> list[Definition]:
        """Resolvents and entries, each after those that it uses."""
        done: set[Letter] = set(self.unknowns)
        waiting, ordered = list(self.others), []
        names = {definition.letter for definition in waiting}
        while waiting:
            ready = [one for one in waiting if not (one.body.letters & names) - done]
            if not ready:
                raise ArithmeticError("resolvents of a block depend on each other without a trace between them")
            ordered += ready
            done |= {one.letter for one in ready}
            waiting = [one for one in waiting if one not in ready]
        return ordered

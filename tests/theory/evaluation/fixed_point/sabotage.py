"""Derived programs with one coefficient wrong, and the independent routes that must notice."""

import random
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.optimize import brentq

from modelcollapse.theory.algebra.polynomial import Polynomial
from modelcollapse.theory.algebra.program import Block, Definition, Program, Target
from modelcollapse.theory.evaluation.derived import derive_expression
from modelcollapse.theory.evaluation.fixed_point.arithmetic import Float64
from modelcollapse.theory.evaluation.fixed_point.interpreter import run
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    Population,
    Ridge,
    Source,
)

from ...algebra import power_series
from ...algebra.examples import CATALOGUE, chain, numbers, projection
from ...algebra.neumann import Oracle
from ...exact import series

VARIANCE = "tau"
WAYS = {"1.05 times": Fraction(21, 20), "minus": Fraction(-1), "without": Fraction(0)}


class Place(NamedTuple):
    """One monomial of one body: of the definition or target of this name."""

    name: str
    monomial: Any


def places(program):
    """All coefficients of a program."""
    bodies = {f"target {one.name}": one.body for one in program.targets}
    bodies |= {letter: definition.body for letter, definition in program.definitions.items()}
    return [Place(name, monomial) for name, body in bodies.items() for monomial in body.terms]


def perturbed(program, place, factor):
    """The program with one coefficient multiplied."""

    def changed(name, body):
        if name != place.name:
            return body
        return Polynomial({m: number * factor if m == place.monomial else number for m, number in body.terms.items()})

    blocks = tuple(
        Block(
            block.kind,
            tuple(
                Definition(one.letter, one.sort, one.space, changed(one.letter, one.body)) for one in block.definitions
            ),
        )
        for block in program.blocks
    )
    targets = tuple(Target(one.name, one.space, changed(f"target {one.name}", one.body)) for one in program.targets)
    return Program(blocks, targets, program.spectral)


class ByPairings:
    """Judged by the power series in the variance, from planar pairings of the expression."""

    def __init__(self, name, values, orders):
        traces = CATALOGUE[name](VARIANCE)
        self.program, self.values, self.orders = derive_expression(traces).program, values, orders
        oracle = Oracle(values, VARIANCE, orders[-1])
        self.expected = {part: oracle.series(expression) for part, expression in traces.parts}

    def accepts(self, program):
        """Low orders first: they show most errors."""
        return all(self._agrees(program, order) for order in self.orders)

    def _agrees(self, program, order):
        try:
            found = self.solved(program, order)
        except (AssertionError, ZeroDivisionError):  # no power series satisfies the equations
            return False
        return all(found[part] == self.expected[part][: order + 1] for part in found)

    def solved(self, program, order):
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(series, "ORDER", order)
            return power_series.targets(program, self.values, VARIANCE)


class ByNumbers:
    """Judged by numbers that another route gives for the parts of a risk."""

    def __init__(self, program, setting, expected):
        self.program, self.setting, self.expected = program, setting, expected

    def accepts(self, program):
        try:
            with np.errstate(all="ignore"):
                found = run(program, self.setting, Float64()).targets
        except (ArithmeticError, np.linalg.LinAlgError):
            return False
        return all(abs(found[part] / self.expected[part] - 1) < 1e-9 for part in found)


def by_rules(generations):
    """The rules of a chain, applied generation by generation."""
    derived = derive_expression(chain(generations))
    values = numbers(derived, 9, 7, penalty=0.3)
    population = Population(Eigenvalues(values["s"]), Coefficients(np.sqrt(values["theta"])))
    steps = [
        Generation((Source(int(values[f"T_{g}"]), values["sigma"], PREVIOUS),), Ridge(values["lambda"]))
        for g in range(generations)
    ]
    prediction = predict(Chain(population, tuple(steps)))
    expected = {"w_0": prediction.bias[-1]}
    expected |= {f"e_{g}": one for g, one in enumerate(prediction.by_generation[-1], 1)}
    return ByNumbers(derived.program, derived.setting(values), expected)


def by_closed_form():
    """Ridge on a random projection: lambda = kappa (1 - df1/T) (1 - df1/m), and the two formulas made from kappa."""
    derived = derive_expression(projection())
    values = numbers(derived, 9, 7, penalty=0.3, width=6)
    s, theta, T, m = (values[letter] for letter in ("s", "theta", "T_0", "m"))

    def missing(kappa):
        flow = np.sum(s / (s + kappa))
        return kappa * (1 - flow / T) * (1 - flow / m) - values["lambda"] if flow < min(T, m) else -1.0

    kappa = brentq(missing, 1e-6, 1e6, xtol=1e-14, rtol=1e-14)
    P, Q = s / (s + kappa), kappa / (s + kappa)
    p, q = np.sum(P * Q), np.sum(P * P)
    D_T, D_m = T - np.sum(P), m - np.sum(P)
    below = D_m * D_T + (D_m + D_T) * p
    kept = (D_m + p) * np.sum(theta * P * Q) + p * np.sum(theta * P * P)
    expected = {
        "w_0": kappa * (D_T + p + q) * kept / below,
        "e_1": values["sigma"] ** 2 * (D_m * q + q * p + p * p) / below,
    }
    return ByNumbers(derived.program, derived.setting(values), expected)


def drawn(judges, count, seed):
    """(derivation, place, way) for a number of perturbations, over all derivations in turn."""
    choice = random.Random(seed)
    names = list(judges)
    for k in range(count):
        name = names[k % len(names)]
        yield name, choice.choice(places(judges[name].program)), choice.choice(list(WAYS))

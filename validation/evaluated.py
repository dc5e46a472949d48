"""Statements, true or mutated, as numbers: their own definitions and result, executed as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import numpy as np
import sympy

from ..theory.chains.forward import CARRIED
from ..theory.chains.kept_rows import read_kept_rows
from ..theory.chains.moments import START
from ..theory.chains.reading import Step, read
from ..theory.evaluation.exchangeable import NO_SPECTRUM
from ..theory.evaluation.inputs import grouped_nodes
from ..theory.evaluation.kept_rows import spectrum_of_kept_rows
from ..theory.evaluation.lowering import Nodes, evaluate, run
from ..theory.evaluation.straight_line import fit_values
from ..theory.problem import notation as x
from ..theory.problem.chain import Chain
from ..theory.rules.statement import Statement
from ..theory.statements.demystified import GENERATOR_NOISE, GENERATOR_ROWS, GENERATORS, ZERO_MODEL_ERROR
from ..theory.statements.least_squares import GENERATIONS, SUM_OF_GAINS, SUM_OF_VARIANCES
from .measured import Array

Values = Mapping[Any, Any]
Reading = Callable[[Statement, Chain], float]


def executed(statement: Statement, values: Values, nodes: Nodes) -> tuple[Array, dict[Any, Array]]:
    """The result, and every definition, at given values of the symbols.

    Args:
        statement: what is executed.
        values: numbers, or arrays over the nodes, for the symbols that the statement takes as given.
        nodes: the spectrum.
    """
    nodes = _plain(nodes)
    with _carefree():
        known = run(statement.definitions, {symbol: _number(value) for symbol, value in values.items()}, nodes)
        result = np.asarray(evaluate(statement.result, known, nodes))
        return result, {symbol: np.asarray(known[symbol]) for symbol, _ in statement.definitions}


def named(expression: Any, values: Mapping[str, Any], nodes: Nodes) -> float:
    """An expression that is no statement, one that the engine derived, its letters given by name; all but tau."""
    known = {one: _number(values[one.name]) for one in expression.free_symbols - {x.tau}}
    return float(evaluate(expression, known, _plain(nodes)))


def after(generations: int, statement: Statement, values: Values) -> float:
    """The result at a number of generations, its sums carried out; for statements that hold no spectrum."""
    result = statement.result.subs(GENERATIONS, generations).doit()
    return float(executed(replace(statement, result=result), values, NO_SPECTRUM)[0])


def closed_form(statement: Statement, chain: Chain) -> float:
    """A theorem about N_0 equal generations before a last one, or about N equal generations."""
    nodes, fits = _given(chain)
    with _carefree():
        first, last = fits[0], fits[-1]
        generators = {GENERATOR_ROWS: first[x.rows], GENERATOR_NOISE: first[x.noise]}
        known = run(statement.definitions, last | generators | {ZERO_MODEL_ERROR: nodes.target.sum()}, nodes)
        counted = statement.result.subs({GENERATIONS: len(fits), GENERATORS: len(fits) - 1})
        return float(evaluate(counted, known, nodes))


def forwards(statement: Statement, chain: Chain) -> float:
    """A theorem that is a program from generation g - 1 to generation g."""
    return _passed_on(statement, *_given(chain), dict(START))


def forwards_on_kept_rows(statement: Statement, chain: Chain) -> float:
    """The same on the spectrum of kept real rows; what is tracked starts from nothing where these are all there is."""
    nodes, fits, starts_full = _given_kept_rows(chain)
    start = dict(START) if starts_full else {x.spread: 0.0, x.lost: 1.0, x.kept: 0.0}
    return _passed_on(statement, nodes, fits, start)


def _passed_on(statement: Statement, nodes: Nodes, fits: tuple[Values, ...], start: Values) -> float:
    with _carefree():
        state = {symbol: np.full_like(nodes.s, float(value)) for symbol, value in start.items()}
        for fit in fits:
            known = run(statement.definitions, _indexed(fit, "g") | _indexed(state, "g-1"), nodes)
            state = {symbol: known[x.at(symbol, "g")] for symbol in CARRIED}
        return float(evaluate(statement.result, _indexed(state, "N"), nodes))


def backwards(statement: Statement, chain: Chain) -> float:
    """A theorem that is a program from generation g to generation g - 1."""
    nodes, fits = _given(chain)
    with _carefree():
        weight, kept, gains = np.ones_like(nodes.s), np.ones_like(nodes.s), {}
        for number, fit in reversed(list(enumerate(fits, start=1))):
            known = run(statement.definitions, _indexed({**fit, x.weight: weight}, "g"), nodes)
            weight, gains[x.at(x.chi, number)] = known[x.at(x.weight, "g-1")], known[x.at(x.chi, "g")]
            kept = kept * nodes.s / (nodes.s + fit[x.kappa])
        summed = statement.result.subs(GENERATIONS, len(fits)).doit()
        summed = summed.replace(lambda node: isinstance(node, sympy.Indexed), lambda node: x.at(x.chi, node.indices[0]))
        end = {x.at(x.weight, 0): weight} | _indexed({x.kept: kept, x.lost: 1 - kept}, "N")
        return float(evaluate(summed, gains | end, nodes))


def variance_over_draws(statement: Statement, chain: Chain) -> float:
    """The theorem on the variance of the error of least squares: one term for each generation, then its result."""
    nodes, fits = _given(chain)
    with _carefree():
        squares = [fit[x.noise] ** 2 for fit in fits]
        gains = [v / (fit[x.rows] - fit[x.rank] - 1) for v, fit in zip(squares, fits, strict=True)]
        (symbol, _), *_ = statement.definitions
        single = [run(statement.definitions, fit, nodes)[symbol] for fit in fits]
        variances = [v**2 * one for v, one in zip(squares, single, strict=True)]
        total = {x.rank: fits[-1][x.rank], SUM_OF_GAINS: sum(gains), SUM_OF_VARIANCES: sum(variances)}
        return float(evaluate(statement.result, total, nodes))


def _indexed(values: Values, generation: str) -> dict[Any, Any]:
    """The symbols with a generation for an index; the rank has none."""
    return {symbol if symbol == x.rank else x.at(symbol, generation): value for symbol, value in values.items()}


@cache
def _given(chain: Chain) -> tuple[Nodes, tuple[dict[Any, Any], ...]]:
    """The spectrum, and what the statements take as given in every generation: n, r, lambda, sigma, kappa."""
    nodes = _plain(grouped_nodes(chain.population))
    return nodes, _fits(read(chain), nodes, chain.population.spectrum.rank())


@cache
def _given_kept_rows(chain: Chain) -> tuple[Nodes, tuple[dict[Any, Any], ...], bool]:
    """The same for the ridge fits that stand for a chain with kept rows, and whether all of its truth is kept first."""
    reading, rank = read_kept_rows(chain), chain.population.spectrum.rank()
    with jax.enable_x64(True):
        nodes = _plain(spectrum_of_kept_rows(reading, float(rank)))
    return nodes, _fits(reading.steps, nodes, rank), reading.starts_full


def _fits(steps: Iterable[Step], nodes: Nodes, rank: int) -> tuple[dict[Any, Any], ...]:
    with jax.enable_x64(True):
        fits = tuple(fit_values(step, nodes, rank) | {x.noise: step.noise_squared**0.5} for step in steps)
    return tuple({symbol: _number(value) for symbol, value in fit.items()} for fit in fits)


@contextmanager
def _carefree() -> Iterator[None]:
    """A mutant may divide by zero or overflow; no check takes what comes of it for right."""
    with jax.enable_x64(True), np.errstate(all="ignore"):
        yield


def _plain(nodes: Nodes) -> Nodes:
    """In NumPy, where nothing is compiled for a statement that is evaluated once."""
    return Nodes(*(_number(part) for part in nodes))


def _number(value: Any) -> Any:
    return np.asarray(value, dtype=np.float64)[()]

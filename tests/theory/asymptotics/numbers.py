"""Reduced programs at numbers: effective ridges and margins from the certified solver."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from modelcollapse.theory.evaluation.generators import generators
from modelcollapse.theory.evaluation.lowering import Nodes, evaluate, run
from modelcollapse.theory.problem import notation as x

from ..algebra.reduction import programs

DIMENSION = 12
SPECTRA = {
    "s": 1.7 * np.arange(1.0, DIMENSION + 1) ** -1.3,
    "s_2": np.linspace(0.4, 1.9, DIMENSION),
    "theta": np.linspace(1.5, 0.3, DIMENSION) ** 2,
    "delta_2": np.linspace(0.2, 1.1, DIMENSION) ** 2,
}
NOISES = {"sigma": 0.7, "sigma_1": 0.7, "sigma_2": 0.4, "a_1": 1.3, "a_2": 0.6, "d": float(DIMENSION)}


@cache
def solver(name):
    """Compiled: numbers by letter -> values by name, and the largest residual."""
    made = programs.reduction(name)

    def solved(letters, spectra):
        values, residual = generators(made, symbols(letters, spectra), nodes(spectra))
        return {str(symbol): value for symbol, value in values.items()}, residual

    return jax.jit(solved)


def symbols(letters, spectra):
    known = {x.scalar(letter): value for letter, value in letters.items()}
    return known | {x.spectral(letter): value for letter, value in spectra.items()}


def nodes(spectra):
    return Nodes(spectra["s"], jnp.ones(DIMENSION), spectra["s"] * spectra["theta"])


class Numbers:
    """A reduced program at numbers for its sizes and penalties."""

    def __init__(self, name, **letters):
        self.made = programs.reduction(name)
        with jax.enable_x64(True):
            spectra = {letter: jnp.asarray(value) for letter, value in SPECTRA.items()}
            numbers = {letter: jnp.asarray(float(value)) for letter, value in (NOISES | letters).items()}
            found, residual = solver(name)(numbers, spectra)
            assert residual < 1e-11
            self.nodes = nodes(spectra)
            named = {str(symbol): symbol for symbol in _symbols(self.made)}
            self.values = symbols(numbers, spectra) | {named[key]: v for key, v in found.items() if key in named}

    def __call__(self, expression):
        with jax.enable_x64(True):
            return float(evaluate(expression, self.values, self.nodes))

    def full(self, name):
        """A result of the program as it is."""
        return self(self.made.results[name])

    def limit(self, limit):
        """A function that evaluates expressions of a limit: by its definitions, with its equations for the rest."""
        with jax.enable_x64(True):
            values = run(limit.definitions, self.values, self.nodes)

        def value(expression):
            with jax.enable_x64(True):
                return float(evaluate(expression, values, self.nodes))

        return value


def _symbols(made):
    found = {symbol for symbol, _ in made.definitions}
    for block in made.blocks:
        found |= {*block.ridges, *(margin for _, margin in block.margins)}
    return found

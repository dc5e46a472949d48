"""Chains of ridge as expressions: the general engine against the rules, which are applied generation by generation."""

from functools import cache

import jax
import numpy as np
import pytest

from modelcollapse.theory.chains.expressed import express
from modelcollapse.theory.evaluation.expressed import _setting, derived, expressed_outcome
from modelcollapse.theory.evaluation.fixed_point.arithmetic import Float64
from modelcollapse.theory.evaluation.fixed_point.interpreter import run
from modelcollapse.theory.evaluation.inputs import full_nodes
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

from ..market import DIMENSION, POWER_LAW, SPIKED, TRUTH

WITHIN = 1e-11
ROWS = {"fewer rows than features": 5, "about as many": 11, "more": 30}


def varied_chain(generations, rows, s=POWER_LAW):
    """No two generations are alike."""
    steps = [
        Generation((Source(rows + 3 * g, 0.2 + 0.1 * g, PREVIOUS),), Ridge(0.4 + 0.17 * (g % 4)))
        for g in range(generations)
    ]
    return Chain(Population(Eigenvalues(s), Coefficients(TRUTH)), tuple(steps))


@cache
def program_of(generations):
    return derived(express(varied_chain(generations, ROWS["more"])))


def by_the_engine(chain):
    """What the engine's program gives for (generation, part) in float64."""
    reading = express(chain)
    targets = run(program_of(len(chain)), _setting(chain, reading, full_nodes(chain.population)), Float64()).targets
    return reading, {tuple(name.split("|")): value for name, value in targets.items()}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("generations", [1, 2, 5, 10])
def test_the_engine_is_the_rules(generations, rows):
    """To 1e-11 of each part: the noise-free error, what each generation's labels injected, and the overlap.

    One program holds the errors after all its generations, so the longest has chains of every length in it.
    """
    chain = varied_chain(generations, rows)
    reading, found = by_the_engine(chain)
    prediction = predict(chain)
    for g in range(1, generations + 1):
        injected = {m: value for (h, name), value in found.items() if (m := reading.noises.get(name)) and int(h) == g}
        assert sorted(injected) == list(range(1, g + 1))
        expected = prediction.by_generation[g - 1, :g]
        np.testing.assert_allclose([injected[m] for m in range(1, g + 1)], expected, rtol=WITHIN)
        np.testing.assert_allclose(found[str(g), "w_0"], prediction.bias[g - 1], rtol=WITHIN)
        np.testing.assert_allclose(found[str(g), "overlap w_0"], prediction.overlap[g - 1], rtol=WITHIN)


@pytest.mark.parametrize("penalty", [1e-8])
def test_where_float64_is_not_enough_digits_are_taken(penalty):
    population = Population(Eigenvalues(SPIKED), Coefficients(TRUTH))
    step = Generation((Source(DIMENSION - 2, 0.3, PREVIOUS),), Ridge(penalty))
    chain = Chain(population, (step, step))
    with jax.enable_x64(True):
        injection = np.concatenate([np.zeros((2, 1)), np.eye(2)], axis=1)
        outcome = expressed_outcome(chain, express(chain), injection, full_nodes(chain.population))
        found = np.asarray(outcome.errors)
    prediction = predict(chain)
    np.testing.assert_allclose(found[:, 0], prediction.bias, rtol=WITHIN)
    np.testing.assert_allclose(found[:, 1:], prediction.by_generation, rtol=WITHIN)
    np.testing.assert_allclose(np.asarray(outcome.overlap), prediction.overlap, rtol=WITHIN)

"""Reduced results go through the evaluation of the theorem book."""

import jax
import jax.numpy as jnp
import pytest

from modelcollapse.theory.evaluation.lowering import Nodes, evaluate, run
from modelcollapse.theory.problem import notation

from . import programs
from .witness import Witness


@pytest.mark.parametrize("decades", [0, 12])
@pytest.mark.parametrize("name", programs.CERTIFIED)
def test_certified_results_are_accurate_however_small_ridges_and_margins_are(name, decades):
    made = programs.reduction(name)
    witness = Witness(programs.derived(name), made, 3, decades=decades)
    with jax.enable_x64(True):
        numbers = {letter: value for letter, value in witness.values.items() if not isinstance(value, list)}
        spectra = {letter: array(witness.values[letter]) for letter in programs.derived(name).spectral}
        counts, s = array(witness.counts), spectra.get("s", array([1.0] * len(witness.counts)))
        nodes = Nodes(s, counts, counts * s * spectra["theta"] if "theta" in spectra else counts)
        environment = {notation.spectral(letter): value for letter, value in spectra.items()}
        environment |= {notation.scalar(letter): array(value) for letter, value in numbers.items()}
        values = run(made.definitions, environment, nodes)
        for result in made.results.values():
            assert float(evaluate(result, values, nodes)) == pytest.approx(float(witness.exact(result)), rel=1e-14)


def array(value):
    return jnp.array([float(number) for number in value]) if isinstance(value, list) else jnp.asarray(float(value))

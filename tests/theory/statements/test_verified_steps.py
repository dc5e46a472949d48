"""The printed theorem of a chain on verified rows, executed line by line, gives what `predict` gives."""

import jax
import numpy as np
import pytest
import sympy

import modelcollapse as mc
from modelcollapse.theory.evaluation.lowering import Nodes, evaluate, run
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules import selected_fit as fit

D = 30
VALUES = np.repeat([1.7, 0.6, 0.3], 10)
POPULATION = mc.Population(mc.Levels([1.7, 0.6, 0.3], [10, 10, 10]), mc.Coefficients(0.2 * np.ones(D)))
INITIAL = mc.Coefficients(0.2 * np.repeat([1.0, -0.5, 0.7], 10))
VERIFIER = mc.Coefficients(0.15 * np.repeat([0.4, 1.0, -1.0], 10))
WINDOW = mc.ResidualWindow(VERIFIER, -0.8, 1.1)
JUDGED, REAL = mc.Source(90, 0.7, mc.PREVIOUS), mc.Source(20, 0.4)


def chain(estimator, sources=(JUDGED,), selection=WINDOW, generations=3):
    return mc.Chain(POPULATION, (mc.Generation(sources, estimator, selection),) * generations, INITIAL)


CHAINS = {
    "least squares": chain(mc.MinimumNorm(), (mc.Source(190, 0.7, mc.PREVIOUS),)),
    "ridge": chain(mc.Ridge(0.2)),
    "ridge beside real rows": chain(mc.Ridge(0.2), (REAL, JUDGED)),
    "revised": chain(mc.Ridge(0.2), selection=mc.Revise(VERIFIER, 0.6, 0.5)),
    "drawn again": chain(mc.Ridge(0.2), selection=mc.Resample(WINDOW, 3)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_the_equations_give_the_prediction(name):
    whole = CHAINS[name]
    derivation, prediction = mc.derive(whole), mc.predict(whole)
    truth, initial, verifier = (one.values for one in (POPULATION.target, INITIAL, VERIFIER))
    known = {letter: np.float64(value) for letter, value in derivation.values}
    pairs = {"tt": (truth, truth), "tb": (truth, verifier), "bb": (verifier, verifier)}
    pairs |= {"aa": (initial, initial), "at": (initial, truth), "ab": (initial, verifier)}
    spectral = {s for _, value in derivation.definitions for s in value.free_symbols if s.name in pairs}
    known |= {symbol: VALUES * np.prod(pairs[symbol.name], axis=0) for symbol in spectral}
    kappa = {x.at(x.kappa, g): value for g, value in enumerate(prediction.effective_ridge, start=1)}
    # An equation for n that names kappa only says what kappa is.
    lines = [line for line in derivation.definitions if not (line[1].has(*kappa) and line[0].name.startswith("n_"))]
    with jax.enable_x64(True):
        nodes = Nodes(VALUES, np.ones(D), np.ones(D))
        known = run(lines, known | kappa, nodes)
        found = float(evaluate(derivation.result.rhs, known, nodes))
    assert found == pytest.approx(prediction.error[-1], rel=1e-12)


def test_equal_generations_are_printed_once():
    steps = mc.derive(chain(mc.MinimumNorm(), (mc.Source(190, 0.7, mc.PREVIOUS),))).steps
    assert {step.generations for step in steps} == {(1, 1), (1, 3)}


def test_what_is_known_beforehand_is_not_printed():
    """No shrinkage, no errors of the verifier and no real rows: c, v' and the margin are all that is left."""
    derivation = mc.derive(chain(mc.MinimumNorm(), (mc.Source(190, 0.7, mc.PREVIOUS),), generations=1))
    lines = dict(derivation.definitions)
    assert lines[x.at(x.chi, 1)] == sympy.Symbol("v'_1", positive=True) / x.at(x.margin_2, 1)
    assert not any(fit.REAL_NOISE.name in str(symbol) for symbol in lines)


def test_several_verifiers_are_predicted_but_not_printed():
    other = mc.ResidualWindow(mc.Coefficients(np.zeros(D)), -1.0, 1.0)
    step = mc.Generation((JUDGED,), mc.Ridge(0.2), other)
    whole = mc.Chain(POPULATION, (*chain(mc.Ridge(0.2)).generations, step), INITIAL)
    assert np.isfinite(mc.predict(whole).error).all()
    with pytest.raises(mc.NoTheorem, match="one verifier"):
        mc.derive(whole)


def test_latex_is_there_for_every_equation():
    from latex2mathml.converter import convert

    for whole in CHAINS.values():
        for step in mc.derive(whole).steps:
            for line in step.latex():
                convert(line)

"""Derivations of stores, blends, labellers, kept rows and samples: executed by another reader, and as symbols."""

import numpy as np
import pytest
import sympy
from matplotlib.mathtext import MathTextParser
from scipy.optimize import brentq

from modelcollapse.theory.chains.family import reading_of
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    Blend,
    Chain,
    Generation,
    Kept,
    MinimumNorm,
    Ridge,
    Source,
    SpecificationError,
    accumulate_subsample,
    replace,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.kept_rows import ANGLE, REAL_ROWS
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.statements.book import BOOK
from modelcollapse.theory.statements.derivation import derive

from ..families import FAMILIES, OFFSET, POPULATION, RANK
from ..interpreter import run, value

LEAST_SQUARES = MinimumNorm()
N, M, SIGMA, TAU = sympy.symbols("N_rows m_rows sd sd_real", positive=True)
LETTERS = (x.rows.name, x.penalty.name)


@pytest.fixture(params=FAMILIES)
def name(request):
    return request.param


def eigenvalues_and_weights(given):
    """The population's, or the Gauss rule of Marchenko and Pastur: angles, and how many directions each stands for."""
    if REAL_ROWS not in given:
        s = np.asarray(POPULATION.spectrum.eigenvalues())
        positive = s > 0
        tau = (s * POPULATION.target.second_moments(POPULATION.spectrum))[positive]
        return {x.s: s[positive], x.tau: tau}, np.ones(RANK)
    angles, y = np.arange(1, 201) * np.pi / 201, RANK / given[REAL_ROWS]
    weights = RANK * 2 * np.sin(angles) ** 2 / (1 + y + 2 * np.sqrt(y) * np.cos(angles)) / 201
    return {ANGLE: angles}, weights


def effective_ridge(s, weights, rows, penalty):
    """kappa from n = df_1 + n lambda/kappa by bisection in the logarithm."""

    def excess(log_kappa):
        kappa = np.exp(log_kappa)
        return (weights * s / (s + kappa)).sum() + rows * penalty / kappa - rows

    return np.exp(brentq(excess, -60, 20, xtol=1e-15))


def executed(derivation, numbers=None):
    """The value of the result by the definitions alone; every kappa is found when its rows and penalty are known.

    `numbers` are put in for the symbols of the chain.
    """
    given = {symbol: float(sympy.sympify(entry).subs(numbers or {})) for symbol, entry in derivation.values}
    spectrum, weights = eigenvalues_and_weights(given)
    known = spectrum | given | offset_products()
    for symbol, expression in derivation.definitions:
        for kappa in (one for one in expression.free_symbols if one.name.startswith("kappa") and one not in known):
            rows, penalty = (given[sympy.Symbol(f"{letter}{kappa.name[5:]}", positive=True)] for letter in LETTERS)
            known[kappa] = effective_ridge(known[x.s], weights, rows, penalty)
        known = run([(symbol, expression.subs(numbers or {}))], known, weights)
    return float(value(derivation.result.rhs.subs(numbers or {}), known, weights))


def offset_products():
    """E_{o1}: the squared length of the shifted truth's offset."""
    s = np.asarray(POPULATION.spectrum.eigenvalues())
    return {x.at(x.error, "o1"): float(s @ OFFSET.second_moments(POPULATION.spectrum))}


def test_the_definitions_give_the_predicted_error(name):
    chain = FAMILIES[name](0.6)
    assert executed(derive(chain)) == pytest.approx(predict(chain).error[-1], rel=1e-11)


def test_the_theorem_and_its_kind_are_those_of_the_prediction(name):
    chain = FAMILIES[name](0.6)
    derivation, prediction = derive(chain), predict(chain)
    assert derivation.theorem is prediction.theorem
    assert derivation.theorem in BOOK
    assert derivation.kind is prediction.kind[-1]
    assert set(derivation.hypotheses) == set(prediction.assumptions)
    assert (r"\simeq" in derivation.equations()[-1]) == (derivation.kind is not Kind.EXACT)


def test_every_equation_is_valid_mathematics(name):
    derivation = derive(FAMILIES[name](0.6))
    parser = MathTextParser("path")
    for text in (*derivation.equations(), *(step.before for step in derivation.steps)):
        parser.parse(f"${text}$")
    assert all(step.rule and step.after and step.source for step in derivation.steps)


def source(rows, noise, labels=PREVIOUS):
    return Source(rows, noise, labels)


def accumulating(n, m, sigma, tau):
    return [Generation((source(k, sigma),), LEAST_SQUARES, memory=ACCUMULATE) for k in (n, m, n)]


def fresh_real_rows(n, m, sigma, tau):
    return [Generation((source(n, tau, REAL), source(m, sigma)), LEAST_SQUARES)] * 3


def kept_rows(n, m, sigma, tau):
    later = Generation((Kept(1), source(m, sigma)), LEAST_SQUARES)
    return [Generation((source(n, tau, REAL),), LEAST_SQUARES), later, later]


def blended(n, m, sigma, tau):
    labels = Blend(((REAL, 1 - tau), (PREVIOUS, tau)))
    return [Generation((source(k, sigma, labels),), LEAST_SQUARES) for k in (n, m, n)]


@pytest.mark.parametrize("family", [accumulating, fresh_real_rows, kept_rows, blended])
def test_a_symbolic_chain_is_the_numerical_one_once_numbers_are_put_in(family):
    """Rows n and m, noise sigma and sigma_r as symbols: definitions in symbols, executed at 41, 29, 0.6 and 0.35."""
    numbers = {N: 41, M: 29, SIGMA: 0.6, TAU: 0.35}
    symbolic, numerical = (Chain(POPULATION, family(*given)) for given in (numbers, numbers.values()))
    derivation = derive(symbolic)
    free = {symbol for _, entry in derivation.values for symbol in sympy.sympify(entry).free_symbols}
    assert {N, M, SIGMA} <= free
    assert executed(derivation, numbers) == pytest.approx(predict(numerical).error[-1], rel=1e-11)
    with pytest.raises(SpecificationError, match="derive"):
        predict(symbolic)


def test_symbolic_samples():
    derivation = derive(accumulate_subsample(POPULATION, 4, N, SIGMA, LEAST_SQUARES))
    numerical = accumulate_subsample(POPULATION, 4, 300, 0.6, LEAST_SQUARES)
    assert executed(derivation, {N: 300, SIGMA: 0.6}) == pytest.approx(predict(numerical).error[-1], rel=1e-13)


def test_readings_of_symbolic_chains():
    kinds = [
        type(reading_of(Chain(POPULATION, family(N, M, SIGMA, TAU)))).__name__
        for family in (accumulating, fresh_real_rows, kept_rows, blended)
    ]
    assert kinds == ["tuple", "Mixture", "KeptRows", "tuple"]
    assert isinstance(reading_of(replace(POPULATION, 2, N, SIGMA, Ridge(0.1))), tuple)

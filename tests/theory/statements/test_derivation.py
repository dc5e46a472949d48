"""Derivations: executed by an independent reader they give the predicted numbers, and they read as mathematics."""

import numpy as np
import pytest
import sympy
from matplotlib.mathtext import MathTextParser

from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    Isotropic,
    MinimumNorm,
    NoTheorem,
    Population,
    PowerLaw,
    Ridge,
    Source,
    SpecificationError,
    UniformTarget,
    demystified,
    replace,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.statements.derivation import derive

from ..interpreter import run, value
from ..market import DIMENSION, MARKET, POWER_LAW, TRUTH

POPULATION = Population(Eigenvalues(POWER_LAW), Coefficients(TRUTH))
ISOTROPIC = Population(Isotropic(DIMENSION, 0.7), UniformTarget(2.6))
EQUAL = replace(POPULATION, 3, rows=20, noise=0.3, estimator=Ridge(0.07))
SUBSPACES = replace(ISOTROPIC, 3, rows=(5, 7, 10), noise=(0.3, 0.6, 0.2), estimator=MinimumNorm())
AFRESH = Chain(
    POPULATION,
    (
        Generation((Source(20, 0.3, PREVIOUS),), Ridge(0.2)),
        Generation((Source(30, 0.7, REAL),), Ridge(0.05)),
        Generation((Source(9, 0.4, PREVIOUS),), Ridge(0.6)),
    ),
)
CHAINS = {name: problem.chain for name, problem in MARKET.items()} | {
    "equal generations": EQUAL,
    "subspaces": SUBSPACES,
    "starting afresh": AFRESH,
    "one generation": replace(POPULATION, 1, rows=20, noise=0.3, estimator=Ridge(0.07)),
}


@pytest.fixture(params=CHAINS)
def chain(request):
    return CHAINS[request.param]


def spectrum_of(chain):
    s = np.asarray(chain.population.spectrum.eigenvalues())
    return {x.s: s, x.tau: s * chain.population.target.second_moments(chain.population.spectrum)}


def effective_ridges(derivation):
    """The one quantity that is defined implicitly: kappa, or kappa_1, kappa_2, ..."""
    ridges = predict(derivation.chain).effective_ridge
    indexed = {x.at(x.kappa, g + 1): kappa for g, kappa in enumerate(ridges)}
    return indexed | {x.kappa: ridges[-1]}


def executed(derivation):
    known = spectrum_of(derivation.chain) | effective_ridges(derivation) | dict(derivation.values)
    return run(derivation.definitions, known, DIMENSION)


def test_executing_the_definitions_gives_the_predicted_error(chain):
    derivation = derive(chain)
    found = value(derivation.result.rhs, executed(derivation), DIMENSION)
    assert float(found) == pytest.approx(predict(chain).error[-1], rel=1e-12)


def test_definitions_use_only_what_was_defined_before(chain):
    derivation = derive(chain)
    known = {x.s, x.tau, *effective_ridges(derivation), *dict(derivation.values)}
    for symbol, expression in derivation.definitions:
        assert {*expression.free_symbols} <= known, symbol
        assert symbol not in known, "defined twice"
        known.add(symbol)
    assert derivation.result.rhs.free_symbols <= known
    assert str(derivation.result.lhs) == f"E_{len(chain)}"


def test_the_values_are_those_of_the_chain(chain):
    values = dict(derive(chain).values)
    assert values[x.rank] == DIMENSION
    last = len(chain)
    step = chain.generations[-1]
    rows, noise = (values.get(x.at(symbol, last), values.get(symbol)) for symbol in (x.rows, x.noise))
    assert rows == step.rows
    assert noise == pytest.approx(step.sources[0].noise, rel=1e-15)


def test_the_effective_ridge_is_defined_by_its_equation():
    """The steps state n = df_1 + n lambda/kappa, and the numbers solve it."""
    derivation = derive(EQUAL)
    [equation] = [rhs for step in derivation.steps for lhs, rhs in step.after if lhs == x.rows]
    assert float(value(equation, executed(derivation), DIMENSION)) == pytest.approx(20, rel=1e-13)


@pytest.mark.parametrize("name", ["many rows", "generators, then ridge", "both sides"])
def test_the_expanded_error_is_the_same_number(name):
    chain = Chain(MARKET[name].chain.population, MARKET[name].chain.generations[1:])
    derivation = derive(chain)
    found = value(derivation.expanded(), executed(derivation), DIMENSION)
    assert float(found) == pytest.approx(predict(chain).error[-1], rel=1e-11)


def test_long_chains_are_not_expanded():
    with pytest.raises(SpecificationError) as caught:
        derive(replace(POPULATION, 5)).expanded()
    assert caught.value.field == "generations"


def test_symbols_pass():
    """A chain that holds symbols is the symbolic problem; with numbers put in it is the numerical one."""
    n, sigma, penalty = sympy.symbols("N_rows sd lam", positive=True)
    derivation = derive(replace(POPULATION, 3, rows=n, noise=sigma, estimator=Ridge(penalty)))
    values = dict(derivation.values)
    assert (values[x.rows], values[x.noise], values[x.penalty]) == (n, sigma, penalty)
    numbers = {n: 20, sigma: 0.3, penalty: 0.07}
    put_in = {symbol: numbers.get(given, given) for symbol, given in values.items()}
    known = spectrum_of(EQUAL) | effective_ridges(derive(EQUAL)) | put_in
    found = value(derivation.result.rhs, run(derivation.definitions, known, DIMENSION), DIMENSION)
    assert float(found) == pytest.approx(predict(EQUAL).error[-1], rel=1e-12)


def test_symbols_of_one_generation_among_numbers():
    sigma = sympy.Symbol("sd", positive=True)
    chain = MARKET["many rows"].chain.with_(generation=2, noise=sigma)
    values = dict(derive(chain).values)
    assert values[x.at(x.noise, 2)] == sigma
    with pytest.raises(SpecificationError, match="derive"):
        predict(chain)


def test_symbols_in_the_population_are_read_by_derive_only():
    exponent, scale = sympy.symbols("beta c", positive=True)
    population = Population(PowerLaw(DIMENSION, exponent, scale), UniformTarget(2.0))
    chain = replace(population, 3, rows=20, noise=0.3, estimator=Ridge(0.07))
    assert derive(chain).definitions == derive(EQUAL).definitions
    with pytest.raises(SpecificationError, match="derive"):
        predict(chain)


def test_every_equation_is_valid_mathematics(chain):
    derivation = derive(chain)
    parser = MathTextParser("path")
    for text in (*derivation.equations(), *(step.before for step in derivation.steps)):
        parser.parse(f"${text}$")


def test_latex_is_one_balanced_block(chain):
    text = derive(chain).latex()
    assert text.startswith(r"\begin{aligned}")
    assert text.endswith(r"\end{aligned}")
    lines = text.split("\n")[1:-1]
    assert all(line.count("&") == 1 for line in lines)
    assert all(line.count("{") == line.count("}") for line in lines)
    assert derive(chain)._repr_latex_() == f"$$\n{text}\n$$"


def test_every_step_names_its_rule_its_hypotheses_and_its_source(chain):
    first, *steps = derive(chain).steps
    assert first.rule == "model 0 is the truth"
    assert steps
    for step in steps:
        assert step.rule
        assert step.hypotheses
        assert step.source
        assert step.before
        assert step.after
        assert 1 <= step.generations[0] <= step.generations[1] <= len(chain)


def test_every_generation_is_accounted_for(chain):
    """From the last generation on real labels to the last one, each generation has its mean and its second moment."""
    derivation = derive(chain)
    start = derivation.steps[0].generations[0]
    for word in ("mean of", "second moment of"):
        spans = [step.generations for step in derivation.steps if step.rule.startswith(word)]
        covered = [g for first, last in spans for g in range(first, last + 1)]
        assert covered == list(range(start, len(chain) + 1))


def test_what_happened_before_real_labels_is_no_part_of_the_theorem():
    names = {symbol.name for symbol, _ in derive(AFRESH).definitions}
    assert not any(name.endswith("_1") and name != "P_1" and name not in ("U_1", "Q_1") for name in names)
    assert {"U_3", "U_2"} <= names


def test_exact_theorems_are_equations_and_equivalents_are_not():
    exact, equivalent = derive(MARKET["least squares"].chain), derive(MARKET["many rows"].chain)
    assert exact.kind is Kind.EXACT
    assert equivalent.kind is Kind.EQUIVALENT
    assert r"\simeq" not in exact.equations()[-1]
    assert r"\simeq" in equivalent.equations()[-1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("many rows", "test error of a chain"),
        ("least squares", "excess error"),  # unequal generations: no closed form, the exact recursion itself
        ("generators, then ridge", "test error of a chain"),
        ("subspaces", "excess error"),
        ("both sides", "test error of a chain"),
        ("starting afresh", "test error of a chain"),
    ],
)
def test_the_theorem_that_covers_a_chain(name, words):
    derivation = derive(CHAINS[name])
    assert derivation.theorem.name == words
    assert words in derivation.sources[0]
    assert words in str(derivation)
    assert derivation.hypotheses


def test_three_lines_to_a_theorem():
    arms = {"generators": 2, "generator_rows": 30, "generator_noise": 0.2, "rows": 20, "noise": 0.1}
    text = derive(demystified(POPULATION, estimator=Ridge(0.1), **arms)).latex()
    assert r"E_{3} &\simeq" in text


def test_only_chains_have_derivations():
    with pytest.raises(SpecificationError) as caught:
        derive(POPULATION)
    assert caught.value.field == "chain"
    both = Generation((Source(20, 0.3, REAL), Source(20, 0.3, PREVIOUS, weight=2.0)), MinimumNorm())
    first = Generation((Source(20, 0.3, REAL),), Ridge(0.1))
    with pytest.raises(NoTheorem, match="generation 2"):
        derive(Chain(POPULATION, (first, both)))

"""Independent generations in print: the equations executed by another reader give the numbers of the engine."""

import numpy as np
import pytest
import sympy
from scipy.optimize import root

import modelcollapse as mc
from modelcollapse.theory import Model, derive, ridge, risk, stack
from modelcollapse.theory.chains.expressed import express
from modelcollapse.theory.evaluation.fixed_point.precision import reliable
from modelcollapse.theory.evaluation.formulas import GenerationsFormula
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.trace import Trace
from modelcollapse.theory.statements.generation_steps import by_monomial
from modelcollapse.theory.statements.totals import derived_in_total

from ..interpreter import value

DIMENSION = 12
SPECTRUM = mc.PowerLaw(DIMENSION, 1.3)
FIXED = mc.Population(SPECTRUM, mc.Coefficients(np.linspace(1, 0.1, DIMENSION)))
RANDOM = mc.Population(SPECTRUM, mc.GaussianTarget(np.linspace(0.2, 0.4, DIMENSION)))
SHIFTED = mc.Coefficients(np.linspace(0.1, 0.3, DIMENSION))
OTHER = mc.Isotropic(DIMENSION, 0.3)


def mixed(*sources):
    return mc.Generation(sources, mc.Ridge(0.07))


CHAINS = {
    "projections": mc.replace(RANDOM, 3, 15, 0.3, mc.RandomProjection(8, 0.05)),
    "unequal projections": mc.replace(RANDOM, 3, [15, 18, 14], 0.3, mc.RandomProjection(19, 0.05)),
    "projection between ridges": mc.Chain(
        RANDOM,
        tuple(
            mc.Generation((mc.Source(17 + g, 0.2 + g / 9, mc.PREVIOUS),), fit)
            for g, fit in enumerate((mc.Ridge(0.04), mc.RandomProjection(9, 0.06), mc.Ridge(0.09), mc.Ridge(0.09)))
        ),
    ),
    "real rows": mc.mix(RANDOM, 4, real_rows=9, synthetic_rows=14, noise=0.3, estimator=mc.Ridge(0.05)),
    "weighted real rows": mc.mix(
        FIXED, 3, real_rows=9, synthetic_rows=14, synthetic_weight=1.4, noise=0.3, estimator=mc.Ridge(0.05)
    ),
    "two covariances": mc.Chain(
        RANDOM,
        (mixed(mc.Source(14, 0.3), mc.Source(9, 0.2, mc.PREVIOUS, covariance=OTHER)),) * 2,
    ),
    "shifts": mc.Chain(
        FIXED,
        (
            mixed(mc.Source(15, 0.3), mc.Source(9, 0.2, mc.Shifted(SHIFTED))),
            mixed(mc.Source(13, 0.3, mc.PREVIOUS), mc.Source(8, 0.2, mc.Shifted(SHIFTED))),
        ),
    ),
    "a given first model": mc.Chain(FIXED, (mixed(mc.Source(14, 0.3, mc.PREVIOUS)),) * 3, initial=SHIFTED),
}


def solved(equations, unknown, known):
    """Effective ridges and margins, from the printed equations alone: in logarithms, from a huge penalty downwards."""
    order = list(unknown)
    sizes = [float(known[one.lhs]) for one in equations if one.lhs in known]
    logs = np.log([max(sizes)] * len(order))
    for growth in np.log(2.0) * np.arange(40, -1, -1):

        def gaps(point, growth=growth):
            values = dict(known) | dict(zip(order, np.exp(point), strict=True))
            for symbol, expression in SHRINKAGES:
                values[symbol] = value(expression, values, DIMENSION)
            found = []
            for one in equations:
                left = np.log(values[one.lhs]) + growth * one.lhs.name.startswith("lambda")
                found.append(np.log(value(one.rhs, values, DIMENSION)) - left)
            return found

        result = root(gaps, logs, tol=1e-14)
        logs = result.x
    assert np.max(np.abs(result.fun)) < 1e-11
    return dict(zip(order, np.exp(logs), strict=True))


SHRINKAGES: list = []


def executed(definitions, known):
    """All quantities; a block of equations starts where a given letter stands on the left and ends with q."""
    known, block = dict(known), []
    for symbol, expression in definitions:
        if symbol in known or symbol.name.startswith("kappa"):
            block.append(sympy.Eq(symbol, expression, evaluate=False))
            continue
        if block and symbol.name[0] in "pq":
            SHRINKAGES.append((symbol, expression))
            continue
        if block:
            known = _with_block(block, known)
            block = []
        shape = DIMENSION if isinstance(symbol, x.Spectral) else ()
        known[symbol] = value(expression, known, DIMENSION) + np.zeros(shape)
    return known


def _with_block(block, known):
    letters = {one for equation in block for one in (equation.lhs, *equation.rhs.free_symbols)} - known.keys()
    unknown = sorted((one for one in letters if one.name[0] in "Dk"), key=str)
    values = known | solved(block, unknown, known)
    for symbol, expression in SHRINKAGES:
        values[symbol] = value(expression, values, DIMENSION)
    SHRINKAGES.clear()
    return values


def directions(chain):
    """The population, and all spectral letters that the engine uses for offsets and other covariances."""
    s = SPECTRUM.eigenvalues()
    k = np.arange(1, DIMENSION + 1)
    theta = chain.population.target.second_moments(SPECTRUM)
    given = {"s": s, "theta": theta, "s_2": np.full(DIMENSION, 0.3), "mu": chain.population.target.mean(k, SPECTRUM)}
    given |= {"theta_1": SHIFTED.second_moments(SPECTRUM), "mu_1": SHIFTED.mean(k, SPECTRUM)}
    return {x.spectral(name): array for name, array in given.items()}


@pytest.mark.parametrize("name", CHAINS)
def test_printed_chains_give_the_predicted_error(name):
    """As the engine derives them; one-step rules cover some of these chains as well, and predict them then."""
    chain = CHAINS[name]
    derivation = derived_in_total(chain, express(chain))
    assert derivation.theorem.name == "test error of independent generations"
    known = directions(chain) | {symbol: float(number) for symbol, number in derivation.values}
    known = executed(derivation.definitions, known)
    assert value(derivation.result.rhs, known, DIMENSION) == pytest.approx(mc.predict(chain).error[-1], rel=1e-9)


def ridge_chain(generations, equal):
    m = Model()
    w = m.truth
    for g in range(1, generations + 1):
        own = "" if equal else f"_{g}"
        X = m.design(f"X_{g}", f"T{own}")
        w = ridge(X, X @ w + m.noise(f"sigma{own}"), f"lambda{own}")
    return w


def projections(generations):
    m = Model()
    w = m.truth
    for g in range(1, generations + 1):
        X, S = m.design(f"X_{g}", f"T_{g}"), m.projection(f"S_{g}", "m")
        w = S.T @ ridge(X @ S.T, X @ w + m.noise("sigma"), "lambda")
    return w


def shifted(generations):
    m = Model()
    w, off = m.truth, m.offset("delta", "theta_1")
    for g in range(1, generations + 1):
        X, Y = m.design(f"X_{g}", "T"), m.design(f"Y_{g}", "n")
        w = ridge(stack(X, Y), stack(X @ w + m.noise("sigma"), Y @ (m.truth + off) + m.noise("sigma_2")), "lambda")
    return w


def students(generations):
    m = Model()
    first = second = m.truth
    for g in range(1, generations + 1):
        X, Z = m.design(f"X_{g}", "T"), m.design(f"Z_{g}", "T")
        agreed = (first + second) / 2
        first, second = (ridge(D, D @ agreed + m.noise("sigma"), "lambda") for D in (X, Z))
    return (first + second) / 2


EXPRESSIONS = {
    "three ridges": lambda: ridge_chain(3, equal=False),
    "four equal ridges": lambda: ridge_chain(4, equal=True),
    "three projections": lambda: projections(3),
    "three shifted mixtures": lambda: shifted(3),
    "three generations of students who agree": lambda: students(3),
}
NUMBERS = {"T": 16, "n": 7, "m": 9, "d": DIMENSION, "sigma": 0.4, "sigma_2": 0.3, "lambda": 0.06}
NUMBERS |= {f"T_{g}": 10 + 3 * g for g in range(1, 5)} | {f"sigma_{g}": 0.1 + 0.2 * g for g in (1, 3, 4)}
NUMBERS |= {f"lambda_{g}": 0.02 + 0.03 * g for g in range(1, 5)}


def numbers_for(derived):
    spectral = {"s": SPECTRUM.eigenvalues(), "theta": np.linspace(0.2, 0.4, DIMENSION)}
    spectral["theta_1"] = np.linspace(0.05, 0.01, DIMENSION)
    return {letter: {**NUMBERS, **spectral}[letter] for letter in derived.letters}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_printed_expressions_give_every_part_of_the_error(name):
    """And both are what the fixed point of the whole expression gives, which knows of no generations."""
    derived = derive(risk(EXPRESSIONS[name]()))
    assert isinstance(derived.formula, GenerationsFormula)
    assert derived.certified == (name != "three shifted mixtures")
    numbers = numbers_for(derived)
    known = {x.scalar(letter): float(given) for letter, given in numbers.items() if np.ndim(given) == 0}
    known |= {x.spectral(letter): given for letter, given in numbers.items() if np.ndim(given)}
    known = executed(derived.definitions, known)
    printed = {part: float(value(expression, known, DIMENSION)) for part, expression in derived.parts.items()}
    whole = reliable(derived.program, derived.setting(numbers)).targets
    evaluated = derived(**numbers)
    assert list(printed) == list(evaluated) == [name for name, _ in derived.traces.parts]
    for part in printed:
        assert printed[part] == pytest.approx(whole[part], rel=1e-9)
        assert evaluated[part] == pytest.approx(whole[part], rel=1e-11)


def test_generations_are_told_from_the_letters_that_they_share():
    """Every margin and effective ridge has a name of its own; the letters of the whole program are those asked for."""
    for name, build in EXPRESSIONS.items():
        derived = derive(risk(build()))
        left = [symbol for symbol, _ in derived.definitions if symbol.name not in derived.letters]
        assert len(set(left)) == len(left), name
        spaces = {space.size for space in derived.program.spaces}
        used = {letter for one in derived.program.definitions.values() for letter in one.body.letters}
        used |= {letter for target in derived.program.targets for letter in target.body.letters}
        assert set(derived.letters) == (used - set(derived.program.definitions)) | spaces, name


def test_equal_generations_are_one_step():
    derived = derive(risk(ridge_chain(4, equal=True)))
    spans = {step.rule: step.generations for step in derived.steps}
    assert spans["mean of a fit"] == (1, 4)
    assert spans["weight of the model before a fit"] == (2, 4)
    assert derived.kappa == (
        sympy.Eq(x.penalty, x.scalar("D_T") * x.kappa / x.scalar("T"), evaluate=False),
        sympy.Eq(x.scalar("T"), x.scalar("D_T") + Trace(x.q), evaluate=False),
    )


def test_the_derived_rule_of_ridge_is_the_one_that_was_known():
    """B_{g-1} = q^2 B_g + p^2 tr[q^2 B_g]/D_2, as in theory/rules/resolvent.py."""
    derived = derive(risk(ridge_chain(4, equal=True)))
    (step,) = (step for step in derived.steps if step.rule == "weight of the model before a fit")
    ((left, right),) = step.after
    after = x.at(x.weight, "g")
    margin = x.scalar("D_T") + Trace(x.p * x.q)
    assert left == x.at(x.weight, "g-1")
    assert right == x.q**2 * after + x.p**2 * Trace(x.q**2 * after) / margin


def test_fractions_are_grouped_by_monomials():
    expression = (x.q**2 * x.chi + 3 * x.p * Trace(x.q) + 2 * x.q**2 * Trace(x.p)) / (x.chi + 2 * Trace(x.p))
    assert by_monomial(expression) == x.q**2 + 3 * x.p * Trace(x.q) / (x.chi + 2 * Trace(x.p))

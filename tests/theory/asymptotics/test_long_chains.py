"""Laws of long minimum-norm chains against the recursion of all generations."""

import numpy as np
import pytest
import sympy
from scipy.integrate import quad

from modelcollapse.theory.asymptotics import long_chains as laws
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import MinimumNorm, Population, PowerLaw, SourceCondition, replace
from modelcollapse.theory.problem import notation as x

R = sympy.Rational
ROWS, DIMENSION = 2000, 200_000
CASES = [(R(2), R(3, 4)), (R(5, 2), R(5, 4))]


def value(statement, beta, source=R(1, 3), generations=1, rows=ROWS):
    letters = {laws.EXPONENT: beta, laws.SOURCE: source, laws.GENERATIONS: generations, laws.ROWS: rows, x.noise: 1}
    return float(statement.expanded().subs(letters).evalf())


def chain(beta, source, generations):
    population = Population(PowerLaw(DIMENSION, float(beta)), SourceCondition(float(source)))
    return replace(population, generations=generations, rows=ROWS, noise=1.0, estimator=MinimumNorm())


@pytest.mark.parametrize(("beta", "source"), CASES)
def test_the_chain_grows_as_stated(beta, source):
    """To 3 % after 256 generations; of the noise, what is missing falls like N^(-(1 - 1/beta)) until then."""
    found = predict(chain(beta, source, 256))
    growth = value(laws.NOISE_FREE_GROWTH, beta, source, 256)
    assert found.bias[-1] == pytest.approx(growth, rel=0.03)
    missing = [1 - found.variance[n - 1] / value(laws.NOISE_ACCUMULATION, beta, source, n) for n in (4, 16, 256)]
    assert abs(missing[-1]) < 0.03
    assert missing[0] / missing[1] == pytest.approx(float(4 ** (1 - 1 / beta)), rel=0.25)
    assert found.variance[0] == pytest.approx(value(laws.NOISE_GAIN, beta), rel=0.02)


def test_one_generation_multiplies_its_noise():
    assert laws.NOISE_GAIN.result == (laws.EXPONENT - 1) * x.noise**2


@pytest.mark.parametrize(("beta", "source"), [(R(2), R(3, 4)), (R(3), R(3, 10))])
def test_the_constants_are_their_integrals(beta, source):
    power = 2 * float(source)
    low = quad(lambda v: v ** (-power - 1) * np.expm1(-v) ** 2, 0, 1)[0]
    high = quad(lambda v: v ** (-power - 1) * np.expm1(-v) ** 2, 1, np.inf)[0]
    scale = float(laws.NOISE_FREE_GROWTH.definitions[0][1].subs({laws.EXPONENT: beta, laws.ROWS: ROWS}))
    head = scale**2 * float(sympy.zeta(1 + 2 * (source - 1) * beta))
    expected = scale**power * (low + high) / float(beta) + head
    assert value(laws.NOISE_FREE_GROWTH, beta, source) == pytest.approx(expected, rel=1e-7)
    b = float(beta)
    shared = quad(lambda w: w ** (1 / b) / ((1 + w) * (2 + w)), 0, np.inf)[0] / b
    constant = float(laws.FREEDOM.subs(laws.EXPONENT, beta))
    assert shared == pytest.approx(constant * (2 ** (1 / b) - 1), rel=1e-6)


def test_every_law_says_where_it_holds():
    assert all(any("kappa" in one for one in statement.hypotheses) for statement in laws.STATEMENTS)

"""Laws of narrow random projections against the theorem of one fit."""

import numpy as np
import pytest
import sympy

from modelcollapse.theory.asymptotics import widths as laws
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import Population, PowerLaw, RandomProjection, SourceCondition, replace
from modelcollapse.theory.problem import notation as x

R = sympy.Rational
DIMENSION, ROWS = 100_000, 10**7
CASES = [(R(2), R(3, 10), laws.BEST_WIDTH_OF_A_ROUGH_TRUTH), (R(2), R(9, 10), laws.BEST_WIDTH_OF_A_SMOOTH_TRUTH)]


def value(statement, beta, source, width=1):
    letters = {laws.EXPONENT: beta, laws.SOURCE: source, x.width: width, x.rows: ROWS, x.noise: 1}
    return float(statement.expanded().subs(letters).evalf())


def fit(beta, source, width):
    population = Population(PowerLaw(DIMENSION, float(beta)), SourceCondition(float(source)))
    chain = replace(population, generations=1, rows=ROWS, noise=1.0, estimator=RandomProjection(width, None))
    return predict(chain)


@pytest.mark.parametrize(("beta", "source", "best"), CASES)
def test_bias_variance_and_the_best_width(beta, source, best):
    for width in (300, 600):
        found = fit(beta, source, width)
        assert found.bias[0] == pytest.approx(value(laws.BIAS_OF_A_WIDTH, beta, source, width), rel=0.01)
        assert found.variance[0] == pytest.approx(value(laws.VARIANCE_OF_A_WIDTH, beta, source, width), rel=0.01)
    # A parabola in log(width) through three widths about the stated one has its minimum there.
    centre = value(best, beta, source)
    log_widths = np.log([round(centre * factor) for factor in (0.9, 1, 1.1)])
    errors = [fit(beta, source, round(np.exp(one))).error[0] for one in log_widths]
    square, slope, _ = np.polyfit(log_widths - np.log(centre), errors, 2)
    assert square > 0
    assert -slope / (2 * square) == pytest.approx(0, abs=0.05)


def test_a_projection_saturates_at_half_the_source_of_ridge():
    beta = R(2)
    assert value(laws.BIAS_OF_A_WIDTH, beta, R(9, 10), 2000) / value(laws.BIAS_OF_A_WIDTH, beta, R(9, 10), 1000) == (
        pytest.approx(2.0 ** -float(beta), rel=0.02)
    )

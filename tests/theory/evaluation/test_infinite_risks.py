"""Minimum norm at the interpolation threshold: infinite risks are infinite, and only they."""

import numpy as np
import pytest

from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    TRUTH as REAL,
)
from modelcollapse.theory.problem import (
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    Isotropic,
    MinimumNorm,
    Population,
    Ridge,
    Source,
    UniformTarget,
    replace,
)

from ..market import POWER_LAW, TRUTH

ANISOTROPIC = Population(Eigenvalues(POWER_LAW), Coefficients(TRUTH))
RANK_DEFICIENT = Population(Eigenvalues(np.r_[POWER_LAW, 0, 0, 0, 0]), Coefficients(np.r_[TRUTH, 1, 1, 1, 1]))
ISOTROPIC = Population(Isotropic(12), UniformTarget(2.6))
POPULATIONS = {"anisotropic": ANISOTROPIC, "rank-deficient": RANK_DEFICIENT, "isotropic": ISOTROPIC}


@pytest.fixture(params=POPULATIONS)
def population(request):
    return POPULATIONS[request.param]


def at(population, rows, noise):
    return predict(replace(population, 3, rows=rows, noise=noise, estimator=MinimumNorm()))


@pytest.mark.parametrize("rows", [11, 12, 13])
def test_noise_has_an_infinite_effect_within_one_row_of_the_rank(population, rows):
    prediction = at(population, (30, rows, 40), (0.3, 0.2, 0.6))
    assert np.isfinite(prediction.error).tolist() == [True, False, False]
    assert np.all(prediction.error[1:] == np.inf)
    assert np.all(prediction.variance[1:] == np.inf)
    assert np.all(np.isfinite(prediction.bias))
    assert np.isinf(prediction.by_generation).tolist() == [[False] * 3, [False, True, False], [False, True, False]]


@pytest.mark.parametrize("rows", [10, 14])
def test_two_rows_away_from_the_rank_the_effect_is_finite(population, rows):
    assert np.all(np.isfinite(at(population, (30, rows, 40), (0.3, 0.2, 0.6)).error))


@pytest.mark.parametrize("rows", [11, 12, 13])
def test_without_noise_there_is_nothing_to_amplify(population, rows):
    prediction = at(population, (30, rows, 40), (0.3, 0.0, 0.6))
    assert np.all(np.isfinite(prediction.error))
    assert np.all(np.isfinite(prediction.norm))
    if rows >= 12:
        kept = 0.09 * 12 / 17
        np.testing.assert_allclose(prediction.error, [kept, kept, kept + 0.36 * 12 / 27], rtol=1e-12)


def test_real_labels_cure_an_infinite_risk(population):
    steps = at(population, (12, 20, 40), (0.3, 0.2, 0.6)).chain.generations
    cured = Generation((Source(20, 0.2, REAL),), MinimumNorm())
    prediction = predict(Chain(population, (steps[0], cured, steps[2])))
    assert np.isinf(prediction.error).tolist() == [True, False, False]
    np.testing.assert_allclose(prediction.error[1:], np.cumsum([0.04 * 12 / 7, 0.36 * 12 / 27]), rtol=1e-12)


@pytest.mark.parametrize("rows", [11, 12, 13])
def test_a_penalty_cures_an_infinite_risk(population, rows):
    chain = replace(population, 3, rows=rows, noise=0.3, estimator=Ridge(1e-12))
    assert np.all(np.isfinite(predict(chain).error))


@pytest.mark.parametrize("rows", [11, 12, 13])
def test_infinite_risks_are_written_as_text_in_tables(rows):
    table = at(ANISOTROPIC, (30, rows, 40), (0.3, 0.2, 0.6)).to_dict()
    assert table["error"][1:] == ["inf", "inf"]
    assert isinstance(table["bias"][1], float)

"""What every family of chains must fulfil: parts that add up, derivatives, sweeps, the same program line by line."""

import numpy as np
import pytest

from modelcollapse.theory.chains import moments
from modelcollapse.theory.chains.family import reading_of
from modelcollapse.theory.evaluation.differentiation import gradient
from modelcollapse.theory.evaluation.grid import vary
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.evaluation.straight_line import straight_line
from modelcollapse.theory.problem import NoTheorem

from ..families import FAMILIES

NOISE = 0.6
STEPWISE = [name for name, build in FAMILIES.items() if isinstance(reading_of(build(NOISE)), tuple)]


@pytest.fixture(params=FAMILIES)
def name(request):
    return request.param


@pytest.fixture
def build(name):
    return FAMILIES[name]


def test_every_reading_is_there():
    kinds = {type(reading_of(build(NOISE))).__name__ for build in FAMILIES.values()}
    assert kinds == {"tuple", "Mixture", "KeptRows", "Subsamples", "RefittedCovariates"}


def test_bias_and_variance_add_up(build):
    prediction = predict(build(NOISE))
    np.testing.assert_allclose(prediction.bias + prediction.variance, prediction.error, rtol=1e-13)
    assert np.all(prediction.error > 0)
    assert np.all(prediction.bias >= 0)


def test_variance_is_the_sum_over_generations(name, build):
    prediction = predict(build(NOISE))
    if name == "samples":  # generations share their noise
        with pytest.raises(NoTheorem, match="samples of the store"):
            _ = prediction.by_generation
        return
    np.testing.assert_allclose(prediction.by_generation.sum(axis=1), prediction.variance, rtol=1e-12)
    assert np.all(np.triu(prediction.by_generation, 1) == 0)
    assert np.all(np.diag(prediction.by_generation) > 0)


def test_modes_add_up(name, build):
    prediction = predict(build(NOISE))
    if name == "several labellers":  # an offset is not shared equally by the directions
        with pytest.raises(NoTheorem, match="share of each direction"):
            _ = prediction.by_mode
        return
    np.testing.assert_allclose(prediction.by_mode.sum(axis=1), prediction.error, rtol=1e-12)


def test_the_gradient_is_a_difference(build):
    step = 1e-5
    slope = gradient(build)(NOISE)
    difference = (predict(build(NOISE + step)).error[-1] - predict(build(NOISE - step)).error[-1]) / (2 * step)
    assert slope == pytest.approx(difference, rel=1e-8)


def test_a_sweep_is_many_predictions(build):
    noises = [0.2, 1.3]
    table = vary(build, {"noise": noises})
    for row, noise in zip(table.error, noises, strict=True):
        np.testing.assert_allclose(row, predict(build(noise)).error, rtol=1e-13)


@pytest.mark.parametrize("name", STEPWISE)
@pytest.mark.parametrize(("measure", "field"), [(moments.ERROR, "error"), (moments.NORM, "norm")])
def test_the_program_line_by_line(name, measure, field):
    chain = FAMILIES[name](NOISE)
    np.testing.assert_allclose(straight_line(chain, measure=measure), getattr(predict(chain), field), rtol=1e-12)


@pytest.mark.parametrize(
    "name",
    ["accumulation", "repeated rows", "fresh real rows", "kept rows, full start", "refitted covariates", "samples"],
)
def test_twice_the_noise_is_four_times_the_error(name):
    """Least squares that lose nothing, all noise the same."""
    once, twice = (predict(FAMILIES[name](noise)) for noise in (NOISE, 2 * NOISE))
    np.testing.assert_allclose(twice.error, 4 * once.error, rtol=1e-12)
    assert np.all(twice.bias == 0)

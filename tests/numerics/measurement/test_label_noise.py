"""Label noise integrated out: by a covariance, or one noise at a time."""

import numpy as np
import pytest

from modelcollapse.numerics.designs import GAUSSIAN
from modelcollapse.numerics.execution.work import Work
from modelcollapse.numerics.experiment import experiment
from modelcollapse.numerics.measurement.label_noise import INTEGRATED
from modelcollapse.numerics.measurement.responses import ByColumns, ByCovariance
from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS
from modelcollapse.numerics.simulation import integration_columns, simulate
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    Chain,
    Generation,
    Isotropic,
    MinimumNorm,
    Population,
    Ridge,
    Source,
    TooLarge,
    UniformTarget,
    accumulate,
)

from ..market import ALL, POPULATION

MARKOV = Chain(
    POPULATION,
    (
        Generation((Source(6, 0.3), Source(8, 0.5, PREVIOUS, weight=1.8)), Ridge(0.02)),
        Generation((Source(3, 0.4, PREVIOUS),), MinimumNorm()),
        Generation((Source(9, 0.6, PREVIOUS),), Ridge(0.3)),
    ),
)
INTEGRABLE = ("accumulate", "kept rows", "recorded labels", "labelled by an old model", "disturbed covariates")


def by(response, sampler):
    parts, structure = experiment(MARKOV, GAUSSIAN, sampler)
    if isinstance(response, ByColumns):
        structure = type(structure)(**{**vars(structure), "reuses_labels": True})
    return Work(structure, response, parts, seed=4).batch(0, 8)


@pytest.mark.parametrize("sampler", [NAIVE, SUFFICIENT_STATISTICS])
def test_covariance_and_columns_are_the_same_number_in_every_replicate(sampler):
    np.testing.assert_allclose(by(ByColumns(), sampler), by(ByCovariance(), sampler), rtol=1e-10)


@pytest.mark.parametrize("name", INTEGRABLE)
def test_drawn_and_integrated_noise_have_one_mean(name):
    """|z| < 5 in every generation, and integrating takes spread away."""
    drawn, integrated = simulate(ALL[name], 2000, seed=6), simulate(ALL[name], 600, seed=7, noise=INTEGRATED)
    both = np.hypot(drawn.standard_error, integrated.standard_error)
    assert integration_columns(ALL[name]) > 0
    assert np.all(np.abs(drawn.mean - integrated.mean) < 5 * both)
    assert np.all(integrated.standard_deviation < drawn.standard_deviation)


def test_accumulated_least_squares_in_one_direction():
    """One direction: E sigma^2 / |x|^2 = sigma^2 / (T - 2) with T rows so far."""
    step = Generation((Source(12, 0.5),), MinimumNorm(), memory=ACCUMULATE)
    found = simulate(Chain(Population(Isotropic(1), UniformTarget()), (step,) * 3), 4000, noise=INTEGRATED)
    expected = 0.25 / (np.array([12, 24, 36]) - 2)
    assert np.all(np.abs(found.mean - expected) < 5 * found.standard_error)
    assert np.all(5 * found.standard_error < 0.06 * expected)


def test_columns_that_do_not_fit_into_memory_are_refused():
    chain = accumulate(Population(Isotropic(3000), UniformTarget()), 10, rows=5000)
    with pytest.raises(TooLarge):
        simulate(chain, 2, noise=INTEGRATED)

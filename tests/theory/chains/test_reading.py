"""Which statement a chain falls under: chosen by type and rank, named in the result, refused outside."""

import numpy as np
import pytest

from modelcollapse.theory.chains.reading import noise_squared, read
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    Isotropic,
    Levels,
    MinimumNorm,
    NoTheorem,
    Population,
    Ridge,
    Source,
    Spiked,
    UniformTarget,
    replace,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
from modelcollapse.theory.rules.random_subspace import RANDOM_SUBSPACE
from modelcollapse.theory.rules.resolvent import RESOLVENT

from ..market import MARKET, POWER_LAW, TRUTH

ANISOTROPIC = Population(Eigenvalues(POWER_LAW), Coefficients(TRUTH))
ISOTROPIC = Population(Isotropic(12, 0.7), UniformTarget(2.0))
EXACT, EQUIVALENT = Kind.EXACT, Kind.EQUIVALENT


def rules(population, rows, estimator):
    return [step.rule for step in read(replace(population, len(rows), rows=rows, noise=0.3, estimator=estimator))]


def test_ridge_reads_the_equivalent_whatever_the_numbers():
    for population in (ANISOTROPIC, ISOTROPIC):
        assert rules(population, (3, 12, 90), Ridge(1e-300)) == [RESOLVENT] * 3


def test_minimum_norm_reads_exact_statements_where_they_exist():
    """The rank decides, not the dimension; below it only an isotropic covariance has an exact statement."""
    assert rules(ANISOTROPIC, (11, 12, 13), MinimumNorm()) == [RESOLVENT, LEAST_SQUARES, LEAST_SQUARES]
    assert rules(ISOTROPIC, (11, 12, 13), MinimumNorm()) == [RANDOM_SUBSPACE, LEAST_SQUARES, LEAST_SQUARES]
    deficient = Population(Eigenvalues([2.0, 0.0, 1.0, 0.0]), Coefficients([1.0, 2.0, 3.0, 4.0]))
    assert rules(deficient, (1, 2, 3), MinimumNorm()) == [RESOLVENT, LEAST_SQUARES, LEAST_SQUARES]


@pytest.mark.parametrize("spectrum", [Levels([0.7], [12]), Levels([0.7, 0.0], [9, 3]), Spiked(12, [0.0, 0.7], 0.7)])
def test_isotropic_on_its_range_is_isotropic(spectrum):
    assert rules(Population(spectrum, UniformTarget()), (3,), MinimumNorm()) == [RANDOM_SUBSPACE]


def test_a_number_is_exact_until_the_first_equivalent_and_again_after_real_labels():
    steps = [
        Generation((Source(20, 0.3, PREVIOUS),), MinimumNorm()),
        Generation((Source(20, 0.3, PREVIOUS),), Ridge(0.1)),
        Generation((Source(20, 0.3, PREVIOUS),), MinimumNorm()),
        Generation((Source(20, 0.3, REAL),), MinimumNorm()),
    ]
    prediction = predict(Chain(ANISOTROPIC, steps))
    assert prediction.kind == (EXACT, EQUIVALENT, EQUIVALENT, EXACT)
    assert (prediction.finite_size == 0).tolist() == [True, False, False, True]


def test_finite_size_is_the_inverse_of_the_smallest_margin_so_far():
    """1/min(n - df_2), which the deviations from simulation were measured to follow."""
    problem = MARKET["many rows"]
    prediction = predict(problem.chain)
    shares = problem.s[None, :] / (problem.s[None, :] + prediction.effective_ridge[:, None])
    margins = np.array([fit.rows for fit in problem.fits]) - (shares**2).sum(axis=1)
    np.testing.assert_allclose(prediction.finite_size, 1 / np.minimum.accumulate(margins), rtol=1e-12)


def test_what_was_used_is_named():
    names = " ".join(predict(MARKET["both sides"].chain).sources)
    assert "resolvent" in names
    assert "least squares" in names
    assert all(text for text in predict(MARKET["both sides"].chain).assumptions)
    assert "resolvent" not in " ".join(predict(MARKET["least squares"].chain).sources)


def test_mixed_labellers_are_refused_by_name():
    """Rows of different weights need a penalty; with one weight, several labellers are covered."""
    estimator = MinimumNorm()
    rows = ANISOTROPIC.spectrum.rank() + 1
    first = Generation((Source(rows, 0.3, REAL),), estimator)
    mixed = Generation((Source(rows, 0.3, REAL), Source(30, 0.2, PREVIOUS, weight=2.0)), estimator)
    with pytest.raises(NoTheorem, match="one weight") as caught:
        predict(Chain(ANISOTROPIC, (first, mixed)))
    assert "simulate" in caught.value.instead


def test_in_the_first_generation_the_model_before_is_the_truth():
    mixed = Generation((Source(20, 0.3, REAL), Source(30, 0.2, PREVIOUS)), Ridge(0.1))
    same = Generation((Source(20, 0.3, PREVIOUS), Source(30, 0.2, PREVIOUS)), Ridge(0.1))
    plain = Generation((Source(5, 0.3, PREVIOUS),), Ridge(0.1))
    first, second = (predict(Chain(ANISOTROPIC, (g, plain, plain))) for g in (mixed, same))
    np.testing.assert_array_equal(first.error, second.error)


def test_noise_variances_average_over_the_rows():
    mixed = Generation((Source(10, 0.5, REAL), Source(30, 0.1, REAL)), Ridge(0.1))
    assert noise_squared(mixed) == pytest.approx((10 * 0.25 + 30 * 0.01) / 40, rel=1e-15)

"""The ratio of two measurements and its error."""

from types import SimpleNamespace

import numpy as np
import pytest

from modelcollapse.theory.problem import SpecificationError
from modelcollapse.validation.agreement import Verdict
from modelcollapse.validation.covariates import covariate_ratio, judge_covariates


def measured(mean, standard_error):
    return SimpleNamespace(mean=np.asarray(mean, float), standard_error=np.asarray(standard_error, float))


def test_the_standard_error_is_that_of_many_draws():
    rng = np.random.default_rng(1)
    ratio = covariate_ratio(measured([2.0], [0.02]), measured([3.0], [0.05]))
    draws = rng.normal(3.0, 0.05, 400_000) / rng.normal(2.0, 0.02, 400_000)
    assert ratio.value[0] == pytest.approx(1.5)
    assert ratio.standard_error[0] == pytest.approx(draws.std(), rel=0.01)


def test_different_lengths_and_vanishing_errors_are_refused():
    with pytest.raises(SpecificationError, match="real"):
        covariate_ratio(measured([1.0], [0.1]), measured([1.0, 2.0], [0.1, 0.1]))
    with pytest.raises(SpecificationError, match="gaussian"):
        covariate_ratio(measured([0.0], [0.1]), measured([1.0], [0.1]))


def errors(mean, replicates=2000, seed=0):
    """Replicates of two generations with a standard deviation of a fifth of the mean."""
    return mean * (1 + 0.2 * np.random.default_rng(seed).normal(size=(replicates, 2)))


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(1.0, Verdict.AGREES), (1.05, Verdict.UNRESOLVED), (1.2, Verdict.DISAGREES), (0.8, Verdict.DISAGREES)],
)
def test_the_verdict_follows_the_true_ratio(ratio, verdict):
    judgements = judge_covariates(errors(3.0), errors(3.0 * ratio, seed=1))
    assert [judgement.verdict for judgement in judgements] == [verdict] * 2
    assert [judgement.generation for judgement in judgements] == [1, 2]


def test_gap_and_standard_error_are_those_of_the_ratio():
    gaussian, real = errors(3.0), errors(3.6, seed=1)
    ratio = covariate_ratio(
        measured(gaussian.mean(0), gaussian.std(0) / len(gaussian) ** 0.5),
        measured(real.mean(0), real.std(0) / len(real) ** 0.5),
    )
    judgements = judge_covariates(gaussian, real)
    np.testing.assert_allclose([j.gap for j in judgements], ratio.value - 1)
    np.testing.assert_allclose([j.standard_error / j.theory for j in judgements], ratio.standard_error, rtol=1e-3)

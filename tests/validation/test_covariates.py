"""The ratio of two measurements and its error."""

from types import SimpleNamespace

import numpy as np
import pytest

from modelcollapse.theory.problem import SpecificationError
from modelcollapse.validation.covariates import covariate_ratio


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

"""The number of directions follows from the spectral letters, and has to be given where there are none."""

import numpy as np
import pytest

from modelcollapse.theory.algebra.model import Model, inv
from modelcollapse.theory.algebra.risk import tr
from modelcollapse.theory.evaluation.derived import derive_expression
from modelcollapse.theory.problem import SpecificationError


def resolvent(covariance):
    m = Model()
    X = m.design("X", "T", covariance=covariance)
    return derive_expression(tr(inv(X.T @ X + "lambda")))


def test_without_a_spectrum_the_dimension_is_asked_for():
    values = {"T": 9.0, "lambda": 0.2}
    with pytest.raises(SpecificationError) as failure:
        resolvent(1)(**values)
    assert failure.value.field == "values"
    given = resolvent(1)(d=4.0, **values)
    assert given["trace"] == pytest.approx(resolvent("Sigma")(s=np.ones(4), **values)["trace"], rel=1e-12)

"""The start of the plateau, against the errors of mixtures at the best penalty."""

import numpy as np
import pytest
import sympy

from modelcollapse.theory.asymptotics import Demystified, optimal_penalty
from modelcollapse.theory.asymptotics.plateau_start import plateau_start
from modelcollapse.theory.evaluation.collapse_over import collapse_over
from modelcollapse.theory.problem import (
    Chain,
    GaussianTarget,
    Generation,
    Population,
    PowerLaw,
    Ridge,
    Shifted,
    Source,
    SourceCondition,
)
from modelcollapse.theory.problem.errors import NoTheorem, SpecificationError

SHARE, SHIFT, DIMENSION = 0.1, 0.05, 30_000
FAMILY = Demystified(exponent=2, source=0.5, penalty=1)


def mixture():
    spectrum = PowerLaw(DIMENSION, 2.0)
    delta = np.arange(1.0, DIMENSION + 1) ** -2
    offset = Shifted(GaussianTarget(SHIFT**2 * delta / delta.sum() / spectrum.eigenvalues()))
    sources = Source(9, 1.0), Source(1, 1.0, offset)
    return Chain(Population(spectrum, SourceCondition(0.5)), (Generation(sources, Ridge(0.1)),))


def test_there_the_collapse_term_is_all_the_rest_of_the_error():
    rows = float(plateau_start(FAMILY, SHARE, SHIFT))
    penalty = optimal_penalty(Demystified(2, 0.5, 1, generator_noise=0)).penalty_at(rows)
    found = collapse_over(mixture(), rows=rows, penalty=penalty, synthetic_share=SHARE)
    assert found.collapse == pytest.approx((SHARE * SHIFT) ** 2, rel=0.02)
    assert found.error - found.collapse == pytest.approx(found.collapse, rel=0.03)


def test_by_hand():
    """beta = 2, r = 1/2: kappa/2 + (pi/4) kappa^(-1/2)/T is least for kappa^(3/2) = (pi/4)/T, there 3 kappa/2."""
    assert float(plateau_start(FAMILY, 1, 1)) == pytest.approx((np.pi / 4) * 1.5**1.5, rel=1e-12)


def test_what_is_asked_for():
    share, shift = sympy.symbols("f c", positive=True)
    assert plateau_start(FAMILY, share, shift).subs({share: 1, shift: 1}) == plateau_start(FAMILY, 1, 1)
    with pytest.raises(SpecificationError, match="share"):
        plateau_start(FAMILY, 1.5, 1)
    with pytest.raises(SpecificationError, match="shift"):
        plateau_start(FAMILY, 0.5, 0)
    with pytest.raises(NoTheorem, match="beyond one row"):
        plateau_start(FAMILY, 1, 5)
    with pytest.raises(NoTheorem, match="source"):
        plateau_start(Demystified(2, 1, 1), 0.5, 1)


@pytest.mark.parametrize(
    ("given", "field"), [((1.5, 0.5, 1), "family"), ((FAMILY, "x", 1), "share"), ((FAMILY, 0.5, "x"), "shift")]
)
def test_what_is_no_number_is_named(given, field):
    with pytest.raises(SpecificationError) as caught:
        plateau_start(*given)
    assert caught.value.field == field

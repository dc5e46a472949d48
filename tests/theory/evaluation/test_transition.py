"""The estimated transition: unbiased to leading order, with an honest standard error."""

import numpy as np
import pytest

import modelcollapse as mc

RIGHT, WRONG, COUNT = 0.8, 0.3, 400


def test_its_standard_error_is_the_spread_of_estimates():
    generator, found = np.random.default_rng(8), []
    right = np.arange(2 * COUNT) < COUNT
    for _ in range(300):
        kept = generator.random(2 * COUNT) < np.where(right, RIGHT, WRONG)
        found.append(mc.estimate_transition(right, kept)[:2])
    estimates, errors = np.array(found).T
    assert abs(estimates.mean() - RIGHT / (RIGHT + WRONG)) < 4 * estimates.std() / 300**0.5 + 1e-3
    assert errors.mean() == pytest.approx(estimates.std(ddof=1), rel=4 / 600**0.5)


@pytest.mark.parametrize(
    ("right", "kept", "field"),
    [
        ([1, 0], [True, True], "right"),
        ([True, False], [True], "kept"),
        ([True, False], [True, False], "kept"),
        ([True, True], [True, True], "kept"),
        ([], [], "right"),
    ],
)
def test_samples_that_say_nothing_are_refused(right, kept, field):
    with pytest.raises(mc.SpecificationError) as caught:
        mc.estimate_transition(right, kept)
    assert caught.value.field == field

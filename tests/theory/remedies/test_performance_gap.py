"""What a student recovers: by hand, of predictions, and of simulated students; bad errors are refused."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.remedies import performance_gap_recovered
from modelcollapse.theory.statements.performance_gap import (
    BEST_RECOVERY,
    BEST_SHRINKAGE,
    CEILING,
    RECOVERY_OF_LEAST_SQUARES,
    TRUTH,
    WEAK,
)

FIT = mc.MinimumNorm()


def test_by_hand():
    assert performance_gap_recovered(2.0, 1.25, 0.5) == 0.5
    assert performance_gap_recovered(2.0, 3.0, 1.0) == -1.0
    np.testing.assert_array_equal(performance_gap_recovered([2.0, 4.0], [2.0, 0.0], 0.0), [0.0, 1.0])


def test_least_squares_on_noise_free_weak_labels_recovers_nothing():
    """Generation 2 copies generation 1, in theory and in simulation."""
    population = mc.Population(mc.PowerLaw(6, 1.2), mc.UniformTarget(2.0))
    weak = mc.replace(population, 1, rows=12, noise=0.6, estimator=FIT)
    student = mc.replace(population, 2, rows=[12, 30], noise=[0.6, 0.0], estimator=FIT)
    ceiling = mc.predict(mc.replace(population, 1, rows=30, noise=0.1, estimator=FIT))
    found = performance_gap_recovered(mc.predict(weak), mc.predict(student).error[-1], ceiling)
    np.testing.assert_allclose(found, [0.0], atol=1e-14)
    simulated = mc.simulate(student, 50, seed=2).errors
    recovered = performance_gap_recovered(simulated[:, 0], simulated[:, 1], 0.0)
    np.testing.assert_allclose(recovered, 0.0, atol=1e-9)


def test_label_noise_costs_a_least_squares_student():
    """sigma^2 r/(n - r - 1) = 0.25 * 6/(31 - 6 - 1) = 1/16, of a gap of 1/2."""
    known = {WEAK: 1, CEILING: 0.5, x.rows: 31, x.rank: 6, x.noise: 0.5}
    assert float(RECOVERY_OF_LEAST_SQUARES.expanded().subs(known)) == pytest.approx(-1 / 8)
    assert RECOVERY_OF_LEAST_SQUARES.expanded().subs(x.noise, 0) == 0


def test_a_ridge_student_at_its_best():
    """W = 2, A = 1: the share 2/3, error 2/3; of a ceiling 1/2 it recovers (1 - 2/3)/(1 - 1/2)."""
    known = {TRUTH: 2, WEAK: 1, CEILING: 0.5}
    assert float(BEST_SHRINKAGE.result.subs(known)) == pytest.approx(2 / 3)
    assert float(BEST_RECOVERY.result.subs(known)) == pytest.approx(2 / 3)


def test_a_simulated_ridge_student():
    """Many rows per direction, error of the weak model at a right angle to the truth; rho = 1/(1 + penalty)."""
    truth, offset = np.zeros(40), np.zeros(40)
    truth[:20], offset[20:] = (2.0 / 20) ** 0.5, (1.0 / 20) ** 0.5
    population = mc.Population(mc.Isotropic(40), mc.Coefficients(truth))
    labels = mc.Shifted(mc.Coefficients(offset))
    student = mc.Chain(population, (mc.Generation((mc.Source(8000, 0.0, labels),), mc.Ridge(0.5)),))
    error = mc.simulate(student, 20, seed=1).mean[-1]
    assert performance_gap_recovered(1.0, error, 0.5) == pytest.approx(2 / 3, abs=0.01)


@pytest.mark.parametrize(
    ("field", "errors"),
    [
        ("weak", (-1.0, 0.5, 0.1)),
        ("student", (1.0, np.inf, 0.1)),
        ("student", (1.0, True, 0.1)),
        ("ceiling", (1.0, 0.5, np.nan)),
        ("ceiling", (1.0, 0.5, 1.0)),
        ("weak", ("one", 0.5, 0.1)),
        ("weak", ([[1.0], [1.0, 2.0]], 0.5, 0.1)),
        ("student", ([1.0, 2.0], [0.5, 0.5, 0.5], 0.1)),
    ],
)
def test_bad_errors_are_refused(field, errors):
    with pytest.raises(mc.SpecificationError, match=field):
        performance_gap_recovered(*errors)

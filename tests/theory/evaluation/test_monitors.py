"""Expected monitors: the spec's rounds to an alarm, limits by hand, and mpmath for sums of polygammas."""

import mpmath
import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation.monitor_signal import rounds_to_alarm
from modelcollapse.theory.evaluation.monitors import expected_monitors
from modelcollapse.theory.problem.monitors import Monitor

FIT = mc.MinimumNorm()
POPULATION = mc.Population(mc.PowerLaw(10, 1.3), mc.UniformTarget(4.0))
SIGNAL = float(np.sum(POPULATION.spectrum.eigenvalues())) * 0.4  # |w_0|_Sigma^2
COMMON = {"generations": 4, "rows": 60, "noise": 0.7, "estimator": FIT}


def signal(chain, monitor, **given):
    return expected_monitors(chain, **given).signal(monitor)


def test_the_rounds_of_the_specification():
    """d = 30, n = 3000, |w_0|^2 = 4, 1000 labels, three standard deviations: 67, 14, 1, never."""
    population = mc.Population(mc.Isotropic(30), mc.UniformTarget(4.0))
    chain = mc.replace(population, 70, rows=3000, noise=1.0, estimator=FIT)
    found = expected_monitors(chain, samples=1000)
    rounds = {monitor: found.signal(monitor).rounds(3.0) for monitor in Monitor}
    assert rounds[Monitor.LABEL_VARIANCE] == 67
    assert rounds[Monitor.HELD_OUT] == 14
    assert rounds[Monitor.DRIFT] == 1
    assert [rounds[one] for one in (Monitor.IN_SAMPLE, Monitor.LOG_DETERMINANT, Monitor.TRACE)] == [np.inf] * 3


def test_least_squares_by_hand():
    chain = mc.replace(POPULATION, **COMMON)
    error = 0.49 * 10 / 49 * np.arange(1, 5)
    np.testing.assert_allclose(signal(chain, Monitor.LABEL_VARIANCE).expected, SIGNAL + 0.49 + error, rtol=1e-12)
    np.testing.assert_allclose(signal(chain, Monitor.HELD_OUT).expected, 0.49 + error, rtol=1e-12)
    np.testing.assert_allclose(signal(chain, Monitor.DRIFT).expected, error - error[0], rtol=1e-11)
    np.testing.assert_allclose(signal(chain, Monitor.IN_SAMPLE).expected, 0.49, rtol=1e-14)
    entropy = np.log(2 * np.pi * np.e * (SIGNAL + 0.49 + error)) / 2
    np.testing.assert_allclose(signal(chain, Monitor.ENTROPY).expected, entropy, rtol=1e-12)


def test_the_tail_is_a_normal_probability():
    chain, two = mc.replace(POPULATION, **COMMON), mpmath.mpf(2)
    error = 0.49 * 10 / 49 * np.arange(1, 5)
    expected = [2 * mpmath.ncdf(-two * mpmath.sqrt(0.49 / (0.49 + one))) for one in error]
    np.testing.assert_allclose(signal(chain, Monitor.TAIL_COVERAGE).expected, [float(one) for one in expected])


def test_the_log_determinant_falls_and_the_trace_stays():
    chain = mc.regenerate_covariates(POPULATION, **COMMON)
    terms = [mpmath.digamma(mpmath.mpf(60 - j) / 2) + mpmath.log(mpmath.mpf(2) / 60) for j in range(10)]
    found = signal(chain, Monitor.LOG_DETERMINANT)
    np.testing.assert_allclose(found.expected, float(sum(terms)) * np.arange(1, 5), rtol=1e-12)
    variance = sum(mpmath.psi(1, mpmath.mpf(60 - j) / 2) for j in range(10))
    assert found.deviation == pytest.approx(float(mpmath.sqrt(variance)), rel=1e-12)
    trace = signal(chain, Monitor.TRACE)
    np.testing.assert_array_equal(trace.expected, 1.0)
    assert trace.rounds(3.0) == np.inf


def test_a_rescaled_refit_moves_both():
    """log det by r log c and the trace by c, in every generation after the first."""
    plain, scaled = (mc.regenerate_covariates(POPULATION, **COMMON, rescale=c) for c in (1.0, 1.2))
    gap = signal(scaled, Monitor.LOG_DETERMINANT).expected - signal(plain, Monitor.LOG_DETERMINANT).expected
    np.testing.assert_allclose(gap, 10 * np.log(1.2) * np.arange(4), atol=1e-12)
    np.testing.assert_allclose(signal(scaled, Monitor.TRACE).expected, 1.2 ** np.arange(4), rtol=1e-13)


@pytest.mark.parametrize("policy", [mc.accumulate, mc.regenerate_covariates])
def test_the_drift_of_least_squares_is_what_the_error_has_gained(policy):
    chain = policy(POPULATION, **COMMON)
    error = mc.predict(chain).error
    np.testing.assert_allclose(signal(chain, Monitor.DRIFT).expected, error - error[0], rtol=1e-10)


def test_a_vanishing_penalty_is_least_squares():
    ridge = mc.replace(POPULATION, **COMMON | {"estimator": mc.Ridge(1e-10)})
    least = mc.replace(POPULATION, **COMMON)
    np.testing.assert_allclose(signal(ridge, Monitor.IN_SAMPLE).expected, 0.49 * 50 / 60, rtol=1e-6)
    for monitor in (Monitor.LABEL_VARIANCE, Monitor.DRIFT, Monitor.HELD_OUT):
        # The equivalent has n - r where the exact statement has n - r - 1.
        np.testing.assert_allclose(signal(ridge, monitor).expected, signal(least, monitor).expected, rtol=0.03)


def test_what_no_statement_covers_is_named():
    kept = expected_monitors(mc.retain_real(POPULATION, **COMMON, share=0.5, same_rows=True))
    with pytest.raises(mc.NoTheorem, match="correlation with the first model"):
        kept.signal(Monitor.DRIFT)
    with pytest.raises(mc.NoTheorem, match="rows of its own"):
        kept.signal(Monitor.IN_SAMPLE)
    assert kept.signal(Monitor.LABEL_VARIANCE).expected.shape == (4,)
    ridge = expected_monitors(mc.accumulate(POPULATION, **COMMON | {"estimator": mc.Ridge(0.1), "generations": 2}))
    assert set(ridge.missing) >= {Monitor.LABEL_VARIANCE, Monitor.DRIFT, Monitor.IN_SAMPLE}
    assert np.all(ridge.signal(Monitor.HELD_OUT).expected > 0.49)


def test_rounds_to_an_alarm():
    assert rounds_to_alarm([1.0, 0.5, 0.1], 0.2, 3.0) == 2
    assert rounds_to_alarm([1.0, 1.0], 0.0, 3.0) == np.inf
    assert np.isnan(rounds_to_alarm([1.0, 2.0], np.nan, 3.0))


@pytest.mark.parametrize(("field", "given"), [("samples", {"samples": 0}), ("tail", {"tail": -1.0})])
def test_bad_input_is_refused(field, given):
    with pytest.raises(mc.SpecificationError, match=field):
        expected_monitors(mc.replace(POPULATION, **COMMON), **given)

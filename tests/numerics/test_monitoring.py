"""A watched chain: every monitor has the mean that theory expects, exact statements without any allowance."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.numerics.monitoring import watch
from modelcollapse.theory.evaluation.monitors import expected_monitors
from modelcollapse.theory.problem.monitors import Monitor

FIT = mc.MinimumNorm()
POPULATION = mc.Population(mc.PowerLaw(8, 1.3), mc.UniformTarget(4.0))
COMMON = {"generations": 3, "rows": 50, "noise": 0.7, "estimator": FIT}
CHAINS = {
    "replace": mc.replace(POPULATION, **COMMON),
    "accumulate": mc.accumulate(POPULATION, **COMMON),
    "fresh real rows": mc.retain_real(POPULATION, **COMMON, share=0.3),
    "rephrase": mc.rephrase(POPULATION, **COMMON, synthetic_share=0.5),
    "refitted covariates": mc.regenerate_covariates(POPULATION, **COMMON, rescale=1.1),
    "ridge": mc.replace(POPULATION, **COMMON | {"estimator": mc.Ridge(0.3)}),
    "blended ridge": mc.blend_labels(POPULATION, **COMMON | {"estimator": mc.Ridge(0.3)}, real_share=0.4),
}
CURVED = (Monitor.ENTROPY, Monitor.TAIL_COVERAGE)  # not linear in the moments, O(1/dimension)
REPLICATES = 1500


@pytest.mark.parametrize("name", CHAINS)
def test_theory_and_experiment_agree(name):
    readings, _ = watch(CHAINS[name], REPLICATES, seed=3, samples=60)
    found = expected_monitors(CHAINS[name], samples=60)
    assert len(found.signals) >= 7
    for monitor, signal in found.signals.items():
        values = readings[monitor]
        error = values.std(axis=0, ddof=1) / REPLICATES**0.5
        allowance = 0.06 if "ridge" in name or monitor in CURVED else 1e-12
        gap = np.abs(values.mean(axis=0) - signal.expected)
        assert np.all(gap <= 4.5 * error + allowance * np.abs(signal.expected)), monitor


def test_the_errors_are_those_of_the_simulator():
    """The same rows and noise as without monitors."""
    _, errors = watch(CHAINS["replace"], 40, seed=5, samples=10)
    plain = mc.simulate(CHAINS["replace"], 40, seed=5, sampler=mc.NAIVE)
    np.testing.assert_allclose(errors, plain.errors, rtol=1e-9)


def test_fewer_rows_than_directions_have_no_determinant():
    readings, _ = watch(CHAINS["ridge"].with_(rows=5), 4, samples=10)
    assert np.isnan(readings[Monitor.LOG_DETERMINANT]).all()
    assert np.isfinite(readings[Monitor.IN_SAMPLE]).all()


@pytest.mark.parametrize(
    ("field", "given"), [("samples", {"samples": 0}), ("tail", {"tail": 0.0}), ("replicates", {"replicates": 1})]
)
def test_bad_input_is_refused(field, given):
    with pytest.raises(mc.SpecificationError, match=field):
        watch(CHAINS["replace"], **given)
    with pytest.raises(mc.SpecificationError, match="chain"):
        watch(3)


def test_residuals_of_judged_rows_are_those_of_the_rows_that_are_kept():
    """Least squares leaves the noise that a verifier lets through, n - r of the rows it keeps."""
    offset = mc.Coefficients([0.4, *[0.0] * 7])
    start = mc.replace(POPULATION, **COMMON | {"rows": 400, "generations": 2})
    chain = mc.verify(mc.Chain(POPULATION, start.generations, mc.Coefficients([0.3] * 8)), mc.TopShare(offset, 0.5))
    readings, errors = watch(chain, 400, seed=1, samples=20)
    seen = mc.when_does_it_help(chain).seen
    np.testing.assert_allclose(readings[Monitor.IN_SAMPLE].mean(axis=0), seen.noise, rtol=0.02)
    np.testing.assert_allclose(errors, mc.simulate(chain, 400, seed=1, sampler=mc.NAIVE).errors, rtol=1e-9)


def test_monitors_of_judged_rows():
    """Labels, residuals and tails of what is fitted to rows that a verifier keeps."""
    offset = mc.Coefficients([0.4, *[0.0] * 7])
    start = mc.replace(POPULATION, **COMMON | {"rows": 400})
    first = mc.Chain(POPULATION, start.generations, mc.Coefficients([0.3] * 8))
    judged, kept = mc.verify(first, mc.TopShare(offset, 0.5)), mc.verify(first, mc.TopShare(offset, 1.0))
    found, readings = expected_monitors(judged, samples=60), watch(judged, REPLICATES, seed=2, samples=60)[0]
    for monitor in (Monitor.LABEL_VARIANCE, Monitor.ENTROPY, Monitor.HELD_OUT, Monitor.TAIL_COVERAGE):
        expected, values = found.signal(monitor).expected, readings[monitor]
        error = values.std(axis=0, ddof=1) / REPLICATES**0.5
        assert np.all(np.abs(values.mean(axis=0) - expected) <= 4.5 * error + 0.02 * np.abs(expected)), monitor
    with pytest.raises(mc.NoTheorem):
        found.signal(Monitor.DRIFT)
    everything, plain = (expected_monitors(one).signal(Monitor.LABEL_VARIANCE) for one in (kept, first))
    np.testing.assert_allclose(everything.expected, plain.expected, rtol=1e-12)


def test_a_fit_may_use_directions_that_the_population_does_not_vary_in():
    """Disturbed rows leave sigma^2 + w'Sigma (1 - A) w of their labels, n - d of n directions of it."""
    hollow = mc.Population(mc.Levels([1.0, 0.0], [5, 2]), mc.Coefficients([1.0, 0.5, 0.3, 0.2, 0.1, 0.7, 0.9]))
    chain = mc.inject_noise(hollow, 1, 40, 0.5, FIT, input=0.6)
    left = 0.25 + 0.36 / 1.36 * (1 + 0.25 + 0.09 + 0.04 + 0.01)
    values = watch(chain, 3000, seed=4, samples=10)[0][Monitor.IN_SAMPLE][:, 0]
    assert abs(values.mean() - left) < 4.5 * values.std() / 3000**0.5


def test_generations_without_new_rows_have_the_noise_of_the_last_ones():
    chain = mc.retain_real(POPULATION, **COMMON, share=1.0, same_rows=True)
    readings, _ = watch(chain, 400, seed=4, samples=60)
    for monitor in (Monitor.LABEL_VARIANCE, Monitor.TAIL_COVERAGE):
        means = readings[monitor].mean(axis=0)
        assert means[0] > 0
        np.testing.assert_allclose(means[1:], means[0], rtol=0.1)

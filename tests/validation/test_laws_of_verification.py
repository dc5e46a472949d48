"""Laws of classification, monitors and performance gaps: a hundred cases each, beside wrong numbers that break them."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import modelcollapse as mc
from modelcollapse.theory.evaluation.monitors import expected_monitors
from modelcollapse.theory.problem.monitors import Monitor
from modelcollapse.theory.remedies import performance_gap_recovered
from modelcollapse.validation import strategies
from modelcollapse.validation.strategies.spectra import listed, power_laws

RATES = strategies.decimals(1, 99)
NORMS = strategies.decimals(5, 300)
FIT = mc.MinimumNorm()


@st.composite
def classifiers(draw):
    """Everything about a classifier but its generator and its verifier; rows by far enough that some are kept."""
    mixture = mc.GaussianMixture(draw(NORMS), draw(st.integers(3, 300)))
    rows, fit = draw(st.integers(200, 100_000)), mc.Ridge(draw(strategies.penalties()))
    return lambda generator, verifier: mc.predict(mc.ClassificationChain(mixture, rows, generator, verifier, fit))


@given(classifiers(), RATES, RATES)
def test_a_classifier_guesses_at_the_transition(predict, right, wrong):
    """p = phi/(phi + psi): acc = 1/2, whatever the penalty, the means, the dimension and the rows."""
    found = predict(mc.Flips(right / (right + wrong)), mc.KeepRates(right, wrong))
    assert found.accuracy == pytest.approx(0.5, abs=1e-12)
    assert found.agreement == pytest.approx(0.5, abs=1e-12)


@given(classifiers(), RATES, RATES, RATES)
def test_a_classifier_is_better_than_a_guess_on_one_side_of_the_transition_alone(predict, rate, right, wrong):
    """sign(acc - 1/2) = sign(p* - p): so that no other rate is 1/2."""
    transition = right / (right + wrong)
    assume(abs(transition - rate) > 1e-3)
    assert (predict(mc.Flips(rate), mc.KeepRates(right, wrong)).accuracy > 0.5) == (rate < transition)


def mirrored(predict, rate, right, wrong):
    """p -> 1 - p and phi <-> psi: as many rows are kept, and their labels are turned."""
    return predict(mc.Flips(rate), mc.KeepRates(right, wrong)), predict(mc.Flips(1 - rate), mc.KeepRates(wrong, right))


@given(classifiers(), RATES, RATES, RATES)
def test_accuracy_is_antisymmetric_about_the_transition(predict, rate, right, wrong):
    """acc(p) + acc(p') = 1 where the balance of kept labels turns its sign at the same number of rows."""
    found, turned = mirrored(predict, rate, right, wrong)
    assert turned.kept == pytest.approx(found.kept, rel=1e-12)
    assert found.accuracy + turned.accuracy == pytest.approx(1, abs=1e-12)
    assert found.agreement + turned.agreement == pytest.approx(1, abs=1e-12)


def test_rates_that_are_not_turned_with_the_labels_are_no_mirror():
    def predict(generator, verifier):
        mixture = mc.GaussianMixture(1.5, 30)
        return mc.predict(mc.ClassificationChain(mixture, 100, generator, verifier, mc.Ridge(0.1)))

    found, turned = (predict(mc.Flips(rate), mc.KeepRates(0.9, 0.3)) for rate in (0.4, 0.6))
    assert abs(found.accuracy + turned.accuracy - 1) > 0.1


DIRECTIONS = st.tuples(*[st.integers(-9, 9)] * 3).filter(any)


@given(NORMS, DIRECTIONS, DIRECTIONS)
def test_right_labels_prevail_where_the_cosines_have_a_positive_sum(norm, generator, verifier):
    """p < p* iff cos_g + cos_v > 0, whatever the angle between generator and verifier."""
    first, second = (np.array(one) / np.linalg.norm(one) for one in (generator, verifier))
    cosines, between = (float(first[0]), float(second[0])), float(np.clip(first @ second, -1, 1))
    assume(abs(sum(cosines)) > 1e-3)
    assume(between > -1 + 1e-9)  # the opposite of a generator keeps nothing
    labels, judge = mc.LinearLabels(cosines[0]), mc.LinearVerifier(cosines[1], between)
    chain = mc.ClassificationChain(mc.GaussianMixture(norm, 30), 10**6, labels, judge, mc.Ridge(0.1))
    found = mc.predict(chain)
    assert (found.label_error < found.transition) == (sum(cosines) > 0)


def test_one_positive_cosine_is_not_enough():
    """cos_g > 0 alone: right labels do not prevail where the verifier is worse than the generator is good."""
    labels, judge = mc.LinearLabels(0.3), mc.LinearVerifier(-0.6, 0.0)
    chain = mc.ClassificationChain(mc.GaussianMixture(1.5, 30), 1000, labels, judge, mc.Ridge(0.1))
    assert mc.predict(chain).label_error > mc.predict(chain).transition


def recovered(weak, rows, noise, fit, share):
    """What a student recovers that is fitted to labels of the last model, of the gap to a share of its error."""
    step = mc.Generation((mc.Source(rows, noise, mc.PREVIOUS),), fit)
    student = mc.Chain(weak.population, (*weak.generations, step), weak.initial)
    error = mc.predict(weak).error[-1]
    return performance_gap_recovered(error, mc.predict(student).error[-1], share * error), error


SIX = st.one_of(power_laws(6), listed(6))  # eigenvalues, so that JAX compiles little


@st.composite
def weak_labellers(draw):
    """Least squares in one or three generations, and a number of rows for a student beyond the rank."""
    population, count = draw(strategies.populations(SIX)), draw(strategies.lengths())
    rows, noise = draw(strategies.rows_between(8, 38)), draw(strategies.noises())
    return mc.replace(population, count, rows, noise, FIT)


@given(weak_labellers(), st.integers(2, 60), strategies.decimals(0, 9, 1))
def test_least_squares_recovers_nothing_from_weak_labels_without_noise(weak, more, share):
    """PGR = 0: the student is its labeller; with noise it loses sigma^2 r/(n - r - 1) of the gap."""
    gain, error = recovered(weak, 6 + more, 0.0, FIT, share)
    assert gain == pytest.approx(0.0, abs=1e-10)
    lost, _ = recovered(weak, 6 + more, 0.5, FIT, share)
    assert lost == pytest.approx(-0.25 * 6 / (more - 1) / (error * (1 - share)), rel=1e-9)


def test_a_ridge_student_is_not_its_labeller():
    """PGR is not 0: shrinking takes some of the error of three noisy fits away."""
    weak = mc.replace(mc.Population(mc.PowerLaw(6, 1.2), mc.UniformTarget()), 3, 12, 2.0, FIT)
    gain, _ = recovered(weak, 20, 0.0, mc.Ridge(0.1), 0.0)
    assert gain > 0.1


@st.composite
def least_squares_policies(draw):
    """Three generations of least squares, each of them on labels of the model before and on no real ones."""
    population = draw(strategies.populations(SIX))
    rows, noise = draw(strategies.rows_between(8, 38)), draw(strategies.noises())
    common = {"generations": 3, "noise": noise, "estimator": FIT}
    policies = (
        lambda: mc.replace(population, rows=rows, **common),
        lambda: mc.grow(population, rows=lambda g: rows + 7 * g, **common),
        lambda: mc.inject_noise(population, rows=rows, label=draw(strategies.noises()), **common),
        lambda: mc.accumulate(population, rows=rows, **common),
        lambda: mc.accumulate(population, rows=rows, same_rows=True, **common),
        lambda: mc.regenerate_covariates(population, rows=rows, **common),
    )
    return draw(st.sampled_from(policies))()


def drift_and_gain(chain):
    error = mc.predict(chain).error
    return expected_monitors(chain).signal(Monitor.DRIFT).expected, error - error[0]


@given(least_squares_policies())
def test_the_drift_of_least_squares_is_what_the_error_has_gained(chain):
    """E|w_g - w_1|^2 = E_g - E_1."""
    drift, gain = drift_and_gain(chain)
    np.testing.assert_allclose(drift, gain, rtol=1e-9, atol=1e-12 * gain[-1])
    assert drift[-1] > drift[1] > 0


def test_the_drift_of_fits_that_shrink_is_not_what_the_error_has_gained():
    population = mc.Population(mc.PowerLaw(6, 1.2), mc.UniformTarget())
    drift, gain = drift_and_gain(mc.replace(population, 3, 30, 0.3, mc.Ridge(0.3)))
    assert abs(drift[-1] - gain[-1]) > 0.1 * gain[-1]

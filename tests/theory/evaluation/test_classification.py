"""Accuracy after verification: the specification's figures, exact limits, symmetries, transforms, refusals."""

import jax
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

import modelcollapse as mc
from modelcollapse.theory.rules.kind import Kind

MEAN = 1.5
MANY = 10**9  # rows for 30 directions


def flips(rate, right=0.9, wrong=0.3, *, ratio=0.3, penalty=0.1, dimension=300):
    """gamma = d/n counts the rows that are kept."""
    rows = round(dimension / ratio / ((1 - rate) * right + rate * wrong))
    verifier = mc.KeepRates(right, wrong)
    return mc.ClassificationChain(
        mc.GaussianMixture(MEAN, dimension), rows, mc.Flips(rate), verifier, mc.Ridge(penalty)
    )


def linear(generator, verifier, between, *, rows=MANY, penalty=1e-9, dimension=30):
    labels, kept = mc.LinearLabels(generator), mc.LinearVerifier(verifier, between)
    return mc.ClassificationChain(mc.GaussianMixture(MEAN, dimension), rows, labels, kept, mc.Ridge(penalty))


def verified_flips(rate, cosine, *, rows=MANY, penalty=1e-9):
    verifier = mc.LinearVerifier(cosine)
    return mc.ClassificationChain(mc.GaussianMixture(MEAN, 30), rows, mc.Flips(rate), verifier, mc.Ridge(penalty))


TABLE = {0.3: (0.612, 0.500, 0.432, 0.272), 0.01: (0.874, 0.500, 0.193, 0.080), 0.001: (0.926, 0.500, 0.085, 0.068)}


@pytest.mark.parametrize("ratio", TABLE)
def test_the_smooth_transition(ratio):
    found = [mc.predict(flips(rate, ratio=ratio)).accuracy for rate in (0.65, 0.75, 0.80, 0.90)]
    np.testing.assert_allclose(found, TABLE[ratio], atol=6e-4)


STUDENTS = {
    (0.6, 0.8, 0.3): 0.9196,
    (0.3, 0.9, 0.27): 0.886,
    (0.6, 0.8, 0.0): 0.931,
    (0.6, 0.8, 0.48): 0.911,
    (0.6, 0.6, 0.9): 0.854,
    (0.6, 0.6, 0.36): 0.894,
}


@pytest.mark.parametrize("cosines", STUDENTS)
def test_students_of_linear_labels_and_verifiers(cosines):
    prediction = mc.predict(linear(*cosines))
    assert prediction.limit == pytest.approx(STUDENTS[cosines], abs=6e-4)
    assert prediction.accuracy == pytest.approx(prediction.limit, abs=1e-6)


def test_label_accuracies_beside_a_student():
    """Student .9196, Bayes .9332, generator .8159, verifier .8849 at cosines (.6, .8, .3)."""
    prediction = mc.predict(linear(0.6, 0.8, 0.3))
    assert 1 - prediction.label_error == pytest.approx(0.8159, abs=1e-4)
    verifier = mc.predict(verified_flips(0.2, 0.8)).keep_right
    assert verifier == pytest.approx(0.8849, abs=1e-4)
    assert prediction.limit < norm.cdf(MEAN) == pytest.approx(0.9332, abs=1e-4)
    assert prediction.agreement == pytest.approx(0.9586, abs=1e-4)  # no 100 % either


CROSSINGS = {0.1: (0.560, 0.721), 0.2: (0.618, 0.869), 0.3: (0.674, 0.948)}


@pytest.mark.parametrize("cosine", CROSSINGS)
def test_a_linear_verifier_of_flips_turns_later_than_its_transition(cosine):
    transition, crossing = CROSSINGS[cosine]
    assert mc.predict(verified_flips(0.5, cosine)).transition == pytest.approx(transition, abs=6e-4)
    found = brentq(lambda rate: mc.predict(verified_flips(rate, cosine)).limit - 0.5, transition, 0.999, xtol=1e-5)
    assert found == pytest.approx(crossing, abs=6e-4)


@pytest.mark.parametrize(("cosine", "there"), [(0.5, 0.715), (0.8, 0.833)])
def test_a_good_verifier_of_flips_never_turns(cosine, there):
    transition = mc.predict(verified_flips(0.5, cosine)).transition
    assert mc.predict(verified_flips(transition, cosine)).limit == pytest.approx(there, abs=6e-4)
    assert mc.predict(verified_flips(1.0, cosine)).limit > 0.5


# Of arXiv 2410.08942 with its public code: the penalty there is per generated row, and the trace carries the keep rate.
COMPARED = {
    "few": (0.2, 0.8, 0.1, 1500, 900, 0.01, 0.7011, (0.7002, 0.0024), 0.6630),
    "many": (0.3, 0.9, 0.3, 3000, 600, 0.1, 0.8329, (0.8354, 0.0014), 0.8313),
}


@pytest.mark.parametrize("name", COMPARED)
def test_n_is_the_number_of_kept_rows(name):
    """.7011 and .8329, where another fixed point has .6630 and .8313."""
    rate, right, wrong, rows, dimension, penalty, ours, (mean, error), theirs = COMPARED[name]
    kept = (1 - rate) * right + rate * wrong
    verifier, ridge = mc.KeepRates(right, wrong), mc.Ridge(penalty / kept)
    mixture = mc.GaussianMixture(MEAN, dimension)
    prediction = mc.predict(mc.ClassificationChain(mixture, rows, mc.Flips(rate), verifier, ridge))
    assert prediction.accuracy == pytest.approx(ours, abs=5e-5)
    assert prediction.kept == pytest.approx(rows * kept)
    assert abs(prediction.accuracy - mean) < 2 * error
    assert abs(prediction.accuracy - theirs) > 1e-3


@pytest.mark.parametrize("ratio", [0.02, 0.3, 1.0, 3.0])
def test_it_is_one_half_at_the_transition_and_antisymmetric_about_it(ratio):
    right, wrong = 0.9, 0.3
    assert mc.predict(flips(right / (right + wrong), ratio=ratio)).accuracy == pytest.approx(0.5, abs=1e-14)
    rate = 0.6
    odds = (1 - rate) * right / (rate * wrong)
    mirrored = odds * right / (wrong + odds * right)  # kept labels are right as often as they were wrong
    both = [mc.predict(flips(one, ratio=ratio, dimension=10**8)) for one in (rate, mirrored)]
    assert both[0].accuracy + both[1].accuracy == pytest.approx(1, abs=1e-7)
    assert both[0].agreement + both[1].agreement == pytest.approx(1, abs=1e-7)


def test_the_limit_of_flips_is_a_step():
    top = norm.cdf(MEAN)
    limits = [mc.predict(flips(rate)).limit for rate in (0.0, 0.749, 0.75, 0.751, 1.0)]
    np.testing.assert_allclose(limits, [top, top, 0.5, 1 - top, 1 - top], rtol=1e-14)
    np.testing.assert_allclose(mc.predict(flips(0.6, ratio=1e-9)).agreement, 1.0, atol=1e-4)


def test_right_labels_prevail_where_the_cosines_have_a_positive_sum():
    """p < p* iff cos + cos > 0, whatever the angle between generator and verifier."""
    generator = np.random.default_rng(5)
    for _ in range(60):
        w = generator.standard_normal((2, 3))
        first, second = w / np.linalg.norm(w, axis=1, keepdims=True)
        prediction = mc.predict(linear(first[0], second[0], first @ second))
        assert (prediction.label_error < prediction.transition) == (first[0] + second[0] > 0)


@pytest.mark.parametrize("cosine", [-0.4, 0.7])
def test_a_verifier_that_is_its_generator_keeps_everything(cosine):
    alone = mc.ClassificationChain(mc.GaussianMixture(MEAN, 30), 90, mc.LinearLabels(cosine), None, mc.Ridge(0.2))
    same = linear(cosine, cosine, 1.0, rows=90, penalty=0.2)
    nearly = linear(cosine, cosine, 1.0 - 1e-10, rows=90, penalty=0.2)
    expected = mc.predict(alone)
    assert mc.predict(same).accuracy == expected.accuracy
    assert mc.predict(nearly).accuracy == pytest.approx(expected.accuracy, abs=1e-4)
    assert mc.predict(same).kept == expected.kept == 90


def test_labels_by_the_best_classifier_teach_it():
    chain = mc.ClassificationChain(mc.GaussianMixture(MEAN, 10), 10**12, mc.LinearLabels(1.0), None, mc.Ridge(1e-9))
    prediction = mc.predict(chain)
    assert prediction.limit == pytest.approx(norm.cdf(MEAN))
    assert prediction.label_error == pytest.approx(norm.cdf(-MEAN))


def test_under_transforms():
    def build(rate):
        return mc.ClassificationChain(
            mc.GaussianMixture(MEAN, 40), 200, mc.Flips(rate), mc.LinearVerifier(0.4), mc.Ridge(0.1)
        )

    def accuracy(rate):
        return mc.predict(build(rate)).accuracy

    rates = np.array([0.1, 0.3, 0.5])
    with mc.precise():
        np.testing.assert_allclose(jax.jit(jax.vmap(accuracy))(rates), [accuracy(float(r)) for r in rates], rtol=1e-12)
        slope = jax.grad(accuracy)(0.3)
    assert float(slope) == pytest.approx((accuracy(0.3 + 1e-6) - accuracy(0.3 - 1e-6)) / 2e-6, rel=1e-7)


def test_derivatives_in_the_cosines():
    def accuracy(between):
        return mc.predict(linear(0.6, 0.5, between, rows=120, penalty=0.2)).accuracy

    with mc.precise():
        slope = jax.grad(accuracy)(0.3)
    assert float(slope) == pytest.approx((accuracy(0.3 + 1e-6) - accuracy(0.3 - 1e-6)) / 2e-6, rel=1e-6)


def scarce(rate, right, wrong):
    verifier, mixture = mc.KeepRates(right, wrong), mc.GaussianMixture(MEAN, 30)
    return mc.ClassificationChain(mixture, 300, mc.Flips(rate), verifier, mc.Ridge(0.1))


@pytest.mark.parametrize(
    ("chain", "expected"),
    [(scarce(0.0, 0.0, 0.5), 0.0), (linear(0.5, -0.5, -1.0), 0.0), (scarce(0.5, 1e-4, 1e-4), 0.03)],
)
def test_nothing_to_fit_is_named(chain, expected):
    with pytest.raises(mc.NothingKept) as caught:
        mc.predict(chain)
    assert caught.value.expected == pytest.approx(expected, abs=1e-9)
    assert "no row is left" in str(caught.value)


def test_symbols_are_refused():
    import sympy

    chain = mc.ClassificationChain(mc.GaussianMixture(1.0, 30), sympy.Symbol("n"), mc.Flips(0.2), None, mc.Ridge(0.1))
    with pytest.raises(mc.SpecificationError, match="numbers"):
        mc.predict(chain)


def test_what_it_says_about_itself():
    prediction = mc.predict(linear(0.6, 0.8, 0.3, rows=200, penalty=0.1))
    assert prediction.kind is Kind.EQUIVALENT
    assert prediction.theorem.name == "accuracy after verification, linear labeller and verifier"
    assert "2406.07515" in prediction.cite()
    assert 0 < prediction.finite_size < 0.1
    assert prediction.effective_ridge > 0

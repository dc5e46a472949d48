"""The transition curve: theory as lines, simulation as dots, the transition marked; and where it is not the truth."""

import numpy as np

import modelcollapse as mc
from modelcollapse.validation.figures import plot_transition

MIXTURE, KEEP, RIDGE = mc.GaussianMixture(1.5, 20), mc.KeepRates(0.9, 0.3), mc.Ridge(0.1)
RATES, SEEN = np.linspace(0.1, 0.95, 6), (0.3, 0.9)


def flips(rate, rows):
    return mc.ClassificationChain(MIXTURE, rows, mc.Flips(float(rate)), KEEP, RIDGE)


def linear(generator, verifier, between):
    labels, kept = mc.LinearLabels(generator), mc.LinearVerifier(verifier, between)
    return mc.predict(mc.ClassificationChain(MIXTURE, 10**9, labels, kept, mc.Ridge(1e-9)))


def test_the_transition_curve():
    curves = {str(rows): [mc.predict(flips(rate, rows)).accuracy for rate in RATES] for rows in (100, 1000)}
    runs = [mc.simulate(flips(rate, 100), 512, 3) for rate in SEEN]
    dots = SEEN, [run.accuracy for run in runs], [run.accuracy_error for run in runs]
    transition = mc.predict(flips(0.5, 100)).transition
    ax = plot_transition(RATES, curves, transition, {"100": dots})
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["100"].get_ydata(), curves["100"])
    assert lines["transition $p^*$"].get_xdata() == [0.75, 0.75]
    assert np.all(np.diff(curves["1000"]) < 0)
    for run, rate in zip(runs, SEEN, strict=True):  # at 20 dimensions, to a hundredth
        assert abs(run.accuracy - mc.predict(flips(rate, 100)).accuracy) < 0.01 + 4 * run.accuracy_error


def test_the_limit_is_not_the_best_classifier():
    assert linear(0.6, 0.8, 0.3).limit < 0.9332 - 0.01
    assert mc.predict(flips(0.5, 100)).limit > 0.9331


def test_the_transition_is_a_proxy():
    """Of random angles most, not all, teach the right sign exactly where right labels prevail."""
    generator, wrong = np.random.default_rng(4), 0
    for _ in range(250):
        w = generator.standard_normal((2, 3))
        first, second = w / np.linalg.norm(w, axis=1, keepdims=True)
        found = linear(first[0], second[0], first @ second)
        wrong += (found.limit > 0.5) != (found.label_error < found.transition)
    assert 0 < wrong < 0.08 * 250  # 93 of 3000 in another search


def test_the_student_can_be_worse_than_its_verifier():
    verifier = mc.predict(mc.ClassificationChain(MIXTURE, 99, mc.Flips(0.2), mc.LinearVerifier(0.9), RIDGE)).keep_right
    assert linear(0.3, 0.9, 0.27).limit < verifier - 0.02

"""Classifiers fitted to verified labels: two samplers, chunks, exact cases, refusals."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

import modelcollapse as mc

MIXTURE = mc.GaussianMixture(1.5, 8)
CHAIN = mc.ClassificationChain(MIXTURE, 40, mc.LinearLabels(0.6), mc.LinearVerifier(0.7, 0.2), mc.Ridge(0.2))
NAIVE = mc.simulate(CHAIN, 4096, 1, sampler=mc.NAIVE)


def test_both_samplers_have_one_law():
    """Means of accuracy, agreement and kept rows, and second moments of the accuracy, within four standard errors."""
    other = mc.simulate(CHAIN, 4096, 2, sampler=mc.SUFFICIENT_STATISTICS)
    for name in ("accuracies", "agreements", "kept_rows"):
        for power in (1, 2):
            a, b = getattr(NAIVE, name) ** power, getattr(other, name) ** power
            error = np.sqrt(a.var() / len(a) + b.var() / len(b))
            assert abs(a.mean() - b.mean()) < 4 * error


def test_the_share_that_is_kept():
    """P(g f > 0) by SciPy's bivariate normal law."""
    h, k, law = 1.5 * 0.6, 1.5 * 0.7, multivariate_normal(cov=[[1, 0.2], [0.2, 1]])
    share = law.cdf([h, k]) + law.cdf([-h, -k])
    assert abs(NAIVE.kept - 40 * share) < 4 * np.sqrt(40 * share * (1 - share) / 4096)


def test_accuracy_and_agreement_are_exact_for_a_given_classifier():
    """Against SciPy's bivariate normal law; never more accurate than the best classifier."""
    cosine = NAIVE.classifiers[0, 0] / np.hypot(*NAIVE.classifiers[0, :2])
    law = multivariate_normal(cov=[[1, cosine], [cosine, 1]])
    both = law.cdf([1.5, 1.5 * cosine]) + law.cdf([-1.5, -1.5 * cosine])
    assert NAIVE.agreements[0] == pytest.approx(both, abs=1e-6)
    assert NAIVE.accuracies[0] == pytest.approx(norm.cdf(1.5 * cosine), rel=1e-12)
    assert NAIVE.accuracies.max() <= norm.cdf(1.5)


def test_a_continuation_is_bitwise_the_longer_run():
    first = mc.simulate(CHAIN, 40, 1, sampler=mc.NAIVE)
    both = first.extended(mc.simulate(CHAIN, 24, 1, sampler=mc.NAIVE, start=40))
    np.testing.assert_array_equal(both.classifiers, NAIVE.classifiers[:64])
    with pytest.raises(mc.SpecificationError, match="start"):
        first.extended(first)


def test_nothing_kept_is_named():
    verifier = mc.KeepRates(0.02, 0.0)
    with pytest.raises(mc.NothingKept) as caught:
        mc.simulate(mc.ClassificationChain(MIXTURE, 40, mc.Flips(0.5), verifier, mc.Ridge(0.2)), 64)
    assert caught.value.expected == pytest.approx(0.4, abs=0.4)


@pytest.mark.parametrize("field", ["noise", "design", "sampler", "rows", "chain"])
def test_what_it_cannot_do_is_named(field):
    import sympy

    chain = mc.ClassificationChain(MIXTURE, sympy.Symbol("n"), mc.Flips(0.5), None, mc.Ridge(0.2))
    plane = mc.ClassificationChain(mc.GaussianMixture(1.5, 2), 40, mc.Flips(0.5), None, mc.Ridge(0.2))
    calls = {
        "noise": lambda: mc.simulate(CHAIN, 4, noise=mc.INTEGRATED),
        "design": lambda: mc.simulate(CHAIN, 4, design=3),
        "sampler": lambda: mc.simulate(plane, 4, sampler=mc.SUFFICIENT_STATISTICS),
        "rows": lambda: mc.simulate(chain, 4),
        "chain": lambda: mc.simulate(3, 4),
    }
    with pytest.raises(mc.SpecificationError) as caught:
        calls[field]()
    assert caught.value.field == field

"""Covariates that are generated too: the spec's figures, chains drawn with NumPy, and limits by hand."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.refitted_covariates import ERROR_ON_REFITTED_COVARIATES
from modelcollapse.theory.statements.refitted_covariates import TEST_ERROR_WITH_REFITTED_COVARIATES

POPULATION = mc.Population(mc.PowerLaw(5, 1.3), mc.UniformTarget(2.0))
FIT = mc.MinimumNorm()
COMMON = {"rows": 40, "noise": 0.7, "estimator": FIT}
CHAIN = mc.regenerate_covariates(POPULATION, 6, **COMMON)


def generation(rows, noise, labels=mc.PREVIOUS, covariates=mc.FRESH):
    return mc.Generation((mc.Source(rows, noise, labels, covariates=covariates),), FIT)


def test_the_figures_of_the_paper_that_is_not_written():
    """d = 5, T = 40, sigma = 0.7, whatever the spectrum."""
    prediction = mc.predict(CHAIN)
    np.testing.assert_allclose(prediction.error, [0.0721, 0.1568, 0.2566, 0.3739, 0.5119, 0.6743], atol=5e-5)
    assert prediction.theorem is TEST_ERROR_WITH_REFITTED_COVARIATES
    assert prediction.kind == (Kind.EXACT,) * 6
    assert np.all(prediction.finite_size == 0)


def test_the_closed_form_is_the_recursion():
    growth = 40 / 34
    expected = 0.49 * 5 / 6 * (growth ** np.arange(1, 7) - 1)
    np.testing.assert_allclose(mc.predict(CHAIN).error, expected, rtol=1e-13)


def test_an_unbiased_inverse_grows_linearly():
    """c = n/(n - r - 1) undoes the inflation: the same as on fresh covariates."""
    unbiased = mc.regenerate_covariates(POPULATION, 6, **COMMON, rescale=40 / 34)
    np.testing.assert_allclose(mc.predict(unbiased).error, mc.predict(mc.replace(POPULATION, 6, **COMMON)).error)
    assert mc.predict(unbiased).theorem is ERROR_ON_REFITTED_COVARIATES


def test_the_first_generation_does_not_know_of_it():
    one = mc.predict(mc.replace(POPULATION, 1, **COMMON))
    assert mc.predict(CHAIN).error[0] == pytest.approx(one.error[0], rel=1e-14)


def uneven():
    """Fresh rows, refits of the generation before and of an older one, a rescaling, a blend, an own noise each."""
    blend = mc.Blend(((mc.PREVIOUS, 0.6), (mc.TRUTH, 0.4)))
    return mc.Chain(
        POPULATION,
        (
            generation(14, 0.7),
            generation(17, 0.5, covariates=mc.Refitted(1, rescale=1.2)),
            generation(20, 0.4),
            generation(23, 0.6, labels=blend, covariates=mc.Refitted(2)),
            generation(15, 0.3, covariates=mc.Refitted(4)),
        ),
    )


def drawn(replicates):
    """The chain of `uneven` with NumPy, whitened."""
    generator, errors = np.random.default_rng(11), []
    for _ in range(replicates):
        model, factors, row = np.zeros(5), [], []
        plan = ((14, 0.7, 0, 1.0, 1.0), (17, 0.5, 1, 1.2, 1.0), (20, 0.4, 0, 1.0, 1.0), (23, 0.6, 2, 1.0, 0.6))
        for count, noise, older, rescale, share in (*plan, (15, 0.3, 4, 1.0, 1.0)):
            root = np.sqrt(rescale) * factors[older - 1] if older else np.eye(5)
            rows = generator.standard_normal((count, 5)) @ root
            labels = share * rows @ model + noise * generator.standard_normal(count)
            model = np.linalg.lstsq(rows, labels, rcond=None)[0]
            factors.append(np.linalg.cholesky(rows.T @ rows / count).T)
            row.append(model @ model)
        errors.append(row)
    return np.array(errors)


def test_an_uneven_chain_by_hand_and_drawn():
    a2, a4 = 14 / (1.2 * 8), 17 / (1.2 * 11) * 14 / 8
    a5 = a4 * 23 / 17
    first = 0.49 * 5 / 8
    second = first + 0.25 * a2 * 5 / 11
    third = second + 0.16 * 5 / 14
    fourth = 0.36 * third + 0.36 * a4 * 5 / 17
    expected = [first, second, third, fourth, fourth + 0.09 * a5 * 5 / 9]
    np.testing.assert_allclose(mc.predict(uneven()).error, expected, rtol=1e-13)
    errors = drawn(3000)
    assert np.all(np.abs(errors.mean(axis=0) - expected) < 4.5 * errors.std(axis=0) / 3000**0.5)


def test_theory_and_simulator_agree():
    comparison = mc.compare(mc.regenerate_covariates(POPULATION, 3, **COMMON), replicates=4096)
    assert comparison.verdict is mc.Verdict.AGREES


@pytest.mark.parametrize("few", [5, 6])
def test_too_few_rows_are_infinite_for_all_descendants(few):
    """Rows = rank or rank + 1: noise there and in all rows drawn after them; fresh covariates end it."""
    starved = generation(few, 0.0, covariates=mc.Refitted(1))
    after = (generation(40, 0.4, mc.TRUTH, mc.Refitted(2)), generation(40, 0.4, mc.TRUTH))
    error = mc.predict(mc.Chain(POPULATION, (generation(40, 0.3), starved, *after))).error
    first = 0.09 * 5 / 34
    np.testing.assert_allclose(error, [first, first, np.inf, 0.16 * 5 / 34], rtol=1e-13)


def test_no_noise_no_error():
    assert np.all(mc.predict(CHAIN.with_(noise=0.0)).error == 0)
    assert mc.predict(CHAIN.with_(noise=0.0)).limit == 0
    assert mc.predict(CHAIN).limit == np.inf


def test_the_gradient_in_the_rescaling():
    """E_2 = sigma^2 (r/M) (1 + n/(c M)), so dE_2/dc = -sigma^2 r n/(c M)^2 at c = 1."""
    slope = mc.gradient(lambda c: mc.regenerate_covariates(POPULATION, 2, **COMMON, rescale=c))(1.0)
    assert slope == pytest.approx(-0.49 * 5 * 40 / 34**2, rel=1e-12)


def test_with_a_penalty_the_engine_covers_it():
    ridge = mc.regenerate_covariates(POPULATION, 2, rows=40, noise=0.7, estimator=mc.Ridge(1e-9))
    assert mc.predict(ridge).kind[-1] is Kind.EQUIVALENT

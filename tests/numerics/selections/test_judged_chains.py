"""Simulations of chains on judged rows: two samplers of one law, a loop in NumPy, and limits that are known."""

import numpy as np
import pytest
from scipy import stats

import modelcollapse as mc
from modelcollapse.numerics.sampling import VERIFIED_STATISTICS
from modelcollapse.theory.problem.selection import verifier_of

D = 5
SPECTRUM = mc.Eigenvalues([2.0, 1.0, 1.0, 0.5, 0.25])
POPULATION = mc.Population(SPECTRUM, mc.UniformTarget(0.3))
INITIAL = mc.Coefficients(np.linspace(0.5, -0.3, D))
VERIFIER = mc.Coefficients(np.linspace(-0.2, 0.4, D))
WINDOW = mc.ResidualWindow(VERIFIER, -0.6, 1.1)
SELECTIONS = {
    "a window": WINDOW,
    "a share": mc.TopShare(VERIFIER, 0.55),
    "an unreliable share": mc.Unreliable(mc.TopShare(VERIFIER, 0.55), 0.1, 0.2),
    "tries": mc.Resample(WINDOW, 3),
    "the last try": mc.Resample(WINDOW, 3, keep_last=True),
    "revision": mc.Revise(VERIFIER, 0.7, 0.6),
}
BESIDE = ((15, 0.9, mc.PREVIOUS), (4, 0.5, mc.TRUTH))
BLENDED = ((9, 0.6, mc.Blend(((mc.TRUTH, 0.4), (mc.PREVIOUS, 0.6)))), (8, 0.8, mc.PREVIOUS))


def chain(selection, estimator=None, parts=(BESIDE, BLENDED)):
    fit = mc.Ridge(0.3) if estimator is None else estimator
    steps = [mc.Generation(tuple(mc.Source(n, s, labels) for n, s, labels in own), fit, selection) for own in parts]
    return mc.Chain(POPULATION, tuple(steps), INITIAL)


@pytest.mark.parametrize("name", SELECTIONS)
@pytest.mark.parametrize("estimator", [mc.Ridge(0.3), mc.MinimumNorm()], ids=["ridge", "least squares"])
def test_two_samplers_have_one_law(name, estimator):
    """Kolmogorov and Smirnov's test on 2000 errors each; a shift of a fifth of a standard deviation is seen."""
    whole = chain(SELECTIONS[name], estimator)
    naive = mc.simulate(whole, 2000, seed=1, sampler=mc.NAIVE)
    short = mc.simulate(whole, 2000, seed=2, sampler=VERIFIED_STATISTICS)
    for generation in range(2):
        assert stats.ks_2samp(naive.errors[:, generation], short.errors[:, generation]).pvalue > 1e-3


def by_hand(selection, generator):
    """One generation of a window and a ridge fit, as one would write it."""
    values = SPECTRUM.eigenvalues()
    truth = np.sqrt(0.3 / D) * np.ones(D)
    verifier = truth + verifier_of(selection).values
    x = generator.normal(size=(19, D)) * np.sqrt(values)
    y = np.concatenate([x[:15] @ (truth + INITIAL.values), x[15:] @ truth])
    y = y + np.repeat([0.9, 0.5], [15, 4]) * generator.normal(size=19)
    residual = y - x @ verifier
    kept = (residual >= -0.6) & (residual <= 1.1)
    kept[15:] = True
    x, y = x[kept], y[kept]
    fitted = np.linalg.solve(x.T @ x / len(x) + 0.3 * np.eye(D), x.T @ y / len(x))
    return (values * (fitted - truth) ** 2).sum()


def test_one_generation_as_one_would_write_it():
    """The penalty counts the rows that enter the fit."""
    generator = np.random.default_rng(7)
    own = [by_hand(WINDOW, generator) for _ in range(4000)]
    found = mc.simulate(chain(WINDOW, parts=(BESIDE,)), 4000, seed=4)
    assert stats.ks_2samp(own, found.errors[:, 0]).pvalue > 1e-3
    assert "verified statistics" in found.sampler


def test_a_window_that_keeps_everything_changes_nothing():
    """The same random numbers, row by row."""
    everything = mc.simulate(chain(mc.ResidualWindow(VERIFIER, -1e9, 1e9)), 64, sampler=mc.NAIVE)
    plain = mc.simulate(chain(mc.KEEP_ALL), 64, sampler=mc.NAIVE)
    np.testing.assert_allclose(everything.errors, plain.errors, rtol=1e-9)


def test_rejected_rows_do_not_come_back_from_the_store():
    """Accumulated: as many fits of judged rows of equal models, all rows that any verifier kept."""
    step = mc.Generation((mc.Source(30, 0.7, mc.TRUTH),), mc.Ridge(0.3), mc.KEEP_ALL, mc.ACCUMULATE)
    nothing = mc.ResidualWindow(VERIFIER, 1e6, 1e7)
    judged = mc.Generation((mc.Source(30, 0.7, mc.PREVIOUS),), mc.Ridge(0.3), nothing, mc.ACCUMULATE)
    errors = mc.simulate(mc.Chain(POPULATION, (step, judged, judged)), 32).errors
    np.testing.assert_allclose(errors[:, 1:], errors[:, :1] * np.ones((1, 2)), rtol=1e-9)


def test_fits_on_nothing_are_the_zero_model():
    nothing = mc.ResidualWindow(VERIFIER, 1e6, 1e7)
    zero = (SPECTRUM.eigenvalues() * 0.3 / D).sum()
    for fit in (mc.Ridge(0.3), mc.MinimumNorm()):
        errors = mc.simulate(chain(nothing, fit, parts=(BESIDE[:1],)), 8).errors
        np.testing.assert_allclose(errors, zero, rtol=1e-12)


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(mc.SpecificationError, match=r"noise: got .*their noise decides"):
        mc.simulate(chain(WINDOW), 8, noise=mc.INTEGRATED)
    with pytest.raises(mc.SpecificationError, match=r"sampler: got .*single rows"):
        mc.simulate(chain(WINDOW), 8, sampler=mc.SUFFICIENT_STATISTICS)
    by_norm = chain(mc.NormWindow(VERIFIER, 0.1, 0.5))
    assert "naive" in mc.simulate(by_norm, 8).sampler
    with pytest.raises(mc.SpecificationError, match=r"sampler: got .*norm of the row"):
        mc.simulate(by_norm, 8, sampler=VERIFIED_STATISTICS)
    with pytest.raises(mc.SpecificationError, match="no verifier judges"):
        mc.simulate(chain(mc.KEEP_ALL), 8, sampler=VERIFIED_STATISTICS)
    sampled = mc.Generation((mc.Source(30, 0.7, mc.PREVIOUS),), mc.Ridge(0.3), WINDOW, mc.Subsample(20))
    with pytest.raises(mc.SpecificationError, match="memory: got"):
        mc.simulate(mc.Chain(POPULATION, (sampled,)), 8)

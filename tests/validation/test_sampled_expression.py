"""The sampled expression of a chain against the simulator, which knows no expressions: the same law at every size.

Both integrate label noise and are unbiased, so that means are compared at one finite size, without any theory. The
family-wise false-alarm level is 1e-3; the seeds are fixed in advance.
"""

import numpy as np
import pytest
from scipy.special import ndtri

import modelcollapse as mc
from modelcollapse.theory.algebra.model import Model, inv
from modelcollapse.theory.algebra.risk import risk, tr
from modelcollapse.theory.chains.expressed import express
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Kept,
    NotCertified,
    Perturbed,
    Population,
    PowerLaw,
    RandomProjection,
    Refitted,
    Ridge,
    SameRows,
    Shifted,
    Source,
    SpecificationError,
    TooLarge,
)
from modelcollapse.validation.sampled_expression import SampledExpression

D = 6
FIXED = Population(PowerLaw(D, 0.8), Coefficients(np.linspace(0.9, -0.4, D)))
RANDOM = Population(PowerLaw(D, 0.6), GaussianTarget(np.linspace(0.2, 0.5, D)))
FIT = Ridge(0.09)
OTHER = PowerLaw(D, 1.3, scale=0.7)


def first(rows=13, noise=0.4, estimator=FIT):
    return Generation((Source(rows, noise),), estimator)


CHAINS = {
    "ridge from a given model": Chain(
        FIXED,
        tuple(Generation((Source(n, 0.4, PREVIOUS),), Ridge(p)) for n, p in ((11, 0.07), (15, 0.12))),
        initial=Coefficients(np.linspace(0.3, 0.6, D)),
    ),
    "accumulation": Chain(RANDOM, (Generation((Source(9, 0.3, PREVIOUS),), FIT, memory=ACCUMULATE),) * 3),
    "the same rows": Chain(
        FIXED, (first(), *(Generation((Source(13, 0.3, PREVIOUS, covariates=SameRows(1)),), FIT),) * 2)
    ),
    "kept rows, weighted": Chain(
        RANDOM, (first(), *(Generation((Kept(1, weight=1.7), Source(8, 0.5, PREVIOUS)), FIT),) * 2)
    ),
    "kept projection": Chain(
        FIXED,
        (
            first(estimator=RandomProjection(4, 0.11)),
            Generation((Source(12, 0.3, PREVIOUS),), RandomProjection(4, 0.06, redraw=False)),
        ),
    ),
    "mixture, two covariances": Chain(
        FIXED,
        (
            Generation(
                (
                    Source(8, 0.4),
                    Source(9, 0.2, Shifted(Coefficients(np.linspace(0.4, -0.2, D))), weight=0.6, covariance=OTHER),
                ),
                FIT,
            ),
        ),
    ),
    "blended labels of disturbed rows": Chain(
        FIXED,
        (
            first(),
            Generation((Source(12, 0.3, Blend(((PREVIOUS, 0.7), (mc.TRUTH, 0.3))), covariates=Perturbed(0.35)),), FIT),
        ),
    ),
    "refitted rows": Chain(
        RANDOM, (first(), Generation((Source(14, 0.3, PREVIOUS, covariates=Refitted(1, rescale=1.3)),), FIT))
    ),
}
REPLICATES = 8192
CUT = -ndtri(1e-3 / (2 * sum(len(chain) for chain in CHAINS.values())))


def numbers(chain, reading):
    """The letters of an expressed chain at the numbers of the chain."""
    spectrum = chain.population.spectrum
    k = np.arange(1, spectrum.dimension + 1)
    values = dict(reading.scalars) | {reading.model.dimension: spectrum.dimension}
    values |= {letter: own.eigenvalues() for letter, own in reading.spectra.items()}
    values |= {letter: target.second_moments(spectrum) for letter, target in reading.second_moments.items()}
    return values | {letter: target.mean(k, spectrum) for letter, target in reading.means.items()}


@pytest.mark.parametrize("name", CHAINS)
def test_simulator_and_expression_have_the_same_mean(name):
    chain = CHAINS[name]
    reading = express(chain)
    simulated = mc.simulate(chain, REPLICATES, seed=41, noise=mc.INTEGRATED, sampler=mc.NAIVE)
    for g, estimator in enumerate(reading.estimators):
        sampled = SampledExpression.of(risk(estimator, reading.model.metric), numbers(chain, reading))
        drawn = sampled.draw(0, REPLICATES, seed=42 + g).sum(axis=1)
        error = np.hypot(drawn.std(ddof=1) / np.sqrt(REPLICATES), simulated.standard_error[g])
        z = (drawn.mean() - simulated.mean[g]) / error
        print(f"{name}, generation {g + 1}: {drawn.mean():.5g} and {simulated.mean[g]:.5g}, z = {z:+.2f}")
        assert abs(z) < CUT
        assert error < 0.01 * drawn.mean()  # an error of 5 % would be seen


def resolvent():
    m = Model()
    X, S = m.design("X", "T"), m.projection("S", "m")
    return tr(m.metric @ S.T @ inv(S @ X.T @ X @ S.T + "lambda") @ S)


VALUES = {"s": np.linspace(0.5, 2.0, 5), "d": 5, "T": 9, "m": 4, "lambda": 0.3}


def test_draws_do_not_depend_on_how_they_are_cut():
    sampled = SampledExpression.of(resolvent(), VALUES)
    whole = sampled.draw(0, 20, seed=3)
    pieces = [sampled.draw(0, 1, seed=3), sampled.draw(1, 7, seed=3), sampled.draw(8, 12, seed=3)]
    assert np.array_equal(whole, np.concatenate(pieces))
    assert not np.array_equal(whole, sampled.draw(0, 20, seed=4))


def test_a_draw_is_the_trace_of_its_matrices():
    drawn = SampledExpression.of(resolvent(), VALUES).draw(5, 1, seed=3)[0, 0]
    X = np.random.default_rng([3, 5, *b"X"]).standard_normal((9, 5)) * np.sqrt(VALUES["s"])
    S = np.random.default_rng([3, 5, *b"S"]).standard_normal((4, 5)) / 2.0
    inverse = np.linalg.inv(S @ X.T @ X @ S.T + 0.3 * np.eye(4))
    assert drawn == pytest.approx(np.trace(np.diag(VALUES["s"]) @ S.T @ inverse @ S), rel=1e-12)


def test_traces_of_deterministic_matrices_are_numbers():
    m = Model()
    drawn = SampledExpression.of(tr(m.metric @ m.metric), {"s": np.array([1.0, 3.0]), "d": 2}).draw(0, 3, seed=0)
    assert drawn.tolist() == [[10.0]] * 3


def test_what_cannot_be_drawn_is_refused_by_name():
    with pytest.raises(SpecificationError, match="covariance of X"):
        SampledExpression.of(resolvent(), {**VALUES, "s": np.array([1.0, -1.0, 1.0, 1.0, 1.0])})
    with pytest.raises(TooLarge):
        SampledExpression.of(resolvent(), {**VALUES, "T": 10**12})
    m = Model()
    X = m.design("X", "T")
    singular = SampledExpression.of(tr(inv(X.T @ X)), {"d": 3, "T": 0, "s": np.ones(3)})
    with pytest.raises(NotCertified, match="positive penalty"):
        singular.draw(0, 2, seed=0)
    other = Model().design("X", "T_2")
    with pytest.raises(SpecificationError, match="one name"):
        SampledExpression.of(tr(X.T @ X + other.T @ other), {})
    with pytest.raises(SpecificationError, match="use risk"):
        SampledExpression.of(type(tr(X.T @ X))((("w", m.truth),)), {})

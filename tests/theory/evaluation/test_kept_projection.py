"""One random projection for ever: the contour integrals against the engine, fresh projections, ridge, closed forms."""

import numpy as np
import pytest

from modelcollapse.theory.chains.expressed import express
from modelcollapse.theory.evaluation.differentiation import gradient
from modelcollapse.theory.evaluation.inputs import grouped_spectra
from modelcollapse.theory.evaluation.outcome import outcome_on
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Levels,
    NoTheorem,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    UniformTarget,
)
from modelcollapse.theory.problem import TRUTH as REAL

POPULATION = Population(Levels([1.5, 0.6, 0.2], [5, 6, 5]), Coefficients(np.linspace(0.5, -0.3, 16)))
RANDOM = Shifted(GaussianTarget(np.linspace(0.02, 0.08, 16)))
REPLACED = ((30, 0.6, PREVIOUS),)
POOLED = ((14, 0.6, REAL), (16, 0.4, PREVIOUS))
SHIFTED = ((9, 0.6, REAL), (8, 0.4, RANDOM), (13, 0.5, PREVIOUS))


def kept(width, penalties, sources, population=POPULATION):
    """A generation for each penalty."""
    parts = tuple(Source(*source) for source in sources)
    fits = [RandomProjection(width, penalty, redraw=False) for penalty in penalties]
    return Chain(population, tuple(Generation(parts, fit) for fit in fits))


def derived(chain):
    """Bias and variance of every generation by the engine's general program."""
    count = len(chain)
    injection = np.stack([np.zeros(count), np.ones(count)], axis=1)
    return np.asarray(outcome_on(chain, express(chain), injection, grouped_spectra(chain.population, ())).errors)


@pytest.mark.parametrize(("width", "sources"), [(10, REPLACED), (24, POOLED)])
def test_two_generations_as_the_engine_derives_them(width, sources):
    """Width below and above the dimension; the engine knows nothing of contours, nor of the spectrum of W."""
    chain = kept(width, (0.2, 0.35), sources)
    found = predict(chain)
    np.testing.assert_allclose(np.stack([found.bias, found.variance], axis=1), derived(chain), rtol=1e-9)


@pytest.mark.parametrize("sources", [REPLACED, POOLED, SHIFTED])
@pytest.mark.parametrize(("width", "penalty"), [(5, 0.02), (16, 0.3), (60, 2.0)])
def test_the_first_generation_is_that_of_a_fresh_projection(width, penalty, sources):
    """Nothing has been kept yet."""
    one = predict(kept(width, (penalty,) * 3, sources))
    fresh = Generation(tuple(Source(*source) for source in sources), RandomProjection(width, penalty))
    two = predict(Chain(POPULATION, (fresh,) * 3))
    for name in ("error", "bias", "variance"):
        np.testing.assert_allclose(getattr(one, name)[0], getattr(two, name)[0], rtol=1e-12)
    assert abs(one.error[1] / two.error[1] - 1) > 1e-4  # but then they part


@pytest.mark.parametrize("sources", [REPLACED, POOLED, SHIFTED])
def test_a_wide_projection_is_none(sources):
    """S'S is the identity up to m^{-1/2}: the errors are those of ridge regression to O(1/m)."""
    penalties = (0.1, 0.3, 0.2)
    wide = predict(kept(10**7, penalties, sources))
    parts = tuple(Source(*source) for source in sources)
    plain = predict(Chain(POPULATION, tuple(Generation(parts, Ridge(penalty)) for penalty in penalties)))
    np.testing.assert_allclose(wide.error, plain.error, rtol=1e-5)


@pytest.mark.parametrize(("width", "rows"), [(100, 400), (150, 200), (30, 900)])
def test_isotropic_and_ridgeless_in_proportion(width, rows):
    """E_g = f |w_0|^2 + rho (f |w_0|^2 + g sigma^2), rho = m/(n - m), f = 1 - m/d: linear, and nothing is forgotten."""
    population = Population(Levels([1.0, 1.0, 1.0], [60, 60, 80]), UniformTarget(0.8))
    chain = kept(width, (1e-8,) * 3, ((rows, 0.7, PREVIOUS),), population)
    rho, f = width / (rows - width), 1 - width / 200
    expected = f * 0.8 + rho * (f * 0.8 + np.arange(1, 4) * 0.49)
    np.testing.assert_allclose(predict(chain).error, expected, rtol=1e-5)


def test_units_do_not_matter():
    """Covariance times c and penalties times c are the truth times c^{1/2}."""
    small, large = (
        kept(
            10,
            (0.2 * c, 0.3 * c, 0.1 * c),
            POOLED,
            Population(Levels([1.5 * c, 0.6 * c, 0.2 * c], [5, 6, 5]), UniformTarget(1 / c)),
        )
        for c in (1.0, 1e6)
    )
    np.testing.assert_allclose(predict(small).error, predict(large).error, rtol=1e-9)


def test_noise_enters_by_its_variance():
    """The bias has no part of it, and the variance is a multiple of it."""
    found = [predict(kept(10, (0.2, 0.3, 0.1), ((30, noise, PREVIOUS),))) for noise in (0.0, 1.0, 3.0)]
    for one in found:
        np.testing.assert_allclose(one.error, one.bias + one.variance, rtol=1e-13)
        np.testing.assert_allclose(one.bias, found[0].error, rtol=1e-13)
    np.testing.assert_allclose(found[2].variance, 9 * found[1].variance, rtol=1e-12)


def test_derivative_with_respect_to_a_penalty():
    """Through the roots on the contour, against central differences."""

    def build(penalty):
        return kept(10, (0.2, penalty, 0.1), SHIFTED)

    step = 1e-5
    difference = (predict(build(0.3 + step)).error[-1] - predict(build(0.3 - step)).error[-1]) / (2 * step)
    assert float(gradient(build)(0.3)) == pytest.approx(difference, rel=1e-6)


def test_what_is_not_known_is_not_said():
    """W has other eigenvectors than the covariance."""
    population = Population(Levels([1.5, 0.6, 0.2], [1, 1, 1]), UniformTarget())
    found = predict(kept(2, (0.2, 0.3, 0.1), POOLED, population))
    assert np.isnan(found.overlap).all()
    assert np.isnan(found.norm).all()
    with pytest.raises(NoTheorem, match="share of each direction"):
        _ = found.by_mode

"""Random projections drawn anew: against the engine, exact laws typed by hand, and limits of penalty and width."""

import numpy as np
import pytest

from modelcollapse.theory.chains.expressed import express
from modelcollapse.theory.evaluation.inputs import grouped_spectra
from modelcollapse.theory.evaluation.outcome import outcome_on
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Isotropic,
    Levels,
    MinimumNorm,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    UniformTarget,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.rules.kind import Kind

POPULATION = Population(Levels([1.5, 0.6, 0.2], [5, 6, 5]), Coefficients(np.linspace(0.5, -0.3, 16)))
SPHERE = Population(Isotropic(30, scale=1.3), UniformTarget(0.9))
FIXED = Shifted(Coefficients(np.linspace(0.3, -0.2, 16)))
RANDOM = Shifted(GaussianTarget(np.linspace(0.02, 0.08, 16)))
ALL = ((9, 0.6, REAL), (8, 0.4, RANDOM), (13, 0.5, PREVIOUS))


def chain(fits, *sources, population=POPULATION):
    """A generation for each fit, on sources of (rows, noise, labels)."""
    parts = tuple(Source(*source) for source in sources)
    return Chain(population, tuple(Generation(parts, fit) for fit in fits))


def derived(made):
    """Bias and variance of every generation by the engine's general program."""
    count = len(made)
    injection = np.stack([np.zeros(count), np.ones(count)], axis=1)
    return np.asarray(outcome_on(made, express(made), injection, grouped_spectra(made.population, ())).errors)


@pytest.mark.parametrize(
    "made",
    [
        chain((RandomProjection(10, 0.2),), (12, 0.6, REAL), (8, 0.4, FIXED)),
        chain((RandomProjection(40, 0.05),), (12, 0.6, REAL), (8, 0.4, FIXED)),
        chain((RandomProjection(10, 0.2),), (12, 0.6, REAL), (8, 0.4, RANDOM), (5, 0.3, FIXED)),
        chain((RandomProjection(12, 0.3), RandomProjection(9, 0.1)), (12, 0.6, RANDOM), (18, 0.4, PREVIOUS)),
    ],
    ids=["fixed", "fixed, wide", "random and fixed", "two projections"],
)
def test_equals_the_engine(made):
    """One generation or two, of two or three labellers: the derivation from Gaussian matrices knows no rule."""
    found = predict(made)
    np.testing.assert_allclose(np.stack([found.bias, found.variance], axis=1), derived(made), rtol=1e-12)


def test_exact_recursion_on_the_sphere():
    """s <- (m/d) s + rho (sigma^2 + f s), c <- (m/d) c, E = s - 2 c + |w_0|^2 with rho = m/(n - m - 1), f = 1 - m/d."""
    widths, rows, truth = (8, 20, 3, 25, 12, 29), (40, 33, 30, 90, 20, 200), 1.3 * 0.9
    steps = [Generation((Source(n, 0.7, PREVIOUS),), RandomProjection(m)) for m, n in zip(widths, rows, strict=True)]
    s = c = truth
    expected = []
    for m, n in zip(widths, rows, strict=True):
        kept = m / 30
        s, c = kept * s + m / (n - m - 1) * (0.49 + (1 - kept) * s), kept * c
        expected.append(s - 2 * c + truth)
    found = predict(Chain(SPHERE, tuple(steps)))
    np.testing.assert_allclose(found.error, expected, rtol=1e-12)
    assert set(found.kind) == {Kind.EXACT}
    assert np.all(found.finite_size == 0)


@pytest.mark.parametrize(("width", "real", "synthetic"), [(1000, 2000, 1000), (2500, 1000, 5000), (300, 300, 600)])
def test_mixtures_on_a_large_sphere(width, real, synthetic):
    """E = f |w_0|^2 + m/(n - m - 1) sum p_k (sigma_k^2 + f |w_k|^2) + |o|^2 (m/d) [a + b (n m - 2)/(n - m - 1)].

    With b = n_1 n_2/(n (n + 2)(n - 1)) and a = n_2 (n_2 + 2)/(n (n + 2)) - b: exact, hence O(1/d) from the equivalent.
    """
    d, n, size = 3000, real + synthetic, 0.5
    population = Population(Isotropic(d), UniformTarget(0.9))
    shift = Shifted(GaussianTarget(np.full(d, size / d)))
    made = chain((RandomProjection(width),), (real, 0.7, REAL), (synthetic, 0.4, shift), population=population)
    f, b = 1 - width / d, real * synthetic / (n * (n + 2) * (n - 1))
    a = synthetic * (synthetic + 2) / (n * (n + 2)) - b
    noise = (real * (0.49 + f * 0.9) + synthetic * (0.16 + f * (0.9 + size))) / n
    expected = f * 0.9 + width / (n - width - 1) * noise
    expected += size * width / d * (a + b * (n * width - 2) / (n - width - 1))
    assert predict(made).error[0] == pytest.approx(expected, rel=10 / (n - width))


@pytest.mark.parametrize(
    ("width", "rows"), [(5, 30), (12, 24), (12, 8), (40, 8), (15, 6)], ids=["m<n,d", "m<d<n", "n<m<d", "n<d<m", "n<m<d"]
)
def test_no_penalty_is_the_limit_of_a_small_one(width, rows):
    """lambda -> 0+, with a shifted labeller and the model before; errors differ by O(lambda)."""
    sources = (rows // 2, 0.6, FIXED), (rows - rows // 2, 0.4, PREVIOUS)
    exact = predict(chain((RandomProjection(width),) * 2, *sources))
    for penalty in (1e-12, 1e-10):
        close = predict(chain((RandomProjection(width, penalty),) * 2, *sources))
        np.testing.assert_allclose(close.error, exact.error, rtol=max(1e-8, 100 * penalty))


def test_neither_rows_nor_width_below_the_rank_is_least_squares():
    """Whatever the projection: S' v reaches every model, and the least squares fit is one."""
    sources = ((30, 0.6, Blend(((REAL, 0.4), (PREVIOUS, 0.6)))),)
    plain = predict(chain((MinimumNorm(),) * 3, *sources))
    for width in (16, 17, 500):
        found = predict(chain((RandomProjection(width),) * 3, *sources))
        np.testing.assert_allclose(found.error, plain.error, rtol=1e-13)
        assert found.kind == plain.kind


@pytest.mark.parametrize("labels", [PREVIOUS, FIXED])
@pytest.mark.parametrize("rows", [9, 10, 11])
def test_infinite_where_rows_meet_the_width(rows, labels):
    """Ridgeless and narrower than the rank, the fit itself is infinite, even without label noise."""
    fits = RandomProjection(30, 0.1), RandomProjection(10), RandomProjection(10, 0.1)
    found = predict(chain(fits, (rows, 0.0, labels)))
    assert np.isfinite(found.error[0])
    assert np.isinf(found.error[1])
    assert np.isinf(found.error[2]) == (labels is PREVIOUS)


@pytest.mark.parametrize("penalties", [(0.2, 0.05), (3.0, 1e-3)])
def test_a_wide_projection_is_none(penalties):
    """m = 10^9: the ridge chain to O(1/m), with three labellers."""
    wide = predict(chain([RandomProjection(10**9, penalty) for penalty in penalties], *ALL))
    plain = predict(chain([Ridge(penalty) for penalty in penalties], *ALL))
    for name in ("error", "bias", "variance", "overlap", "degrees_of_freedom"):
        np.testing.assert_allclose(getattr(wide, name), getattr(plain, name), rtol=1e-7)


def test_the_effective_ridge_of_a_projection():
    """lambda = kappa (1 - df_1/n)(1 - df_1/m) with df_1 below rows and width."""
    for width, rows, penalty in ((10, 30, 0.2), (30, 10, 0.01), (16, 16, 1e-6), (7, 16, 5.0)):
        found = predict(chain((RandomProjection(width, penalty),), (rows, 0.5, REAL)))
        kappa, df = found.effective_ridge[0], found.degrees_of_freedom[0]
        values = np.repeat([1.5, 0.6, 0.2], [5, 6, 5])
        assert df == pytest.approx((values / (values + kappa)).sum(), rel=1e-12)
        assert df < min(rows, width)
        assert kappa * (1 - df / rows) * (1 - df / width) == pytest.approx(penalty, rel=1e-8)


def test_rows_and_width_play_one_part_in_the_effective_ridge():
    """n and m may be exchanged: kappa is symmetric, the error is not."""
    one, other = (predict(chain((RandomProjection(m, 0.2),), (n, 0.5, REAL))) for m, n in ((10, 40), (40, 10)))
    assert one.effective_ridge[0] == pytest.approx(other.effective_ridge[0], rel=1e-13)
    assert abs(one.error[0] / other.error[0] - 1) > 1e-3


def test_directions_share_the_error_of_projections():
    """Rows of `by_mode` sum to the error, shifted labellers included."""
    found = predict(chain((RandomProjection(10, 0.2), RandomProjection(7)), *ALL))
    np.testing.assert_allclose(found.by_mode.sum(axis=1), found.error, rtol=1e-12)
    assert np.all(found.by_mode > 0)

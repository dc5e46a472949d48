"""Loops of blended labels on the same rows: exact linear algebra for given rows, exact means over rows, refusals."""

import jax
import numpy as np
import pytest
import sympy
from scipy.optimize import brentq

from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.evaluation.blended_loop import blended_steady_state
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    ACCUMULATE,
    FRESH,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Isotropic,
    LabelledBy,
    Levels,
    MinimumNorm,
    NoTheorem,
    Population,
    PowerLaw,
    RandomProjection,
    Ridge,
    SameRows,
    Shifted,
    Source,
    SourceCondition,
    SpecificationError,
    UniformTarget,
    blend_labels,
    replace,
)

S = np.array([3.1, 1.7, 1.2, 0.8, 0.45, 0.3, 0.11, 0.02])
GAMMA = np.array([0.4, 1.1, 0.3, 0.9, 0.2, 1.5, 0.6, 2.0])
SMALL = Population(Eigenvalues(S), GaussianTarget(GAMMA))
POWER = Population(PowerLaw(40, 1.2), SourceCondition(0.4))
REAL, SYNTHETIC = 0.8, 0.5


def loop(share, rows=12, penalty=0.05, population=SMALL, generations=2, **changes):
    estimator = MinimumNorm() if penalty is None else Ridge(penalty)
    given = {"noise": SYNTHETIC, "real_noise": REAL, "same_rows": True} | changes
    return blend_labels(population, generations, rows, estimator=estimator, real_share=share, **given)


def blended_noise(share):
    return share**2 * REAL**2 + (1 - share) ** 2 * SYNTHETIC**2


def sample_covariances(rng, draws, rows, s):
    x = rng.standard_normal((draws, rows, len(s))) * np.sqrt(s)
    return x.transpose(0, 2, 1) @ x / rows


def moments_given_rows(m, rows, share, penalty):
    """The closed form for given rows: what the mean loses of the truth, and the covariance."""
    one = np.eye(m.shape[-1])
    lost = penalty * np.linalg.inv(share * m + penalty * one)
    both = (share * m + penalty * one) @ ((2 - share) * m + penalty * one)
    return lost, blended_noise(share) / rows * m @ np.linalg.inv(both)


def error_given_rows(m, rows, share, penalty, s, gamma):
    """tr Sigma P Gamma P + tr Sigma C for every draw of the rows."""
    lost, covariance = moments_given_rows(m, rows, share, penalty)
    return lost**2 @ gamma @ s + np.diagonal(covariance, axis1=1, axis2=2) @ s


@pytest.mark.parametrize("share", [0.15, 0.6, 1.0])
@pytest.mark.parametrize("rows", [5, 12])
def test_six_hundred_generations_on_given_rows(share, rows):
    """The recursion of mean and covariance, from somewhere else than the truth, ends at the closed form."""
    rng, penalty = np.random.default_rng(3), 0.05
    [m] = sample_covariances(rng, 1, rows, S)
    fit = np.linalg.inv(m + penalty * np.eye(8))
    mean, covariance = rng.standard_normal((8, 8)), np.eye(8)  # one column for each direction of the truth
    for _ in range(600):
        mean = fit @ m @ (share * np.eye(8) + (1 - share) * mean)
        covariance = (1 - share) ** 2 * fit @ m @ covariance @ m @ fit + blended_noise(share) / rows * fit @ m @ fit
    lost, closed = moments_given_rows(m, rows, share, penalty)
    np.testing.assert_allclose(np.eye(8) - mean, lost, rtol=0, atol=1e-10)
    np.testing.assert_allclose(covariance, closed, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("rows", "share", "penalty"), [(6, 0.3, 0.1), (12, 0.618, 0.05), (12, 0.05, 0.2)])
def test_means_over_rows_approach_the_equivalent(rows, share, penalty):
    """The gap shrinks like 1/dimension (8, 32, 64)."""
    chain, gaps = loop(share, rows, penalty), []
    for times, draws in ((1, 10000), (4, 2000), (8, 400)):
        s, gamma = np.repeat(S, times), np.repeat(GAMMA, times) / times
        rng = np.random.default_rng(times)
        m = sample_covariances(rng, draws, rows * times, s)
        errors = error_given_rows(m, rows * times, share, penalty, s, gamma)
        predicted = blended_steady_state(chain.scaled(times))
        assert predicted == pytest.approx(blended_steady_state(chain), rel=1e-12)
        gaps.append((errors.mean() / predicted - 1, errors.std() / predicted / draws**0.5))
    (first, _), (second, _), (third, noise) = gaps
    assert abs(first) < 0.15
    assert abs(second) < abs(first) / 2
    assert abs(third) < abs(first) / 4 + 4 * noise
    assert noise < 4e-3


def printed(rows, share, penalty, s, tau):
    """The form with differences: bias of ridge with lambda/pi, and the difference of the two effective ridges."""

    def kappa(ridge):
        top = ridge + s.sum() / rows
        return brentq(lambda k: k - ridge - k * np.sum(s / (s + k)) / rows, ridge, top, xtol=1e-300, rtol=1e-15)

    a, b = penalty / share, penalty / (2 - share)
    q = s / (s + kappa(a))
    bias = ((1 - q) ** 2 * tau).sum() / (1 - (q**2).sum() / rows)
    return bias + blended_noise(share) * (kappa(a) - kappa(b) - a + b) / (2 * (1 - share) * penalty)


@pytest.mark.parametrize("share", [0.01, 0.4, 0.95])
@pytest.mark.parametrize(("rows", "penalty"), [(6, 0.3), (12, 0.02), (40, 1.7)])
def test_the_printed_form(rows, share, penalty):
    expected = printed(rows, share, penalty, S, S * GAMMA)
    assert blended_steady_state(loop(share, rows, penalty)) == pytest.approx(expected, rel=1e-10)


def test_long_spectra_are_not_compressed():
    """1100 eigenvalues one by one, and the same as two levels."""
    levels = Population(Levels([1.5, 0.25], [400, 700]), UniformTarget())
    single = Population(Eigenvalues(levels.spectrum.eigenvalues()), UniformTarget())
    found = [blended_steady_state(loop(0.4, 900, population=population)) for population in (levels, single)]
    assert found[0] == pytest.approx(found[1], rel=1e-13)


@pytest.mark.parametrize("penalty", [0.05, None])
@pytest.mark.parametrize("rows", [25, 60])
def test_real_labels_alone_are_one_fit(rows, penalty):
    estimator = MinimumNorm() if penalty is None else Ridge(penalty)
    single = predict(replace(POWER, 1, rows=rows, noise=REAL, estimator=estimator)).error[0]
    assert blended_steady_state(loop(1.0, rows, penalty, POWER)) == pytest.approx(single, rel=1e-13)
    assert blended_steady_state(loop(1 - 1e-9, rows, penalty, POWER)) == pytest.approx(single, rel=1e-7)


def test_model_labels_alone_are_the_limit_of_few_real_ones():
    """No real labels: the truth is forgotten altogether, tr tau, and the noise stays bounded by the penalty."""
    closed = loop(0.0)
    assert closed.generations[1].sources[0].labels == PREVIOUS
    quiet = blended_steady_state(loop(0.0, noise=0.0))
    assert quiet == pytest.approx((S * GAMMA).sum(), rel=1e-13)
    assert blended_steady_state(closed) > quiet
    assert blended_steady_state(loop(1e-9)) == pytest.approx(blended_steady_state(closed), rel=1e-7)


@pytest.mark.parametrize("share", [0.1, 0.618])
def test_least_squares_is_exact(share):
    """sigma^2/(pi (2 - pi)) r/(n - r - 1), whatever the spectrum; the rank counts, not the dimension."""
    expected = blended_noise(share) / (share * (2 - share)) * 8 / (20 - 8 - 1)
    rank_8 = Population(Eigenvalues([*S, 0.0, 0.0]), UniformTarget())
    for population in (SMALL, rank_8):
        assert blended_steady_state(loop(share, 20, None, population)) == pytest.approx(expected, rel=1e-13)
    assert blended_steady_state(loop(share, 9, None)) == np.inf


def test_isotropic_minimum_norm_is_exact():
    """(1 - n/d) |w_0|^2 + sigma^2/(pi (2 - pi)) n/(d - n - 1)."""
    population = Population(Isotropic(30), UniformTarget(2.5))
    expected = (1 - 12 / 30) * 2.5 + blended_noise(0.3) / (0.3 * 1.7) * 12 / 17
    assert blended_steady_state(loop(0.3, 12, None, population)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_minimum_norm_is_the_limit_of_small_penalties(share):
    """Below the rank, where df_1 = n and both effective ridges meet."""
    ridgeless = blended_steady_state(loop(share, 25, None, POWER))
    assert blended_steady_state(loop(share, 25, 1e-11, POWER)) == pytest.approx(ridgeless, rel=1e-7)


def test_simulated_loops_settle_there():
    """Eight generations with pi = 0.7 have nothing left of the start but 0.3^16; the rows are averaged over twice."""
    simulation = simulate(loop(0.7, 20, generations=8), 400, seed=5)
    m = sample_covariances(np.random.default_rng(8), 10000, 20, S)
    errors = error_given_rows(m, 20, 0.7, 0.05, S, GAMMA)
    uncertainty = np.hypot(simulation.standard_error[-1], errors.std() / 100)
    assert abs(simulation.mean[-1] - errors.mean()) < 4 * uncertainty
    assert uncertainty < 0.05 * errors.mean()


BLENDED = Blend(((TRUTH, 0.6), (PREVIOUS, 0.4)))


def again(rows=12, noise=0.3, labels=BLENDED, estimator=Ridge(0.05), covariates=SameRows(1), weight=1.0, **memory):
    return Generation((Source(rows, noise, labels, weight, covariates=covariates),), estimator, **memory)


FIRST = again(covariates=FRESH)


def of(*generations, **given):
    return Chain(SMALL, generations, **given)


REFERENCE = of(FIRST, again())


@pytest.mark.parametrize(
    "chain",
    [
        of(again(noise=7.0, labels=TRUTH, estimator=RandomProjection(3), covariates=FRESH), again()),
        of(Generation((Source(5, 0.1), Source(12, 0.2)), MinimumNorm()), again(covariates=SameRows(1, 1))),
        of(FIRST, again(), again(covariates=SameRows(2)), again(covariates=SameRows(3))),
        of(FIRST, again(labels=Blend(((LabelledBy(1), 0.4), (TRUTH, 0.6)))), again()),
        of(FIRST, again(weight=2.0, estimator=Ridge(0.1))),
        of(FIRST, again(labels=Blend(((TRUTH, 0.35), (PREVIOUS, 0.4), (TRUTH, 0.25))))),
    ],
    ids=["another start", "rows of another source", "rows by way of others", "by number", "weight", "truth twice"],
)
def test_other_words_for_the_same_loop(chain):
    assert blended_steady_state(chain) == pytest.approx(blended_steady_state(REFERENCE), rel=1e-14)


@pytest.mark.parametrize(
    ("chain", "hypothesis"),
    [
        (of(FIRST), "two generations"),
        (of(FIRST, FIRST), "the rows of the first .generation 2"),
        (of(FIRST, FIRST, again(covariates=SameRows(2))), "the rows of the first .generation 3"),
        (of(FIRST, again(noise=0.4), again()), "one label noise .not generation 2"),
        (of(FIRST, again(), again(estimator=Ridge(0.06))), "one penalty .not generation 2"),
        (of(FIRST, again(estimator=MinimumNorm()), again()), "one penalty .not generation 2"),
        (of(FIRST, again(labels=TRUTH), again()), "one share of the truth in their labels .not generation 2"),
        (of(FIRST, again(labels=Blend(((TRUTH, 0.5), (Shifted(UniformTarget()), 0.5))))), "a blend of the truth"),
        (of(FIRST, again(), again(labels=LabelledBy(1))), "a blend of the truth and of the model before"),
        (of(FIRST, again(estimator=RandomProjection(3, 0.1))), "fitted by Ridge or MinimumNorm .not generation 2"),
        (of(FIRST, again(memory=ACCUMULATE)), "the rows of its own generation"),
        (of(FIRST, again(labels=PREVIOUS, estimator=MinimumNorm())), "the truth has a share"),
        (of(FIRST, again(), initial=UniformTarget()), "model 0 is the truth"),
        (of(FIRST, Generation((Source(12, 0.1), Source(9, 0.2, PREVIOUS)), Ridge(0.1))), "one source"),
    ],
)
def test_refusals_name_the_hypothesis(chain, hypothesis):
    with pytest.raises(NoTheorem, match=hypothesis):
        blended_steady_state(chain)


def test_symbols_are_refused():
    with pytest.raises(SpecificationError, match="numbers"):
        blended_steady_state(loop(sympy.Symbol("p", positive=True)))


def build(share, noise, real_noise, penalty):
    return blended_steady_state(loop(share, 30, penalty, POWER, noise=noise, real_noise=real_noise, generations=4))


@pytest.mark.parametrize("penalty", [0.03, None])
def test_derivatives(penalty):
    """Of share, noises and penalty, by central differences of the numbers; the value itself is the same."""
    point = (0.45, 0.5, 0.8) + (() if penalty is None else (penalty,))

    def error(*at):
        return build(*at, *([None] if penalty is None else []))

    with jax.enable_x64(True):
        value, slopes = jax.jit(jax.value_and_grad(error, argnums=tuple(range(len(point)))))(*point)
        assert value.dtype == np.float64
        assert float(value) == pytest.approx(error(*point), rel=1e-13)
    for position, slope in enumerate(slopes):
        step = np.eye(len(point))[position] * 1e-6
        difference = (error(*(point + step).tolist()) - error(*(point - step).tolist())) / 2e-6
        assert float(slope) == pytest.approx(difference, rel=1e-6)


def test_the_share_may_be_traced_down_to_nothing():
    """At pi = 0 the derivative is finite, and the one-sided difference quotient."""
    with jax.enable_x64(True):
        value, slope = jax.jvp(lambda share: build(share, 0.5, 0.8, 0.03), (0.0,), (1.0,))
    quotient = (build(1e-7, 0.5, 0.8, 0.03) - build(0.0, 0.5, 0.8, 0.03)) / 1e-7
    assert float(value) == pytest.approx(build(0.0, 0.5, 0.8, 0.03), rel=1e-13)
    assert float(slope) == pytest.approx(quotient, rel=1e-4)


def test_units():
    """Eigenvalues and penalty times c, squares of the truth divided by c: the same error."""
    scaled = Population(Eigenvalues(S * 7.0), GaussianTarget(GAMMA / 7.0))
    expected = blended_steady_state(loop(0.3))
    assert blended_steady_state(loop(0.3, penalty=0.35, population=scaled)) == pytest.approx(expected, rel=1e-13)
    fixed = Population(Eigenvalues(S), Coefficients(np.sqrt(GAMMA)))  # only squares of the truth count
    assert blended_steady_state(loop(0.3, population=fixed)) == pytest.approx(expected, rel=1e-13)

"""One fit on several sources: against the engine, against closed forms typed anew, and its invariances."""

from dataclasses import replace as changed

import jax
import mpmath
import numpy as np
import pytest
import sympy

from modelcollapse.theory.evaluation.collapse_over import collapse_over
from modelcollapse.theory.evaluation.effective_weights import effective_weights
from modelcollapse.theory.evaluation.master import mixture_of_sources
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Isotropic,
    MinimumNorm,
    NoTheorem,
    Population,
    PowerLaw,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    SourceCondition,
    SpecificationError,
    UniformTarget,
)
from modelcollapse.theory.problem.errors import NotCertified

POPULATION = Population(Eigenvalues([2.0, 1.0, 0.5, 0.3, 0.1, 0.0]), Coefficients([1.0, 0.5, -2.0, 0.3, 0.4, 0.7]))
FIXED = Shifted(Coefficients([0.3, -0.2, 0.1, 0.4, 0.5, -0.6]))
RANDOM = Shifted(GaussianTarget([0.2, 0.1, 0.4, 0.3, 0.2, 0.5]))
OTHER, THIRD = Eigenvalues([1.0, 0.5, 2.0, 0.2, 0.4, 0.6]), Eigenvalues([0.2, 0.0, 0.3, 0.9, 2.0, 0.1])
REAL, SYNTHETIC, MORE = Source(8, 0.3), Source(6, 0.5, FIXED, 0.7, OTHER), Source(3, 0.2, RANDOM, 2.0, THIRD)
PROJECTION = RandomProjection(5, 0.2)
NUMBERS = ("error", "bias", "variance", "collapse")


def chain(*sources, estimator=PROJECTION, population=POPULATION):
    return Chain(population, (Generation(sources, estimator),))


def mixed(*sources, **given):
    return mixture_of_sources(chain(*sources, **given))


def assert_equal(first, second, rtol=1e-12, names=NUMBERS):
    for name in names:
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=rtol, atol=1e-15, err_msg=name)


@pytest.mark.parametrize(
    "case",
    [
        chain(changed(SYNTHETIC, labels=PREVIOUS), estimator=Ridge(0.2)),
        chain(REAL, SYNTHETIC, estimator=RandomProjection(3, 0.2)),
        chain(REAL, SYNTHETIC, estimator=RandomProjection(5, 0.02)),  # as wide as the rank
        chain(REAL, SYNTHETIC, estimator=RandomProjection(14, 0.2)),  # as wide as the rows
        chain(changed(REAL, labels=RANDOM), SYNTHETIC, MORE, estimator=Ridge(0.01)),  # one draw labels two sources
        chain(REAL, changed(SYNTHETIC, weight=0.0), MORE, estimator=Ridge(0.3)),
    ],
    ids=["one", "narrow", "at the rank", "at the rows", "three", "without weight"],
)
def test_the_engine_derives_the_same_numbers(case):
    assert_equal(mixture_of_sources(case), predict(case), 1e-10, ("error", "bias", "variance"))


def test_the_risk_of_real_rows_is_noise_and_error():
    found = mixed(REAL, SYNTHETIC, MORE)
    assert found.risks[0] - REAL.noise**2 == pytest.approx(found.error, rel=1e-13)
    assert found.error == pytest.approx(found.bias + found.variance, rel=1e-15)
    assert found.shares.sum() == pytest.approx(1.0, rel=1e-15)


def test_collapse_is_relative_to_true_labels_on_the_same_rows():
    found = mixed(REAL, SYNTHETIC, MORE)
    clean = mixed(*(changed(source, labels=TRUTH) for source in (REAL, SYNTHETIC, MORE)))
    assert clean.collapse == 0
    assert found.collapse == pytest.approx(found.error - clean.error, rel=1e-12)
    assert found.variance == pytest.approx(clean.variance, rel=1e-14)


@pytest.mark.parametrize("factor", [3.0, 1e-6])
def test_collapse_is_quadratic_in_an_offset_that_is_independent_of_the_truth(factor):
    scaled = Shifted(GaussianTarget(factor**2 * RANDOM.offset.variances))
    once = mixed(REAL, changed(SYNTHETIC, labels=RANDOM), MORE)
    again = mixed(REAL, changed(SYNTHETIC, labels=scaled), changed(MORE, labels=scaled))
    assert again.collapse == pytest.approx(factor**2 * once.collapse, rel=1e-13)


@pytest.mark.parametrize("factor", [7.0, 1e-5])
def test_weights_and_penalty_have_a_common_factor(factor):
    scaled = [changed(source, weight=factor * source.weight) for source in (REAL, SYNTHETIC, MORE)]
    found = mixed(*scaled, estimator=RandomProjection(5, factor * 0.2))
    assert_equal(found, mixed(REAL, SYNTHETIC, MORE), 1e-13, (*NUMBERS, "risks", "shares"))


def test_sources_may_be_split_and_reordered():
    parts = [changed(SYNTHETIC, rows=rows) for rows in (2, 4)]
    whole, split = mixed(REAL, SYNTHETIC, MORE), mixed(parts[0], MORE, REAL, parts[1])
    assert_equal(split, whole, 1e-13)
    np.testing.assert_allclose(split.risks, whole.risks[[1, 2, 0, 1]], rtol=1e-13)


@pytest.mark.parametrize("estimator", [Ridge, lambda penalty: RandomProjection(4, penalty)])
def test_a_source_without_weight_counts_in_the_rows_alone(estimator):
    """1/n has 14 rows in it instead of 8, the penalty is as much larger."""
    found = mixed(REAL, changed(SYNTHETIC, weight=0.0), estimator=estimator(0.2))
    alone = mixed(REAL, estimator=estimator(0.2 * 14 / 8))
    assert_equal(found, alone, 1e-13)
    assert found.shares.tolist() == [1.0, 0.0]


def test_previous_is_the_truth_in_the_first_generation():
    assert_equal(mixed(REAL, changed(SYNTHETIC, labels=PREVIOUS)), mixed(REAL, changed(SYNTHETIC, labels=TRUTH)), 0)


SPECTRUM = PowerLaw(40, 1.3)
S = np.arange(1, 41) ** -1.3
DELTA = 0.02 * np.cos(np.arange(40)) ** 2
REAL_PART, SYNTHETIC_PART = Source(30, 0.4), Source(20, 0.9, Shifted(GaussianTarget(DELTA)))


def root(equation, low, high):
    """By bisection."""
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if equation(middle) < 0 else (low, middle)
    return middle


@pytest.mark.parametrize("width", [15, 40, 50, 90, 10**9])
def test_one_covariance_and_weight(width):
    """lambda = kappa (1 - df_1/n)(1 - df_1/m); bias, variance and zeta in u, chi and the moments of the offset."""
    n, share, penalty = 50, 20 / 50, 0.01

    def df(kappa, power):
        return ((S / (S + kappa)) ** power).sum()

    def left(kappa):
        below = df(kappa, 1) < min(n, width)
        return kappa * (1 - df(kappa, 1) / n) * (1 - df(kappa, 1) / width) - penalty if below else -1.0

    kappa = root(left, 1e-8, 1e3)
    chi = (df(kappa, 1) - df(kappa, 2)) / (width - df(kappa, 2))
    spread = (df(kappa, 2) + chi * (df(kappa, 1) - df(kappa, 2))) / n
    u, t = spread / (1 - spread), S / (S + kappa)
    gamma = SourceCondition(0.6).mean(np.arange(1, 41), SPECTRUM) ** 2
    bias = (1 + u) * (kappa**2 * (gamma * S / (S + kappa) ** 2).sum() + kappa * chi * (gamma * t**2).sum())
    variance = u * ((1 - share) * 0.4**2 + share * 0.9**2)
    c2, a2, a3 = ((DELTA * S * t**power).sum() for power in (0, 1, 2))
    zeta = share * u * c2 + share**2 * ((1 + u) * (a3 + kappa * chi * (DELTA * t**2).sum()) - 2 * u * a2)
    population = Population(SPECTRUM, SourceCondition(0.6))
    found = mixed(REAL_PART, SYNTHETIC_PART, population=population, estimator=RandomProjection(width, penalty))
    expected = (bias + variance + zeta, bias + zeta, variance, zeta)
    np.testing.assert_allclose([getattr(found, name) for name in NUMBERS], expected, rtol=1e-11)
    if width == 10**9:
        ridge = mixed(REAL_PART, SYNTHETIC_PART, population=population, estimator=Ridge(penalty))
        assert_equal(found, ridge, 1e-7)


def test_a_fixed_offset_has_a_cross_term_with_the_truth():
    """x_1 + u (p_1 x_1 + p_2 x_2) beside the quadratic part, at one covariance."""
    share, n, penalty = 20 / 50, 50, 0.01
    truth = SourceCondition(0.6).mean(np.arange(1, 41), SPECTRUM)
    offset = 0.1 * np.cos(np.arange(40))
    kappa = root(lambda k: k * (1 - (S / (S + k)).sum() / n) - penalty, 1e-3, 1e3)
    t = S / (S + kappa)
    u = (t**2).sum() / (n - (t**2).sum())
    x_1 = -2 * share * (S * (1 - t) * t * truth * offset).sum()
    x_2 = 2 * (S * (1 - t) * (1 - share * t) * truth * offset).sum()
    c2, a2, a3 = ((offset**2 * S * t**power).sum() for power in (0, 1, 2))
    square = share * u * c2 + share**2 * ((1 + u) * a3 - 2 * u * a2)
    synthetic = Source(20, 0.9, Shifted(Coefficients(offset)))
    population = Population(SPECTRUM, SourceCondition(0.6))
    found = mixed(REAL_PART, synthetic, population=population, estimator=Ridge(penalty))
    assert found.collapse == pytest.approx(square + x_1 + u * ((1 - share) * x_1 + share * x_2), rel=1e-11)


def test_weighted_rows_with_many_rows_for_each_direction():
    """V_1 pi_1^2 + V_2 pi_2^2 of two estimates that are averaged, with the effective shares."""
    population, rank = Population(Isotropic(50), UniformTarget()), 50
    offset = Shifted(GaussianTarget([0.05 / 50] * 50))
    real, synthetic = Source(10**8, 0.5), Source(3 * 10**8, 0.7, offset, 0.2)
    found = mixed(real, synthetic, population=population, estimator=MinimumNorm())
    share = 0.6 / 1.6
    costs = 0.5**2 * rank / 1e8, 0.7**2 * rank / 3e8 + 0.05
    assert found.error == pytest.approx((1 - share) ** 2 * costs[0] + share**2 * costs[1], rel=1e-5)
    np.testing.assert_allclose(found.shares, [1 - share, share], rtol=1e-6)


@pytest.mark.parametrize("width", [None, 9])
def test_no_penalty_is_the_limit_of_small_ones(width):
    """Several covariances; the fitted ones have full rank."""
    given = {"population": Population(Eigenvalues([2.0, 1.0, 0.5, 0.3]), UniformTarget())}
    synthetic = Source(6, 0.5, Shifted(Coefficients([0.3, -0.2, 0.1, 0.4])), 0.7, Eigenvalues([1.0, 0.5, 2.0, 0.2]))
    exact, small = (MinimumNorm(), Ridge(1e-10)) if width is None else (RandomProjection(9), RandomProjection(9, 1e-10))
    assert_equal(
        mixed(REAL, synthetic, estimator=exact, **given), mixed(REAL, synthetic, estimator=small, **given), 1e-7
    )


@pytest.mark.parametrize("penalty", [1e-14, 1e-8, 1.0, 1e6])
@pytest.mark.parametrize("width", [20, 40, 50, 60])
def test_interpolation_thresholds_cost_no_digits(width, penalty):
    """One covariance with rows at the rank, and widths around both: the certified root of one equation."""
    population = Population(PowerLaw(50, 1.3), UniformTarget())
    synthetic = Source(20, 0.9, Shifted(GaussianTarget([0.02] * 50)))
    case = chain(REAL_PART, synthetic, population=population, estimator=RandomProjection(width, penalty))
    found, known = mixture_of_sources(case), collapse_over(case)
    assert found.error == pytest.approx(float(known.error), rel=1e-11)
    assert found.collapse == pytest.approx(float(known.collapse), rel=1e-11)
    np.testing.assert_allclose(found.effective_ridge / found.effective_weights, known.effective_ridge, rtol=1e-12)


@pytest.mark.parametrize(("penalty", "width"), [(1e-9, 5.0), (1e-9, 7.0), (1e-3, 9.0), (1e-12, np.inf)])
def test_the_solution_in_many_digits(penalty, width):
    """Unequal covariances, 9 rows in 7 directions, weights over six decades: Newton's method with 60 digits."""
    s = np.array([np.arange(1.0, 8.0) ** power for power in (-3.0, 2.0)])
    rows, alpha, total = np.array([4.0, 5.0]), np.array([1e-3, 1e3]), 9.0
    found = effective_weights(s, np.ones(7), rows, total, alpha, penalty, width)
    with mpmath.workdps(60):

        def equations(a_1, a_2, kappa):
            a = (mpmath.exp(a_1), mpmath.exp(a_2))
            kappa = mpmath.exp(kappa)
            mixed = [sum(n * one * float(v) / 9 for n, one, v in zip((4, 5), a, column, strict=True)) for column in s.T]
            inner = [sum(float(v) / (m + kappa) for v, m in zip(line, mixed, strict=True)) / 9 for line in s]
            kept = sum(m / (m + kappa) for m in mixed) / (mpmath.inf if np.isinf(width) else width)
            weights = [one * (1 / mpmath.mpf(w) + e) - 1 for one, w, e in zip(a, alpha, inner, strict=True)]
            return [*weights, 1 - kept - mpmath.mpf(penalty) / kappa]

        start = [mpmath.log(float(value)) for value in (*found.weights, found.ridge)]
        exact = mpmath.findroot(equations, start, tol=1e-80, verify=False)
        errors = [abs(float(one - other)) for one, other in zip(exact, start, strict=True)]
    assert max(errors) <= found.uncertainty < 1e-11


def test_isotropic_rows_are_one_direction_that_counts_often():
    population = Population(Isotropic(10**5), UniformTarget())
    found = mixed(Source(2 * 10**5, 1.0), Source(2 * 10**5, 1.0), population=population, estimator=MinimumNorm())
    assert found.error == pytest.approx(1 / 3, rel=1e-13)


@pytest.mark.parametrize(
    ("case", "hypothesis"),
    [
        (Chain(POPULATION, (Generation((REAL,), PROJECTION),) * 2), "one generation"),
        (Chain(POPULATION, (Generation((REAL,), PROJECTION),), FIXED.offset), "model 0 is the truth"),
        (chain(REAL, changed(SYNTHETIC, labels=Blend(((TRUTH, 0.5), (FIXED, 0.5))))), "label rows"),
        (Chain(POPULATION, (Generation((REAL,), PROJECTION, memory=ACCUMULATE),)), "rows of its own generation"),
        (chain(REAL, SYNTHETIC, estimator=MinimumNorm()), "same directions"),
        (chain(Source(6, 0.1), estimator=MinimumNorm()), "rank <= min"),
        (chain(REAL, estimator=RandomProjection(6)), "rank <= min"),
    ],
)
def test_refusals_name_the_hypothesis(case, hypothesis):
    with pytest.raises(NoTheorem, match=hypothesis):
        mixture_of_sources(case)


def test_symbols_and_tracers_are_refused():
    with pytest.raises(SpecificationError, match="symbols"):
        mixed(changed(REAL, noise=sympy.Symbol("sigma", positive=True)))
    with pytest.raises(SpecificationError, match="numbers"):
        jax.grad(lambda noise: mixed(changed(REAL, noise=noise)).error)(0.3)


def test_what_float64_cannot_hold_is_withheld():
    extreme = Population(Eigenvalues([1e300, 1e-300]), UniformTarget())
    with pytest.raises(NotCertified):
        mixed(Source(2, 0.1, weight=1e200), Source(1, 0.1), population=extreme, estimator=Ridge(1e-300))


def test_a_result_shows_and_converts_itself():
    found = mixed(REAL, SYNTHETIC)
    assert found.to_dict()["risks"] == found.risks.tolist()
    assert str(found).startswith(f"error {found.error:.6g}, bias")
    assert "2410.04840" in found.cite()
    assert list(found.labelled().columns) == ["effective_weights", "shares", "risks"]
    assert "<table>" in found._repr_html_()
    assert "array" in found._repr_latex_()

"""Least squares with several labellers and blends: the mixture chain in exact fractions, and formulas of policies."""

from fractions import Fraction

import numpy as np
import pytest

from modelcollapse.theory.evaluation.limit import limit_of
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Blend,
    Chain,
    Coefficients,
    Generation,
    Isotropic,
    LabelledBy,
    Lottery,
    MinimumNorm,
    Population,
    Shifted,
    Source,
    UniformTarget,
    accumulate,
    blend_labels,
    inject_noise,
    rephrase,
    replace,
    retain_real,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.rules.kind import Kind

LEAST_SQUARES = MinimumNorm()
POPULATION = Population(Isotropic(6, 1.3), UniformTarget(2.6))


def mixture_chain(rank, rows, variance, counts, by_lot):
    """The mixture chain in fractions: M_nn and M_nj from M, t_i rows labelled by w_i (w_0 the truth) in generation n.

    counts[n - 1][i]: t_i of generation n, or E t_i if labellers are drawn row by row.
    """
    d, big = Fraction(rank), Fraction(rows)
    h = (d * big - 2) / (big - d - 1)
    products, errors = {(0, 0): Fraction(0)}, []
    for n, t in enumerate(counts, start=1):
        own, shared = (2 + h) / (big * (big + 2)), (big - h) / (big * (big + 2) * (big - 1))
        total = variance * d / (big - d - 1)
        for i, a in enumerate(t):
            for j, b in enumerate(t):
                pairs = a * b * (1 - 1 / big) if by_lot else a * (b - (i == j))
                total += ((own * a if i == j else 0) + shared * pairs) * products[min(i, j), max(i, j)]
        for j in range(n):
            products[j, n] = sum(a / big * products[min(i, j), max(i, j)] for i, a in enumerate(t))
        products[n, n] = total
        errors.append(total)
    return [float(error) for error in errors]


def labelled_by(number, counts, noise):
    names = [REAL, *(LabelledBy(i) for i in range(1, number))]
    return tuple(Source(int(t), noise, labels) for t, labels in zip(counts, names, strict=True) if t)


def test_a_fixed_number_of_rows_from_every_earlier_model():
    counts = [[20], [7, 13], [4, 11, 5], [2, 3, 9, 6]]
    steps = [Generation(labelled_by(n, t, 0.75), LEAST_SQUARES) for n, t in enumerate(counts, start=1)]
    prediction = predict(Chain(POPULATION, steps))
    exact = mixture_chain(6, 20, Fraction(9, 16), [[Fraction(t) for t in row] for row in counts], False)
    np.testing.assert_allclose(prediction.error, exact, rtol=1e-12)
    assert set(prediction.kind) == {Kind.EXACT}
    assert np.all(prediction.bias == 0)


def uniform_lottery(number, rows, noise):
    models = [REAL, *(LabelledBy(i) for i in range(1, number))]
    labels = Lottery(tuple((model, 1 / number) for model in models)) if number > 1 else REAL
    return Generation((Source(rows, noise, labels),), LEAST_SQUARES)


def test_labellers_drawn_row_by_row():
    """t_i multinomial with equal chances: E t_i t_j = n (n - 1)/k^2 for i != j."""
    steps = [uniform_lottery(number, 20, 0.75) for number in range(1, 5)]
    counts = [[Fraction(20, number)] * number for number in range(1, 5)]
    exact = mixture_chain(6, 20, Fraction(9, 16), counts, True)
    np.testing.assert_allclose(predict(Chain(POPULATION, steps)).error, exact, rtol=1e-12)


def test_fresh_rows_from_all_models_so_far_with_many_rows_per_direction():
    """V sum 1/i^2: that of accumulation."""
    steps = [uniform_lottery(number, 10**6, 0.75) for number in range(1, 7)]
    v = 0.5625 * 6 / 10**6
    errors = predict(Chain(POPULATION, steps)).error
    np.testing.assert_allclose(errors, v * np.cumsum(1 / np.arange(1, 7) ** 2), rtol=1e-4)
    stored = predict(accumulate(POPULATION, 6, 10**6, 0.75, LEAST_SQUARES)).error
    np.testing.assert_allclose(errors, stored, rtol=1e-4)


@pytest.mark.parametrize(("share", "rank", "rows"), [(0.3, 6, 20), (0.55, 6, 40), (0.1, 3, 10)])
def test_a_share_of_fresh_real_rows(share, rank, rows):
    """E_{g+1} = a_2 E_g + sigma^2 eta with a_2 = (m/n) [delta + (m - 1)(1 - delta)/(n - 1)]."""
    chain = retain_real(Population(Isotropic(rank), UniformTarget()), 5, rows, 0.7, LEAST_SQUARES, share=share)
    eta, m = rank / (rows - rank - 1), rows - round(share * rows)
    delta = (2 + (rows * rank - 2) / (rows - rank - 1)) / (rows + 2)
    a_2 = m / rows * (delta + (m - 1) * (1 - delta) / (rows - 1))
    expected = [0.49 * eta]
    for _ in range(4):
        expected.append(a_2 * expected[-1] + 0.49 * eta)
    np.testing.assert_allclose(predict(chain).error, expected, rtol=1e-12)
    assert limit_of(chain) == pytest.approx(0.49 * eta / (1 - a_2), rel=1e-12)


def test_published_limits_with_fresh_real_rows():
    """E/sigma^2 at d/n = 0.1, all rows real .111, by share; the real rows alone are worse."""
    population = Population(Isotropic(10**5), UniformTarget())
    for share, limit in {0.1: 0.617, 0.2: 0.325, 0.25: 0.267, 0.3: 0.228, 0.5: 0.154}.items():
        found = limit_of(retain_real(population, 3, 10**6, 1.0, LEAST_SQUARES, share=share))
        assert found == pytest.approx(limit, abs=5.1e-4)
        if share >= 0.2:
            alone = predict(replace(population, 1, round(share * 10**6), 1.0, LEAST_SQUARES)).error[0]
            assert alone == pytest.approx(0.1 / (share - 0.1), rel=1e-3)
            assert found < alone


@pytest.mark.parametrize("share", [0.02, 0.2, 0.3, 0.6])
def test_bounded_if_and_only_if_there_are_enough_rows(share):
    """In the proportional limit the error stays bounded iff d/n < (2 - a)/(3 - 2 a)."""
    threshold, rows = (2 - share) / (3 - 2 * share), 10**5
    for ratio, bounded in ((threshold - 1e-3, True), (threshold + 1e-3, False)):
        population = Population(Isotropic(round(ratio * rows)), UniformTarget())
        assert np.isfinite(limit_of(retain_real(population, 3, rows, 1.0, LEAST_SQUARES, share=share))) == bounded


def test_special_cases_of_the_mixture():
    """No synthetic rows, and none real."""
    arms = {"generations": 4, "rows": 20, "noise": 0.7, "estimator": LEAST_SQUARES}
    all_real, none_real = (retain_real(POPULATION, share=share, **arms) for share in (1.0, 0.0))
    np.testing.assert_allclose(predict(all_real).error, 0.49 * 6 / 13, rtol=1e-12)
    np.testing.assert_allclose(predict(none_real).error, 0.49 * 6 / 13 * np.arange(1, 5), rtol=1e-12)


def test_a_shifted_truth_labels_some_rows():
    """E = c |offset|^2 + V with c = c_1 t + c_2 t (t - 1); the mean model is t/n of the offset away."""
    offset = Coefficients([0.4, 0.1, -0.6, 0.35, 0.8, 0.25])
    sources = (Source(13, 0.75, REAL), Source(7, 0.75, Shifted(offset)))
    prediction = predict(Chain(POPULATION, (Generation(sources, LEAST_SQUARES),)))
    h = (6 * 20 - 2) / 13
    c = 7 * (2 + h) / (20 * 22) + 7 * 6 * (20 - h) / (20 * 22 * 19)
    squared = 1.3 * (0.4**2 + 0.1**2 + 0.6**2 + 0.35**2 + 0.8**2 + 0.25**2)
    np.testing.assert_allclose(prediction.error, c * squared + 0.5625 * 6 / 13, rtol=1e-12)
    np.testing.assert_allclose(prediction.bias, c * squared, rtol=1e-12)
    truth = np.sqrt(2.6 / 6)
    np.testing.assert_allclose(prediction.overlap, 2.6 + 7 / 20 * truth * (0.4 + 0.1 - 0.6 + 0.35 + 0.8 + 0.25))


def test_rows_may_be_split():
    """Two sources with one labeller are one source; equal weights and their common factor do not matter."""
    whole = Generation((Source(6, 0.5, REAL), Source(14, 0.5, PREVIOUS)), LEAST_SQUARES)
    parts = (Source(2, 0.5, REAL, weight=3.0), Source(4, 0.5, REAL, weight=3.0), Source(14, 0.5, PREVIOUS, weight=3.0))
    chains = [Chain(POPULATION, (step,) * 3) for step in (whole, Generation(parts, LEAST_SQUARES))]
    np.testing.assert_allclose(predict(chains[0]).error, predict(chains[1]).error, rtol=1e-13)


def test_a_blend_may_be_read_as_several_labellers():
    """A blend beside other rows, and alone: the recursion of blends is the mixture with one group."""
    blend = Blend(((REAL, 0.3), (PREVIOUS, 0.7)))
    alone = Chain(POPULATION, (Generation((Source(20, 0.5, blend),), LEAST_SQUARES),) * 3)
    earlier = Blend(((REAL, 0.3), (LabelledBy(1), 0.7)))
    named = [Generation((Source(20, 0.5, labels),), LEAST_SQUARES) for labels in (REAL, earlier)]
    np.testing.assert_allclose(predict(Chain(POPULATION, named)).error, predict(alone).error[:2], rtol=1e-13)


@pytest.mark.parametrize("same_rows", [False, True])
def test_blended_labels(same_rows):
    """E_g = (1 - p)^2 E_{g-1} + [p^2 sigma_r^2 + (1 - p)^2 sigma^2] d/(n - d - 1), on fresh and on the same rows."""
    p, real, noise, eta = 0.3, 0.8, 0.5, 6 / 13
    chain = blend_labels(POPULATION, 5, 20, noise, LEAST_SQUARES, real_share=p, real_noise=real, same_rows=same_rows)
    error, expected = 0.0, []
    for _ in range(5):
        error = (1 - p) ** 2 * error + (p**2 * real**2 + (1 - p) ** 2 * noise**2) * eta
        expected.append(error)
    np.testing.assert_allclose(predict(chain).error, expected, rtol=1e-12)


@pytest.mark.parametrize(("a", "extra"), [(0.6, 0.0), (0.6, 0.5), (0.15, 0.3)])
def test_rephrasing(a, extra):
    """E_g = a^2 E_{g-1} + [(1 - a)^2 sigma^2 + v^2] eta, in the end that over 1 - a^2."""
    sigma, eta = 0.7, 6 / 13
    chain = rephrase(POPULATION, 60, 20, sigma, LEAST_SQUARES, synthetic_share=a, extra_noise=extra)
    injected = ((1 - a) ** 2 * sigma**2 + extra**2) * eta
    prediction = predict(chain)
    np.testing.assert_allclose(prediction.error, injected * (1 - a ** (2 * np.arange(1, 61))) / (1 - a**2), rtol=1e-12)
    assert prediction.error[-1] == pytest.approx(injected / (1 - a**2), rel=1e-12)


def test_rephrasing_breaks_even():
    """Against fresh real rows at v^2 = 2 a (1 - a) sigma^2; without extra noise the limit is (1 - a)/(1 + a) of V."""
    a, sigma, v = 0.4, 0.7, 0.49 * 6 / 13
    even = rephrase(
        POPULATION, 80, 20, sigma, LEAST_SQUARES, synthetic_share=a, extra_noise=np.sqrt(2 * a * (1 - a)) * sigma
    )
    assert predict(even).error[-1] == pytest.approx(v, rel=1e-12)
    quiet = rephrase(POPULATION, 80, 20, sigma, LEAST_SQUARES, synthetic_share=a)
    assert predict(quiet).error[-1] == pytest.approx((1 - a) / (1 + a) * v, rel=1e-12)


def test_injected_label_noise():
    """E_g = sigma^2 eta + (g - 1)(sigma^2 + v^2) eta."""
    chain = inject_noise(POPULATION, 4, 20, 0.7, LEAST_SQUARES, label=0.9)
    expected = (0.49 + np.arange(4) * (0.49 + 0.81)) * 6 / 13
    np.testing.assert_allclose(predict(chain).error, expected, rtol=1e-12)

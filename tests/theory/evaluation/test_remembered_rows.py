"""Stores, samples of them and kept real rows: formulas typed from the papers' side, published numbers, limits."""

import itertools

import mpmath
import numpy as np
import pytest

from modelcollapse.theory.evaluation.limit import limit_of
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    Chain,
    Eigenvalues,
    Generation,
    Isotropic,
    Kept,
    MinimumNorm,
    Population,
    PowerLaw,
    SameRows,
    Source,
    UniformTarget,
    accumulate,
    accumulate_subsample,
    replace,
    retain_real,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.rules.kind import Kind

LEAST_SQUARES = MinimumNorm()
MANY = 10**6


def isotropic(rank):
    return Population(Isotropic(rank, 1.3), UniformTarget(2.6))


def test_published_errors_of_accumulation():
    """d = 10, T = 18, eight generations: 1.811 on fresh rows, 2.182 on the same rows."""
    fresh, same = (accumulate(isotropic(10), 8, 18, 1.0, LEAST_SQUARES, same_rows=again) for again in (False, True))
    assert predict(fresh).error[-1] == pytest.approx(1.811, abs=5e-4)
    assert predict(same).error[-1] == pytest.approx(2.182, abs=5e-4)
    assert set(predict(fresh).kind) == set(predict(same).kind) == {Kind.EXACT}


@pytest.mark.parametrize("sizes", [(14, 14, 14), (9, 40, 3), (31, 5, 17)])
def test_fresh_rows_of_any_number(sizes):
    """E = sum sigma_i^2 (T_i/N_i) d/(N_i - d - 1) with N_i rows so far; d is the rank, whatever the covariance."""
    noises, rank = np.array([0.3, 0.8, 0.45]), 4
    population = Population(Eigenvalues([3.1, 0.0, 0.6, 0.2, 0.05]), UniformTarget(2.6))
    steps = [
        Generation((Source(n, sigma, PREVIOUS),), LEAST_SQUARES, memory=ACCUMULATE)
        for n, sigma in zip(sizes, noises, strict=True)
    ]
    total = np.cumsum(sizes)
    added = noises**2 * np.array(sizes) / total * rank / (total - rank - 1)
    prediction = predict(Chain(population, steps))
    np.testing.assert_allclose(prediction.error, np.cumsum(added), rtol=1e-12)
    np.testing.assert_allclose(prediction.by_generation[-1], added, rtol=1e-12)
    assert np.all(prediction.bias == 0)


def test_one_set_of_rows_labelled_again_and_again():
    """w_i = w_{i-1} + X^+ eps_i/i on copies; E = sigma^2 d/(T - d - 1) sum 1/i^2 with each generation's noise."""
    noises = np.array([0.3, 0.8, 0.45, 0.2])
    chain = accumulate(isotropic(6), 4, 19, noises, LEAST_SQUARES, same_rows=True)
    np.testing.assert_allclose(
        predict(chain).error, np.cumsum(noises**2 / np.arange(1, 5) ** 2) * 6 / (19 - 6 - 1), rtol=1e-12
    )


@pytest.mark.parametrize(("rank", "rows"), [(10, 18), (3, 40), (1, 5), (20, 22)])
def test_the_formula_for_the_same_rows_is_a_strict_bound_for_fresh_ones(rank, rows):
    fresh, same = (
        predict(accumulate(isotropic(rank), 6, rows, 0.7, LEAST_SQUARES, same_rows=again)).error
        for again in (False, True)
    )
    assert fresh[0] == same[0]
    assert np.all(fresh[1:] < same[1:])


def test_the_bound_is_tight_for_many_rows_per_direction():
    gaps = []
    for rows in (10**3, 10**4, 10**5):
        fresh, same = (
            predict(accumulate(isotropic(4), 5, rows, 0.7, LEAST_SQUARES, same_rows=again)).error[-1]
            for again in (False, True)
        )
        gaps.append(same / fresh - 1)
    assert gaps[0] < 0.005
    np.testing.assert_allclose([a / b for a, b in itertools.pairwise(gaps)], 10, rtol=0.02)


@pytest.mark.parametrize(("rank", "rows"), [(10, 18), (3, 40), (20, 22)])
def test_limits_of_accumulation(rank, rows):
    """Sums to infinity by mpmath; the long chain comes as near as its remainder, which is below height/N."""
    fresh, same = (
        accumulate(isotropic(rank), 400, rows, 0.7, LEAST_SQUARES, same_rows=again) for again in (False, True)
    )
    with mpmath.workdps(30):
        total = mpmath.nsum(lambda i: 1 / (i * (i * rows - rank - 1)), [1, mpmath.inf])
        assert limit_of(fresh) == pytest.approx(float(0.49 * rank * total), rel=1e-12)
    assert limit_of(same) == pytest.approx(0.49 * rank / (rows - rank - 1) * np.pi**2 / 6, rel=1e-14)
    for chain, height in ((fresh, 0.49 * rank / rows), (same, 0.49 * rank / (rows - rank - 1))):
        left = limit_of(chain) - predict(chain).error[-1]
        assert height / 401 <= left <= height / 400


def test_limits_where_errors_are_infinite_or_nothing_is_lost():
    assert limit_of(accumulate(isotropic(5), 3, 6, 0.7, LEAST_SQUARES)) == np.inf  # n = r + 1
    assert limit_of(replace(isotropic(5), 3, 20, 0.7, LEAST_SQUARES)) == np.inf
    assert limit_of(replace(isotropic(5), 3, 20, 0.0, LEAST_SQUARES)) == 0.0
    assert limit_of(accumulate(isotropic(5), 3, 20, 0.0, LEAST_SQUARES)) == 0.0


def test_samples_of_the_store():
    """a'C a, written with the matrix; 2.47 after six generations, 2.79 after twenty, 2.935 in the end (units of V)."""
    chain = accumulate_subsample(isotropic(4), 20, 200, 0.7, LEAST_SQUARES)
    v = 0.49 * 4 / (200 - 4 - 1)
    ratio = predict(chain).error / v
    for generations in range(1, 21):
        number = np.arange(1, generations + 1)
        a = np.where(number == generations, 1.0, 1 / (number + 1))
        correlation = 1 / np.maximum.outer(number, number)
        np.fill_diagonal(correlation, 1.0)
        assert ratio[generations - 1] == pytest.approx(a @ correlation @ a, rel=1e-12)
    np.testing.assert_allclose(ratio[[0, 5, 19]], [1.0, 2.47, 2.79], atol=5e-3)
    assert limit_of(chain) / v == pytest.approx(np.pi**2 / 2 - 2, rel=1e-14)
    assert set(predict(chain).kind[1:]) == {Kind.LOW_DIMENSIONAL}
    assert predict(chain).kind[0] is Kind.EXACT


def of_kept_rows(generations, rows, share, full, noise=0.7, rank=3):
    return retain_real(
        isotropic(rank), generations, rows, noise, LEAST_SQUARES, share=share, same_rows=True, start_full=full
    )


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_kept_rows_with_many_rows_per_direction(share):
    """E_n = V/a (1 - t^n)^2 + V t (1 - t^(2n))/(1 - t^2), t = 1 - a, if the first fit is full."""
    n, t, v = np.arange(1, 31), 1 - share, 0.49 * 3 / MANY
    full = predict(of_kept_rows(30, MANY, share, True)).error
    limit = v / share * (1 - t**n) ** 2 + v * t * (1 - t ** (2 * n)) / (1 - t**2)
    np.testing.assert_allclose(full, limit, rtol=1e-4)
    # Started from the kept rows alone: V/a for ever, and what the synthetic rows add.
    alone = predict(of_kept_rows(30, MANY, share, False)).error
    np.testing.assert_allclose(alone, v / share + v * t * (1 - t ** (2 * n - 2)) / (1 - t**2), rtol=1e-4)


def test_the_same_real_rows_are_twice_as_bad_as_fresh_ones():
    """At a half, 2.667 V against 1.333 V."""
    v = 0.49 * 3 / MANY
    assert predict(of_kept_rows(40, MANY, 0.5, True)).error[-1] / v == pytest.approx(8 / 3, rel=1e-4)
    assert predict(of_kept_rows(40, MANY, 0.5, False)).error[-1] / v == pytest.approx(8 / 3, rel=1e-4)
    fresh = retain_real(isotropic(3), 40, MANY, 0.7, LEAST_SQUARES, share=0.5)
    assert predict(fresh).error[-1] / v == pytest.approx(4 / 3, rel=1e-4)


def test_the_first_synthetic_generation_beside_kept_rows():
    """The exact G_1 = (1 - a) sigma^2 d/(n - d - 1) is met up to a gap that halves as the size doubles."""
    gaps = []
    for c in (1, 2, 4, 8):
        rank, rows, share = 10 * c, 60 * c, 0.5
        exact = rank / (rows * share - rank - 1) + (1 - share) * rank / (rows - rank - 1)
        gaps.append(predict(of_kept_rows(2, rows, share, False, noise=1.0, rank=rank)).error[1] / exact - 1)
    assert abs(gaps[0]) < 0.05
    np.testing.assert_allclose([a / b for a, b in itertools.pairwise(gaps)], 2, rtol=0.01)


@pytest.mark.parametrize("share", [0.1, 0.35, 0.8])
def test_synthetic_rows_beside_kept_ones_never_help(share):
    prediction = predict(of_kept_rows(12, 300, share, False, rank=8))
    assert np.all(np.diff(prediction.error) > 0)


def test_weights_of_kept_rows_enter_as_a_ratio():
    def weighted(kept, fresh):
        first = Generation((Source(40, 0.5, REAL),), LEAST_SQUARES)
        later = Generation((Kept(1, weight=kept), Source(60, 0.3, PREVIOUS, weight=fresh)), LEAST_SQUARES)
        return predict(Chain(isotropic(6), (first, later, later))).error

    np.testing.assert_allclose(weighted(3.0, 1.5), weighted(2.0, 1.0), rtol=1e-12)
    assert weighted(2.0, 1.0)[-1] < weighted(1.0, 1.0)[-1]  # more trust in real rows helps here


def test_kept_rows_do_not_feel_the_spectrum():
    chains = [
        retain_real(Population(spectrum, UniformTarget(2.6)), 3, 60, 0.7, LEAST_SQUARES, share=0.4, same_rows=True)
        for spectrum in (Isotropic(12), PowerLaw(12, 1.4))
    ]
    np.testing.assert_allclose(predict(chains[0]).error, predict(chains[1]).error, rtol=1e-13)


def test_accumulated_and_repeated_rows_are_told_apart_from_relabelling():
    """Relabelling the first rows without a store is no accumulation: the error grows like replacement's."""
    first = Generation((Source(19, 0.6, PREVIOUS),), LEAST_SQUARES)
    again = Generation((Source(19, 0.6, PREVIOUS, covariates=SameRows(1)),), LEAST_SQUARES)
    chain = Chain(isotropic(6), (first, again, again))
    np.testing.assert_allclose(predict(chain).error, predict(replace(isotropic(6), 3, 19, 0.6, LEAST_SQUARES)).error)

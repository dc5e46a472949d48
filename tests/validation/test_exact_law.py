"""The exact law of repeated least squares: against regressions done by hand, and as a judge without means."""

import math

import numpy as np
import pytest
from scipy.stats import binom, f, ks_2samp, kstest

from modelcollapse.theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Generation,
    Isotropic,
    Levels,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    Shifted,
    Source,
    UniformTarget,
    replace,
)
from modelcollapse.validation.agreement import Standard, Verdict
from modelcollapse.validation.confidence import Growing, Once
from modelcollapse.validation.exact_law import WalkLaw, ancestry, law_of
from modelcollapse.validation.law_agreement import detectable_scale, heavy_tails, judge_law, kolmogorov_distance

POPULATION = Population(PowerLaw(3, 1.5), UniformTarget(2.0))


def least_squares(rows, noise, generations=None):
    count = generations or len(rows)
    return replace(POPULATION, count, rows, noise, MinimumNorm())


def regressions(chain, replicates, seed):
    """Errors of every generation by textbook least squares, one replicate after another."""
    rng = np.random.default_rng(seed)
    spectrum = chain.population.spectrum.eigenvalues()
    errors = np.zeros((replicates, len(chain)))
    for r in range(replicates):
        deviation = np.zeros(len(spectrum))
        for g, step in enumerate(chain.generations):
            X = rng.standard_normal((step.rows, len(spectrum))) * np.sqrt(spectrum)
            y = X @ deviation + step.sources[0].noise * rng.standard_normal(step.rows)
            deviation = np.linalg.lstsq(X, y, rcond=None)[0]
            errors[r, g] = spectrum @ deviation**2
    return errors


def test_the_law_is_that_of_regressions_done_by_hand():
    chain = least_squares([3, 4, 6], [0.5, 0.3, 0.7])
    errors = regressions(chain, 3000, seed=1)
    for g in (1, 2, 3):
        drawn = law_of(chain, g).draw(30_000, np.random.default_rng(g))
        assert ks_2samp(errors[:, g - 1], drawn).pvalue > 1e-4
    one_freedom_more = WalkLaw(3, (0.5, 0.3, 0.7), (2, 3, 5)).draw(30_000, np.random.default_rng(4))
    assert ks_2samp(errors[:, 2], one_freedom_more).pvalue < 1e-10


def test_one_step_is_a_ratio_of_chi_squares():
    law = law_of(least_squares([5], [0.4]), 1)
    scaled = law.draw(50_000, np.random.default_rng(2)) / 0.4**2
    assert kstest(scaled * 3 / 3, f(3, 3).cdf).pvalue > 1e-4  # chi2_3 / chi2_3


def test_the_mean_is_that_of_the_draws():
    law = law_of(least_squares([23, 31], [0.4, 0.6]), 2)
    drawn = law.draw(400_000, np.random.default_rng(3))
    assert law.mean() == pytest.approx(3 * (0.16 / 19 + 0.36 / 27))
    assert drawn.mean() == pytest.approx(law.mean(), abs=4 * drawn.std() / math.sqrt(len(drawn)))


@pytest.mark.parametrize(("rows", "infinite"), [(3, True), (4, True), (5, False)])
def test_the_mean_is_infinite_up_to_one_row_more_than_the_rank(rows, infinite):
    assert math.isinf(law_of(least_squares([rows, 20], 0.4), 2).mean()) is infinite


def source(rows, noise, labels=PREVIOUS):
    return Source(rows, noise, labels)


def chain_of(*steps):
    return Chain(POPULATION, tuple(steps))


OLS = MinimumNorm()


def test_who_has_a_law():
    walk = least_squares([5, 7], [0.4, 0.2])
    assert law_of(walk, 2) == WalkLaw(3, (0.4, 0.2), (3, 5))
    assert law_of(least_squares([5, 7], [0.4, 0.0]), 2) == WalkLaw(3, (0.4,), (3,))
    assert law_of(least_squares([5], 0.0), 1) is None
    assert law_of(least_squares([2, 7], 0.4), 2) is None  # below the rank the truth is forgotten
    assert law_of(chain_of(Generation((source(9, 0.1),), Ridge(0.1)), Generation((source(5, 0.4),), OLS)), 2) is None
    mixed = Generation((source(5, 0.4), source(5, 0.4, TRUTH)), OLS)
    assert law_of(chain_of(Generation((source(5, 0.4),), OLS), mixed), 2) is None
    assert law_of(chain_of(Generation((source(5, 0.4), source(5, 0.3)), OLS)), 1) is None
    pooled = Generation((source(5, 0.4), source(4, 0.4)), OLS)
    assert law_of(chain_of(pooled), 1) == WalkLaw(3, (0.4,), (7,))


def test_real_labels_start_the_walk_anew():
    restart = chain_of(Generation((source(2, 0.4),), OLS), Generation((source(6, 0.2, TRUTH),), OLS))
    assert ancestry(restart, 2) == restart.generations[1:]
    assert law_of(restart, 2) == WalkLaw(3, (0.2,), (4,))


def test_directions_of_zero_variance_do_not_count():
    population = Population(Levels([2.0, 0.0], [3, 4]), UniformTarget(2.0))
    assert law_of(replace(population, 1, 5, 0.4, OLS), 1) == WalkLaw(3, (0.4,), (3,))


@pytest.mark.parametrize(("rows", "guarded"), [(6, True), (7, False), (3, True), (1, True), (9, False)])
def test_the_guard_against_missing_moments(rows, guarded):
    chain = replace(POPULATION, 3, [20, rows, 20], 0.4, [OLS, OLS, Ridge(0.1)])
    assert heavy_tails(chain, 1) is None
    assert [heavy_tails(chain, g) is not None for g in (2, 3)] == [guarded, guarded]
    assert heavy_tails(chain.with_(noise=0.0, generation=2), 3) is None
    assert heavy_tails(chain.with_(penalty=0.1, generation=2), 3) is None


def test_the_guard_ends_where_the_truth_labels_again():
    chain = chain_of(Generation((source(4, 0.4),), OLS), Generation((source(20, 0.2, TRUTH),), OLS))
    assert heavy_tails(chain, 1) is not None
    assert heavy_tails(chain, 2) is None


INFINITE = law_of(least_squares([4, 20], [0.5, 0.3]), 2)


def verdict_on(errors, seed, standard, theory=math.inf):
    return judge_law(2, theory, errors, INFINITE, standard, np.random.default_rng([seed, 1]))


def test_the_law_keeps_its_level():
    standard = Standard(level=0.05, tolerance=0.02, generations=1, looks=Once())
    alarms = [
        verdict_on(INFINITE.draw(512, np.random.default_rng(seed)), seed, standard).verdict is Verdict.DISAGREES
        for seed in range(300)
    ]
    assert sum(alarms) <= binom.ppf(0.999, 300, 0.05)


@pytest.mark.parametrize("larger", [True, False])
def test_a_change_of_scale_of_the_detectable_size_is_detected(larger):
    standard = Standard(0.01, 0.02, 2, Growing(2))
    plain = [INFINITE.draw(1024, np.random.default_rng(seed)) for seed in range(200)]
    detectable = verdict_on(plain[0], 0, standard).detectable_error
    factor = 1 + detectable if larger else 1 / (1 + detectable)
    caught = [verdict_on(factor * e, seed, standard).verdict is Verdict.DISAGREES for seed, e in enumerate(plain)]
    assert sum(caught) >= binom.ppf(0.001, 200, 0.9)


def test_an_infinite_theory_can_agree_and_a_finite_one_cannot():
    standard = Standard(0.01, 0.05, 2, Once())
    errors = INFINITE.draw(60_000, np.random.default_rng(9))
    assert verdict_on(errors, 9, standard).verdict is Verdict.AGREES
    assert verdict_on(errors, 9, standard, theory=3 * 0.25 / 1).verdict is Verdict.DISAGREES
    assert verdict_on(errors[:3000], 9, standard).verdict is Verdict.UNRESOLVED


def test_the_detectable_scale_by_hand():
    # Uniform on (0, 1): scaling by 1 + e moves the distribution function by 1 - 1 / (1 + e).
    drawn = (np.arange(200_000) + 0.5) / 200_000
    grid = 1 / 1024  # of probabilities
    assert detectable_scale(drawn, 0.1) == pytest.approx(1 / 0.9 - 1, abs=2 * grid)
    assert kolmogorov_distance(drawn, drawn * (1 + detectable_scale(drawn, 0.1))) == pytest.approx(0.1, abs=2 * grid)


def test_the_distance_is_that_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=301), rng.normal(0.3, size=77)
    assert kolmogorov_distance(first, second) == pytest.approx(ks_2samp(first, second).statistic)


def test_isotropic_and_power_law_populations_share_the_law():
    other = replace(Population(Isotropic(3, 2.5), UniformTarget(1.0)), 2, [4, 20], [0.5, 0.3], OLS)
    assert law_of(other, 2) == INFINITE


def test_labellers_that_disagree_have_heavy_tails_too():
    """Rows next to the rank pass on what labels do not share with one model, even without label noise."""
    population = Population(Isotropic(6), UniformTarget())
    mixed = Generation((Source(4, 0.0), Source(4, 0.0, Shifted(UniformTarget(0.5)))), MinimumNorm())
    plain = Generation((Source(8, 0.0),), MinimumNorm())
    assert heavy_tails(Chain(population, (mixed,)), 1) is not None
    assert heavy_tails(Chain(population, (plain,)), 1) is None

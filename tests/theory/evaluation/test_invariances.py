"""Laws that predictions obey whatever the numbers: scalings, limits, monotony, and what cannot matter."""

from dataclasses import replace as changed

import numpy as np
import pytest

from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    TRUTH as REAL,
)
from modelcollapse.theory.problem import (
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Levels,
    MinimumNorm,
    Population,
    Source,
)

from ..market import MARKET, OTHERS, POWER_LAW, RIDGE, SPIKED, TRUTH, Fit, Problem, generation

TARGET = 1e-12
NAMES = ("error", "bias", "variance", "overlap", "norm", "effective_ridge", "degrees_of_freedom")


def assert_same(first, second, names=NAMES, within=TARGET):
    for name in names:
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=within, err_msg=name)


@pytest.fixture(params=MARKET)
def problem(request):
    return MARKET[request.param]


@pytest.fixture(params=RIDGE)
def ridge(request):
    return RIDGE[request.param]


def test_the_equivalent_does_not_change_when_the_problem_is_scaled_up(ridge):
    """Eigenvalues and rows doubled, the target shared out: risks and effective ridges stay, df_1 doubles."""
    small, large = predict(ridge.chain), predict(ridge.chain.scaled(2))
    assert_same(small, large, NAMES[:-1])
    np.testing.assert_allclose(large.degrees_of_freedom, 2 * small.degrees_of_freedom, rtol=TARGET)
    np.testing.assert_allclose(large.finite_size, small.finite_size / 2, rtol=TARGET)


def test_exact_statements_do_change_when_the_problem_is_scaled_up():
    """d/(T - d - 1) becomes 2d/(2T - 2d - 1)."""
    chain = OTHERS["least squares"].chain
    assert predict(chain.scaled(2)).error[0] == pytest.approx(0.09 * 24 / (32 - 24 - 1), rel=TARGET)


@pytest.mark.parametrize("times", [3.7e-5, 8.1e7])
def test_units_of_the_covariates_do_not_matter(problem, times):
    """s -> c s, penalty -> c penalty, w_0 -> w_0/sqrt(c): errors stay, kappa -> c kappa, norms -> norms/c."""
    fits = tuple(changed(fit, penalty=fit.penalty * times) for fit in problem.fits)
    other = Problem(problem.s * times, fits).chain
    population = Population(other.population.spectrum, Coefficients(TRUTH / np.sqrt(times)))
    first, second = predict(problem.chain), predict(Chain(population, other.generations))
    assert_same(first, second, ("error", "bias", "variance", "degrees_of_freedom", "by_mode"))
    np.testing.assert_allclose(second.effective_ridge, first.effective_ridge * times, rtol=TARGET)
    np.testing.assert_allclose(second.norm * times, first.norm, rtol=TARGET)
    np.testing.assert_allclose(second.overlap * times, first.overlap, rtol=TARGET)


def test_units_of_the_labels_do_not_matter(problem):
    """w_0 -> c w_0 and sigma -> c sigma: errors -> c^2 errors."""
    population = Population(Eigenvalues(problem.s), Coefficients(-31.0 * TRUTH))
    louder = tuple(generation(changed(fit, noise=31.0 * fit.noise)) for fit in problem.fits)
    prediction = predict(Chain(population, louder))
    np.testing.assert_allclose(prediction.error, 31.0**2 * predict(problem.chain).error, rtol=TARGET)


def test_directions_without_variance_do_not_matter(problem):
    """A rank-deficient covariance predicts what its positive part does, and nothing in the other directions."""
    where = np.array([1, 4, 15])
    s, truth = np.zeros(15 + 1), np.full(16, 2.5)
    inside = np.setdiff1d(np.arange(16), where)[:12]
    s[inside], truth[inside] = problem.s, TRUTH
    chain = Chain(Population(Eigenvalues(s), Coefficients(truth)), problem.chain.generations)
    first, second = predict(problem.chain), predict(chain)
    assert_same(first, second)
    assert first.kind == second.kind
    np.testing.assert_allclose(second.by_mode[:, inside], first.by_mode, rtol=TARGET)
    assert np.all(second.by_mode[:, s == 0] == 0)


def test_the_order_of_the_directions_does_not_matter(problem):
    order = np.random.default_rng(11).permutation(12)
    population = Population(Eigenvalues(problem.s[order]), Coefficients(TRUTH[order]))
    first, second = predict(problem.chain), predict(Chain(population, problem.chain.generations))
    assert_same(first, second)
    np.testing.assert_allclose(second.by_mode, first.by_mode[:, order], rtol=TARGET)


def test_only_second_moments_of_the_truth_matter(problem):
    population = Population(Eigenvalues(problem.s), GaussianTarget(TRUTH**2))
    assert_same(predict(problem.chain), predict(Chain(population, problem.chain.generations)))


def test_levels_are_the_eigenvalues_they_stand_for(ridge):
    """Equal eigenvalues may be grouped, whatever the truth does within a group."""
    values, counts = ridge.s[[0, 5, 9]], (3, 5, 4)
    grouped = Population(Levels(values, counts), Coefficients(TRUTH))
    listed = Population(Eigenvalues(np.repeat(values, counts)), Coefficients(TRUTH))
    generations = ridge.chain.generations
    assert_same(predict(Chain(grouped, generations)), predict(Chain(listed, generations)))


def test_an_enormous_penalty_leaves_the_zero_model(ridge):
    prediction = predict(ridge.chain.with_(penalty=1e200))
    np.testing.assert_allclose(prediction.error, np.sum(ridge.s * ridge.truth), rtol=TARGET)
    np.testing.assert_allclose(prediction.effective_ridge, 1e200, rtol=TARGET)


def test_a_vanishing_penalty_is_minimum_norm_below_the_rank():
    chain = Problem(SPIKED, (Fit(7, 0, 0.4), Fit(5, 0, 0.3), Fit(10, 0, 0.6))).chain
    exact = predict(chain)
    for penalty in (1e-14, 1e-30, 1e-250):
        assert_same(predict(chain.with_(penalty=penalty)), exact, within=max(TARGET, 1e3 * penalty))


def test_a_ridge_is_an_equivalent_however_small_its_penalty():
    """The statement is chosen by type: d/(T - d) for Ridge, d/(T - d - 1) for MinimumNorm."""
    chain = OTHERS["least squares"].chain
    noise, rows = np.array([0.3, 0.7, 0.2]), np.array([16, 25, 14])
    equivalent = predict(chain.with_(penalty=1e-200))
    np.testing.assert_allclose(equivalent.variance, np.cumsum(noise**2 * 12 / (rows - 12)), rtol=TARGET)
    exact = predict(chain.with_(estimator=MinimumNorm()))
    np.testing.assert_allclose(exact.variance, np.cumsum(noise**2 * 12 / (rows - 13)), rtol=TARGET)


@pytest.mark.parametrize("louder", [1, 2, 3])
def test_errors_grow_with_the_noise_of_every_generation(problem, louder):
    noise = problem.fits[louder - 1].noise
    first = predict(problem.chain).error
    second = predict(problem.chain.with_(generation=louder, noise=1.01 * noise)).error
    assert np.all(second[: louder - 1] == first[: louder - 1])
    assert np.all(second[louder - 1 :] > first[louder - 1 :])


def test_the_noise_of_test_labels_is_added_to_the_error():
    prediction = predict(RIDGE["steep"].chain)
    np.testing.assert_allclose(prediction.noisy_error(0.7), prediction.error + 0.49, rtol=TARGET)


def test_a_generation_on_real_labels_starts_afresh(problem):
    """What was trained before it has no effect, and injects nothing."""
    first, second, third = problem.chain.generations
    real = changed(second, sources=(changed(second.sources[0], labels=REAL),))
    whole = predict(Chain(problem.chain.population, (first, real, third)))
    rest = predict(Chain(problem.chain.population, (second, third, first)))
    assert_same(whole, predict(problem.chain), NAMES[-2:])
    for name in ("error", "bias", "variance", "overlap", "norm", "finite_size"):
        np.testing.assert_allclose(getattr(whole, name)[1:], getattr(rest, name)[:2], rtol=TARGET, err_msg=name)
    assert np.all(whole.by_generation[1:, 0] == 0)
    assert whole.by_generation[0, 0] > 0


@pytest.mark.parametrize("penalty", [0.0, 0.03])
def test_splitting_a_source_changes_nothing(penalty):
    """Rows are exchangeable: only their number and the mean square of their noises count."""
    whole = Problem(POWER_LAW, (Fit(40, penalty, 0.3), Fit(55, penalty, np.sqrt(0.3)), Fit(31, penalty, 0.45))).chain
    first, second, third = whole.generations
    label = first.sources[0].labels
    split = (
        Generation((Source(13, 0.3, label), Source(27, 0.3, REAL)), first.estimator),  # model 0 is the truth
        # (11 * 0.8^2 + 44 * x^2)/55 = 0.3
        Generation((Source(11, 0.8, label), Source(44, np.sqrt((55 * 0.3 - 11 * 0.64) / 44), label)), second.estimator),
        third,
    )
    assert_same(predict(whole), predict(Chain(whole.population, split)))

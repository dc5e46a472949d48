"""Chains on verified rows: the specification's own figures, exact limits, and an assembly by hand."""

import jax
import numpy as np
import pytest
from scipy import stats

import modelcollapse as mc
from modelcollapse.theory.chains.expressed import express
from modelcollapse.theory.chains.selected import read_selected
from modelcollapse.theory.evaluation.inputs import grouped_spectra
from modelcollapse.theory.evaluation.outcome import evaluated, offsets_in
from modelcollapse.theory.evaluation.prediction import as_prediction
from modelcollapse.theory.evaluation.selected import selected_outcome

DIMENSION = 100
WINDOW = mc.ResidualWindow


def offset(*entries):
    return mc.Coefficients(np.concatenate([entries, np.zeros(DIMENSION - len(entries))]))


def chain(selection, generations=8, rows=400, noise=1.0, estimator=None, start=1.0):
    population = mc.Population(mc.Isotropic(DIMENSION), mc.UniformTarget())
    step = mc.Generation((mc.Source(rows, noise, mc.PREVIOUS),), mc.MinimumNorm() if estimator is None else estimator)
    first = offset(start) if start else None
    return mc.verify(mc.Chain(population, (step,) * generations, first), selection)


def keeping(kept, selection, **numbers):
    """A chain of so many generated rows in each generation that `kept` of them are kept on average."""
    whole = chain(selection, **numbers)
    rows = [4 * kept] * len(whole)
    for _ in range(60):
        steps = tuple(
            mc.Generation((mc.Source(count, 1.0, mc.PREVIOUS),), mc.MinimumNorm(), selection) for count in rows
        )
        whole = mc.Chain(whole.population, steps, whole.initial)
        found = [round(count * kept / one) for count, one in zip(rows, mc.expected_kept(whole), strict=True)]
        if found == rows:
            break
        rows = found
    return whole


# d = 100, 400 accepted rows, tolerance 1, E_0 = 1: generations 1, 2, 3 and infinity as the specification has them.
FIGURES = {0.0: (0.163, 0.109, 0.105, 0.105), 0.09: (0.210, 0.185, 0.191, 0.195), 0.5: (0.429, 0.535, 0.583, 0.605)}
FIGURES[2.0] = (1.251, 1.825, None, 2.105)


@pytest.mark.parametrize("square", FIGURES)
def test_verified_retraining_has_the_errors_of_the_specification(square):
    whole = keeping(400, WINDOW(offset(0.0, np.sqrt(square)), -1.0, 1.0))
    prediction = mc.predict(whole)
    for found, figure in zip([*prediction.error[:3], prediction.error[-1]], FIGURES[square], strict=True):
        assert figure is None or found == pytest.approx(figure, abs=6e-4)
    assert prediction.limit == pytest.approx(FIGURES[square][3], abs=1e-3)


@pytest.mark.parametrize(("tolerance", "floor"), [(0.25, 0.007), (0.5, 0.027), (1.0, 0.105), (2.0, 0.478), (3.0, 1.32)])
def test_the_floor_above_an_unbiased_verifier(tolerance, floor):
    whole = keeping(400, WINDOW(offset(0.0), -tolerance, tolerance), generations=80)
    assert mc.predict(whole).error[-1] == pytest.approx(floor, rel=0.03)


def test_a_biased_verifier_helps_first_and_harms_later():
    study = mc.when_does_it_help(chain(WINDOW(offset(0.0, np.sqrt(0.5)), -1.0, 1.0), rows=850))
    assert study.best_generation == 1
    assert study.helps.all()
    assert study.error[0] < study.start
    assert (np.diff(study.error) > 0).all()
    assert study.limit > study.error[0]


def by_judged_rows(whole):
    """The prediction of a chain as one whose verifier keeps everything."""
    reading = read_selected(whole)
    with jax.enable_x64(True):
        outcome = selected_outcome(whole, reading, grouped_spectra(whole.population, offsets_in(reading)))
    return as_prediction(whole, reading, outcome)


def test_a_start_off_the_truth_adds_to_replacement():
    """Without a verifier, exactly E_0 + g s^2 d/(n - d - 1)."""
    population = mc.Population(mc.Isotropic(20), mc.UniformTarget())
    initial = mc.Coefficients(np.linspace(-0.2, 0.3, 20))
    whole = mc.replace(population, generations=3, rows=61, noise=2.0, estimator=mc.MinimumNorm())
    found = mc.predict(mc.Chain(population, whole.generations, initial))
    np.testing.assert_allclose(found.error, (initial.values**2).sum() + 2.0 * np.arange(1, 4), rtol=1e-13)
    assert {kind.name for kind in found.kind} == {"EXACT"}
    np.testing.assert_array_equal(found.finite_size, 0.0)
    np.testing.assert_allclose(found.overlap, 1 + initial.values.sum() / np.sqrt(20), rtol=1e-13)
    assert found.limit == np.inf


def test_a_start_at_the_truth_is_no_start():
    """Model 0 with a vanishing offset is the truth: two readings of one chain."""
    population = mc.Population(mc.PowerLaw(30, 1.3), mc.UniformTarget(0.7))
    whole = mc.replace(population, generations=4, rows=50, noise=0.4, estimator=mc.Ridge(0.05))
    silent = mc.Chain(population, whole.generations, mc.Coefficients(np.zeros(30)))
    plain, read = mc.predict(whole), by_judged_rows(silent)
    for name in ("error", "overlap", "norm", "effective_ridge", "degrees_of_freedom"):
        np.testing.assert_allclose(getattr(read, name), getattr(plain, name), rtol=1e-12)
    np.testing.assert_allclose(read.by_mode, plain.by_mode, rtol=1e-11)
    np.testing.assert_allclose(mc.predict(silent).limit, plain.limit, rtol=1e-10)
    np.testing.assert_allclose(mc.predict(silent).variance, plain.variance, rtol=1e-9)  # by the engine


def test_the_engine_derives_the_same_errors_of_a_start_off_the_truth():
    """The chain as an expression in Gaussian matrices: another route to the same equivalent."""
    population = mc.Population(mc.Levels([1.7, 0.6], [12, 18]), mc.UniformTarget(0.7))
    initial = mc.Coefficients(np.linspace(-0.3, 0.2, 30))
    steps = mc.replace(population, generations=2, rows=50, noise=0.4, estimator=mc.Ridge(0.05)).generations
    whole = mc.Chain(population, steps, initial)
    derived = evaluated(whole, express(whole), np.array([[0.0, 1.0], [0.0, 1.0]]))
    np.testing.assert_allclose(by_judged_rows(whole).error, np.asarray(derived.errors).sum(axis=1), rtol=1e-12)


def mixed(selection=mc.KEEP_ALL, population=None, estimator=None, initial=None):
    steep = mc.Population(mc.PowerLaw(30, 1.3), mc.UniformTarget(0.7))
    sources = (mc.Source(30, 0.3), mc.Source(40, 0.5, mc.PREVIOUS))
    step = mc.Generation(sources, mc.Ridge(0.05) if estimator is None else estimator, selection)
    return mc.Chain(steep if population is None else population, (step,) * 3, initial)


def test_real_rows_beside_unjudged_ones_are_a_mixture():
    whole = mixed()
    silent = mc.Chain(whole.population, whole.generations, mc.Coefficients(np.zeros(30)))
    np.testing.assert_allclose(mc.predict(silent).error, mc.predict(whole).error, rtol=1e-12)


def test_a_window_that_keeps_everything_keeps_everything():
    everything = WINDOW(mc.Coefficients(0.1 * np.ones(30)), -1e9, 1e9)
    np.testing.assert_allclose(mc.predict(mixed(everything)).error, mc.predict(mixed()).error, rtol=1e-12)


def test_labels_without_noise_are_not_changed_by_filtering():
    """c = 1: of a labeller without noise filtering removes rows, and nothing else."""
    selection = WINDOW(offset(0.4), -0.3, 0.5)
    found = mc.predict(chain(selection, generations=2, rows=5000, noise=0.0)).error
    np.testing.assert_allclose(found, 1.0, rtol=1e-12)


@pytest.mark.parametrize("estimator", [mc.MinimumNorm(), mc.Ridge(0.1)])
@pytest.mark.parametrize(("selection", "kept"), [(mc.TopShare, 0.5), (mc.Revise, 1.0)])
def test_a_verifier_that_is_its_labeller_sees_nothing_without_noise(selection, kept, estimator):
    """All residuals are 0: a share of the rows is any share of them."""
    judged = selection(offset(1.0), 0.5, *([0.7] if selection is mc.Revise else []))
    given = {"generations": 1, "noise": 0.0, "estimator": estimator}
    found, unjudged = chain(judged, rows=400, **given), chain(mc.KEEP_ALL, rows=int(400 * kept), **given)
    np.testing.assert_allclose(mc.predict(found).error, mc.predict(unjudged).error, rtol=1e-12)


def test_a_deformed_design_by_hand():
    """One ridge fit, against the resolvent of Sigma - (1 - a) Sigma u u'Sigma/omega^2 as a matrix, with its own kappa.

    The kappa of the matrix differs by O(1/d) from that of Sigma: the gap must shrink with the size.
    """
    gaps = []
    for size in (1, 8, 64):
        d = 16 * size
        values = np.repeat(np.array([2.0, 1.0, 0.5, 0.25]), 4 * size)
        truth = np.sqrt(0.9 / d) * np.ones(d)
        a, b = 0.8 * np.cos(np.arange(d)) / np.sqrt(d), 1.1 * np.sin(1 + np.arange(d)) / np.sqrt(d)
        population = mc.Population(mc.Eigenvalues(values), mc.Coefficients(truth))
        step = mc.Generation(
            (mc.Source(3 * d, 0.7, mc.PREVIOUS),), mc.Ridge(0.2), WINDOW(mc.Coefficients(b), -0.8, 0.8)
        )
        whole = mc.Chain(population, (step,), mc.Coefficients(a))
        gaps.append(abs(mc.predict(whole).error[0] / by_matrices(values, truth, a, b, 3 * d, 0.7, 0.2, 0.8) - 1))
    assert gaps[0] > 5 * gaps[1] > 25 * gaps[2]
    assert gaps[2] < 1e-3


def by_matrices(values, truth, a, b, rows, noise, penalty, tolerance):
    """The specification's formula 2a with matrices."""
    sigma, u = np.diag(values), a - b
    square = u @ sigma @ u
    omega = np.sqrt(square + noise**2)
    edge = tolerance / omega
    kept = 2 * stats.norm.cdf(edge) - 1
    raw = 1 - 2 * edge * stats.norm.pdf(edge) / kept
    c = raw * omega**2 / (noise**2 + raw * square)
    deformed = sigma - (1 - raw) * np.outer(sigma @ u, sigma @ u) / omega**2
    own, n = np.linalg.eigvalsh(deformed), rows * kept
    low, high = penalty / 2, penalty + own.sum() / n + 1
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if middle * (1 - (own / (own + middle)).sum() / n) < penalty else (low, middle)
    resolvent = np.linalg.inv(deformed + low * np.eye(len(values)))
    best = truth + b + c * u
    mean = resolvent @ deformed @ best
    through = resolvent @ deformed @ resolvent
    passed = np.trace(sigma @ through) / n / (1 - np.trace(deformed @ through) / n)
    misfit = (mean - best) @ deformed @ (mean - best)
    return (mean - truth) @ sigma @ (mean - truth) + passed * (c * noise**2 + misfit)


def test_derivatives_pass_through_the_verifier():
    """By the tolerance, against differences."""
    verifier = offset(0.0, 0.5)

    def error(tolerance):
        selection = WINDOW(verifier, -tolerance, tolerance)
        return mc.verify(chain(mc.KEEP_ALL, generations=3, rows=2000, estimator=mc.Ridge(0.1)), selection)

    found = float(mc.gradient(error)(0.9))
    step = 1e-5
    ahead, behind = (mc.predict(error(0.9 + sign * step)).error[-1] for sign in (1, -1))
    assert found == pytest.approx((ahead - behind) / 2 / step, rel=1e-7)


def test_a_batch_of_tolerances_is_what_each_of_them_is():
    verifier = offset(0.0, 0.5)

    def error(tolerance):
        return mc.predict(chain(WINDOW(verifier, -tolerance, tolerance), generations=2, rows=2000)).error

    with mc.precise():
        found = jax.vmap(error)(np.array([0.5, 1.0]))
    for row, tolerance in zip(found, (0.5, 1.0), strict=True):
        np.testing.assert_allclose(row, error(tolerance), rtol=1e-12)


def test_the_split_into_bias_and_variance_is_not_defined():
    prediction = mc.predict(chain(WINDOW(offset(0.0), -1, 1), generations=2, rows=900))
    assert np.isnan(prediction.bias).all()
    assert np.isnan(prediction.variance).all()
    with pytest.raises(mc.NoTheorem, match="judged rows"):
        _ = prediction.by_generation


def test_without_noise_a_label_drawn_again_is_the_same():
    window = WINDOW(offset(0.3), -0.5, 0.6)
    once, again = (
        mc.predict(chain(one, generations=2, rows=2000, noise=0.0, estimator=mc.Ridge(0.1))).error
        for one in (window, mc.Resample(window, 5))
    )
    np.testing.assert_array_equal(once, again)


def test_means_over_rows_that_do_not_converge_are_withheld():
    """Noise a thousand times smaller than the disagreement: the chance to be kept is a step in x'u."""
    window = WINDOW(offset(0.3), -0.5, 0.6)
    with pytest.raises(mc.NotCertified, match="tiny beside the disagreement"):
        mc.predict(chain(mc.Resample(window, 5), generations=1, rows=2000, noise=1e-3))


def test_fits_on_nothing_are_refused():
    with pytest.raises(mc.NothingKept, match="no row is left to fit in generation 1") as caught:
        mc.predict(chain(WINDOW(offset(0.0), -1e-4, 1e-4), estimator=mc.Ridge(0.1), generations=2))
    assert caught.value.generation == 1
    assert 0 < caught.value.expected < 1
    with pytest.raises(mc.NoTheorem, match=r"left with .* of 400, rank 100"):
        mc.predict(chain(WINDOW(offset(0.0), -0.1, 0.1)))


REFUSED = {
    "a store": ({"memory": mc.ACCUMULATE}, "sees earlier ones"),
    "the same rows": ({"sources": (mc.Source(150, 1.0, mc.PREVIOUS, covariates=mc.SameRows(1)),)}, "earlier rows"),
    "two noises": (
        {"sources": (mc.Source(150, 1.0, mc.PREVIOUS), mc.Source(150, 0.5, mc.PREVIOUS))},
        "one noise of all rows that are judged",
    ),
    "a shift": ({"sources": (mc.Source(150, 1.0, mc.Shifted(offset(0.1))),)}, "labelled by the model before"),
    "a projection": ({"estimator": mc.RandomProjection(50, 0.1)}, "ridge regression or least squares"),
    "weights": ({"sources": (mc.Source(150, 1.0), mc.Source(150, 1.0, mc.PREVIOUS, weight=2.0))}, "one weight"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_chains_are_refused_by_name(name):
    changed, reason = REFUSED[name]
    first = mc.Generation((mc.Source(150, 1.0),), mc.Ridge(0.1))
    given = {"sources": (mc.Source(150, 1.0, mc.PREVIOUS),), "estimator": mc.Ridge(0.1), **changed}
    second = mc.Generation(given["sources"], given["estimator"], WINDOW(offset(0.1), -1, 1), **_memory(given))
    first = mc.Generation((mc.Source(150, 1.0),), mc.Ridge(0.1), **_memory(given))
    population = mc.Population(mc.Isotropic(DIMENSION), mc.UniformTarget())
    with pytest.raises(mc.NoTheorem, match=reason):
        mc.predict(mc.Chain(population, (first, second)))


def _memory(given):
    return {"memory": given["memory"]} if "memory" in given else {}


@pytest.mark.parametrize("rows", [20, 21, 40])
def test_least_squares_without_noise_copies_a_start_off_the_truth(rows):
    """Even at the rank, where any noise has an infinite effect."""
    population = mc.Population(mc.Isotropic(20), mc.UniformTarget())
    initial = mc.Coefficients(np.linspace(-0.2, 0.3, 20))
    steps = mc.replace(population, generations=2, rows=rows, noise=0.0, estimator=mc.MinimumNorm()).generations
    found = mc.predict(mc.Chain(population, steps, initial))
    np.testing.assert_allclose(found.error, (initial.values**2).sum(), rtol=1e-13)
    assert found.limit == pytest.approx(found.error[-1])


def test_limits_of_judged_rows_need_numbers():
    def limit(noise):
        return mc.predict(chain(mc.TopShare(offset(0.0, 0.3), 0.5), noise=noise)).limit

    with mc.precise(), pytest.raises(mc.NoTheorem, match="numbers alone"):
        jax.grad(limit)(0.5)


def test_a_verifier_that_keeps_everything_settles_nothing():
    with pytest.raises(mc.NoTheorem, match="grow for ever"):
        _ = mc.predict(chain(mc.TopShare(offset(0.0, 0.3), 1.0))).limit

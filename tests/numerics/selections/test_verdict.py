"""A verifier's verdicts row by row, against the rule as one would write it in a loop."""

import jax
import numpy as np
import pytest

from modelcollapse.numerics.selections.judging import judging
from modelcollapse.numerics.selections.verdict import Seen, verdict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    Generation,
    Isotropic,
    NormWindow,
    Population,
    Resample,
    ResidualWindow,
    Revise,
    Ridge,
    Source,
    TopShare,
    UniformTarget,
    Unreliable,
)

ROWS = 4000
VERIFIER = Coefficients([0.3, -0.2])
WINDOW = ResidualWindow(VERIFIER, -0.4, 0.9)


def judged(selection, noise=0.8, seed=3):
    """Labels, whether they are kept, and what the verifier saw: of 4000 judged rows and 500 others."""
    sources = (Source(ROWS, noise, PREVIOUS), Source(500, noise))
    population = Population(Isotropic(2), UniformTarget())
    stacked, verifiers, rules = judging(Chain(population, (Generation(sources, Ridge(1.0), selection),)), 2)
    assert verifiers == (VERIFIER,)
    rule = jax.tree.map(lambda values: values[0], stacked)
    generator = np.random.default_rng(seed)
    own = np.arange(ROWS + 500) < ROWS
    with jax.enable_x64(True):
        said, verifier = generator.normal(size=(2, ROWS + 500))
        seen = Seen(said, verifier, generator.chisquare(2, ROWS + 500) ** 0.5, np.full(ROWS + 500, noise), own)
        keys = jax.random.split(jax.random.key(seed))
        label, kept = verdict(rules, rule, seen, *keys)
    return np.asarray(label), np.asarray(kept), seen


def test_a_window_keeps_what_lies_inside():
    label, kept, seen = judged(WINDOW)
    residual = label - seen.verifier
    np.testing.assert_array_equal(kept[:ROWS], (residual[:ROWS] >= -0.4) & (residual[:ROWS] <= 0.9))
    assert kept[ROWS:].all()
    assert 0.1 < kept[:ROWS].mean() < 0.5


def test_the_noise_has_its_standard_deviation():
    label, _, seen = judged(WINDOW)
    assert np.std(label - seen.said) == pytest.approx(0.8, rel=0.04)


def test_a_tolerance_grows_with_the_norm():
    label, kept, seen = judged(NormWindow(VERIFIER, 0.5, 0.1))
    inside = np.abs(label - seen.verifier) <= 0.1 + 0.5 * seen.norm
    np.testing.assert_array_equal(kept[:ROWS], inside[:ROWS])


def test_the_share_of_smallest_residuals_is_counted():
    label, kept, seen = judged(TopShare(VERIFIER, 0.3))
    size = np.abs(label - seen.verifier)[:ROWS]
    assert kept[:ROWS].sum() == 1200
    assert size[kept[:ROWS]].max() < size[~kept[:ROWS]].min()


def test_an_unreliable_verifier_errs_as_often_as_it_says():
    label, kept, seen = judged(Unreliable(WINDOW, false_keep=0.1, false_drop=0.3))
    residual = (label - seen.verifier)[:ROWS]
    good = (residual >= -0.4) & (residual <= 0.9)
    for rows, rate in ((good, 0.7), (~good, 0.1)):
        found = kept[:ROWS][rows].mean()
        assert found == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / rows.sum()))


@pytest.mark.parametrize("tries", [1, 2, 6])
def test_labels_are_drawn_again(tries):
    """A row fails with (1 - pi)^tries; what is kept lies inside; the share follows the binomial law."""
    from scipy import stats

    label, kept, seen = judged(Resample(WINDOW, tries))
    residual, apart = (label - seen.verifier)[:ROWS], (seen.said - seen.verifier)[:ROWS]
    assert ((residual >= -0.4) & (residual <= 0.9))[kept[:ROWS]].all()
    chance = stats.norm.cdf((0.9 - apart) / 0.8) - stats.norm.cdf((-0.4 - apart) / 0.8)
    wanted = 1 - (1 - chance) ** tries
    spread = np.sqrt((wanted * (1 - wanted)).sum())
    assert kept[:ROWS].sum() == pytest.approx(wanted.sum(), abs=4 * spread)


def test_the_last_try_is_kept_in_any_case():
    label, kept, seen = judged(Resample(WINDOW, 3, keep_last=True))
    dropped = judged(Resample(WINDOW, 3))
    assert kept.all()
    residual = (label - seen.verifier)[:ROWS]
    inside = (residual >= -0.4) & (residual <= 0.9)
    np.testing.assert_array_equal(inside, dropped[1][:ROWS])
    np.testing.assert_array_equal(label[:ROWS][inside], dropped[0][:ROWS][inside])


def test_labels_are_revised_beyond_the_threshold():
    label, kept, seen = judged(Revise(VERIFIER, 0.5, 0.75))
    plain = judged(WINDOW)[0]
    residual = plain - seen.verifier
    wanted = np.where(np.abs(residual) > 0.5, seen.verifier + 0.25 * residual, plain)
    np.testing.assert_allclose(label[:ROWS], wanted[:ROWS], rtol=1e-12)
    np.testing.assert_array_equal(label[ROWS:], plain[ROWS:])
    assert kept.all()

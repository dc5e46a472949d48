"""When a verifier helps: conditions against the errors themselves, and the specification's figures."""

import numpy as np
import pytest
from scipy import optimize, stats

import modelcollapse as mc
from modelcollapse.theory.evaluation.exchangeable import NO_SPECTRUM
from modelcollapse.theory.evaluation.lowering import evaluate
from modelcollapse.theory.rules.selection import GAIN, KEPT, RAW
from modelcollapse.theory.statements.verification import (
    BEST_CONTRACTION,
    LABELLER,
    LARGEST_DISAGREEMENT,
    VERIFIER,
    WORST_VERIFIER,
)

D = 100
ZERO = mc.Coefficients(np.zeros(D))


def offset(size, place=0):
    return mc.Coefficients(size * (np.arange(D) == place))


def chain(selection, rows=400, generations=30, noise=1.0):
    population = mc.Population(mc.Isotropic(D), mc.UniformTarget())
    step = mc.Generation((mc.Source(rows, noise, mc.PREVIOUS),), mc.MinimumNorm())
    return mc.verify(mc.Chain(population, (step,) * generations, offset(1.0)), selection)


def test_the_best_share_at_a_given_number_of_generated_rows():
    """The specification has .46 for 400 rows; stricter ones leave the fit without rows."""
    best = mc.best_strictness(chain(mc.KEEP_ALL), lambda share: mc.TopShare(ZERO, share), (0.05, 1.0))
    assert best == pytest.approx(0.46, abs=5e-3)
    at_best, beside = (mc.predict(chain(mc.TopShare(ZERO, share))).error[-1] for share in (best, best + 0.02))
    assert at_best < beside


def test_strictness_without_any_rows_is_refused():
    with pytest.raises(mc.NoTheorem, match="enough rows"):
        mc.best_strictness(chain(mc.KEEP_ALL), lambda share: mc.TopShare(ZERO, share), (0.01, 0.2))
    with pytest.raises(mc.SpecificationError, match="bounds"):
        mc.best_strictness(chain(mc.KEEP_ALL), lambda share: mc.TopShare(ZERO, share), (0.5, 0.2))


def value(statement, **values):
    letters = {"c": GAIN, "k": KEPT, "a": RAW, "A": LABELLER, "B": VERIFIER}
    return float(evaluate(statement.result, {letters[name]: number for name, number in values.items()}, NO_SPECTRUM))


def test_fewer_rows_are_no_loss_below_four_times_the_noise():
    """The least limit of all windows is 4.13, at a tolerance of 1.22 standard deviations."""

    def limit(edge):
        kept = 2 * stats.norm.cdf(edge) - 1
        return value(LARGEST_DISAGREEMENT, k=kept, a=1 - 2 * edge * stats.norm.pdf(edge) / kept)

    found = optimize.minimize_scalar(limit, bounds=(0.3, 3.0), method="bounded")
    assert (found.x, found.fun) == pytest.approx((1.22, 4.13), abs=8e-3)


@pytest.mark.parametrize("c", [0.2, 0.7])
def test_the_worst_verifier_leaves_the_error_as_it_is(c):
    square = value(WORST_VERIFIER, c=c)
    assert (1 - c) ** 2 * square + c**2 == pytest.approx(1.0, rel=1e-12)


def test_the_best_contraction_is_where_the_error_is_least():
    best = value(BEST_CONTRACTION, A=1.3, B=0.4)
    found = optimize.minimize_scalar(lambda c: (1 - c) ** 2 * 0.4 + c**2 * 1.3)
    assert best == pytest.approx(found.x, abs=1e-6)
    assert found.fun == pytest.approx(1.3 * 0.4 / 1.7, rel=1e-9)


@pytest.mark.parametrize("square", [0.4, 1.5, 3.0])
def test_the_condition_of_the_first_round_is_what_happens_with_many_rows(square):
    """Labeller and verifier err in orthogonal directions."""
    selection = mc.ResidualWindow(offset(square**0.5, 1), -1.0, 1.0)
    study = mc.when_does_it_help(chain(selection, rows=10**8, generations=1))
    condition = study.conditions[0]
    assert condition.value == pytest.approx(square, rel=1e-12)
    assert condition.holds == study.helps[0] == study.improves[0]


def test_a_study_tells_start_limit_and_rows():
    study = mc.when_does_it_help(chain(mc.TopShare(offset(0.3, 1), 0.5), rows=600, generations=6))
    assert study.start == pytest.approx(1.0)
    np.testing.assert_allclose(study.seen.rows, 300)
    np.testing.assert_allclose(study.without, 1 + np.arange(1, 7) * D / (600 - D - 1), rtol=1e-12)
    assert study.limit == pytest.approx(
        mc.predict(chain(mc.TopShare(offset(0.3, 1), 0.5), 600, 80)).error[-1], rel=1e-9
    )


def test_a_chain_without_a_verifier_is_refused():
    with pytest.raises(mc.NoTheorem, match="a verifier judges some rows"):
        mc.when_does_it_help(chain(mc.KEEP_ALL))


def test_expected_rows_include_real_ones():
    population = mc.Population(mc.Isotropic(D), mc.UniformTarget())
    sources = (mc.Source(150, 1.0), mc.Source(400, 1.0, mc.PREVIOUS))
    whole = mc.Chain(population, (mc.Generation(sources, mc.Ridge(0.1), mc.TopShare(ZERO, 0.25)),))
    np.testing.assert_allclose(mc.expected_kept(whole), [250.0])

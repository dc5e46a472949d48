"""The two clean baselines of a chain, and the collapse terms relative to them."""

import numpy as np
import pytest

from modelcollapse.theory.chains.baselines import of_real_rows, with_real_labels, without_truth
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    PREVIOUS,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Kept,
    LabelledBy,
    Levels,
    Lottery,
    NoTheorem,
    Population,
    RandomProjection,
    Ridge,
    SameRows,
    Shifted,
    Source,
    UniformTarget,
)
from modelcollapse.theory.problem import TRUTH as REAL

from ..reference import effective_ridge

VALUES, COUNTS = [1.5, 0.6, 0.2], [4, 5, 3]
SPECTRUM = np.repeat(VALUES, COUNTS)
POPULATION = Population(Levels(VALUES, COUNTS), UniformTarget(1.4))
VARIANCES = np.linspace(0.02, 0.13, 12)
RANDOM = Shifted(GaussianTarget(VARIANCES))
FIXED = Shifted(Coefficients(np.linspace(0.3, -0.2, 12)))


def chain(estimator, *sources, generations=1):
    parts = tuple(Source(rows, noise, labels) for rows, noise, labels in sources)
    return Chain(POPULATION, (Generation(parts, estimator),) * generations)


MIXED = chain(Ridge(0.1), (10, 0.6, REAL), (6, 0.4, FIXED), (8, 0.5, PREVIOUS), generations=3)


def test_replace_keeps_everything_but_the_labels():
    """Rows, noises, weights and fits; blends and lotteries become the truth, too."""
    labels = (PREVIOUS, RANDOM, Blend(((REAL, 0.5), (FIXED, 0.5))), Lottery(((REAL, 0.5), (PREVIOUS, 0.5))))
    sources = tuple(Source(5 + k, 0.1 * k, one, weight=1.0 + k) for k, one in enumerate(labels))
    step = Generation(sources, RandomProjection(4, 0.3))
    clean = with_real_labels(Chain(POPULATION, (step,) * 2))
    expected = tuple(Source(5 + k, 0.1 * k, REAL, weight=1.0 + k) for k in range(4))
    assert clean == Chain(POPULATION, (Generation(expected, RandomProjection(4, 0.3)),) * 2)


def test_augment_keeps_the_real_rows():
    """And their penalties; only sources that the truth alone labels are real."""
    step = Generation((Source(9, 0.2, PREVIOUS), Source(7, 0.3), Source(5, 0.1, FIXED), Source(4, 0.6)), Ridge(0.2))
    alone = of_real_rows(Chain(POPULATION, (step,) * 2))
    assert alone == Chain(POPULATION, (Generation((Source(7, 0.3), Source(4, 0.6)), Ridge(0.2)),) * 2)


@pytest.mark.parametrize("labels", [PREVIOUS, FIXED, Blend(((REAL, 0.5), (PREVIOUS, 0.5)))])
def test_augment_needs_real_rows_in_every_generation(labels):
    """The generation without them is named."""
    first, second = Generation((Source(9, 0.2),), Ridge(0.2)), Generation((Source(9, 0.2, labels),), Ridge(0.2))
    with pytest.raises(NoTheorem, match=r"labelled by the truth \(generation 2\)"):
        of_real_rows(Chain(POPULATION, (first, second)))
    with pytest.raises(NoTheorem, match=r"labelled by the truth \(generation 2\)"):
        _ = predict(Chain(POPULATION, (first, second))).collapse_augment


@pytest.mark.parametrize("again", [Kept(1), Source(9, 0.2, covariates=SameRows(1))])
def test_augment_needs_fresh_rows(again):
    """Rows of an earlier generation would not be there."""
    first = Generation((Source(9, 0.2),), Ridge(0.2))
    with pytest.raises(NoTheorem, match=r"fresh rows, .* \(generation 2\)"):
        of_real_rows(Chain(POPULATION, (first, Generation((Source(9, 0.2), again), Ridge(0.2)))))


def test_collapse_is_a_difference_of_errors():
    """To the same rows under the truth, and to the real rows alone, generation by generation."""
    found = predict(MIXED)
    clean = predict(chain(Ridge(0.1), (10, 0.6, REAL), (6, 0.4, REAL), (8, 0.5, REAL), generations=3))
    alone = predict(chain(Ridge(0.1), (10, 0.6, REAL), generations=3))
    np.testing.assert_allclose(found.collapse_replace, found.error - clean.error, rtol=1e-12)
    np.testing.assert_allclose(found.collapse_augment, found.error - alone.error, rtol=1e-12)
    assert np.all(found.collapse_replace > 0)


def test_synthetic_rows_may_help():
    """In the first generation the model before is the truth: nothing collapses, and more rows are better than few."""
    found = predict(chain(Ridge(0.05), (8, 0.6, REAL), (40, 0.6, PREVIOUS)))
    assert found.collapse_replace[0] == 0
    assert found.collapse_augment[0] < 0


def collapse_by_hand(share, rows, penalty):
    """zeta = f u c^2 + f^2 [(1 + u) A_3 - 2 u A_2], by the effective ridge in many digits."""
    kappa = float(effective_ridge(VALUES, COUNTS, rows, penalty))
    kept, delta = SPECTRUM / (SPECTRUM + kappa), SPECTRUM * VARIANCES
    u = (kept**2).sum() / (rows - (kept**2).sum())
    second, third = (delta * kept).sum(), (delta * kept**2).sum()
    return share * u * delta.sum() + share**2 * ((1 + u) * third - 2 * u * second)


@pytest.mark.parametrize("share", [0.3, 1e-3, 1e-9, 1e-15])
def test_the_collapse_of_few_synthetic_rows_is_no_difference(share):
    """Independent shifts: positive and accurate, however small the share, where a difference of errors says nothing."""
    lottery = Lottery(((REAL, 1 - share), (RANDOM, share)))
    found = predict(chain(Ridge(0.1), (20, 0.6, lottery)))
    assert found.collapse_replace[0] == pytest.approx(collapse_by_hand(share, 20, 0.1), rel=1e-12)
    assert found.collapse_replace[0] > 0


def test_a_share_of_rows_is_a_share():
    """One shifted row in a thousand million."""
    found = predict(chain(Ridge(0.1), (10**9 - 1, 0.6, REAL), (1, 0.6, RANDOM)))
    assert found.collapse_replace[0] == pytest.approx(collapse_by_hand(1e-9, 10**9, 0.1), rel=1e-9)


def test_one_generation_of_independent_shifts_stands_alone():
    """The error of the shift alone plus that of real labels is the whole; noise belongs to the latter."""
    mixed = chain(RandomProjection(8, 0.2), (14, 0.6, REAL), (10, 0.3, RANDOM))
    own = without_truth(mixed)
    assert own is not None
    assert all(source.noise == 0 for source in own.generations[0].generated)
    whole = predict(own).error + predict(with_real_labels(mixed)).error
    np.testing.assert_allclose(predict(mixed).error, whole, rtol=1e-12)


@pytest.mark.parametrize(
    "mixed",
    [
        MIXED,
        chain(Ridge(0.1), (10, 0.6, REAL), (6, 0.4, FIXED)),  # the truth and a fixed shift have a product
        chain(Ridge(0.1), (10, 0.6, REAL), (6, 0.4, PREVIOUS)),
        Chain(POPULATION, MIXED.generations[:1], initial=Coefficients(np.full(12, 0.1))),
    ],
)
def test_others_do_not_stand_alone(mixed):
    """More generations, models before, a fixed truth and a fixed shift, an offset at the start."""
    assert without_truth(mixed) is None


def test_a_centred_truth_and_a_fixed_shift_stand_alone():
    """Their product vanishes on average."""
    centred = Population(POPULATION.spectrum, GaussianTarget(VARIANCES))
    mixed = Chain(centred, chain(Ridge(0.1), (10, 0.6, REAL), (6, 0.4, FIXED)).generations)
    own = without_truth(mixed)
    assert own is not None
    whole = predict(own).error + predict(with_real_labels(mixed)).error
    np.testing.assert_allclose(predict(mixed).error, whole, rtol=1e-12)


def test_older_models_are_not_the_model_before():
    """A chain that names them has a collapse term all the same: a difference of two derived errors."""
    first = Generation((Source(20, 0.5),), Ridge(0.1))
    second = Generation((Source(10, 0.5), Source(14, 0.4, LabelledBy(1))), Ridge(0.1))
    named, plain = (
        Chain(POPULATION, (first, second)),
        Chain(POPULATION, (first, Generation((Source(10, 0.5), Source(14, 0.4, PREVIOUS)), Ridge(0.1)))),
    )
    np.testing.assert_allclose(predict(named).collapse_replace, predict(plain).collapse_replace, rtol=1e-12)

"""Who labels the rows: mean labeller and disagreement, in shares of the model before and of offsets from the truth."""

import jax
import numpy as np
import pytest

from modelcollapse.theory.chains.labelling import labelling_of, offsets_of
from modelcollapse.theory.problem import (
    PREVIOUS,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Isotropic,
    LabelledBy,
    Lottery,
    NoTheorem,
    Population,
    Recorded,
    Ridge,
    SameRows,
    Shifted,
    Source,
    UniformTarget,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.problem.checks import same

POPULATION = Population(Isotropic(4), UniformTarget())
ONE, TWO = Shifted(Coefficients([0.1, 0.2, 0.3, 0.4])), Shifted(GaussianTarget([0.1, 0.1, 0.2, 0.2]), tag=1)


def read(*parts, number=2, offsets=()):
    """The labelling of a generation with sources of (rows, labels)."""
    sources = tuple(Source(rows, 0.3, labels) for rows, labels in parts)
    return labelling_of(number, Generation(sources, Ridge(0.1)), offsets)


def moments(*groups):
    """Mean and covariance over the rows of groups (rows, shares), as sums over rows."""
    rows = np.array([shares for count, shares in groups for _ in range(count)], dtype=float)
    centred = rows - rows.mean(axis=0)
    return rows.mean(axis=0), centred.T @ centred / len(rows)


def test_one_labeller_is_certain():
    """No covariance where all rows agree, however they are split into sources."""
    for parts, share in ((((9, REAL),), 0.0), (((9, PREVIOUS),), 1.0), (((4, PREVIOUS), (5, PREVIOUS)), 1.0)):
        found = read(*parts)
        assert found.mean == (share,)
        assert found.previous == share
        assert found.covariance is None
        assert not found.disagrees
        assert not found.several


def test_a_blend_is_one_labeller():
    """The mean is its share of the model before."""
    found = read((9, Blend(((REAL, 0.4), (PREVIOUS, 0.6)))))
    assert found.mean == (0.6,)
    assert found.covariance is None


@pytest.mark.parametrize(("real", "synthetic"), [(30, 10), (1, 99), (7, 8)])
def test_real_rows_and_the_model_before(real, synthetic):
    """Mean p, variance p (1 - p)."""
    found = read((real, REAL), (synthetic, PREVIOUS))
    p = synthetic / (real + synthetic)
    assert found.mean == pytest.approx((p,), rel=1e-15)
    np.testing.assert_allclose(found.covariance, [[p * (1 - p)]], rtol=1e-14)
    assert found.disagrees
    assert found.several


def test_moments_over_the_rows_of_all_groups():
    """Truth, two shifted truths, the model before and blends of them: counted row by row."""
    mixed = Blend(((REAL, 0.2), (PREVIOUS, 0.5), (TWO, 0.3)))
    parts = (4, REAL), (6, ONE), (3, TWO), (7, PREVIOUS), (5, mixed)
    shares = (4, (0, 0, 0)), (6, (0, 1, 0)), (3, (0, 0, 1)), (7, (1, 0, 0)), (5, (0.5, 0, 0.3))
    found = read(*parts, offsets=(ONE, TWO))
    mean, covariance = moments(*shares)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-14)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-13, atol=1e-16)
    assert found.offsets == (ONE, TWO)


def test_a_lottery_is_as_many_rows_as_are_expected():
    """25 rows at chances 0.2, 0.8 are 5 and 20 rows; a blend may be drawn."""
    mixed = Blend(((REAL, 0.5), (ONE, 0.5)))
    by_lot = read((25, Lottery(((PREVIOUS, 0.2), (mixed, 0.8)))), (5, REAL), offsets=(ONE,))
    mean, covariance = moments((5, (1, 0)), (20, (0, 0.5)), (5, (0, 0)))
    np.testing.assert_allclose(by_lot.mean, mean, rtol=1e-14)
    np.testing.assert_allclose(by_lot.covariance, covariance, rtol=1e-13)


def test_a_lottery_between_equals_is_no_lottery():
    """All its rows agree."""
    assert not read((25, Lottery(((PREVIOUS, 0.25), (PREVIOUS, 0.75))))).disagrees


def test_in_the_first_generation_the_model_before_is_the_truth():
    """Its share counts as nothing, alone, in a blend, and beside real rows."""
    mixed = Blend(((PREVIOUS, 0.6), (ONE, 0.4)))
    for labels, shares in ((PREVIOUS, (0.0, 0.0)), (mixed, (0.0, 0.4))):
        found = read((9, labels), number=1, offsets=(ONE,))
        assert found.mean == shares
        assert found.covariance is None
    assert not read((4, REAL), (5, PREVIOUS), number=1).disagrees


def test_the_model_before_by_its_number():
    """LabelledBy(g - 1) is PREVIOUS in generation g, and agrees with it."""
    found = read((4, LabelledBy(3)), (5, PREVIOUS), number=4)
    assert found.mean == (1.0,)
    assert not found.disagrees


def test_parts_of_one_labeller_add_up():
    """Tenths of the model before are all of it, whatever rounding says."""
    tenths = Blend(((PREVIOUS, 0.1), (LabelledBy(1), 0.2), (PREVIOUS, 0.7)))
    assert read((9, tenths)).mean == (1.0,)
    halves = Blend(((ONE, 0.25), (REAL, 0.5), (ONE, 0.25)))
    assert read((9, halves), offsets=(ONE,)).mean == (0.0, 0.5)


def test_rows_of_weight_zero_have_no_labeller():
    """They are not fitted."""
    sources = Source(10, 0.3, REAL), Source(90, 0.3, PREVIOUS, weight=0.0)
    found = labelling_of(2, Generation(sources, Ridge(0.1)), ())
    assert found.mean == (0.0,)
    assert not found.disagrees


def test_offsets_of_a_chain_are_listed_once():
    """In the order in which they first label rows, in blends and lotteries, too; tags tell equal laws apart."""
    twin = Shifted(GaussianTarget([0.1, 0.1, 0.2, 0.2]), tag=2)
    first = Generation((Source(9, 0.3, Blend(((REAL, 0.5), (TWO, 0.5)))), Source(9, 0.3, ONE)), Ridge(0.1))
    second = Generation((Source(9, 0.3, Lottery(((twin, 0.5), (TWO, 0.5)))),), Ridge(0.1))
    assert offsets_of(Chain(POPULATION, (first, second))) == (TWO, ONE, twin)


def test_pattern_tells_what_does_not_vanish():
    """Whether rows disagree, then shares, then their covariances."""
    plain, mixed = read((9, PREVIOUS)), read((4, ONE), (5, REAL), offsets=(ONE,))
    assert plain.pattern == (False, True)
    assert mixed.pattern == (True, False, True, False, False, False, True)


@pytest.mark.parametrize(
    ("labels", "covariates", "number"),
    [
        (LabelledBy(1), None, 3),
        (Blend(((REAL, 0.5), (LabelledBy(1), 0.5))), None, 4),
        (Lottery(((PREVIOUS, 0.5), (LabelledBy(2), 0.5))), None, 4),
        (Recorded(1, 0), SameRows(1, 0), 2),
    ],
)
def test_older_models_are_refused_by_name(labels, covariates, number):
    """With the generation in which they label rows."""
    source = Source(9, 0.3, labels) if covariates is None else Source(9, 0.3, labels, covariates=covariates)
    with pytest.raises(NoTheorem, match=rf"the model before label rows \(others in generation {number}\)"):
        labelling_of(number, Generation((source,), Ridge(0.1)), ())


def test_tracers_are_equal_to_themselves_alone():
    """Whether they hold equal numbers is not known."""
    seen = []
    jax.make_jaxpr(lambda a, b: seen.extend([same(a, a), same(a, b), same(a, 1.0)]))(1.0, 1.0)
    assert seen == [True, False, False]
    assert same(0.5, 0.5)
    assert not same(0.5, 0.25)

"""Least norm on rows that repeat: solved where the rank is certain, refused where it is not."""

import numpy as np
import pytest

import modelcollapse as mc


def relabelled(small):
    """Three rows in four directions, fitted twice over with different labels."""
    population = mc.Population(mc.Eigenvalues([1.0, 1.0, small, small]), mc.UniformTarget())
    first = mc.Generation((mc.Source(3, 0.5, mc.TRUTH),), mc.Ridge(1.0))
    again = mc.Source(3, 0.5, mc.TRUTH, covariates=mc.SameRows(1))
    return mc.Chain(population, (first, mc.Generation((mc.Kept(1), again), mc.MinimumNorm())))


def test_small_directions_are_not_taken_for_missing_ones():
    """Both spectra are as good as at their limit, so the errors must agree draw for draw."""
    left, right = (np.median(mc.simulate(relabelled(small), 200, seed=3).errors[:, 1]) for small in (1e-8, 1e-10))
    assert left == pytest.approx(right, rel=1e-3)


@pytest.mark.parametrize("small", [1e-20, 1e-26, 1e-30])
def test_a_rank_that_cannot_be_told_is_refused(small):
    with pytest.raises(mc.NotCertified):
        mc.simulate(relabelled(small), 64, seed=3)

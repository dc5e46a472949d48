"""Practical rules and the penalties they choose from are checked like any other part of a specification."""

import jax
import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.problem.tuning import offered_penalties, require_tuning


def test_one_rule_is_read_by_theory_and_by_simulation():
    assert mc.HELD_OUT == mc.HeldOut() == mc.HeldOut(rows=None, noise=-0.0)
    assert mc.HeldOut(30.0, 0.5).rows == 30
    for rule in (mc.CROSS_VALIDATED, mc.HELD_OUT, mc.HeldOut(3, 0.1)):
        require_tuning(rule)


@pytest.mark.parametrize("rule", ["gcv", None, 3, mc.HeldOut, mc.Ridge(0.1)])
def test_anything_else_is_refused(rule):
    with pytest.raises(mc.SpecificationError, match=r"^rule: .*CROSS_VALIDATED"):
        require_tuning(rule)


@pytest.mark.parametrize("rows", [0, -1, 2.5, "many", True])
def test_impossible_numbers_of_rows(rows):
    with pytest.raises(mc.SpecificationError, match=r"^rows"):
        mc.HeldOut(rows, 0.5)


@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf, "0"])
def test_impossible_noise(noise):
    with pytest.raises(mc.SpecificationError, match=r"^noise"):
        mc.HeldOut(5, noise)


@pytest.mark.parametrize("choices", [[], [0.0, 1.0], [-1.0], [np.inf], [np.nan], [[1.0]], 1.0, "0.1", None])
def test_impossible_choices(choices):
    with pytest.raises(mc.SpecificationError, match=r"^choices"):
        offered_penalties(choices)


def test_choices_are_numbers():
    with pytest.raises(mc.SpecificationError, match=r"^choices"):
        jax.jit(offered_penalties)(np.ones(3))
    given = np.array([0.1, 0.2])
    assert offered_penalties(given) is not given

"""Unknowns that are merged were equal: the program before merging has the same solution and the same power series."""

from fractions import Fraction

import numpy as np
import pytest

from modelcollapse.theory.algebra.dyson import _Equation
from modelcollapse.theory.algebra.merging import merged
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.evaluation.derived import Derived
from modelcollapse.theory.evaluation.fixed_point.arithmetic import Float64
from modelcollapse.theory.evaluation.fixed_point.interpreter import run

from . import power_series
from .examples import CATALOGUE, numbers
from .test_dyson import VALUES, VARIANCE

SAVED = {
    "resolvent": [2, 2],
    "two resolvents": [6, 4],
    "ridge": [19, 13],
    "two generations": [46, 30],
    "projection": [33, 22],
    "accumulation": [69, 47],
}


def both(traces):
    whole = _Equation(pencil(traces.parts)).program()
    return whole, merged(whole)


@pytest.mark.parametrize("name", CATALOGUE)
def test_merged_and_unmerged_solutions_agree(name):
    traces = CATALOGUE[name]()
    whole, smaller = both(traces)
    found = []
    for program in (whole, smaller):
        result = Derived(traces, program)
        setting = result.setting(numbers(result, 9, 7, penalty=0.3, width=6))
        found.append(run(program, setting, Float64()).targets)
    assert smaller.unknowns <= whole.unknowns
    np.testing.assert_allclose(list(found[0].values()), list(found[1].values()), rtol=1e-9)


def test_what_merging_saves():
    """Both halves of a square are the same functions; a single resolvent has nothing to merge."""
    saved = {name: [program.unknowns for program in both(CATALOGUE[name]())] for name in SAVED}
    assert saved == SAVED


@pytest.mark.parametrize("name", ["two resolvents", "ridge", "projection", "mixture", "same rows"])
def test_merged_and_unmerged_power_series_are_equal(name):
    whole, smaller = both(CATALOGUE[name](VARIANCE))
    series = [power_series.targets(program, VALUES, VARIANCE) for program in (whole, smaller)]
    assert series[0] == series[1]
    assert all(isinstance(one, Fraction) for one in series[0][next(iter(series[0]))])


def test_merging_again_changes_nothing():
    _, once = both(CATALOGUE["accumulation"]())
    assert str(merged(once)) == str(once)

"""Searches find the least error, also beside positions without one, and say what is known of it."""

import math

import pytest

from modelcollapse.theory.problem import SpecificationError
from modelcollapse.theory.remedies.parameter import Count
from modelcollapse.theory.remedies.search import QUICK, THOROUGH, Effort, least


def test_the_better_of_two_minima():
    """Least at 0.15, where it is 1; 1.02 at 0.8."""

    def error(position):
        [place] = position
        return min(1 + 30 * (place - 0.15) ** 2, 1.02 + 30 * (place - 0.8) ** 2)

    found = least(error, 1)
    assert found.position[0] == pytest.approx(0.15, abs=1e-4)
    assert found.certificate.holds
    assert not found.certificate.at_an_end
    assert found.certificate.next_minimum == pytest.approx(0.02, rel=1e-3)


def test_two_parameters_beside_a_wall():
    def error(position):
        a, b = position
        return math.inf if a + b > 1.2 else 2 + (a - 0.62) ** 2 + 3 * (b - 0.31) ** 2 + (a - 0.62) * (b - 0.31)

    found = least(error, 2)
    assert found.position == pytest.approx((0.62, 0.31), abs=1e-3)
    assert found.error == pytest.approx(2.0, rel=1e-7)
    assert found.certificate.holds


def test_an_end_is_told():
    found = least(lambda position: 1 + position[0], 1)
    assert found.position == (0.0,)
    assert (found.certificate.holds, found.certificate.at_an_end) == (True, True)


def test_a_search_over_whole_numbers_walks_to_the_best_one():
    """A hundredth of the range of 2 .. 12 rounds back to the same number."""
    rows = Count("rows", 2, 12)
    asked = set()

    def error(position):
        asked.add(rows.at(position[0]))
        return 1 + abs(rows.at(position[0]) - 5)

    coarse = Effort(3, 0.4, 1)
    found = least(error, 1, coarse, [rows.grain])
    assert rows.at(found.position[0]) == 5
    assert {4, 6} <= asked
    assert found.certificate.holds
    assert found.certificate.margin == pytest.approx(1.0)  # 2 beside 1: a hundredth of the range is the same number


@pytest.mark.parametrize(("high", "best"), [(1004, 127), (1004, 629), (4004, 1), (100, 12), (100, 13)])
def test_no_whole_number_is_passed_over(high, best):
    """Positions of the grid are halves of numbers here."""
    rows = Count("rows", 0, high)
    for effort in (QUICK, THOROUGH):
        found = least(lambda position: 1 + 1e-4 * abs(rows.at(position[0]) - best), 1, effort, [rows.grain])
        assert rows.at(found.position[0]) == best
        assert found.certificate.holds


def test_a_search_that_stalls_is_begun_again():
    """A narrow valley at an angle to the axes: the look around finds less than where a coarse search ended."""

    def error(position):
        a, b = position
        return 1 + (a - 0.4) ** 2 + 30 * (b - 0.3 - 0.5 * a) ** 2

    found = least(error, 2, Effort(3, 3e-2, 3))
    assert found.certificate.holds
    assert found.error < 1 + 1e-3


def test_where_nothing_is_finite_nothing_holds():
    for free in (0, 1, 2):
        found = least(lambda position: math.nan, free)
        assert math.isinf(found.error)
        assert not found.certificate.holds


def test_a_coarse_search_that_misses_is_not_certified():
    """A narrow well beside a grid point is missed by three points; a look around finds the error to fall."""
    found = least(lambda position: 1 - math.exp(-(((position[0] - 0.51) / 0.004) ** 2)) / 2, 1, Effort(3, 0.4, 1))
    assert not found.certificate.holds or found.position[0] == pytest.approx(0.51, abs=5e-3)


@pytest.mark.parametrize("bad", [{"points": 2}, {"tolerance": 0.0}, {"starts": 0}])
def test_impossible_efforts_are_refused(bad):
    with pytest.raises(SpecificationError):
        Effort(**bad)

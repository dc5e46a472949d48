"""Plain values: what is written can be read by every JSON parser, and comes back bit for bit."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import modelcollapse as mc
from modelcollapse.theory.results.plain import json_text, numbers, plain, record_from


def refused(constant):
    raise AssertionError(f"{constant} is not JSON")


@given(st.lists(st.floats()))
def test_numbers_come_back_bit_for_bit(values):
    array = np.array(values, dtype=np.float64)
    record = json.loads(json_text({"values": array}), parse_constant=refused)
    np.testing.assert_array_equal(numbers(record, "values"), array)
    np.testing.assert_array_equal(np.signbit(numbers(record, "values"))[array == 0], np.signbit(array)[array == 0])


def test_infinities_are_strings():
    assert plain(np.array([[math.inf, -math.inf], [math.nan, 1.0]])) == [["inf", "-inf"], ["nan", 1.0]]
    assert plain(np.float32(0.5)) == 0.5
    assert plain(np.int64(3)) == 3
    assert plain({1: None, "b": True}) == {"1": None, "b": True}


@pytest.mark.parametrize(
    "values", [None, 3, "inf", [["x"]], ["x"], ["1"], [True], [None], [[1.0]], [[1.0], 2.0], [10**400], [{}]]
)
def test_whatever_else_stands_for_numbers_is_refused(values):
    with pytest.raises(mc.SpecificationError, match="values"):
        numbers({"values": values}, "values")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"result": "Simulation"}', "[" * 100_000, '{"result": 1' + "0" * 5000 + "}", None, b"{}", 3],
    ids=range(10),
)
def test_whatever_else_stands_for_a_result_is_refused(text):
    with pytest.raises(mc.SpecificationError, match="Prediction"):
        record_from(text, "Prediction")

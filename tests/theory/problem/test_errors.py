"""Errors name the argument, stay short whatever was given, and cross process borders."""

import pickle
import time

import numpy as np
import pytest

from modelcollapse.theory.problem import (
    Eigenvalues,
    MissingExtra,
    ModelCollapseError,
    NotCertified,
    NoTheorem,
    Ridge,
    SpecificationError,
    TooLarge,
)


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no picture")


ERRORS = [
    SpecificationError("rows", -3, "a whole number"),
    TooLarge("dimension", 10**12, "less"),
    NoTheorem("rows >= rank + 2", "simulate"),
    MissingExtra("the report", "jinja2", "report"),
    NotCertified("no bracket"),
]


def test_what_was_given_and_what_is_allowed_can_be_read_off():
    with pytest.raises(ValueError, match=r"^penalty: got -2; allowed: a finite number > 0") as caught:
        Ridge(-2)
    assert (caught.value.field, caught.value.value) == ("penalty", -2)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_survive_the_way_back_from_a_worker(error):
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), vars(twin)) == (type(error), str(error), vars(error))
    assert isinstance(error, ModelCollapseError)


@pytest.mark.parametrize(
    "value",
    [Unprintable(), 10**5000, "x" * 10**6, [np.nan] * 10**6, np.full((300, 300), np.nan), {1: "y" * 10**6}],
    ids=["unprintable", "int", "text", "list", "array", "dict"],
)
def test_messages_stay_short(value):
    start = time.perf_counter()
    with pytest.raises(SpecificationError) as caught:
        Eigenvalues(value)
    assert len(str(caught.value)) < 300
    assert time.perf_counter() - start < 5

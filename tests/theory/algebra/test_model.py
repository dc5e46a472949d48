"""The vocabulary: every impossible argument is refused by name, showing what was given."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcollapse.theory.algebra.expression import identity, inv
from modelcollapse.theory.algebra.model import Model, ridge, stack
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.risk import risk, tr
from modelcollapse.theory.evaluation.derived import derive_expression
from modelcollapse.theory.problem import SpecificationError

from .examples import chain, numbers
from .garbage import GARBAGE


def refused(message, build):
    with pytest.raises(SpecificationError, match=message):
        build()


class Setting:
    """A model with two designs, rebuilt for every test: names can be used once."""

    def __init__(self):
        self.m = Model()
        self.X, self.Y = self.m.design("X", "T"), self.m.design("Y", "n")
        self.w = self.m.truth
        self.e = self.m.noise("sigma")


BAD = {
    "same name twice": (r"name: got 'X'; allowed: a name that no other matrix has", lambda a: a.m.design("X", "n")),
    "a design's name for a projection": (r"name: got 'X'", lambda a: a.m.projection("X", "m")),
    "the truth's name for a design": (r"name: got 'w_0'", lambda a: (a.m.truth, a.m.design("w_0", "n"))),
    "a design's name for an offset": (r"name: got 'X'", lambda a: a.m.offset("X", "theta")),
    "one offset with two second moments": (
        r"name: got 'delta'",
        lambda a: (a.m.offset("delta", "one"), a.m.offset("delta", "two")),
    ),
    "rows that are a number": (r"rows: got 5; allowed: a letter", lambda a: a.m.design("Z", 5)),
    "rows that are a sum": (r"rows: got .*; allowed: a letter", lambda a: a.m.design("Z", sympy.Symbol("n") + 1)),
    "a random matrix inside its own covariance": (
        r"covariance: got X' X; allowed: .*nothing random",
        lambda a: a.m.design("X", "n", covariance=a.X.T @ a.X),
    ),
    "a random covariance": (
        r"covariance: got Y' Y; allowed: .*nothing random",
        lambda a: a.m.design("Z", "n", covariance=a.Y.T @ a.Y),
    ),
    "a direction for a covariance": (
        r"covariance: got u; allowed: .*no direction",
        lambda a: a.m.design("Z", "n", covariance=a.m.direction("u")),
    ),
    "a covariance of other rows": (
        r"covariance: got 1; allowed: .*of the features",
        lambda a: a.m.design("Z", "n", covariance=identity(a.Y.rows)),
    ),
    "no penalty": (r"penalty: got 0; allowed: a positive penalty; derive", lambda a: ridge(a.X, a.X @ a.w, 0)),
    "a negative penalty": (r"penalty: got -1; allowed: a positive", lambda a: ridge(a.X, a.X @ a.w, -1)),
    "labels of other rows": (r"got '\[d .* @ \[n \(rows of Y\) x 1", lambda a: ridge(a.X, a.Y @ a.w, "lambda")),
    "noise for labels of a design": (r"noise: got 'e_1 added to d", lambda a: a.X + a.e),
    "fewer blocks of labels": (
        r"labels: got '1 blocks'; allowed: 2 blocks",
        lambda a: ridge(stack(a.X, a.Y), stack(a.X @ a.w), "lambda"),
    ),
    "weights of other blocks": (
        r"weights: got \[1, 2, 3\]; allowed: one for each of the 2",
        lambda a: stack(a.X, a.Y, weights=[1, 2, 3]),
    ),
    "nothing stacked": (r"weights: got None; allowed: .* at least one|of which there is one", lambda a: stack()),
    "blocks with other columns": (
        r"blocks: got \[.*\]; allowed: blocks with the same columns",
        lambda a: stack(a.X, a.X @ a.m.projection("P", "m").T),
    ),
    "weights of labels": (
        r"labels|weights",
        lambda a: ridge(stack(a.X, a.Y), stack(a.X @ a.w, a.Y @ a.w, weights=[2, 3]), "lambda"),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    message, build = BAD[name]
    refused(message, lambda: build(Setting()))


RIDGELESS = {
    "a square alone": lambda a: inv(a.X.T @ a.X),
    "a ridge taken away again": lambda a: inv(a.X.T @ a.X + "lambda" - sympy.Symbol("lambda")),
    "a square inside a product": lambda a: inv(a.X.T @ a.X) @ a.m.metric,
}


@pytest.mark.parametrize("name", RIDGELESS)
def test_a_missing_ridge_is_named_with_the_matrix(name):
    refused(
        r"inverse of X' X.*no deterministic part.*ridge.*limit to 0",
        lambda: pencil([("t", RIDGELESS[name](Setting()))]),
    )


def test_a_spectral_letter_has_one_space():
    a = Setting()
    other = Model("p")
    mixed = inv(a.X.T @ a.X + "lambda")
    refused(
        r"spectral letter: got 's'; allowed: a letter of one space",
        lambda: pencil([("a", mixed), ("b", other.metric)]),
    )


def test_two_models_may_not_name_two_matrices_alike():
    a, b = Model(), Model()
    X, Z = a.design("X", "T"), b.design("X", "T", covariance="Sigma_2")
    refused(r"name: got 'X'; allowed: one name", lambda: pencil([("a", inv(X.T @ X + 1)), ("b", inv(Z.T @ Z + 1))]))


ONE_ARGUMENT = {
    "model": lambda a, value: Model(value),
    "covariance of a model": lambda a, value: Model("d", value).metric,
    "spectrum": lambda a, value: a.m.spectrum(value),
    "direction": lambda a, value: a.m.direction(value),
    "offset": lambda a, value: a.m.offset(value, "delta_2"),
    "second moment": lambda a, value: a.m.offset("delta", value),
    "design": lambda a, value: a.m.design(value, "n"),
    "rows": lambda a, value: a.m.design("Z", value),
    "projection": lambda a, value: a.m.projection(value, "m"),
    "width": lambda a, value: a.m.projection("P", value),
    "noise": lambda a, value: a.m.noise(value),
    "penalty": lambda a, value: ridge(a.X, a.X @ a.w, value),
    "labels": lambda a, value: ridge(a.X, value, "lambda"),
    "fitted design": lambda a, value: ridge(value, a.X @ a.w, "lambda"),
    "block": lambda a, value: stack(a.X, value),
    "weight": lambda a, value: stack(a.X, a.Y, weights=[1, value]),
    "trace": lambda a, value: tr(value),
    "risk": lambda a, value: risk(value),
}
MAY_BE_NONE = {
    "covariance": lambda a, value: a.m.design("Z", "n", covariance=value),
    "variance": lambda a, value: a.m.projection("P", "m", variance=value),
    "weights": lambda a, value: stack(a.X, a.Y, weights=value),
    "metric": lambda a, value: risk(ridge(a.X, a.X @ a.w, "lambda"), value),
}


@pytest.mark.parametrize("name", ONE_ARGUMENT)
@settings(max_examples=60)
@given(value=GARBAGE)
def test_garbage_is_refused(name, value):
    refused(".", lambda: ONE_ARGUMENT[name](Setting(), value))


@pytest.mark.parametrize("name", MAY_BE_NONE)
@settings(max_examples=60)
@given(value=GARBAGE.filter(lambda value: value is not None))
def test_garbage_is_refused_where_nothing_may_be_given(name, value):
    if name == "weights" and isinstance(value, list | tuple) and len(value) == 2:
        return
    refused(".", lambda: MAY_BE_NONE[name](Setting(), value))


@pytest.mark.parametrize("change", ["missing", "unknown", "lengths", "matrix"])
def test_values_must_be_those_of_the_letters(change):
    derived = derive_expression(chain(1))
    values = numbers(derived, 6, 4)
    if change == "missing":
        del values["sigma"]
    elif change == "unknown":
        values["zeta"] = 1.0
    elif change == "lengths":
        values["theta"] = np.ones(5)
    else:
        values["s"] = np.ones((2, 3))
    refused("values: got", lambda: derived(**values))


@given(value=GARBAGE, letter=st.sampled_from(["sigma", "lambda", "T_0", "s"]))
def test_values_that_are_no_numbers_are_refused(value, letter):
    derived = derive_expression(chain(1))
    refused("values|" + letter, lambda: derived(**{**numbers(derived, 6, 4), letter: value}))


def test_the_dimension_is_that_of_the_arrays():
    derived = derive_expression(chain(1))
    values = numbers(derived, 6, 4)
    assert derived(**values) == derived(**values, d=6)
    refused("d: got 5; allowed: 6", lambda: derived(**values, d=5))


def test_without_arrays_the_dimension_is_asked_for():
    X = Model().design("X", "T", covariance=1)
    derived = derive_expression(inv(X.T @ X + "lambda"))
    refused("values: got .*; allowed: a value for each of T, d, lambda", lambda: derived(T=4, **{"lambda": 0.5}))
    assert derived(T=4, d=6, **{"lambda": 0.5})["trace"] > 0


@pytest.mark.parametrize("value", [-3.0, 0.0])
def test_sizes_are_positive(value):
    derived = derive_expression(chain(1))
    refused("T_0: got .*; allowed: a positive number", lambda: derived(**{**numbers(derived, 6, 4), "T_0": value}))


def test_without_a_ridge_no_number_is_given():
    derived = derive_expression(chain(1))
    with pytest.raises(SpecificationError, match=r"lambda: got 0\.0; allowed: a positive number"):
        derived(**{**numbers(derived, 6, 4), "lambda": 0.0})

"""Classification is stated and checked; questions about regression refuse it by name."""

import pickle

import numpy as np
import pytest

import modelcollapse as mc

MIXTURE = mc.GaussianMixture(1.5, 30)
CHAIN = mc.ClassificationChain(MIXTURE, 100, mc.Flips(0.2), mc.KeepRates(0.9, 0.3), mc.Ridge(0.1))


def linear(generator, verifier, between, dimension=30):
    labels, kept = mc.LinearLabels(generator), mc.LinearVerifier(verifier, between)
    return mc.ClassificationChain(mc.GaussianMixture(1.5, dimension), 100, labels, kept, mc.Ridge(0.1))


BAD = {
    "mean_norm": lambda: mc.GaussianMixture(0.0, 30),
    "dimension": lambda: mc.GaussianMixture(1.5, 1),
    "rate": lambda: mc.Flips(1.2),
    "cosine": lambda: mc.LinearLabels(-1.1),
    "right": lambda: mc.KeepRates(float("nan"), 0.3),
    "wrong": lambda: mc.KeepRates(0.9, -0.1),
    "to_generator": lambda: mc.LinearVerifier(0.3, 2.0),
    "mixture": lambda: mc.ClassificationChain(30, 100, mc.Flips(0.2), None, mc.Ridge(0.1)),
    "rows": lambda: mc.ClassificationChain(MIXTURE, 0, mc.Flips(0.2), None, mc.Ridge(0.1)),
    "generator": lambda: mc.ClassificationChain(MIXTURE, 100, 0.2, None, mc.Ridge(0.1)),
    "verifier": lambda: linear(0.9, -0.9, 0.5),
    "estimator": lambda: mc.ClassificationChain(MIXTURE, 100, mc.Flips(0.2), None, mc.MinimumNorm()),
}


@pytest.mark.parametrize("field", BAD)
def test_impossible_values_are_named(field):
    with pytest.raises(mc.SpecificationError) as caught:
        BAD[field]()
    assert caught.value.field == field


def test_equal_content_is_equal():
    again = mc.ClassificationChain(MIXTURE, 100, mc.Flips(0.2), mc.KeepRates(0.9, 0.3), mc.Ridge(0.1))
    assert again == CHAIN
    assert hash(again) == hash(CHAIN)


@pytest.mark.parametrize("between", [None, 0.1])
def test_the_angle_to_the_generator_is_given_where_there_is_one(between):
    generator = mc.LinearLabels(0.4) if between is None else mc.Flips(0.2)
    with pytest.raises(mc.SpecificationError) as caught:
        mc.ClassificationChain(MIXTURE, 100, generator, mc.LinearVerifier(0.3, between), mc.Ridge(0.1))
    assert caught.value.field == "to_generator"


def test_cosines_of_three_directions_are_accepted_and_others_are_not():
    """Two directions at angles a and b to mu are between a - b and a + b apart."""
    a, b = 0.7, 1.1
    for angle in (a + b, a - b, 0.9):
        linear(np.cos(a), np.cos(b), np.cos(angle))
    for angle in (a + b + 1e-4, abs(a - b) - 1e-4):
        with pytest.raises(mc.SpecificationError, match="three directions") as caught:
            linear(np.cos(a), np.cos(b), np.cos(angle))
        assert f"{np.cos(a):g}" in str(caught.value)


def test_three_directions_need_three_dimensions():
    linear(0.6, 0.8, 0.3, dimension=3)
    linear(0.6, 0.8, 0.6 * 0.8 - 0.8 * 0.6, dimension=2)  # of a plane
    with pytest.raises(mc.SpecificationError, match=">= 3") as caught:
        linear(0.6, 0.8, 0.3, dimension=2)
    assert caught.value.field == "dimension"


def test_scaling_multiplies_rows_and_dimension():
    scaled = linear(0.6, 0.8, 0.3).scaled(4)
    assert (scaled.rows, scaled.mixture) == (400, mc.GaussianMixture(1.5, 120))
    assert (scaled.generator, scaled.verifier) == (mc.LinearLabels(0.6), mc.LinearVerifier(0.8, 0.3))


def test_the_error_about_nothing_kept_survives_a_process():
    again = pickle.loads(pickle.dumps(mc.NothingKept(0.25)))
    assert (again.expected, str(again)) == (0.25, str(mc.NothingKept(0.25)))


@pytest.mark.parametrize("read", [mc.derive, mc.steady_state, mc.mixture_of_sources])
def test_questions_about_regression_refuse_it_by_name(read):
    with pytest.raises(mc.NoTheorem, match="ClassificationChain"):
        read(CHAIN)

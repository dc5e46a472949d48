"""Classification is stated, checked, and refused by name."""

import pytest

import modelcollapse as mc

MIXTURE = mc.GaussianMixture(1.5, 30)
CHAIN = mc.ClassificationChain(MIXTURE, 100, mc.Flips(0.2), mc.KeepRates(0.9, 0.3), mc.Ridge(0.1))

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
    "verifier": lambda: mc.ClassificationChain(MIXTURE, 100, mc.Flips(0.2), mc.LinearVerifier(0.3, 0.1), mc.Ridge(0.1)),
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


@pytest.mark.parametrize("read", [mc.predict, mc.derive])
def test_theory_refuses_it_by_name(read):
    with pytest.raises(mc.NoTheorem, match="classification"):
        read(CHAIN)


def test_the_simulator_refuses_it():
    with pytest.raises(mc.SpecificationError, match="a Chain"):
        mc.simulate(CHAIN)

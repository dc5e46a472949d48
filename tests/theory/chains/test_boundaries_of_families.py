"""Where one family of chains ends: neighbours that look alike and must not be read alike."""

import importlib

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.statements.book import THEOREMS, address_of

POPULATION = mc.Population(mc.PowerLaw(6, 1.3), mc.UniformTarget())
FIT = mc.MinimumNorm()


def stored(*weights, **same):
    """Everything so far, each generation with a weight of its own."""
    steps = [
        mc.Generation(
            (mc.Source(20, 0.5, mc.PREVIOUS, weight=weight, **(same if g else {})),), FIT, memory=mc.ACCUMULATE
        )
        for g, weight in enumerate(weights)
    ]
    return mc.Chain(POPULATION, steps)


@pytest.mark.parametrize("same", [{}, {"covariates": mc.SameRows(1)}], ids=["fresh rows", "same rows"])
def test_weights_that_differ_between_generations_of_a_store_are_refused(same):
    """In the store all rows share one objective, so weights count although they are equal within each generation."""
    with pytest.raises(mc.NoTheorem, match="one weight"):
        mc.predict(stored(1.0, 25.0, **same))
    common = mc.predict(stored(3.0, 3.0, **same)).error
    np.testing.assert_array_equal(common, mc.predict(stored(1.0, 1.0, **same)).error)


def test_every_theorem_can_be_imported_from_its_address():
    for theorem in THEOREMS:
        module, _, name = address_of(theorem).rpartition(".")
        assert getattr(importlib.import_module(module), name) is theorem


def test_kept_rows_have_a_derivative_without_noise():
    def build(noise):
        return mc.retain_real(POPULATION, 3, 24, noise, FIT, share=0.5, same_rows=True)

    assert mc.gradient(build)(0.0) == 0.0  # the error is proportional to the squared noise


def test_a_sample_follows_the_rows():
    chain = mc.accumulate_subsample(POPULATION, 3, 120, 0.3, FIT)
    assert chain.with_(rows=200).rows == (200, 200, 200)
    other = mc.Chain(POPULATION, (mc.Generation((mc.Source(30, 0.1),), FIT, memory=mc.Subsample(20)),))
    with pytest.raises(mc.SpecificationError, match="rows"):
        other.with_(rows=40)


def test_a_selection_from_a_sample_of_the_store_is_not_sent_to_the_simulator():
    step = mc.Generation((mc.Source(20, 0.5, mc.PREVIOUS),), FIT, mc.TopShare(mc.UniformTarget(), 0.5))
    sampled = mc.Chain(POPULATION, (mc.Generation(step.sources, FIT, step.selection, mc.Subsample(20)),))
    with pytest.raises(mc.NoTheorem) as caught:
        mc.predict(sampled)
    assert "samples of a store" in caught.value.instead
    with pytest.raises(mc.SpecificationError):
        mc.simulate(sampled, 4)


def test_the_offsets_of_a_derivation_have_values():
    """Two independent fixed offsets: E o_1'Sigma o_2 is the product of their means."""
    first, second = mc.Shifted(mc.UniformTarget(0.5)), mc.Shifted(mc.UniformTarget(0.3), tag=1)
    step = mc.Generation((mc.Source(9, 0.5, first), mc.Source(9, 0.4, second)), FIT)
    values = {str(symbol): value for symbol, value in mc.derive(mc.Chain(POPULATION, (step,) * 2)).values}
    total = POPULATION.spectrum.eigenvalues().sum() / 6
    assert values["E_o1"] == pytest.approx(0.5 * total)
    assert values["E_o1,o2"] == pytest.approx((0.5 * 0.3) ** 0.5 * total)

"""Spectra: the eigenvalues in order, their blocks and their rank, against formulas written out anew."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.problem import Eigenvalues, Isotropic, Levels, PowerLaw, Repeated, SpecificationError, Spiked

positive = st.floats(1e-6, 1e6)
BLOCKED = [
    Isotropic(5, 0.3),
    Levels([3.0, 0.0, 7.0], [2, 3, 1]),
    Spiked(7, [9.0, 0.0, 4.0], bulk=0.5),
    Spiked(4, [2.0], bulk=0.0),
    Repeated(Levels([2.0, 5.0], [1, 2]), 3),
]
ALL = [*BLOCKED, PowerLaw(6, 1.7, 2.5), Eigenvalues([0.5, 3.0, 0.0, 2.0]), Repeated(PowerLaw(4, 0.8), 2)]


def test_isotropic_repeats_its_scale():
    assert Isotropic(4, scale=2.5).eigenvalues().tolist() == [2.5, 2.5, 2.5, 2.5]


@given(st.integers(1, 40), st.floats(0, 5, allow_subnormal=False), positive)
def test_power_law_decays_polynomially(dimension, exponent, scale):
    expected = [scale * math.exp(-exponent * math.log(k)) for k in range(1, dimension + 1)]
    np.testing.assert_allclose(PowerLaw(dimension, exponent, scale).eigenvalues(), expected, rtol=1e-14)


def test_power_law_with_a_whole_exponent_is_exact():
    expected = [float(Fraction(3, k**2)) for k in range(1, 9)]
    np.testing.assert_allclose(PowerLaw(8, 2, 3).eigenvalues(), expected, rtol=3e-16)


def test_power_law_keeps_every_eigenvalue_normal():
    assert PowerLaw(2, 1021).eigenvalues()[1] == 2.0**-1021
    for spectrum in [(2, 1024, 1.0), (2, 1024, 2.0**40), (2, 1000, 2.0**-40)]:
        with pytest.raises(SpecificationError, match="exponent"):
            PowerLaw(*spectrum)


def test_levels_stand_in_the_order_given():
    assert Levels([1.0, 4.0, 2.0], [2, 1, 3]).eigenvalues().tolist() == [1.0, 1.0, 4.0, 2.0, 2.0, 2.0]


def test_spikes_are_total_eigenvalues_before_the_bulk():
    assert Spiked(5, [3.0, 8.0], bulk=0.25).eigenvalues().tolist() == [3.0, 8.0, 0.25, 0.25, 0.25]


def test_eigenvalues_are_never_reordered():
    assert Eigenvalues((0.5, 3.0, 0.0, 2.0)).eigenvalues().tolist() == [0.5, 3.0, 0.0, 2.0]


@pytest.mark.parametrize("spectrum", ALL, ids=repr)
def test_repetition_repeats_each_eigenvalue_in_place(spectrum):
    repeated = Repeated(spectrum, 3)
    np.testing.assert_array_equal(repeated.eigenvalues(), np.repeat(spectrum.eigenvalues(), 3))
    assert repeated.dimension == 3 * spectrum.dimension
    assert repeated.rank() == 3 * spectrum.rank()


@pytest.mark.parametrize("spectrum", BLOCKED, ids=repr)
def test_blocks_spell_out_the_eigenvalues(spectrum):
    values, multiplicities = spectrum.levels()
    np.testing.assert_array_equal(np.repeat(values, multiplicities), spectrum.eigenvalues())


@pytest.mark.parametrize("spectrum", ALL, ids=repr)
def test_single_eigenvalues_are_those_of_the_whole(spectrum):
    values = spectrum.eigenvalues()
    assert values.dtype == np.float64
    assert values.shape == (spectrum.dimension,)
    np.testing.assert_array_equal([spectrum.eigenvalue(k) for k in range(1, spectrum.dimension + 1)], values)
    assert spectrum.rank() == sum(value > 0 for value in values)


@given(st.lists(st.sampled_from([0.0, 0.5, 3.0, 1e-300]), min_size=1, max_size=30).filter(any))
def test_rank_counts_positive_eigenvalues(values):
    ones = [1] * len(values)
    positive_count = len([value for value in values if value > 0])
    assert Eigenvalues(values).rank() == Levels(values, ones).rank() == positive_count


@pytest.mark.parametrize(
    "given_as",
    [
        [4, 0, 2],
        (4.0, 0.0, 2.0),
        np.array([4, 0, 2], dtype=np.uint8),
        np.array([4, 0, 2], dtype=np.float32),
        np.array([4.0, 9.0, 0.0, 9.0, 2.0])[::2],
        np.array([4.0, -0.0, 2.0]),
    ],
    ids=repr,
)
def test_vectors_become_read_only_float64_copies(given_as):
    values = Eigenvalues(given_as).values
    assert (values.dtype, values.flags.writeable) == (np.float64, False)
    assert values.tolist() == [4.0, 0.0, 2.0]
    assert not np.signbit(values).any()


def test_a_later_change_of_the_source_changes_nothing():
    source = np.array([1.0, 2.0])
    spectrum = Eigenvalues(source)
    source[0] = 77.0
    assert spectrum.eigenvalues().tolist() == [1.0, 2.0]


def test_arrays_that_cannot_fit_are_refused_before_they_are_made():
    for spectrum in [PowerLaw(2**52, 0.5), Repeated(Isotropic(2**26), 2**26), Levels([2.0], [2**52])]:
        with pytest.raises(SpecificationError, match="bytes would be needed") as caught:
            spectrum.eigenvalues()
        assert caught.value.field == "dimension"


def test_blocks_make_huge_isotropic_spectra_cheap():
    assert Isotropic(2**52).rank() == 2**52
    assert Spiked(2**52, [3.0], bulk=0.0).rank() == 1

"""Targets: the first two moments of every coordinate, against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.problem import (
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Isotropic,
    Population,
    PowerLaw,
    Repeated,
    SharedOut,
    SourceCondition,
    SpecificationError,
    UniformTarget,
)

SPECTRUM = Eigenvalues([4.0, 0.5, 2.0])


def test_uniform_target_has_the_given_norm_in_equal_parts():
    moments = UniformTarget(norm_squared=6.0).second_moments(SPECTRUM)
    np.testing.assert_allclose(moments, [2.0, 2.0, 2.0], rtol=1e-15)


@given(
    st.integers(1, 30), st.floats(0.1, 3), st.floats(0.1, 50), st.floats(-1, 2), st.floats(0, 9, allow_subnormal=False)
)
def test_source_condition_is_its_definition(dimension, beta, spectrum_scale, r, scale):
    """s_k w_k^2 = scale * k^(-1 - 2 r beta)."""
    spectrum = PowerLaw(dimension, beta, spectrum_scale)
    k = np.arange(1.0, dimension + 1)
    energies = spectrum.eigenvalues() * SourceCondition(r, scale).second_moments(spectrum)
    np.testing.assert_allclose(energies, scale * k ** (-1 - 2 * r * beta), rtol=1e-12)


def test_coefficients_are_a_fixed_vector():
    target = Coefficients([1.5, -2.0, 0.0])
    assert [target.mean(k, SPECTRUM) for k in (1, 2, 3)] == [1.5, -2.0, 0.0]
    assert [target.variance(k, SPECTRUM) for k in (1, 2, 3)] == [0.0, 0.0, 0.0]
    assert target.second_moments(SPECTRUM).tolist() == [2.25, 4.0, 0.0]


def test_gaussian_target_is_centred():
    target = GaussianTarget([0.5, 0.0, 7.0])
    assert [target.mean(k, SPECTRUM) for k in (1, 2, 3)] == [0.0, 0.0, 0.0]
    assert target.second_moments(SPECTRUM).tolist() == [0.5, 0.0, 7.0]


@pytest.mark.parametrize("target", [Coefficients([1.5, -2.0, 0.5]), GaussianTarget([0.5, 0.0, 7.0]), UniformTarget(3)])
def test_sharing_out_keeps_the_square_of_every_coordinate(target):
    moments = SharedOut(target, 4).second_moments(Repeated(SPECTRUM, 4))
    np.testing.assert_allclose(moments.reshape(3, 4).sum(axis=1), target.second_moments(SPECTRUM), rtol=1e-15)
    np.testing.assert_array_equal(moments, np.repeat(moments[::4], 4))


def test_a_fixed_target_stays_fixed_when_shared_out_and_a_random_one_random():
    repeated = Repeated(SPECTRUM, 9)
    assert SharedOut(Coefficients([3.0, 1.0, 2.0]), 9).mean(1, repeated) == 1.0
    assert SharedOut(Coefficients([3.0, 1.0, 2.0]), 9).variance(1, repeated) == 0.0
    assert SharedOut(GaussianTarget([3.0, 1.0, 2.0]), 9).mean(1, repeated) == 0.0
    np.testing.assert_allclose(SharedOut(GaussianTarget([3.0, 1.0, 2.0]), 9).variance(27, repeated), 2 / 9, rtol=1e-15)


@pytest.mark.parametrize(
    ("target", "spectrum", "field"),
    [
        (Coefficients([1.0, 2.0]), SPECTRUM, "values"),
        (GaussianTarget([1.0, 2.0, 3.0, 4.0]), SPECTRUM, "variances"),
        (SourceCondition(0.5), Isotropic(3), "target"),
        (SourceCondition(0.5), SPECTRUM, "target"),
        (SharedOut(UniformTarget(), 2), SPECTRUM, "target"),
        (SharedOut(UniformTarget(), 2), Repeated(SPECTRUM, 3), "target"),
        (SharedOut(Coefficients([1.0, 2.0]), 2), Repeated(SPECTRUM, 2), "values"),
    ],
    ids=repr,
)
def test_a_target_that_does_not_fit_is_refused(target, spectrum, field):
    for check in (target.refuse_mismatch, lambda spectrum: Population(spectrum, target)):
        with pytest.raises(SpecificationError) as caught:
            check(spectrum)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("target", "spectrum"),
    [
        (SourceCondition(-1e3), PowerLaw(120, 1.5)),
        (SourceCondition(0.5, 1e300), PowerLaw(5, 1.5, 1e-300)),
        (Coefficients([1e200, 1.0, 1.0]), SPECTRUM),
    ],
    ids=repr,
)
def test_moments_that_overflow_are_refused(target, spectrum):
    with pytest.raises(SpecificationError, match="finite second moments"):
        target.second_moments(spectrum)


def test_moments_that_cannot_fit_are_refused():
    with pytest.raises(SpecificationError, match="bytes would be needed"):
        UniformTarget().second_moments(Isotropic(2**52))

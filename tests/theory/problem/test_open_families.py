"""Spectra and targets of one's own, five lines each, are read like the built-in ones; broken ones are refused."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from modelcollapse.theory.problem import (
    Isotropic,
    Population,
    Repeated,
    SpecificationError,
    Spectrum,
    Target,
    UniformTarget,
    replace,
)


@dataclass(frozen=True)
class Geometric(Spectrum):
    """s_k = rate^k."""

    dimension: int
    rate: float

    def eigenvalue(self, k):
        return self.rate ** (1.0 * k)


@dataclass(frozen=True)
class Halves(Spectrum):
    """Ones and then zeros."""

    dimension: int

    def eigenvalue(self, k):
        return 1.0 * (2 * k <= self.dimension)

    def levels(self):
        return [1.0, 0.0], (self.dimension // 2, self.dimension - self.dimension // 2)


@dataclass(frozen=True)
class Alternating(Target):
    """w_k = (-1)^k, plus an independent N(0, spread) in every coordinate."""

    spread: float = 0.0

    def mean(self, k, spectrum):
        return 1.0 - 2.0 * (k % 2)

    def variance(self, k, spectrum):
        return self.spread + 0.0 * k


def test_a_spectrum_of_ones_own():
    spectrum = Geometric(4, 0.5)
    assert spectrum.eigenvalues().tolist() == [0.5, 0.25, 0.125, 0.0625]
    assert spectrum.rank() == 4
    assert Halves(6).rank() == 3
    assert Repeated(spectrum, 2).eigenvalues().tolist() == [0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625]


def test_a_target_of_ones_own():
    assert Alternating().mean(np.arange(1, 4), Halves(3)).tolist() == [-1.0, 1.0, -1.0]
    assert Alternating(0.25).second_moments(Halves(3)).tolist() == [1.25, 1.25, 1.25]


def test_chains_scale_with_families_of_ones_own():
    population = Population(Geometric(4, 0.5), Alternating(0.25))
    chain = replace(population, generations=2, rows=10).scaled(3)
    spectrum, target = chain.population.spectrum, chain.population.target
    np.testing.assert_allclose(spectrum.eigenvalues() @ target.second_moments(spectrum), 1.25 * 0.9375, rtol=1e-14)


def test_families_are_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Spectrum()
    with pytest.raises(TypeError, match="abstract"):
        Target()


@dataclass(frozen=True)
class AnySpectrum(Spectrum):
    dimension: Any
    values: Any = 1.0

    def eigenvalue(self, k):
        return np.asarray(self.values)


class WithoutDimension(Spectrum):
    def eigenvalue(self, k):
        return 1.0 * k


@pytest.mark.parametrize("dimension", [None, 0, -3, 2.5, "3", True, np.nan, 2**60])
def test_a_spectrum_without_a_proper_dimension_is_refused(dimension):
    with pytest.raises(SpecificationError) as caught:
        Population(AnySpectrum(dimension), UniformTarget())
    assert caught.value.field == "dimension"


def test_a_spectrum_that_forgot_its_dimension_is_refused():
    with pytest.raises(SpecificationError) as caught:
        Population(WithoutDimension(), UniformTarget())
    assert caught.value.field == "dimension"


@pytest.mark.parametrize(
    "values", [1.0, [1.0, 2.0], [1.0, 2.0, 3.0, 4.0], [1.0, -1.0, 1.0], [1.0, np.nan, 1.0], [1j, 1, 1], ["a", "b", "c"]]
)
def test_eigenvalues_that_are_none_are_refused(values):
    with pytest.raises(SpecificationError) as caught:
        AnySpectrum(3, values).eigenvalues()
    assert caught.value.field == "eigenvalues"


@dataclass(frozen=True)
class AnyTarget(Target):
    first: Any
    second: Any

    def mean(self, k, spectrum):
        return self.first + 0.0 * k

    def variance(self, k, spectrum):
        return self.second + 0.0 * k


@pytest.mark.parametrize(("mean", "variance"), [(np.nan, 1.0), (np.inf, 1.0), (0.5, -1.0), (0.5, np.nan)])
def test_moments_that_are_none_are_refused(mean, variance):
    with pytest.raises(SpecificationError) as caught:
        AnyTarget(mean, variance).second_moments(Isotropic(3))
    assert caught.value.field == "target"

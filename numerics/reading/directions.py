"""Directions of the eigenbasis in which anything happens, and the scale that whitens each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Perturbed, Refitted
from ...theory.problem.errors import SpecificationError
from ...theory.problem.source import Source
from ...theory.problem.spectrum import Spectrum
from ...theory.problem.target import Target
from .numbers import number, numbers

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Directions:
    """The directions along which some row of the chain can vary.

    Whitened rows are z_k = x_k / sqrt(r_k) and whitened models v_k = sqrt(r_k) w_k, with r_k the population's
    eigenvalue where it is positive, so that the excess error is a plain sum of squares there.
    """

    chosen: NDArray[np.bool_]  # (dimension,)
    scale: Vector  # (count,) r_k > 0
    counted: Vector  # (count,) 1 where the population has variance: only there a model can err

    @property
    def count(self) -> int:
        """Number of directions."""
        return int(self.scale.size)

    def moments(self, field: str, target: Target, spectrum: Spectrum) -> tuple[Vector, Vector]:
        """Mean and standard deviation of a whitened vector with the law of `target`."""
        k = np.arange(1, self.chosen.size + 1)
        mean = numbers(field, target.mean(k, spectrum), negative=True)[self.chosen]
        variance = numbers(field, target.variance(k, spectrum))[self.chosen]
        return np.sqrt(self.scale) * mean, np.sqrt(self.scale * variance)

    def spread(self, covariance: Spectrum) -> Vector:
        """Standard deviations of whitened rows with a covariance."""
        spread: Vector = np.sqrt(numbers("covariance", covariance.eigenvalues())[self.chosen] / self.scale)
        return spread


def directions(chain: Chain) -> Directions:
    """Every direction with variance in the population, in a source's own covariance, or by a disturbance.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Eigenvalues([4.0, 0.0]), UniformTarget())
    >>> directions(replace(population, generations=1, rows=5)).scale.tolist()
    [4.0]
    """
    spectrum = chain.population.spectrum
    eigenvalues = numbers("spectrum", spectrum.eigenvalues())
    positive = eigenvalues > 0
    if not positive.any():
        raise SpecificationError("spectrum", spectrum, "a spectrum with at least one positive eigenvalue")
    chosen = positive.copy()
    for source in {id(s): s for step in chain.generations for s in step.generated}.values():
        chosen |= _reached(source, positive)
    scale = np.where(positive, eigenvalues, eigenvalues[positive].mean())[chosen]
    return Directions(chosen, scale, positive[chosen].astype(float))


def _reached(source: Source, positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Directions in which rows of a source vary."""
    covariates = source.covariates
    everywhere = (isinstance(covariates, Perturbed) and number("std", covariates.std) > 0) or (
        isinstance(covariates, Refitted) and number("shrink", covariates.shrink) > 0
    )
    if everywhere:
        return np.ones_like(positive)
    if source.covariance is not None:
        varied: NDArray[np.bool_] = numbers("covariance", source.covariance.eigenvalues()) > 0
        return varied
    return positive

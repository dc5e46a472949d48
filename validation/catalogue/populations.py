"""Populations at generic parameters, shared by the catalogue's chains."""

from __future__ import annotations

import numpy as np

from ...theory.problem import (
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Isotropic,
    Levels,
    Population,
    PowerLaw,
    SourceCondition,
    Spiked,
    UniformTarget,
)

SMALL = 24


def power(dimension: int, exponent: float = 1.5, source: float = 0.4) -> Population:
    """A power law with a truth in a source condition."""
    return Population(PowerLaw(dimension, exponent), SourceCondition(source, scale=0.7))


def isotropic(dimension: int) -> Population:
    """Equal eigenvalues."""
    return Population(Isotropic(dimension, scale=1.3), UniformTarget(norm_squared=2.1))


def spiked(dimension: int) -> Population:
    """Two spikes above a bulk."""
    return Population(Spiked(dimension, [9.0, 4.0], bulk=0.6), UniformTarget(norm_squared=1.7))


def two_levels() -> Population:
    """Two eigenvalues."""
    return Population(Levels([2.2, 0.15], [8, 16]), UniformTarget(norm_squared=1.4))


def random_truth() -> Population:
    """A truth that is drawn anew in every replicate."""
    return Population(PowerLaw(SMALL, 1.2), GaussianTarget(0.3 + 0.05 * np.arange(SMALL)))


def linear() -> Population:
    """Eigenvalues and coefficients on a line."""
    return Population(Eigenvalues(np.linspace(0.1, 2.4, SMALL)), Coefficients(np.linspace(0.9, -0.5, SMALL)))


def rank_deficient() -> Population:
    """Five directions without variance."""
    return Population(Levels([1.9, 0.0, 0.4], [10, 5, 7]), UniformTarget(norm_squared=2.3))

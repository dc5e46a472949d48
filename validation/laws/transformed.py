"""Chains made from a chain: other units, other directions, other noise, sources split or re-labelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from ...theory.problem import (
    Blend,
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Lottery,
    Perturbed,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
    SourceCondition,
    Spectrum,
    Target,
    UniformTarget,
    checks,
)
from ...theory.problem.spectrum import Isotropic, Levels, PowerLaw, Repeated, Spiked
from ..measured import Array

Map = Callable[[Any], Any]


@final
@dataclass(frozen=True, eq=False)
class Coordinates(checks.ByContent, Target):
    """Independent coordinates with any means and variances."""

    means: Any
    variances: Any

    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        return self.means[np.asarray(k) - 1]

    def variance(self, k: Any, spectrum: Spectrum) -> Any:
        return self.variances[np.asarray(k) - 1]


def louder(chain: Chain, times: float) -> Chain:
    """Truth, offsets and label noise multiplied."""
    spectrum = chain.population.spectrum

    def multiply(target: Target) -> Target:
        return _multiplied(target, times, spectrum)

    population = Population(spectrum, multiply(chain.population.target))
    return _rebuilt(chain, population, multiply, source=lambda one: replace(one, noise=one.noise * times))


def in_other_units(chain: Chain, times: float) -> Chain:
    """Covariates multiplied by sqrt(times): eigenvalues and penalties by times, coefficients by 1/sqrt(times)."""
    spectrum = chain.population.spectrum

    def divide(target: Target) -> Target:
        return _multiplied(target, times**-0.5, spectrum)

    def source(one: Source) -> Source:
        covariates = one.covariates
        if isinstance(covariates, Perturbed):
            covariates = Perturbed(covariates.std * times**0.5)
        covariance = None if one.covariance is None else _stretched(one.covariance, times)
        return replace(one, covariance=covariance, covariates=covariates)

    # A source condition fixes s_k w_k^2, which units do not change.
    target = chain.population.target
    kept = target if isinstance(target, SourceCondition) else divide(target)
    population = Population(_stretched(spectrum, times), kept)
    return _rebuilt(chain, population, divide, source, lambda fit: _with_penalty(fit, times))


def rearranged(chain: Chain, order: Array) -> Chain:
    """Direction order[k] of the chain becomes direction k, spectrum and targets as lists; order -1 has no variance."""

    def pick(spectrum: Spectrum) -> Spectrum:
        return Eigenvalues(np.r_[spectrum.eigenvalues(), 0.0][order])

    def take(target: Target) -> Target:
        return _listed(target, chain.population.spectrum, order)

    def source(one: Source) -> Source:
        return one if one.covariance is None else replace(one, covariance=pick(one.covariance))

    population = Population(pick(chain.population.spectrum), take(chain.population.target))
    return _rebuilt(chain, population, take, source)


def with_random_signs(chain: Chain) -> Chain:
    """A random truth with the same second moments."""
    spectrum = chain.population.spectrum
    moments = chain.population.target.second_moments(spectrum)
    return Chain(Population(spectrum, GaussianTarget(moments)), chain.generations, chain.initial)


def with_sources(
    chain: Chain, source: Callable[[int, Source], tuple[Source, ...]], estimator: Map = lambda e: e
) -> Chain:
    """Every generated source of generation g (1-based) replaced by others."""
    steps = []
    for number, step in enumerate(chain.generations, start=1):
        parts: list[Any] = []
        for one in step.sources:
            parts += source(number, one) if isinstance(one, Source) else (one,)
        steps.append(replace(step, sources=tuple(parts), estimator=estimator(step.estimator)))
    return Chain(chain.population, tuple(steps), chain.initial)


def with_noise(chain: Chain, noise: Callable[[int, float], float]) -> Chain:
    """Label noise as a function of the generation (1-based) and of the noise there."""
    return with_sources(chain, lambda number, one: (replace(one, noise=noise(number, one.noise)),))


def with_weights(chain: Chain, times: float) -> Chain:
    """All weights and penalties multiplied."""
    steps = tuple(
        replace(
            step,
            sources=tuple(replace(one, weight=one.weight * times) for one in step.sources),
            estimator=_with_penalty(step.estimator, times),
        )
        for step in chain.generations
    )
    return Chain(chain.population, steps, chain.initial)


def cut(chain: Chain, start: int, stop: int) -> Chain:
    """Generations start, ..., stop (1-based) alone."""
    return Chain(chain.population, chain.generations[start - 1 : stop], chain.initial if start == 1 else None)


def _rebuilt(
    chain: Chain, population: Population, offset: Map, source: Map = lambda s: s, estimator: Map = lambda e: e
) -> Chain:
    initial = None if chain.initial is None else offset(chain.initial)
    steps = []
    for step in chain.generations:
        parts = tuple(
            source(replace(one, labels=_labels(one.labels, offset))) if isinstance(one, Source) else one
            for one in step.sources
        )
        steps.append(replace(step, sources=parts, estimator=estimator(step.estimator)))
    return Chain(population, tuple(steps), initial)


def _labels(labels: Any, offset: Map) -> Any:
    if isinstance(labels, Shifted):
        return Shifted(offset(labels.offset), labels.tag)
    if isinstance(labels, Blend | Lottery):
        return type(labels)(tuple((_labels(part, offset), weight) for part, weight in labels.parts))
    return labels


def _with_penalty(estimator: Any, times: float) -> Any:
    if isinstance(estimator, Ridge):
        return Ridge(estimator.penalty * times)
    if isinstance(estimator, RandomProjection) and estimator.penalty is not None:
        return replace(estimator, penalty=estimator.penalty * times)
    return estimator


def _multiplied(target: Target, times: float, spectrum: Spectrum) -> Target:
    match target:
        case UniformTarget(norm_squared):
            return UniformTarget(norm_squared * times**2)
        case SourceCondition(exponent, scale):
            return SourceCondition(exponent, scale * times**2)
        case Coefficients(values):
            return Coefficients(values * times)
        case GaussianTarget(variances):
            return GaussianTarget(variances * times**2)
        case _:
            k = np.arange(1, spectrum.dimension + 1)
            return _coordinates(target.mean(k, spectrum) * times, target.variance(k, spectrum) * times**2)


def _listed(target: Target, spectrum: Spectrum, order: Array) -> Target:
    k = np.arange(1, spectrum.dimension + 1)
    mean, variance = np.r_[target.mean(k, spectrum), 0.0], np.r_[target.variance(k, spectrum), 0.0]
    return _coordinates(mean[order], variance[order])


def _coordinates(means: Array, variances: Array) -> Target:
    if not np.any(variances):
        return Coefficients(means)
    return GaussianTarget(variances) if not np.any(means) else Coordinates(means, variances)


def _stretched(spectrum: Spectrum, times: float) -> Spectrum:
    match spectrum:
        case Isotropic(dimension, scale):
            return Isotropic(dimension, scale * times)
        case PowerLaw(dimension, exponent, scale):
            return PowerLaw(dimension, exponent, scale * times)
        case Levels(values, multiplicities):
            return Levels(values * times, multiplicities)
        case Spiked(dimension, spikes, bulk):
            return Spiked(dimension, spikes * times, bulk * times)
        case Repeated(base, repeats):
            return Repeated(_stretched(base, times), repeats)
        case _:
            return Eigenvalues(spectrum.eigenvalues() * times)

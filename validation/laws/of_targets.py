"""Laws of a target: the law of the truth, coordinate by coordinate."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from hypothesis import strategies as st

from ...theory.evaluation.differentiation import precise
from ...theory.evaluation.prediction import predict
from ...theory.problem import Coefficients, Population, Ridge, Spectrum, Target
from ...theory.problem import replace as replacement
from ..strategies import spectra, targets
from .law import About, law, same, true
from .of_spectra import has_real_parameters, real_parameters


def targets_on_spectra() -> st.SearchStrategy[Any]:
    """Pairs of a target and a spectrum that it fits."""
    return spectra().flatmap(lambda spectrum: st.tuples(targets(spectrum), st.just(spectrum)))


def is_traceable(pair: tuple[Target, Spectrum]) -> bool:
    """Whether the target is a dataclass that holds real numbers."""
    return has_real_parameters(pair[0])


@law(targets_on_spectra, about=About.TARGET)
def second_moments_are_mean_squared_plus_variance(pair: tuple[Target, Spectrum]) -> None:
    """E w_k^2 = mean^2 + variance, finite for every k = 1..d, and the variance is >= 0."""
    target, spectrum = pair
    k = np.arange(1, spectrum.dimension + 1)
    mean, variance = target.mean(k, spectrum), target.variance(k, spectrum)
    moments = target.second_moments(spectrum)
    same(moments, mean**2 + variance, of="second moments")
    true(np.all(np.isfinite(moments)) and np.all(variance >= 0), f"means {mean}, variances {variance}")


@law(targets_on_spectra, about=About.TARGET)
def coordinates_can_be_asked_for_one_by_one(pair: tuple[Target, Spectrum]) -> None:
    """mean(k) and variance(k) are the same for a whole number k and for an array that holds k."""
    target, spectrum = pair
    k = np.arange(1, spectrum.dimension + 1)
    for name in ("mean", "variance"):
        ask = getattr(target, name)
        same([ask(int(one), spectrum) for one in k], ask(k, spectrum), within=1e-14, of=name)


@law(targets_on_spectra, about=About.TARGET)
def targets_are_equal_by_content(pair: tuple[Target, Spectrum]) -> None:
    """A copy of a target is equal and has the same hash."""
    target, _ = pair
    copy = deepcopy(target)
    true(copy == target and hash(copy) == hash(target), "a copy differs from its original")


@law(targets_on_spectra, about=About.TARGET)
def sharing_out_keeps_the_norm(pair: tuple[Target, Spectrum]) -> None:
    """On the spectrum with every eigenvalue three times, three neighbours share the square of a coordinate equally."""
    population = Population(pair[1], pair[0])
    shared = population.scaled(3)
    moments = shared.target.second_moments(shared.spectrum)
    same(3 * moments, np.repeat(pair[0].second_moments(pair[1]), 3), of="second moments")


@law(targets_on_spectra, about=About.TARGET, applies=is_traceable)
def traced_parameters_give_the_same_coordinates(pair: tuple[Target, Spectrum]) -> None:
    """Inside jax.jit, a target that holds tracers in place of its real numbers has the same second moments."""
    target, spectrum = pair
    with precise():
        traced = jax.jit(lambda parameters: replace(target, **parameters).second_moments(spectrum))  # type: ignore[type-var]
        same(traced(real_parameters(target)), target.second_moments(spectrum), within=1e-13, of="second moments")


@law(targets_on_spectra, about=About.TARGET)
def predictions_read_second_moments(pair: tuple[Target, Spectrum]) -> None:
    """Ridge regression has the same errors for the target and for fixed coefficients sqrt(E w_k^2)."""
    target, spectrum = pair
    scale = float(np.mean(np.asarray(spectrum.eigenvalues())))
    fixed = Coefficients(np.sqrt(target.second_moments(spectrum)))
    first, second = (
        predict(replacement(Population(spectrum, one), 3, max(5, spectrum.dimension), 0.4, Ridge(0.07 * scale))).error
        for one in (target, fixed)
    )
    same(first, second, of="errors")


TARGETS = (
    second_moments_are_mean_squared_plus_variance,
    coordinates_can_be_asked_for_one_by_one,
    targets_are_equal_by_content,
    sharing_out_keeps_the_norm,
    traced_parameters_give_the_same_coordinates,
    predictions_read_second_moments,
)

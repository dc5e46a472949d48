"""Laws of a spectrum: what every part of the package takes for granted."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from typing import Any

import jax
import numpy as np

from ...theory.evaluation.differentiation import precise
from ...theory.evaluation.prediction import predict
from ...theory.problem import Chain, Eigenvalues, Population, Ridge, Spectrum, UniformTarget
from ...theory.problem import replace as replacement
from ...theory.problem.spectrum import Repeated
from ..strategies import spectra
from .law import About, law, same, true


def has_real_parameters(value: Any) -> bool:
    """Whether it is a dataclass with a field that is a `float` or an array."""
    return is_dataclass(value) and bool(real_parameters(value))


def real_parameters(value: Any) -> dict[str, Any]:
    """The fields that hold real numbers, by name."""
    named = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    return {name: one for name, one in named.items() if isinstance(one, float | np.ndarray)}


@law(spectra, about=About.SPECTRUM)
def eigenvalues_are_finite_and_some_are_positive(spectrum: Spectrum) -> None:
    """s_1, ..., s_d are finite numbers >= 0, and one of them is > 0."""
    s = np.asarray(spectrum.eigenvalues())
    true(s.shape == (spectrum.dimension,), f"{s.shape} eigenvalues in dimension {spectrum.dimension}")
    true(np.all(np.isfinite(s)) and np.all(s >= 0) and np.any(s > 0), f"eigenvalues {s.tolist()}")


@law(spectra, about=About.SPECTRUM)
def eigenvalues_can_be_asked_for_one_by_one(spectrum: Spectrum) -> None:
    """eigenvalue(k) is the same for a whole number k, a NumPy number, and an array that holds k."""
    s = spectrum.eigenvalues()
    numbers = range(1, spectrum.dimension + 1)
    same([spectrum.eigenvalue(k) for k in numbers], s, within=1e-14, of="eigenvalues of whole numbers")
    same([spectrum.eigenvalue(np.int64(k)) for k in numbers], s, within=1e-14, of="eigenvalues of NumPy numbers")
    same(spectrum.eigenvalue(np.array(numbers)[::-1]), s[::-1], within=1e-14, of="eigenvalues of an array")


@law(spectra, about=About.SPECTRUM)
def levels_are_the_eigenvalues(spectrum: Spectrum) -> None:
    """Where `levels` is given, its values, repeated as often as it says, are s_1, ..., s_d in order."""
    blocks = spectrum.checked_levels()
    if blocks is not None:
        values, counts = blocks
        same(np.repeat(np.asarray(values, dtype=float), counts), spectrum.eigenvalues(), within=1e-14, of="levels")


@law(spectra, about=About.SPECTRUM)
def the_rank_counts_positive_eigenvalues(spectrum: Spectrum) -> None:
    """rank() is the number of k with s_k > 0."""
    same(spectrum.rank(), np.count_nonzero(spectrum.eigenvalues()), of="rank")


@law(spectra, about=About.SPECTRUM)
def spectra_are_equal_by_content(spectrum: Spectrum) -> None:
    """A copy of a spectrum is equal and has the same hash."""
    copy = deepcopy(spectrum)
    true(copy == spectrum and hash(copy) == hash(spectrum), "a copy differs from its original")


@law(spectra, about=About.SPECTRUM)
def repetition_repeats_in_place(spectrum: Spectrum) -> None:
    """Repeated(spectrum, 3) is s_1, s_1, s_1, s_2, ..., by k, by levels and in rank."""
    repeated = Repeated(spectrum, 3)
    same(repeated.eigenvalues(), np.repeat(spectrum.eigenvalues(), 3), within=1e-14, of="eigenvalues")
    same(repeated.rank(), 3 * spectrum.rank(), of="rank")


@law(spectra, about=About.SPECTRUM, applies=has_real_parameters)
def traced_parameters_give_the_same_eigenvalues(spectrum: Spectrum) -> None:
    """Inside jax.jit, a spectrum that holds tracers in place of its real numbers has the same eigenvalues."""
    with precise():
        traced = jax.jit(lambda parameters: replace(spectrum, **parameters).eigenvalues())  # type: ignore[type-var]
        same(traced(real_parameters(spectrum)), spectrum.eigenvalues(), within=1e-13, of="eigenvalues")


@law(spectra, about=About.SPECTRUM)
def predictions_read_the_eigenvalues(spectrum: Spectrum) -> None:
    """Ridge regression has the same errors on the spectrum, on Eigenvalues([s_1, ..., s_d]), and on it scaled up."""
    s = np.asarray(spectrum.eigenvalues())
    whole, listed = (_ridge_chain(one) for one in (spectrum, Eigenvalues(s)))
    same(predict(whole).error, predict(listed).error, s.sum(), of="errors")
    same(predict(whole.scaled(2)).error, predict(listed).error, s.sum(), of="errors at twice the size")


def _ridge_chain(spectrum: Spectrum) -> Chain:
    population = Population(spectrum, UniformTarget(1.7))
    scale = float(np.mean(np.asarray(spectrum.eigenvalues())))
    rows = max(5, spectrum.dimension)
    return replacement(population, 3, rows, 0.4 * scale**0.5, Ridge(0.07 * scale))


SPECTRA = (
    eigenvalues_are_finite_and_some_are_positive,
    eigenvalues_can_be_asked_for_one_by_one,
    levels_are_the_eigenvalues,
    the_rank_counts_positive_eigenvalues,
    spectra_are_equal_by_content,
    repetition_repeats_in_place,
    traced_parameters_give_the_same_eigenvalues,
    predictions_read_the_eigenvalues,
)

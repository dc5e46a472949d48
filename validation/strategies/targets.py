"""Truths to try a statement on."""

from __future__ import annotations

from hypothesis import strategies as st

from ...theory.problem import (
    Coefficients,
    GaussianTarget,
    Population,
    PowerLaw,
    SourceCondition,
    Spectrum,
    Target,
    UniformTarget,
)
from .numbers import decimals
from .spectra import spectra


def targets(spectrum: Spectrum) -> st.SearchStrategy[Target]:
    """Any packaged target that fits the spectrum, none of them zero.

    >>> from hypothesis import find
    >>> from modelcollapse.theory.problem import Isotropic
    >>> find(targets(Isotropic(6)), lambda target: isinstance(target, UniformTarget))
    UniformTarget(norm_squared=0.1)
    """
    kinds: list[st.SearchStrategy[Target]] = [uniform(), *offsets(spectrum)]
    if isinstance(spectrum, PowerLaw):
        kinds.insert(1, st.builds(SourceCondition, decimals(1, 15, places=1), decimals(10, 300)))
    return st.one_of(kinds)


def offsets(spectrum: Spectrum) -> list[st.SearchStrategy[Target]]:
    """Coordinates of either sign, or random ones: for truths, and for what labels may differ from them by."""
    count = spectrum.dimension
    fixed = st.lists(decimals(-200, 200), min_size=count, max_size=count).filter(any)
    variances = st.lists(decimals(1, 300), min_size=count, max_size=count)
    return [fixed.map(Coefficients), variances.map(GaussianTarget)]


def uniform() -> st.SearchStrategy[UniformTarget]:
    """The same coordinate everywhere."""
    return st.builds(UniformTarget, decimals(10, 500))


@st.composite
def populations(
    draw: st.DrawFn, spectrum: st.SearchStrategy[Spectrum] | None = None, dimension: int | None = None
) -> Population:
    """Covariates and a truth that fits them.

    Args:
        spectrum: strategy for the spectrum; None takes `spectra(dimension)`.
        dimension: number of covariates; None draws one.
    """
    drawn = draw(spectra(dimension) if spectrum is None else spectrum)
    return Population(drawn, draw(targets(drawn)))

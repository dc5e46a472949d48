"""Spectra to try a statement on."""

from __future__ import annotations

from hypothesis import strategies as st

from ...theory.problem import Eigenvalues, Isotropic, Levels, PowerLaw, Spectrum, Spiked
from .numbers import decimals, dimensions


def spectra(dimension: int | None = None, *, full_rank: bool = False) -> st.SearchStrategy[Spectrum]:
    """Any packaged spectrum with eigenvalues between 0.01 and 8, and zeros.

    Args:
        dimension: number of covariates; None draws one.
        full_rank: whether zeros are left out.

    >>> from hypothesis import find
    >>> find(spectra(6), lambda spectrum: spectrum.rank() < 6).rank() < 6
    True
    """
    if dimension is None:
        return dimensions().flatmap(lambda drawn: spectra(drawn, full_rank=full_rank))
    kinds = [isotropic(dimension), power_laws(dimension), levels(dimension), spiked(dimension), listed(dimension)]
    return st.one_of(kinds if full_rank else [*kinds, rank_deficient(dimension)])


def isotropic(dimension: int) -> st.SearchStrategy[Isotropic]:
    """Equal eigenvalues."""
    return st.builds(Isotropic, st.just(dimension), decimals(20, 400))


def power_laws(dimension: int) -> st.SearchStrategy[PowerLaw]:
    """Polynomial decay, with exponents up to 2."""
    return st.builds(PowerLaw, st.just(dimension), decimals(3, 20, places=1), decimals(20, 400))


def levels(dimension: int) -> st.SearchStrategy[Levels]:
    """Two levels of half the dimension each."""
    half = dimension // 2
    values = st.lists(decimals(20, 400), min_size=2, max_size=2, unique=True)
    return values.map(lambda drawn: Levels(drawn, [half, dimension - half]))


def spiked(dimension: int) -> st.SearchStrategy[Spiked]:
    """Two large eigenvalues over a bulk."""
    spikes = st.lists(decimals(20, 80, places=1), min_size=2, max_size=2)
    return st.builds(Spiked, st.just(dimension), spikes, decimals(20, 150))


def listed(dimension: int) -> st.SearchStrategy[Eigenvalues]:
    """Any list in any order, not all equal."""
    values = st.lists(decimals(20, 400), min_size=dimension, max_size=dimension)
    return values.filter(lambda drawn: len(set(drawn)) > 1).map(Eigenvalues)


def rank_deficient(dimension: int) -> st.SearchStrategy[Levels]:
    """Two positive levels on half of the directions, no variance on the other half."""
    quarter, rest = dimension // 4, dimension // 2 - dimension // 4
    values = st.lists(decimals(20, 400), min_size=2, max_size=2, unique=True)
    return values.map(lambda drawn: Levels([drawn[0], 0.0, drawn[1]], [quarter, dimension - dimension // 2, rest]))

"""What `st.from_type` draws for the types of a specification."""

from __future__ import annotations

from hypothesis import strategies as st

from ...theory.problem import (
    Chain,
    Generation,
    Isotropic,
    Population,
    PowerLaw,
    RandomProjection,
    Ridge,
    Source,
    Spectrum,
    Target,
)
from .chains import chains
from .numbers import dimensions, penalties
from .parts import WIDTH, generations, sources
from .spectra import isotropic, power_laws, spectra
from .targets import populations, targets


def register() -> None:
    """Let `st.from_type(Chain)`, and its like for the other types, draw from this package.

    Sources and generations that stand alone refer to nothing earlier.
    """
    st.register_type_strategy(Chain, chains())
    st.register_type_strategy(Population, populations())
    st.register_type_strategy(Spectrum, spectra())
    st.register_type_strategy(Isotropic, dimensions().flatmap(isotropic))
    st.register_type_strategy(PowerLaw, dimensions().flatmap(power_laws))
    st.register_type_strategy(Target, spectra().flatmap(targets))
    st.register_type_strategy(Ridge, st.builds(Ridge, penalties()))
    st.register_type_strategy(RandomProjection, st.builds(RandomProjection, st.just(WIDTH), penalties()))
    st.register_type_strategy(Source, spectra().flatmap(sources))
    st.register_type_strategy(Generation, spectra().flatmap(generations))

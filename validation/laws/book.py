"""All laws, in the order in which they are told."""

from __future__ import annotations

from ...theory.problem import SpecificationError
from .law import About, Law
from .of_closed_forms import CLOSED_FORMS
from .of_generations import GENERATIONS
from .of_mixtures import MIXTURES
from .of_predictions import PREDICTIONS
from .of_specifications import SPECIFICATIONS
from .of_spectra import SPECTRA
from .of_targets import TARGETS
from .of_units import UNITS
from .of_verified_rows import VERIFIED_ROWS

LAWS: tuple[Law, ...] = (
    *UNITS,
    *GENERATIONS,
    *CLOSED_FORMS,
    *MIXTURES,
    *VERIFIED_ROWS,
    *PREDICTIONS,
    *SPECIFICATIONS,
    *SPECTRA,
    *TARGETS,
)


def law_named(name: str) -> Law:
    """The law with that name.

    Raises:
        SpecificationError: for another name.

    >>> law_named("forwards is backwards").about.value
    'predictions'
    """
    for one in LAWS:
        if one.name == name:
            return one
    raise SpecificationError("name", name, "the name of a law: " + "; ".join(one.name for one in LAWS))


def laws_about(*subjects: About) -> tuple[Law, ...]:
    """The laws that speak of any of these."""
    return tuple(one for one in LAWS if one.about in subjects)

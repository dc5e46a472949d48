"""The classes that may stand in a file. Names from a file are looked up here and nowhere else.

A table of the file names its class under `class` and gives the fields of it; a class without fields is written as its
name alone. Fields that are left out have their default. Equal generations in a row stand there once, with a `count`.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ..covariates import Fresh, Perturbed, Refitted, SameRows
from ..estimator import MinimumNorm, RandomProjection, Ridge
from ..labels import Blend, LabelledBy, Lottery, Previous, Recorded, Shifted, Truth
from ..memory import Accumulate, Forget, Subsample
from ..selection import KeepAll, NormWindow, Resample, ResidualWindow, Revise, TopShare, Unreliable
from ..source import Kept, Source
from ..spectrum import Eigenvalues, Isotropic, Levels, PowerLaw, Repeated, Spiked
from ..target import Coefficients, GaussianTarget, SharedOut, SourceCondition, UniformTarget

VERSION = 1  # of the format; a change of meaning, a default's included, raises it
DEEPEST = 32  # how far tables and arrays may nest

_SPECTRA = (Isotropic, PowerLaw, Levels, Spiked, Eigenvalues, Repeated)
_TARGETS = (UniformTarget, SourceCondition, Coefficients, GaussianTarget, SharedOut)
_ROWS = (Source, Kept)
_LABELS = (Truth, Previous, LabelledBy, Shifted, Recorded, Blend, Lottery)
_COVARIATES = (Fresh, SameRows, Refitted, Perturbed)
_ESTIMATORS = (Ridge, MinimumNorm, RandomProjection)
_SELECTIONS = (KeepAll, ResidualWindow, NormWindow, TopShare, Unreliable, Resample, Revise)
_MEMORIES = (Forget, Accumulate, Subsample)

PACKAGED: dict[str, type[Any]] = {
    kind.__name__: kind
    for family in (_SPECTRA, _TARGETS, _ROWS, _LABELS, _COVARIATES, _ESTIMATORS, _SELECTIONS, _MEMORIES)
    for kind in family
}


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a packaged class, in their order.

    >>> field_names(PACKAGED["PowerLaw"])
    ('dimension', 'exponent', 'scale')
    """
    return tuple(field.name for field in fields(kind))

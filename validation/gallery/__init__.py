"""Figures of the four papers, drawn again from theory and simulation; `modelcollapse figure` writes them."""

from __future__ import annotations

from types import MappingProxyType

from ...theory.problem import SpecificationError
from .accumulate_replace import AccumulateReplace as AccumulateReplace
from .adaptive_ridge import AdaptiveRidge as AdaptiveRidge
from .digits import DigitsPolynomial as DigitsPolynomial
from .digits import DigitsRbf as DigitsRbf
from .generations import Generations as Generations
from .overparameterised import Overparameterised as Overparameterised
from .picture import Picture as Picture
from .plateau import Plateau as Plateau
from .scaling_law import ScalingLaw as ScalingLaw
from .transition import Transition as Transition
from .verifiers import Verifiers as Verifiers
from .width import Width as Width

_PICTURES: tuple[Picture, ...] = (
    Generations(),
    Overparameterised(),
    ScalingLaw(),
    AdaptiveRidge(),
    Plateau(),
    Width(),
    Transition(),
    Verifiers(),
    AccumulateReplace(),
    DigitsPolynomial(),
    DigitsRbf(),
)
GALLERY = MappingProxyType({picture.name: picture for picture in _PICTURES})


def picture_named(name: str) -> Picture:
    """The picture of the gallery that has this name, at the sizes it is printed at.

    Raises:
        SpecificationError: for any other name.

    >>> picture_named("plateau").title
    'A small share of synthetic data stops the decay'
    """
    if name not in GALLERY:
        raise SpecificationError("picture", name, ", ".join(GALLERY))
    return GALLERY[name]

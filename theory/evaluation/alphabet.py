"""The letters of a derived formula, and the numbers that are given for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..algebra.expression import Deterministic, Source, Space
from ..algebra.pencil import refuse_two_meanings
from ..algebra.polynomial import OWN, Letter
from ..algebra.program import Program
from ..problem import checks
from ..problem.errors import SpecificationError
from ..rules.fits import Fit
from .fixed_point.machine import Setting

FEATURES = "features"


@final
@dataclass(frozen=True)
class Alphabet:
    """The letters that need a value.

    Attributes:
        letters: all, sorted.
        spectral: those that are functions of the eigendirection.
        sizes: those that are dimensions of a space.
        dimension: that of the space of features.
    """

    letters: tuple[Letter, ...]
    spectral: tuple[Letter, ...]
    sizes: frozenset[Letter]
    dimension: Letter

    @classmethod
    def of_program(cls, program: Program) -> Alphabet:
        """The letters of a program that it does not define."""
        defined = program.definitions
        bodies = [*(one.body for one in defined.values()), *(target.body for target in program.targets)]
        used = {letter for body in bodies for letter in body.letters} - set(defined)
        return _alphabet(used, program.spectral, (*program.spaces, *program.spectral.values()), program.spaces)

    @classmethod
    def of_fits(cls, fits: Iterable[Fit], vectors: Iterable[Source], metric: Deterministic) -> Alphabet:
        """The letters of generations, of the truth and offsets, and of what the error counts."""
        spectral: dict[Letter, Space] = {}
        scalars, spaces = set[Letter](), set[Space]()
        for fit in fits:
            scalars |= fit.names.keys()
            spaces |= {Space(one.name, fit.letters.get(one.size, one.size)) for one in fit.rule.program.spaces}
            spectral |= {letter: space for letter, space in fit.rule.program.spectral.items() if letter[0] != OWN}
        functions = [(metric.value, metric.spectral), *((one.second, one.spectral) for one in vectors)]
        for value, own in functions:
            spectral |= dict.fromkeys(own, metric.space)
            scalars |= value.letters - own
        refuse_two_meanings(scalars | {space.size for space in spaces}, spectral)
        return _alphabet(scalars | spectral.keys(), spectral, spaces, spaces)

    def setting(self, values: Mapping[Letter, Any], positive: set[Letter], nonnegative: set[Letter]) -> Setting:
        """The values as the interpreter reads them.

        Args:
            values: one for each letter.
            positive, nonnegative: letters whose values must be.

        Raises:
            SpecificationError: for a letter without a value, one too many, or an impossible value.
        """
        used = [letter for letter in self.spectral if letter in self.letters]
        known = {*values, self.dimension} if used else {*values}  # arrays show how many directions there are
        missing = [letter for letter in self.letters if letter not in known]
        unknown = [letter for letter in values if letter not in self.letters]
        if missing or unknown:
            raise SpecificationError("values", sorted(values), f"a value for each of {', '.join(self.letters)}")
        for letter, value in values.items():
            _require_number(letter, value, letter in self.spectral, letter in self.sizes | positive)
            if letter in nonnegative and checks.is_concrete(value) and np.any(np.asarray(value) < 0):
                raise SpecificationError(letter, value, "eigenvalues and mean squares, which are not negative")
        spectral = {letter: values[letter] for letter in used}
        scalars = {letter: value for letter, value in values.items() if letter not in spectral}
        if not spectral:
            return Setting(scalars, spectral, {})
        length = self._directions(values, spectral)
        return Setting(scalars | {self.dimension: float(length)}, spectral, {FEATURES: np.ones(length)})

    def _directions(self, values: Mapping[Letter, Any], spectral: Mapping[Letter, Any]) -> int:
        """How many eigendirections the arrays show."""
        shapes = {np.shape(value) for value in spectral.values()}
        if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
            raise SpecificationError("values", shapes, "arrays of one and the same length for all spectral letters")
        ((length,),) = shapes
        told = values.get(self.dimension, length)
        if checks.is_concrete(told) and told != length:
            raise SpecificationError(self.dimension, told, f"{length}, as many as there are eigendirections")
        return int(length)


def _alphabet(
    used: set[Letter], spectral: Mapping[Letter, Space], everywhere: Iterable[Space], spaces: Iterable[Space]
) -> Alphabet:
    features = [space for space in everywhere if space.name == FEATURES]
    sizes = frozenset(space.size for space in spaces)
    dimension = features[0].size if features else "d"
    return Alphabet(tuple(sorted(used | sizes)), tuple(spectral), sizes, dimension)


def _require_number(letter: Letter, value: Any, many: bool, is_size: bool) -> None:
    if checks.is_tracer(value):
        return
    allowed = "finite numbers, one for each eigendirection" if many else "a finite number"
    try:
        array = np.asarray(value)
    except Exception:  # ragged lists
        raise SpecificationError(letter, value, allowed) from None
    if array.dtype.kind not in "iuf" or (array.ndim > 0 and not many) or not np.all(np.isfinite(array)):
        raise SpecificationError(letter, value, allowed)
    if is_size and not np.all(array > 0):
        raise SpecificationError(letter, value, "a positive number")

r"""`derive` for an estimator of one's own: an expression in Gaussian matrices in, its theorem out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import jax
import numpy as np

from ..algebra.dyson import dyson
from ..algebra.expression import Expression
from ..algebra.pencil import pencil
from ..algebra.polynomial import Letter
from ..algebra.program import Program
from ..algebra.risk import Traces, tr
from ..problem import checks
from ..problem.errors import SpecificationError
from .fixed_point.machine import Setting
from .fixed_point.precision import reliable, rounding_loss, traced

FEATURES = "features"


@final
@dataclass(frozen=True, eq=False)
class Derived:
    """The limit of proportional sizes of a sum of traces, such as the test error of an estimator.

    Attributes:
        traces: what was derived, named part by part; the truth's part is the noise-free error.
        program: the fixed-point equations in the order in which they are solved.
    """

    traces: Traces
    program: Program

    @cached_property
    def letters(self) -> tuple[Letter, ...]:
        """The letters that need a value: sizes, penalties, noises, spectra, second moments."""
        defined = self.program.definitions
        bodies = [*(one.body for one in defined.values()), *(target.body for target in self.program.targets)]
        used = {letter for body in bodies for letter in body.letters} - set(defined)
        used |= {space.size for space in self.program.spaces}
        return tuple(sorted(used))

    @property
    def names(self) -> tuple[str, ...]:
        """The parts of the result."""
        return tuple(target.name for target in self.program.targets)

    def __call__(self, **values: Any) -> dict[str, Any]:
        """Every part of the result at numbers.

        Args:
            values: one for each of `letters` (`**{"lambda": 0.1}` for a Python keyword): spectral letters as arrays
                over the eigendirections, everything else as numbers.

        Returns:
            Floats with at least ten digits; JAX arrays under a transform (NaN where rounding spoils them).

        Raises:
            SpecificationError: for a letter without a value, or one too many.
            NotCertified: where the fixed point is not reached.
        """
        setting = self.setting(values)
        if all(checks.is_concrete(value) for part in setting for value in part.values()):
            found = reliable(self.program, setting)
            return {name: float(value) for name, value in found.targets.items()}
        return traced(self.program, setting).targets

    def condition(self, **values: Any) -> float:
        """How much rounding is amplified when the program is evaluated in float64."""
        return rounding_loss(self.program, self.setting(values)) * 2.0**52

    def compile(self) -> Callable[..., Any]:
        """The total as a function of the letters, compiled; differentiable inside `with mc.precise():`."""

        @jax.jit
        def total(**values: Any) -> Any:
            return sum(traced(self.program, self.setting(values)).targets.values())

        return total

    def setting(self, values: Mapping[Letter, Any]) -> Setting:
        """The values as the interpreter reads them."""
        dimension = _dimension(self.program)
        used = [letter for letter in self.program.spectral if letter in self.letters]
        known = {*values, dimension} if used else {*values}  # arrays show how many directions there are
        missing = [letter for letter in self.letters if letter not in known]
        unknown = [letter for letter in values if letter not in self.letters]
        if missing or unknown:
            raise SpecificationError("values", sorted(values), f"a value for each of {', '.join(self.letters)}")
        sizes = {space.size for space in self.program.spaces}
        for letter, value in values.items():
            _require_number(letter, value, letter in self.program.spectral, letter in sizes)
        spectral = {letter: values[letter] for letter in used}
        shapes = {np.shape(value) for value in spectral.values()}
        if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
            raise SpecificationError("values", shapes, "arrays of one and the same length for all spectral letters")
        scalars = {letter: value for letter, value in values.items() if letter not in spectral}
        counts: dict[str, Any] = {}
        if shapes:
            (length,) = shapes.pop()
            if dimension in values and checks.is_concrete(values[dimension]) and values[dimension] != length:
                raise SpecificationError(
                    dimension, values[dimension], f"{length}, as many as there are eigendirections"
                )
            counts = {FEATURES: np.ones(length)}
            scalars[dimension] = float(length)
        return Setting(scalars, spectral, counts)


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
        raise SpecificationError(letter, value, "a positive size")


def derive_expression(given: Traces | Expression) -> Derived:
    """Derive traces, or the trace of an expression."""
    traces = given if isinstance(given, Traces) else tr(given)
    return Derived(traces, dyson(pencil(traces.parts)))


def _dimension(program: Program) -> Letter:
    features = [space.size for space in (*program.spaces, *program.spectral.values()) if space.name == FEATURES]
    return features[0] if features else "d"

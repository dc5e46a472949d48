"""A population: where covariates come from and what the truth is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from . import checks
from .errors import SpecificationError
from .spectrum import Repeated, Spectrum
from .target import SharedOut, Target


@final
@dataclass(frozen=True)
class Population:
    """Covariates x ~ N(0, Sigma) with the eigenvalues of `spectrum`, and a truth w_0 with the law of `target`.

    Raises:
        SpecificationError: for other types, or a target that does not fit the spectrum.

    >>> from modelcollapse.theory.problem import Isotropic, UniformTarget
    >>> Population(Isotropic(5), UniformTarget()).dimension
    5
    """

    spectrum: Spectrum
    target: Target

    def __post_init__(self) -> None:
        if not isinstance(self.spectrum, Spectrum):
            raise SpecificationError("spectrum", self.spectrum, "a Spectrum, such as Isotropic(100)")
        if not isinstance(self.target, Target):
            raise SpecificationError("target", self.target, "a Target, such as UniformTarget()")
        checks.size("dimension", getattr(self.spectrum, "dimension", None))
        self.target.refuse_mismatch(self.spectrum)

    @property
    def dimension(self) -> Any:
        """Number of covariates."""
        return self.spectrum.dimension

    def scaled(self, times: int) -> Population:
        """The population with every eigenvalue repeated `times` times and the target shared out."""
        times = checks.concrete_size("times", times)
        if times == 1:
            return self
        return Population(Repeated(self.spectrum, times), SharedOut(self.target, times))

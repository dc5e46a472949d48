"""Targets: the law of the truth w_0, coordinate by coordinate in the eigenbasis of the covariance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from . import checks
from .checks import ByContent, Scalar
from .errors import SpecificationError
from .spectrum import PowerLaw, Repeated, Spectrum


class Target(ABC):
    """An open family: the mean and the variance of each coordinate of a vector in the eigenbasis.

    Coordinates are independent; a positive variance makes the vector random, drawn anew in every replicate.
    """

    @abstractmethod
    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        """The mean of coordinate k = 1..d."""

    def variance(self, k: Any, spectrum: Spectrum) -> Any:
        """The variance of coordinate k = 1..d; zero unless a subclass says otherwise."""
        return k * 0.0

    def refuse_mismatch(self, spectrum: Spectrum) -> None:
        """Raise `SpecificationError` where this target does not fit `spectrum`."""

    def second_moments(self, spectrum: Spectrum) -> Any:
        """E w_{0,k}^2 for k = 1..d, an array of shape (dimension,).

        >>> from modelcollapse.theory.problem import Isotropic
        >>> UniformTarget(norm_squared=8.0).second_moments(Isotropic(4)).round(12).tolist()
        [2.0, 2.0, 2.0, 2.0]
        """
        count = checks.concrete_size("dimension", spectrum.dimension)
        checks.require_memory("dimension", count, 64)
        k = np.arange(1, count + 1)
        with np.errstate(over="ignore", invalid="ignore"):  # refused by name below
            mean, variance = self.mean(k, spectrum), self.variance(k, spectrum)
            if np.shape(mean) != k.shape or np.shape(variance) != k.shape:
                raise SpecificationError("target", self, f"a mean and a variance for each of the {count} coordinates")
            moments = mean**2 + variance
        if _is_impossible(variance) or _is_impossible(moments):
            raise SpecificationError("target", self, "variances and finite second moments >= 0 on this spectrum")
        return moments


@final
@dataclass(frozen=True)
class UniformTarget(Target):
    """The same coordinate sqrt(norm_squared / d) in every direction of the eigenbasis.

    Args:
        norm_squared: |w_0|^2, >= 0.
    """

    norm_squared: Scalar = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "norm_squared", checks.nonnegative("norm_squared", self.norm_squared))

    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        return (k * 0 + 1.0) * (self.norm_squared / spectrum.dimension) ** 0.5


@final
@dataclass(frozen=True)
class SourceCondition(Target):
    """Polynomial target on a power-law spectrum: s_k w_{0,k}^2 = scale * k^(-1 - 2 exponent beta).

    Args:
        exponent: the source exponent r, a finite number; beta is the exponent of the `PowerLaw`.
        scale: the leading term, >= 0.

    Raises:
        SpecificationError: when paired with another spectrum than `PowerLaw`.

    >>> from modelcollapse.theory.problem import PowerLaw
    >>> SourceCondition(0.5).mean(1, PowerLaw(10, 1.5))
    1.0
    """

    exponent: Scalar
    scale: Scalar = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "exponent", checks.real("exponent", self.exponent))
        object.__setattr__(self, "scale", checks.nonnegative("scale", self.scale))

    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        if not isinstance(spectrum, PowerLaw):
            raise SpecificationError("target", self, "SourceCondition only with a PowerLaw spectrum")
        # w_k^2 = (scale / spectrum.scale) k^(beta - 1 - 2 r beta), as one power so that it cannot overflow midway.
        power = spectrum.exponent - 1.0 - 2.0 * self.exponent * spectrum.exponent
        return (self.scale / spectrum.scale) ** 0.5 * (1.0 * k) ** (0.5 * power)

    def refuse_mismatch(self, spectrum: Spectrum) -> None:
        if not isinstance(spectrum, PowerLaw):
            raise SpecificationError("target", self, "SourceCondition only with a PowerLaw spectrum")


@final
@dataclass(frozen=True, eq=False)
class Coefficients(ByContent, Target):
    """A fixed vector, given by its coordinates in the eigenbasis (same order as the eigenvalues)."""

    values: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", checks.vector("values", self.values, negative=True))

    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        return self.values[np.asarray(k) - 1]

    def refuse_mismatch(self, spectrum: Spectrum) -> None:
        _same_length("values", self.values, spectrum)


@final
@dataclass(frozen=True, eq=False)
class GaussianTarget(ByContent, Target):
    """A random vector with independent N(0, variances[k]) coordinates, drawn anew in every replicate."""

    variances: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "variances", checks.vector("variances", self.variances))

    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        return k * 0.0

    def variance(self, k: Any, spectrum: Spectrum) -> Any:
        return self.variances[np.asarray(k) - 1]

    def refuse_mismatch(self, spectrum: Spectrum) -> None:
        _same_length("variances", self.variances, spectrum)


@final
@dataclass(frozen=True)
class SharedOut(Target):
    """`base` shared out over a `Repeated` spectrum: each coordinate becomes `times` equal parts of its square."""

    base: Target
    times: int

    def __post_init__(self) -> None:
        if not isinstance(self.base, Target):
            raise SpecificationError("base", self.base, "a Target")
        object.__setattr__(self, "times", checks.concrete_size("times", self.times))

    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        return self.base.mean((k - 1) // self.times + 1, self._base_of(spectrum)) / self.times**0.5

    def variance(self, k: Any, spectrum: Spectrum) -> Any:
        return self.base.variance((k - 1) // self.times + 1, self._base_of(spectrum)) / self.times

    def refuse_mismatch(self, spectrum: Spectrum) -> None:
        self.base.refuse_mismatch(self._base_of(spectrum))

    def _base_of(self, spectrum: Spectrum) -> Spectrum:
        if not isinstance(spectrum, Repeated) or spectrum.times != self.times:
            raise SpecificationError("target", self, f"SharedOut only with Repeated(..., times={self.times})")
        return spectrum.base


def _is_impossible(values: Any) -> bool:
    """Whether concrete numbers are negative or not finite."""
    numeric = isinstance(values, np.ndarray) and values.dtype.kind == "f"
    return bool(numeric and not np.all((values >= 0) & (values < np.inf)))


def _same_length(field: str, values: Any, spectrum: Spectrum) -> None:
    if values.shape[0] != spectrum.dimension:
        raise SpecificationError(field, values, f"{spectrum.dimension} numbers, one for each eigenvalue")

"""Covariance spectra: the eigenvalues s_1, ..., s_d of the covariates' covariance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from . import checks
from .checks import ByContent, Scalar, Vector
from .errors import SpecificationError


class Spectrum(ABC):
    """An open family: subclass it, give `dimension` and `eigenvalue(k)`, and every part of the package reads it.

    Eigenvalues are >= 0 (zeros lower the rank), not all zero, and never re-ordered: targets are paired with them by
    position. A subclass whose eigenvalues repeat in contiguous blocks may say so in `levels`.
    """

    dimension: Any

    @abstractmethod
    def eigenvalue(self, k: Any) -> Any:
        """The k-th eigenvalue, k = 1..dimension, in plain arithmetic on a number or an integer array."""

    def levels(self) -> tuple[Any, tuple[int, ...]] | None:
        """Contiguous blocks of equal eigenvalues as (values, multiplicities), or None."""
        return None

    def eigenvalues(self) -> Any:
        """All eigenvalues in order, an array of shape (dimension,).

        >>> PowerLaw(3, exponent=2.0).eigenvalues().tolist()
        [1.0, 0.25, 0.1111111111111111]
        """
        count = checks.concrete_size("dimension", self.dimension)
        checks.require_memory("dimension", count, 64)
        values = self.eigenvalue(np.arange(1, count + 1))
        if not checks.is_concrete(values):
            return values
        values = checks.vector("eigenvalues", values)
        if values.shape[0] != self.dimension:
            raise SpecificationError("eigenvalues", values, f"{self.dimension} numbers, one for each k")
        return values

    def checked_levels(self) -> tuple[Any, tuple[int, ...]] | None:
        """`levels`, refused where the multiplicities do not fill the dimension."""
        blocks = self.levels()
        if blocks is not None and (len(blocks[0]) != len(blocks[1]) or sum(blocks[1]) != self.dimension):
            raise SpecificationError("levels", blocks, f"multiplicities that sum to the dimension {self.dimension}")
        return blocks

    def rank(self) -> Any:
        """The number of positive eigenvalues; traced eigenvalues count as positive."""
        values, multiplicities = self.checked_levels() or (self.eigenvalues(), ())
        if not checks.is_concrete(values):
            return self.dimension
        if not multiplicities:
            return int(np.count_nonzero(values))
        positive = [not checks.is_concrete(value) or bool(value > 0) for value in values]
        return int(np.dot(positive, multiplicities))


@final
@dataclass(frozen=True)
class Isotropic(Spectrum):
    """Covariance `scale` times the identity: s_k = scale.

    Args:
        dimension: number of covariates, a whole number >= 1 or a symbol.
        scale: the common eigenvalue, > 0.

    >>> Isotropic(3, scale=2.0).eigenvalues().tolist()
    [2.0, 2.0, 2.0]
    """

    dimension: Any
    scale: Scalar = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "dimension", checks.size("dimension", self.dimension))
        object.__setattr__(self, "scale", checks.positive("scale", self.scale))

    def rank(self) -> Any:
        return self.dimension

    def eigenvalue(self, k: Any) -> Any:
        return self.scale * (k * 0 + 1.0)

    def levels(self) -> tuple[Any, tuple[int, ...]]:
        return [self.scale], (self.dimension,)


@final
@dataclass(frozen=True)
class PowerLaw(Spectrum):
    """Polynomial decay: s_k = scale * k^(-exponent) ("capacity" condition).

    Args:
        dimension: number of covariates, a whole number >= 1 or a symbol.
        exponent: decay rate beta, >= 0.
        scale: the leading eigenvalue, > 0.

    >>> PowerLaw(2, exponent=1.0).eigenvalue(2)
    0.5
    """

    dimension: Any
    exponent: Scalar
    scale: Scalar = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "dimension", checks.size("dimension", self.dimension))
        object.__setattr__(self, "exponent", checks.nonnegative("exponent", self.exponent))
        object.__setattr__(self, "scale", checks.positive("scale", self.scale))
        if checks.is_concrete(self.exponent):
            # Logarithms, so that the check itself cannot underflow; the bare power d^(-exponent) must not either.
            scale = min(self.scale, 1.0) if checks.is_concrete(self.scale) else 1.0
            smallest = np.log(scale) - self.exponent * np.log(self.dimension)
            if smallest < np.log(checks.SMALLEST_NORMAL):
                allowed = "an exponent that keeps d^(-exponent) and the last eigenvalue above 2.23e-308"
                raise SpecificationError("exponent", self.exponent, allowed)

    def rank(self) -> Any:
        return self.dimension

    def eigenvalue(self, k: Any) -> Any:
        return self.scale * (1.0 * k) ** (-self.exponent)


@final
@dataclass(frozen=True, eq=False)
class Levels(ByContent, Spectrum):
    """A few distinct eigenvalues, each repeated: values[i] stands multiplicities[i] times, in order.

    >>> Levels([3.0, 1.0], [1, 2]).eigenvalues().tolist()
    [3.0, 1.0, 1.0]
    """

    values: Any
    multiplicities: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _some_positive("values", checks.vector("values", self.values)))
        object.__setattr__(self, "multiplicities", checks.counts("multiplicities", self.multiplicities))
        if len(self.multiplicities) != self.values.shape[0]:
            raise SpecificationError(
                "multiplicities", self.multiplicities, f"one whole number for each of the {self.values.shape[0]} values"
            )
        checks.concrete_size("multiplicities", sum(self.multiplicities))

    @property
    def dimension(self) -> int:
        return int(sum(self.multiplicities))

    def eigenvalue(self, k: Any) -> Any:
        block = np.searchsorted(np.cumsum(self.multiplicities), np.asarray(k) - 1, side="right")
        return self.values[block]

    def levels(self) -> tuple[Any, tuple[int, ...]]:
        return self.values, self.multiplicities


@final
@dataclass(frozen=True, eq=False)
class Spiked(ByContent, Spectrum):
    """A few large eigenvalues over an isotropic bulk; `spikes` are total eigenvalues, not increments.

    Args:
        dimension: number of covariates, larger than the number of spikes.
        spikes: the leading eigenvalues, each >= 0.
        bulk: the eigenvalue of all other directions, >= 0.

    >>> Spiked(4, [10.0], bulk=0.5).eigenvalues().tolist()
    [10.0, 0.5, 0.5, 0.5]
    """

    dimension: int
    spikes: Any
    bulk: Scalar = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "dimension", checks.concrete_size("dimension", self.dimension))
        object.__setattr__(self, "spikes", checks.vector("spikes", self.spikes))
        object.__setattr__(self, "bulk", checks.nonnegative("bulk", self.bulk))
        if self.spikes.shape[0] >= self.dimension:
            raise SpecificationError("spikes", self.spikes, f"fewer spikes than the dimension {self.dimension}")
        if checks.is_concrete(self.spikes) and checks.is_concrete(self.bulk) and not (self.bulk or self.spikes.any()):
            raise SpecificationError("spikes", self.spikes, "a spectrum with at least one positive eigenvalue")

    def eigenvalue(self, k: Any) -> Any:
        count = self.spikes.shape[0]
        index = np.asarray(k)
        if checks.is_concrete(self.spikes) and checks.is_concrete(self.bulk):
            return np.where(index <= count, self.spikes[np.minimum(index, count) - 1], self.bulk)
        inside = 1.0 * (index <= count)
        return inside * self.spikes[np.minimum(index, count) - 1] + (1.0 - inside) * self.bulk

    def levels(self) -> tuple[Any, tuple[int, ...]]:
        count = self.spikes.shape[0]
        return [*self.spikes, self.bulk], (1,) * count + (self.dimension - count,)


@final
@dataclass(frozen=True, eq=False)
class Eigenvalues(ByContent, Spectrum):
    """Any list of eigenvalues, kept in the order given.

    >>> Eigenvalues([1.0, 0.0, 2.0]).rank()
    2
    """

    values: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _some_positive("values", checks.vector("values", self.values)))

    @property
    def dimension(self) -> int:
        return int(self.values.shape[0])

    def eigenvalue(self, k: Any) -> Any:
        return self.values[np.asarray(k) - 1]


@final
@dataclass(frozen=True)
class Repeated(Spectrum):
    """Every eigenvalue of `base` repeated `times` times in a row: the step towards the proportional limit.

    >>> Repeated(Eigenvalues([2.0, 1.0]), 2).eigenvalues().tolist()
    [2.0, 2.0, 1.0, 1.0]
    """

    base: Spectrum
    times: int

    def __post_init__(self) -> None:
        if not isinstance(self.base, Spectrum):
            raise SpecificationError("base", self.base, "a Spectrum")
        object.__setattr__(self, "times", checks.concrete_size("times", self.times))
        if not checks.is_symbolic(self.base.dimension) and self.times * self.base.dimension > checks.LARGEST_SIZE:
            raise SpecificationError("times", self.times, "a dimension < 2^53 after the repetition")

    @property
    def dimension(self) -> Any:
        return self.base.dimension * self.times

    def eigenvalue(self, k: Any) -> Any:
        return self.base.eigenvalue((k - 1) // self.times + 1)

    def levels(self) -> tuple[Any, tuple[int, ...]] | None:
        blocks = self.base.levels()
        if blocks is None:
            return None
        values, multiplicities = blocks
        return values, tuple(m * self.times for m in multiplicities)


def _some_positive(field: str, values: Vector) -> Vector:
    if checks.is_concrete(values) and not np.any(values > 0):
        raise SpecificationError(field, values, "at least one positive eigenvalue")
    return values

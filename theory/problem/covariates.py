"""Covariates: where the rows of a source come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from . import checks
from .checks import Scalar
from .errors import SpecificationError


@final
@dataclass(frozen=True)
class Fresh:
    """Rows are drawn afresh."""


@final
@dataclass(frozen=True)
class SameRows:
    """The rows that a source of an earlier generation generated, with new labels.

    Args:
        generation: number of the earlier generation, >= 1.
        source: position of the source in it, >= 0.
    """

    generation: int
    source: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "generation", checks.concrete_size("generation", self.generation))
        object.__setattr__(self, "source", checks.concrete_size("source", self.source, least=0))


@final
@dataclass(frozen=True)
class Refitted:
    """Rows are drawn from a Gaussian fitted to earlier rows X: with C = X'X/T,

    $$ x \\sim N(0, \\mathrm{rescale}\\,[(1 - \\mathrm{shrink})\\,C + \\mathrm{shrink}\\,(\\mathrm{tr}\\,C/d)\\,I]) $$

    cut to its `rank` leading directions where that is given. The test covariance stays the population's.

    Args:
        generation: number of the earlier generation, >= 1.
        source: position of the source in it, >= 0.
        rescale: > 0.
        shrink: in [0, 1].
        rank: None, or a whole number >= 1.
    """

    generation: int
    source: int = 0
    rescale: Scalar = 1.0
    shrink: Scalar = 0.0
    rank: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "generation", checks.concrete_size("generation", self.generation))
        object.__setattr__(self, "source", checks.concrete_size("source", self.source, least=0))
        object.__setattr__(self, "rescale", checks.positive("rescale", self.rescale))
        object.__setattr__(self, "shrink", checks.share("shrink", self.shrink))
        if self.rank is not None:
            object.__setattr__(self, "rank", checks.concrete_size("rank", self.rank))


@final
@dataclass(frozen=True)
class Perturbed:
    """Rows are drawn afresh and labelled as they are; the fit sees x + N(0, std^2 I).

    Args:
        std: standard deviation of the disturbance of every covariate, >= 0.
    """

    std: Scalar

    def __post_init__(self) -> None:
        object.__setattr__(self, "std", checks.nonnegative("std", self.std))


FRESH = Fresh()
Covariates: TypeAlias = Fresh | SameRows | Refitted | Perturbed


def require_covariates(value: object) -> None:
    """Raise `SpecificationError` for anything but covariates."""
    if not isinstance(value, Fresh | SameRows | Refitted | Perturbed):
        raise SpecificationError("covariates", value, "FRESH, SameRows(g), Refitted(g) or Perturbed(std)")

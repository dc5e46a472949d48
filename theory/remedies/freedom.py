"""What a schedule of penalties may choose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import jax.numpy as jnp

from ..problem import checks
from ..problem.errors import SpecificationError


@final
@dataclass(frozen=True)
class Free:
    """One penalty for each generation."""


@final
@dataclass(frozen=True)
class Shared:
    """One penalty for all generations."""


@final
@dataclass(frozen=True)
class LastOnly:
    """The last penalty, all models before it being fitted without one: the remedy of [D]."""


@final
@dataclass(frozen=True, eq=False)
class Parametric:
    """Penalties that are a function of a few parameters and of the generation.

    Args:
        family: (parameters (k,), generation 1..N) -> penalty > 0; built from what JAX can differentiate.
        start: (k,) parameters to start from.
    """

    family: Callable[[Any, int], Any]
    start: Any

    def __post_init__(self) -> None:
        if not callable(self.family):
            raise SpecificationError("family", self.family, "a function of parameters and generation")
        object.__setattr__(self, "start", checks.vector("start", self.start, negative=True))

    @classmethod
    def geometric(cls, first: float = 1e-2, growth: float = 2.0) -> Parametric:
        """Penalties that grow by one factor from generation to generation, first * growth^(g - 1).

        Args:
            first: of the first generation, > 0; where the search starts.
            growth: > 0; where the search starts. The parameters are the logarithms of the two.

        >>> from math import log
        >>> round(float(Parametric.geometric().family([log(0.5), log(3.0)], 2)), 6)
        1.5
        """
        given = (("first", first), ("growth", growth))
        return cls(_growing, [math.log(checks.positive(name, value)) for name, value in given])


def _growing(parameters: Any, generation: int) -> Any:
    return jnp.exp(parameters[0] + parameters[1] * (generation - 1))


Freedom: TypeAlias = Free | Shared | LastOnly | Parametric

FREE, SHARED, LAST_ONLY = Free(), Shared(), LastOnly()


def require_freedom(value: Any) -> None:
    """Refuse anything else."""
    if not isinstance(value, Free | Shared | LastOnly | Parametric):
        raise SpecificationError("freedom", value, "FREE, SHARED, LAST_ONLY or Parametric(family, start)")

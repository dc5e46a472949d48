"""Sources: rows that enter a generation, and who labels them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

from . import checks
from .checks import Scalar
from .errors import SpecificationError


@final
@dataclass(frozen=True)
class Truth:
    """Labels come from the truth w_0."""


@final
@dataclass(frozen=True)
class Previous:
    """Labels come from the model of the generation before; in generation 1 that is the truth."""


TRUTH = Truth()
PREVIOUS = Previous()
Labels: TypeAlias = Truth | Previous


@final
@dataclass(frozen=True)
class Source:
    """`rows` fresh covariates with labels y = x'w_labeller + noise * N(0, 1).

    Args:
        rows: number of rows generated, a whole number >= 1.
        noise: standard deviation of the label noise, >= 0.
        labels: who labels the rows, `TRUTH` or `PREVIOUS`.

    >>> Source(100, 0.3, PREVIOUS)
    Source(rows=100, noise=0.3, labels=Previous())
    """

    rows: Any
    noise: Scalar
    labels: Labels = TRUTH

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", checks.size("rows", self.rows))
        object.__setattr__(self, "noise", checks.nonnegative("noise", self.noise))
        if not isinstance(self.labels, Truth | Previous):
            raise SpecificationError("labels", self.labels, "TRUTH or PREVIOUS")

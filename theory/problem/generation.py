"""A generation: the rows it is trained on and the estimator that is fitted to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from .errors import SpecificationError
from .estimator import Estimator, MinimumNorm, Ridge
from .source import Source


@final
@dataclass(frozen=True)
class Generation:
    """One step of self-training: pool the rows of all `sources`, fit `estimator`.

    Args:
        sources: a non-empty tuple of `Source`.
        estimator: `Ridge(penalty)` or `MinimumNorm()`.

    >>> from modelcollapse.theory.problem import PREVIOUS
    >>> Generation((Source(60, 0.1), Source(40, 0.1, PREVIOUS)), MinimumNorm()).rows
    100
    """

    sources: tuple[Source, ...]
    estimator: Estimator

    def __post_init__(self) -> None:
        if isinstance(self.sources, list):
            object.__setattr__(self, "sources", tuple(self.sources))
        if not isinstance(self.sources, tuple) or not self.sources:
            raise SpecificationError("sources", self.sources, "a non-empty tuple of Source")
        for source in self.sources:
            if not isinstance(source, Source):
                raise SpecificationError("sources", source, "only Source objects")
        if not isinstance(self.estimator, Ridge | MinimumNorm):
            raise SpecificationError("estimator", self.estimator, "Ridge(penalty) or MinimumNorm()")

    @property
    def rows(self) -> Any:
        """Number of rows that enter the fit."""
        return sum(source.rows for source in self.sources)

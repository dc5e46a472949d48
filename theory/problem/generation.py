"""A generation: the rows it is trained on and the estimator that is fitted to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from . import checks
from .errors import SpecificationError
from .estimator import Estimator, require_estimator
from .memory import FORGET, Accumulate, Forget, Memory, Subsample
from .selection import KEEP_ALL, Selection, require_selection
from .source import Kept, Source


@final
@dataclass(frozen=True)
class Generation:
    """One step of self-training: generate the rows of all `sources`, select, remember, fit `estimator`.

    Args:
        sources: a non-empty tuple of `Source` and `Kept`.
        estimator: `Ridge(penalty)`, `MinimumNorm()` or `RandomProjection(width, penalty)`.
        selection: which generated rows are kept; acts on sources that the truth does not label.
        memory: `FORGET` (the fit sees this generation), `ACCUMULATE` or `Subsample(rows)` (of all rows so far).

    >>> from modelcollapse.theory.problem import PREVIOUS, MinimumNorm
    >>> Generation((Source(60, 0.1), Source(40, 0.1, PREVIOUS)), MinimumNorm()).rows
    100
    """

    sources: tuple[Source | Kept, ...]
    estimator: Estimator
    selection: Selection = KEEP_ALL
    memory: Memory = FORGET

    def __post_init__(self) -> None:
        sources = checks.members("sources", self.sources, "a non-empty tuple of Source and Kept")
        object.__setattr__(self, "sources", sources)
        for source in self.sources:
            if not isinstance(source, Source | Kept):
                raise SpecificationError("sources", source, "only Source and Kept objects")
        if all(checks.is_concrete(source.weight) and source.weight == 0 for source in self.sources):
            raise SpecificationError("weight", 0.0, "a weight > 0 for at least one source of a generation")
        require_estimator("estimator", self.estimator)
        require_selection(self.selection)
        if not isinstance(self.memory, Forget | Accumulate | Subsample):
            raise SpecificationError("memory", self.memory, "FORGET, ACCUMULATE or Subsample(rows)")
        if self.kept and not isinstance(self.memory, Forget):
            raise SpecificationError("memory", self.memory, "FORGET beside Kept sources (the store holds their rows)")

    @property
    def generated(self) -> tuple[Source, ...]:
        """The sources that generate rows."""
        return tuple(source for source in self.sources if isinstance(source, Source))

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The sources that bring earlier rows back."""
        return tuple(source for source in self.sources if isinstance(source, Kept))

    @property
    def rows(self) -> Any:
        """Number of rows that this generation generates; see `Chain.rows` for those that enter its fit."""
        return sum(source.rows for source in self.generated)

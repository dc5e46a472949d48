"""Memory: which rows, of all that were ever generated, enter a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

from . import checks


@final
@dataclass(frozen=True)
class Forget:
    """The fit sees the rows of its own generation."""


@final
@dataclass(frozen=True)
class Accumulate:
    """The fit sees every row ever generated, this generation's included, with the labels each was given."""


@final
@dataclass(frozen=True)
class Subsample:
    """The fit sees `rows` rows, drawn uniformly without replacement from all that were ever generated.

    Args:
        rows: a whole number >= 1, at most the number of rows generated so far.
    """

    rows: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", checks.size("rows", self.rows))


FORGET = Forget()
ACCUMULATE = Accumulate()
Memory: TypeAlias = Forget | Accumulate | Subsample

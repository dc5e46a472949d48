"""Parameters of remedies: named ranges, each on the scale on which it is searched."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

from ..problem import checks
from ..problem.errors import SpecificationError


class Parameter(ABC):
    """A range, walked through by a position from 0 to 1.

    Attributes:
        name: in words, unique within a remedy.
        grain: the least step of the position to another value; 0 where all values of the range are possible.
    """

    name: str

    @property
    def grain(self) -> float:
        """0, unless a subclass says otherwise."""
        return 0.0

    @abstractmethod
    def at(self, position: float) -> float:
        """The value at a position in [0, 1]."""


@final
@dataclass(frozen=True)
class Share(Parameter):
    """A share, in equal steps.

    Args:
        name: in words.
        low, high: in [0, 1], low < high.

    >>> Share("share kept", 0.5).at(0.5)
    0.75
    """

    name: str
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        checks.share("low", self.low)
        checks.share("high", self.high)
        _require_range(self.low, self.high)

    def at(self, position: float) -> float:
        """low (1 - p) + high p."""
        return float(self.low * (1 - position) + self.high * position)


@final
@dataclass(frozen=True)
class Magnitude(Parameter):
    """A positive number, in equal factors.

    Args:
        name: in words.
        low, high: 0 < low < high.

    >>> round(Magnitude("penalty", 0.01, 100.0).at(0.5), 9)
    1.0
    """

    name: str
    low: float
    high: float

    def __post_init__(self) -> None:
        checks.positive("low", self.low)
        checks.positive("high", self.high)
        _require_range(self.low, self.high)

    def at(self, position: float) -> float:
        """low^(1 - p) high^p."""
        if position in (0, 1):  # exactly, whatever the logarithms round to
            return float((self.low, self.high)[int(position)])
        return math.exp(math.log(self.low) * (1 - position) + math.log(self.high) * position)


@final
@dataclass(frozen=True)
class Count(Parameter):
    """A whole number.

    Args:
        name: in words.
        low, high: whole numbers, 0 <= low < high.

    >>> Count("synthetic rows", 0, 10).at(0.26)
    3.0
    """

    name: str
    low: int
    high: int

    def __post_init__(self) -> None:
        checks.concrete_size("low", self.low, 0)
        checks.concrete_size("high", self.high, 0)
        _require_range(self.low, self.high)

    @property
    def grain(self) -> float:
        """To the next number."""
        return 1 / (self.high - self.low)

    def at(self, position: float) -> float:
        """The nearest whole number."""
        return float(math.floor(self.low + (self.high - self.low) * position + 0.5))


def _require_range(low: float, high: float) -> None:
    if not low < high:
        raise SpecificationError("high", high, f"a number above low = {low}")

"""Two ways to treat label noise: draw it, or integrate it out given the designs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final


@final
@dataclass(frozen=True)
class Drawn:
    """Label noise is drawn: every replicate is one run of the experiment."""


@final
@dataclass(frozen=True)
class Integrated:
    """Label noise is integrated out: each replicate is the expected error given its designs, truth and offsets."""


LabelNoise: TypeAlias = Drawn | Integrated
DRAWN = Drawn()
INTEGRATED = Integrated()

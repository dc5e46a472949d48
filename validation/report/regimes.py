"""Which chains the report looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

from ...theory.problem import Chain, Ridge, replace
from ..real_data import RealData, diabetes, digits

DESCRIPTIONS = MappingProxyType(
    {
        "digits": "1797 handwritten digits of 8 × 8 pixels (scikit-learn); the label is the digit as a number.",
        "diabetes": "442 patients, ten measurements each (scikit-learn); the label is how far their disease went.",
    }
)
DATA_SETS: MappingProxyType[str, Callable[[], RealData]] = MappingProxyType({"digits": digits, "diabetes": diabetes})


@final
@dataclass(frozen=True)
class Regime:
    """A chain on a data set: every generation is fitted on fresh rows that the model before it labelled.

    Args:
        data: name of the data set, a key of `DATA_SETS`.
        rows: rows of every generation.
        penalty: of ridge regression.
        generations: N.
        replicates: chains that are run on Gaussian rows (at every size, where there are several), and on rows of the
            data set; at least 256.
    """

    data: str
    rows: int
    penalty: float
    generations: int = 8
    replicates: int = 400

    @property
    def name(self) -> str:
        """What tells this regime from the others, in words."""
        return f"{self.data}, {self.rows} rows, penalty {self.penalty:g}"

    def chain(self, data: RealData) -> Chain:
        """The chain, with the noise of the data set."""
        return replace(data.population, self.generations, self.rows, data.noise, Ridge(self.penalty))


REGIMES = (
    Regime("digits", rows=200, penalty=1e-3),
    Regime("digits", rows=200, penalty=0.3),
    Regime("digits", rows=1000, penalty=1e-2, replicates=256),
    Regime("diabetes", rows=20, penalty=0.1, replicates=2000),
    Regime("diabetes", rows=60, penalty=1e-2, replicates=600),
    Regime("diabetes", rows=200, penalty=1e-2, replicates=300),
)

"""What a scaling law warns of: small objects that name the regime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final


@final
@dataclass(frozen=True)
class Saturated:
    """The penalty vanishes faster than the last eigenvalue: df_2 = d, and the generators' noise is not shrunk."""

    def __str__(self) -> str:
        return "penalty < last eigenvalue: df_2 saturates at d, the generators' noise reaches its plateau"


@final
@dataclass(frozen=True)
class Ridgeless:
    """The penalty is below what the rows' own number brings: kappa is that of the ridgeless fit."""

    def __str__(self) -> str:
        return (
            "penalty << rows^(-exponent): the effective ridge is that of the ridgeless fit, the penalty has no effect"
        )


@final
@dataclass(frozen=True)
class Logarithm:
    """The source is at its limit r = 1: the bias has a logarithm."""

    def __str__(self) -> str:
        return "source = 1: the bias is kappa^2 times a logarithm"


@final
@dataclass(frozen=True)
class SmoothSource:
    """The source is beyond r = 1: the first eigenvalues alone make the bias."""

    def __str__(self) -> str:
        return "source > 1: the bias is as for source = 1, without a logarithm"


@final
@dataclass(frozen=True)
class NoDecay:
    """A term does not fall with the rows.

    Attributes:
        term: its name.
        exponent: its exponent, <= 0.
    """

    term: str
    exponent: Any

    def __str__(self) -> str:
        return f"{self.term}: of order T^{-self.exponent}, it does not decay"


@final
@dataclass(frozen=True)
class WastedGeneratorRows:
    """At a fixed ratio d/T_0, generator rows that grow faster than the rows bring nothing."""

    def __str__(self) -> str:
        return "d/T_0 is fixed: generator rows beyond the rows of the last fit bring nothing"


LawRegime: TypeAlias = Saturated | Ridgeless | Logarithm | SmoothSource | NoDecay | WastedGeneratorRows

"""What can be said about the accuracy of a formula from the signs of its coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final


@final
@dataclass(frozen=True)
class Factor:
    """One factor of a numerator or of a denominator.

    Attributes:
        expression: the factor.
        power: how often it occurs, positive.
        terms: how many monomials it has.
        negative: how many of them have a minus sign.
    """

    expression: Any
    power: int
    terms: int
    negative: int


@final
@dataclass(frozen=True)
class Certificate:
    """The factors of a rational function of positive quantities, and their signs.

    A product of polynomials with coefficients of one sign contains no subtraction: its relative error is that of its
    arguments times the degree, plus a rounding for each operation, wherever it is evaluated.

    Attributes:
        numerator, denominator: the factors.
        sign: of the number in front.
    """

    numerator: tuple[Factor, ...]
    denominator: tuple[Factor, ...]
    sign: int

    @property
    def negative(self) -> int:
        """Number of terms that are subtracted."""
        return sum(min(factor.negative, factor.terms - factor.negative) for factor in self._factors)

    @property
    def terms(self) -> int:
        """Number of terms of all factors."""
        return sum(factor.terms for factor in self._factors)

    @property
    def certified(self) -> bool:
        """Whether nothing is subtracted."""
        return self.negative == 0

    @property
    def _factors(self) -> tuple[Factor, ...]:
        return (*self.numerator, *self.denominator)

    def __str__(self) -> str:
        if self.certified:
            return "no subtraction: accurate to a few ulp"
        return f"{self.negative} of {self.terms} terms are subtracted: accuracy depends on their cancellation"

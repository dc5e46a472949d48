"""Budgets: what is there to train on in every generation, and what a chain costs on one axis."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NoTheorem, SpecificationError
from ..problem.labels import Truth
from ..problem.selection import KeepAll, Resample
from .parameter import Count, Parameter

ROUNDING = 1e-12  # of an amount


def _number(field: str, value: Any) -> Any:
    """Refuse symbols and tracers: costs are numbers."""
    if not checks.is_number(value):
        raise SpecificationError(field, value, "a number")
    return value


class Needs(NamedTuple):
    """What a remedy feeds on.

    Attributes:
        real: rows that the truth labels.
        synthetic: rows that the model before labels.
        verifier: calls of a verifier, one for each synthetic row.
    """

    real: bool = False
    synthetic: bool = True
    verifier: bool = False


@final
@dataclass(frozen=True)
class Prices:
    """What a row and a call cost, in any one unit.

    Args:
        real_row: of a row that the truth labels, >= 0.
        synthetic_row: of a row that a model labels, >= 0.
        verifier_call: of one judgement of one row, >= 0.

    >>> Prices(real_row=10.0).of(Expense(real_rows=3, synthetic_rows=20, verifier_calls=20))
    70.0
    """

    real_row: float = 1.0
    synthetic_row: float = 1.0
    verifier_call: float = 1.0

    def __post_init__(self) -> None:
        for name in ("real_row", "synthetic_row", "verifier_call"):
            object.__setattr__(self, name, float(checks.nonnegative(name, _number(name, getattr(self, name)))))

    def of(self, expense: Expense) -> float:
        """What that costs."""
        prices = self.real_row, self.synthetic_row, self.verifier_call
        return float(sum(price * count for price, count in zip(prices, expense, strict=True)))


class Expense(NamedTuple):
    """What a chain uses up over all its generations; rows that are kept, or stored, are paid once.

    Attributes:
        real_rows: labelled by the truth.
        synthetic_rows: labelled by a model. Model 0 is one, also where it is the truth.
        verifier_calls: judgements of generated rows; the most there can be where a label is drawn again.
    """

    real_rows: int
    synthetic_rows: int
    verifier_calls: int


def expense_of(chain: Chain) -> Expense:
    """What a chain uses up.

    >>> from modelcollapse.theory.problem import *
    >>> expense_of(mix(Population(Isotropic(4), UniformTarget()), 3, real_rows=10, synthetic_rows=30))
    Expense(real_rows=30, synthetic_rows=90, verifier_calls=0)
    """
    real = synthetic = calls = 0
    for step in chain.generations:
        of_truth = sum(source.rows for source in step.generated if isinstance(source.labels, Truth))
        by_models = sum(source.rows for source in step.generated) - of_truth
        tries = step.selection.tries if isinstance(step.selection, Resample) else 1
        real, synthetic = real + of_truth, synthetic + by_models
        calls += 0 if isinstance(step.selection, KeepAll) else tries * by_models
    return Expense(int(real), int(synthetic), int(calls))


class Means(ABC):
    """What there is in every generation: a `Budget` of each good, or `Funds` that buy them.

    Attributes:
        prices: on the one axis on which remedies are compared.
    """

    prices: Prices

    @abstractmethod
    def choices(self, needs: Needs) -> tuple[Parameter, ...]:
        """What is left to decide for a remedy with these needs."""

    @abstractmethod
    def provided(self, needs: Needs, values: tuple[float, ...]) -> Budget:
        """The goods themselves, once that is decided."""

    @abstractmethod
    def scaled(self, factor: float) -> Means:
        """So many times as much of everything, in whole rows."""


@final
@dataclass(frozen=True)
class Budget(Means):
    """What there is in every generation of a chain; what is not used is not paid.

    Args:
        real_rows: fresh rows with labels of the truth, a whole number >= 0.
        synthetic_rows: rows that the model before can label, a whole number >= 0; not both 0.
        verifier_calls: rows that a verifier can judge, a whole number >= 0.
        prices: what they cost, for comparison.

    Raises:
        SpecificationError: for impossible values, and where no generation can be fed.

    >>> Budget(real_rows=0, synthetic_rows=0)
    Traceback (most recent call last):
    ...
    modelcollapse.theory.problem.errors.SpecificationError: synthetic_rows: got 0; allowed: at least one row where ...
    """

    real_rows: int = 0
    synthetic_rows: int = 0
    verifier_calls: int = 0
    prices: Prices = Prices()

    def __post_init__(self) -> None:
        for name in ("real_rows", "synthetic_rows", "verifier_calls"):
            object.__setattr__(self, name, checks.concrete_size(name, getattr(self, name), 0))
        if not self.real_rows and not self.synthetic_rows:
            raise SpecificationError("synthetic_rows", 0, "at least one row where real_rows is 0")
        _require_prices(self.prices)

    def choices(self, needs: Needs) -> tuple[Parameter, ...]:
        """Nothing."""
        return ()

    def provided(self, needs: Needs, values: tuple[float, ...]) -> Budget:
        """Itself."""
        return self

    def scaled(self, factor: float) -> Budget:
        """So many times as much of everything, in whole rows.

        >>> Budget(real_rows=10, synthetic_rows=25).scaled(0.5).synthetic_rows
        12
        """
        checks.positive("factor", factor)
        counts = self.real_rows, self.synthetic_rows, self.verifier_calls
        real, synthetic, calls = (round(factor * count) for count in counts)
        return Budget(real, synthetic, calls, self.prices)


@final
@dataclass(frozen=True)
class Funds(Means):
    """One amount for every generation, with which any goods are bought: what a remedy is worth at its price.

    Args:
        amount: > 0, in the unit of the prices; enough for one row.
        prices: all > 0 but that of verifier calls, which may be free.

    Raises:
        SpecificationError: for impossible values, and where not one row can be bought.

    >>> Funds(100.0, Prices(real_row=5.0)).provided(Needs(real=True), (5.0,)).synthetic_rows  # for the other 75
    75
    """

    amount: float
    prices: Prices

    def __post_init__(self) -> None:
        _require_prices(self.prices)
        for name in ("real_row", "synthetic_row"):
            checks.positive(name, getattr(self.prices, name))
        object.__setattr__(self, "amount", float(checks.positive("amount", _number("amount", self.amount))))
        least = min(self.prices.real_row, self.prices.synthetic_row)
        if self.amount < least:
            raise SpecificationError("amount", self.amount, f"at least {least}, the price of one row")

    def choices(self, needs: Needs) -> tuple[Parameter, ...]:
        """How many real rows are bought, where a remedy feeds on both kinds."""
        most = self._most_real(needs)
        return (Count("real rows", 1, most),) if needs.real and needs.synthetic and most > 1 else ()

    def provided(self, needs: Needs, values: tuple[float, ...]) -> Budget:
        """The real rows, and for what is left whole synthetic ones, with a call for each that is judged.

        Raises:
            NoTheorem: where not one row is bought.
        """
        real = int(values[0]) if values else self._most_real(needs)
        left = self.amount - real * self.prices.real_row
        synthetic = self._whole(left, self._synthetic(needs)) if needs.synthetic else 0
        if not real and not synthetic:
            raise NoTheorem("the funds buy a row", "more funds")
        return Budget(real, synthetic, synthetic * needs.verifier, self.prices)

    def _synthetic(self, needs: Needs) -> float:
        """What a synthetic row costs, its verifier included."""
        return self.prices.synthetic_row + needs.verifier * self.prices.verifier_call

    def _most_real(self, needs: Needs) -> int:
        """As many real rows as leave a synthetic one where both are needed."""
        left = self.amount - needs.synthetic * self._synthetic(needs)
        return self._whole(left, self.prices.real_row) if needs.real else 0

    def _whole(self, left: float, price: float) -> int:
        """How many are paid for, up to rounding: .7 buys seven at .1."""
        return max(math.floor((left + ROUNDING * self.amount) / price), 0)

    def scaled(self, factor: float) -> Funds:
        """So many times the amount."""
        checks.positive("factor", factor)
        return Funds(factor * self.amount, self.prices)


def _require_prices(prices: object) -> None:
    if not isinstance(prices, Prices):
        raise SpecificationError("prices", prices, "Prices(real_row, synthetic_row, verifier_call)")

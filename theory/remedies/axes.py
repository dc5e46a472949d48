"""Axes of a map of remedies: what is varied of a situation, and its values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, final

import numpy as np

from ..problem import checks
from ..problem.errors import SpecificationError
from ..problem.spectrum import Spectrum
from ..problem.target import Target
from .budget import Budget
from .situation import Situation, squared_error


class Axis(ABC):
    """An open family: the values of one quantity, and the situation in which it has one of them.

    Attributes:
        values: increasing, at least two.
        name: in words, with its letter.
    """

    values: tuple[float, ...]
    name: str

    @abstractmethod
    def at(self, situation: Situation, value: float) -> Situation:
        """The situation with that value, which may lie between those of the axis."""


@final
@dataclass(frozen=True)
class Noise(Axis):
    """The standard deviation of the noise on labels of a model, >= 0; that on real ones stays where it is given."""

    values: tuple[float, ...]
    name = "label noise $\\sigma$"

    def __post_init__(self) -> None:
        _checked(self, checks.nonnegative)

    def at(self, situation: Situation, value: float) -> Situation:
        return situation.with_(noise=value)


@final
@dataclass(frozen=True)
class VerifierError(Axis):
    """The squared error |b|^2 of the verifier, > 0; its direction stays."""

    values: tuple[float, ...]
    name = "verifier's error $|b|^2$"

    def __post_init__(self) -> None:
        _checked(self, checks.positive)

    def at(self, situation: Situation, value: float) -> Situation:
        return situation.with_(verifier=_stretched("verifier", situation.verifier, situation, value))


@final
@dataclass(frozen=True)
class StartingError(Axis):
    """The squared error |a|^2 of model 0, > 0; its direction stays."""

    values: tuple[float, ...]
    name = "error of model 0, $|a|^2$"

    def __post_init__(self) -> None:
        _checked(self, checks.positive)

    def at(self, situation: Situation, value: float) -> Situation:
        return situation.with_(initial=_stretched("initial", situation.initial, situation, value))


@final
@dataclass(frozen=True)
class AspectRatio(Axis):
    """Rank over rows of a generation, real ones included, > 0; a `Budget` is scaled to it, in whole rows."""

    values: tuple[float, ...]
    name = "aspect ratio $\\gamma = r/n$"

    def __post_init__(self) -> None:
        _checked(self, checks.positive)

    def at(self, situation: Situation, value: float) -> Situation:
        budget = goods_of(situation)
        rows = budget.real_rows + budget.synthetic_rows
        return situation.with_(budget=budget.scaled(situation.rank / value / rows))


@final
@dataclass(frozen=True)
class RealShare(Axis):
    """The share of real rows among all that a `Budget` gives in a generation, in [0, 1]; their sum stays."""

    values: tuple[float, ...]
    name = "share of real rows $\\alpha$"

    def __post_init__(self) -> None:
        _checked(self, checks.share)

    def at(self, situation: Situation, value: float) -> Situation:
        budget = goods_of(situation)
        rows = budget.real_rows + budget.synthetic_rows
        real = round(value * rows)
        return situation.with_(budget=Budget(real, rows - real, budget.verifier_calls, budget.prices))


@final
@dataclass(frozen=True)
class BudgetFactor(Axis):
    """How many times the budget, or the funds, there are, > 0."""

    values: tuple[float, ...]
    name = "budget, relative"

    def __post_init__(self) -> None:
        _checked(self, checks.positive)

    def at(self, situation: Situation, value: float) -> Situation:
        return situation.with_(budget=situation.budget.scaled(value))


@final
@dataclass(frozen=True)
class Stretched(Target):
    """Another target, times a factor.

    Args:
        target: what is stretched.
        factor: of every coordinate, >= 0.
    """

    target: Target
    factor: float

    def mean(self, k: Any, spectrum: Spectrum) -> Any:
        return self.factor * self.target.mean(k, spectrum)

    def variance(self, k: Any, spectrum: Spectrum) -> Any:
        return self.factor**2 * self.target.variance(k, spectrum)

    def refuse_mismatch(self, spectrum: Spectrum) -> None:
        self.target.refuse_mismatch(spectrum)


def goods_of(situation: Situation) -> Budget:
    """The budget where it names goods.

    Raises:
        SpecificationError: for funds, whose rows depend on the remedy.
    """
    if not isinstance(situation.budget, Budget):
        raise SpecificationError("budget", situation.budget, "a Budget, for an axis of rows")
    return situation.budget


def require_axis(field: str, axis: object) -> Axis:
    """Refuse anything but an axis.

    Raises:
        SpecificationError: for anything else.
    """
    if not isinstance(axis, Axis):
        raise SpecificationError(field, axis, "an Axis, such as Noise((0.1, 0.5, 1.0))")
    return axis


def _stretched(field: str, target: Target | None, situation: Situation, square: float) -> Target:
    """The target in its direction, with this squared error."""
    inner = target.target if isinstance(target, Stretched) else target
    if inner is None:
        raise SpecificationError(field, None, "a Target, whose direction the axis keeps")
    now = squared_error(inner, situation.population)
    if not now > 0:
        raise SpecificationError(field, inner, "a Target with an error > 0, whose direction the axis keeps")
    return Stretched(inner, float((square / now) ** 0.5))


def _checked(axis: Any, check: Any) -> None:
    values = axis.values
    if not isinstance(values, Sequence | np.ndarray) or isinstance(values, str) or len(values) < 2:
        raise SpecificationError("values", values, "at least two numbers, increasing")
    numbers = tuple(float(check("values", value)) for value in values)
    if any(not a < b for a, b in pairwise(numbers)):
        raise SpecificationError("values", values, "at least two numbers, increasing")
    object.__setattr__(axis, "values", numbers)

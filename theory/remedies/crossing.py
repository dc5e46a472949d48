"""Where one remedy takes over from another: by their errors, and along statements in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..problem import checks
from ..problem.errors import NoTheorem
from ..rules.statement import Statement
from .axes import Axis, require_axis
from .boundaries import Boundary, closed_between
from .optimum import optimised
from .remedy import Remedy, require_remedies
from .search import QUICK, Effort
from .situation import Situation

FINEST = 1e-12  # relative width to which a boundary is bisected


class Curve(NamedTuple):
    """A boundary in closed form, on a map.

    Attributes:
        statement: the equation.
        first, second: titles of the remedies that it separates.
        x, y: points of it.
    """

    statement: Statement
    first: str
    second: str
    x: Any
    y: Any


def least_error(remedy: Remedy, situation: Situation, effort: Effort = QUICK) -> float:
    """The error of a remedy at its best parameters; infinite where it has none."""
    policy, _ = optimised(remedy, situation, effort)
    return math.inf if policy is None else policy.error


def crossing(
    situation: Situation, axis: Axis, first: Remedy, second: Remedy, *, effort: Effort = QUICK
) -> tuple[float, float]:
    """Where, along an axis, one of two remedies takes over from the other: neighbouring values on either side.

    Args:
        situation: of which one quantity is varied.
        axis: its first and last values are on different sides.
        first, second: the remedies.
        effort: how thoroughly their parameters are searched.

    Returns:
        Two values, the lower first, a relative 1e-12 apart, with different winners by `predict`, each at the parameters
        that `effort` finds.

    Raises:
        NoTheorem: where the same remedy wins at both ends, or none has a finite error.
        SpecificationError: for anything but an axis, and remedies with different titles.

    >>> from modelcollapse.theory.problem import *
    >>> from modelcollapse.theory.remedies import Budget, Noise, Situation
    >>> from modelcollapse.theory.remedies.packaged import Mix, OnlyReal
    >>> population = Population(Isotropic(2), UniformTarget())
    >>> situation = Situation(population, Budget(10**9, 10**9), 2, noise=1.0, real_noise=1.0, endless=True)
    >>> low, high = crossing(situation, Noise((0.1, 9.0)), Mix(every_row=True), OnlyReal())
    >>> round(low**2, 6), round(high**2, 6)  # synthetic rows may be twice as noisy, whatever their share
    (2.0, 2.0)
    """

    def first_wins(value: float) -> bool:
        here = axis.at(situation, value)
        errors = [least_error(one, here, effort) for one in pair]
        if not np.isfinite(errors).any():
            raise NoTheorem(f"one of the two has a finite error at {value:g}", "another axis, or a larger budget")
        return errors[0] < errors[1]

    pair = require_remedies([first, second])
    require_axis("axis", axis)
    low, high = axis.values[0], axis.values[-1]
    at_low = first_wins(low)
    if first_wins(high) is at_low:
        winner = first.title if at_low else second.title
        raise NoTheorem(f"different remedies win at the ends of the axis ({winner} wins at both)", "another axis")
    return _bisected(lambda value: first_wins(value) is at_low, low, high)


def _bisected(as_at_low: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Neighbouring values on either side of a change between two that are not alike."""
    while high - low > FINEST * max(abs(high), checks.SMALLEST_NORMAL):
        middle = low + (high - low) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if as_at_low(middle) else (low, middle)
    return low, high


def curves_on(where: tuple[Situation, Axis, Axis], remedies: Sequence[Remedy], errors: Any) -> tuple[Curve, ...]:
    """The boundaries in closed form on a map, where the errors change sides within a cell.

    Args:
        where: the situation and both axes.
        remedies: of the map.
        errors: (remedies, y, x) of these.
    """
    _, x, y = where
    found = []
    for boundary, first, second in closed_between(remedies):
        ahead = errors[remedies.index(first)] < errors[remedies.index(second)]
        excess = partial(_excess, boundary, (first, second), where)
        rising = [
            (value, root)
            for column, value in enumerate(x.values)
            for root in _roots(partial(excess, value), y.values, ahead[:, column])
        ]
        across = [
            (root, value)
            for row, value in enumerate(y.values)
            for root in _roots(partial(excess, up=value), x.values, ahead[row])
        ]
        points = sorted(set(rising)) if len(rising) >= len(across) else across  # steep lines are found from row to row
        if points:
            line = np.array(points)
            found.append(Curve(boundary.statement, first.title, second.title, line[:, 0], line[:, 1]))
    return tuple(found)


def _excess(
    boundary: Boundary, pair: tuple[Remedy, Remedy], where: tuple[Situation, Axis, Axis], across: float, up: float
) -> float:
    """At values of both axes; x is set before y, as on the map."""
    situation, x, y = where
    return boundary.excess(y.at(x.at(situation, across), up), *pair)


def _roots(excess: Callable[[float], float], values: tuple[float, ...], ahead: Any) -> list[float]:
    """Where the first remedy begins, or ceases, to win by the statement, as it does by the errors, to within a cell."""

    def has_sign(sign: float, value: float) -> bool:
        return bool(np.sign(excess(value)) == sign)

    signs = [float(np.sign(excess(value))) for value in values]
    found = []
    for cell, ((low, high), (left, right)) in enumerate(zip(pairwise(values), pairwise(signs), strict=True)):
        if left * right < 0 and len(set(ahead[max(cell - 1, 0) : cell + 3].tolist())) > 1:
            found.append(_bisected(partial(has_sign, left), low, high)[1])
    return found

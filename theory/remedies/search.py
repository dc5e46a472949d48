"""The least error over the parameters of a remedy: a grid, searches from its best points, and a look around."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from ..problem import checks

Position = tuple[float, ...]
Error = Callable[[Position], float]
UNUSABLE = 1e300  # stands for an infinite error, of which searches take differences
LEAST = 1e-300
BESIDE, ROUNDING = 0.01, 1e-9  # how far the look around goes, as a part of the range, and what counts as equal
LONGEST_WALK = 100  # whole numbers from the end of a search to a better one
NEARBY = 0.05  # part of the range: how wide a search from a better place is that a look around found


@final
@dataclass(frozen=True)
class Effort:
    """How thoroughly a remedy's parameters are searched.

    Args:
        points: of the grid in one parameter, at least 3; several share their number between them.
        tolerance: of a position in its range, in (0, 1).
        starts: how many of the grid's minima are followed, at least 1; with more than one, a search also goes on, as
            many times but one, from a better place that the look around its end finds. One that does not may stall a
            few per cent above the optimum, and says so in its certificate.
    """

    points: int = 17
    tolerance: float = 1e-5
    starts: int = 3

    def __post_init__(self) -> None:
        checks.concrete_size("points", self.points, 3)
        checks.concrete_size("starts", self.starts)
        checks.positive("tolerance", checks.share("tolerance", self.tolerance))


THOROUGH, QUICK = Effort(), Effort(9, 3e-3, 1)


@final
@dataclass(frozen=True)
class Certificate:
    """What is known of an optimum.

    Attributes:
        holds: whether the error is no less to either side of each parameter, one hundredth of its range away, and at
            the next whole number where it is one.
        margin: by what part the least error a hundredth away, or at the next whole number where that is further,
            exceeds the optimum; 0 where nothing is free.
        at_an_end: whether some parameter is at an end of its range.
        next_minimum: by what part the next best end of a search exceeds the optimum; about 0 where several starts lead
            to it, NaN where there was one start.
    """

    holds: bool
    margin: float
    at_an_end: bool
    next_minimum: float


@final
@dataclass(frozen=True)
class Found:
    """The least error that a search found.

    Attributes:
        position: in the unit cube.
        error: there; infinite where no position has a finite one.
        certificate: what is known of it.
        evaluations: how many positions were tried.
    """

    position: Position
    error: float
    certificate: Certificate
    evaluations: int


def least(error: Error, free: int, effort: Effort = THOROUGH, grains: Sequence[float] = ()) -> Found:
    """The least error over the unit cube of `free` positions.

    Args:
        error: of a position; infinite where there is none.
        free: dimension of the cube, >= 0.
        effort: how thoroughly it is searched.
        grains: of each position: the least step to another value, 0 where there is none; none is 0 in all. Searches see
            stairs there, and end in a walk to the neighbour that is no worse than its own.

    >>> found = least(lambda position: 1 + (position[0] - 0.3) ** 2, 1)
    >>> round(found.position[0], 4), found.certificate.holds
    (0.3, True)
    """
    tried: dict[Position, float] = {}

    def value(position: Any) -> float:
        place = tuple(float(np.clip(one, 0.0, 1.0)) for one in np.atleast_1d(position))
        if place not in tried:
            found = error(place)
            tried[place] = found if math.isfinite(found) else math.inf
        return tried[place]

    def logarithm(position: Any) -> float:
        """Searched in place of the error, so that tolerances are relative."""
        return math.log(min(max(value(position), LEAST), UNUSABLE))

    if not free:
        only = value(())
        return Found((), only, Certificate(math.isfinite(only), 0.0, False, math.nan), 1)
    ends = [end for end in _searches(logarithm, free, effort) if math.isfinite(tried[end])]
    best = min(tried, key=lambda place: tried[place])
    known = sorted(tried[end] for end in ends)
    following = known[1] / known[0] - 1 if len(known) > 1 and known[0] > 0 else math.nan
    grains = grains or [0.0] * free
    steps = [max(BESIDE, grain) for grain in grains]
    best = _walked(value, best, grains)
    for _ in range(effort.starts - 1):
        better = min(_beside(best, steps), key=value)
        if value(better) >= value(best) * (1 - ROUNDING):
            break
        best = _walked(value, _followed(logarithm, better, NEARBY, effort.tolerance), grains)
    optimum = tried[best]
    beside = min(value(place) for place in _beside(best, steps))
    nearest = min((value(place) for place in _beside(best, grains)), default=beside)
    holds = math.isfinite(optimum) and min(beside, nearest) >= optimum * (1 - ROUNDING)
    margin = beside / optimum - 1 if math.isfinite(optimum) and optimum > 0 else math.nan
    at_an_end = any(one in (0.0, 1.0) for one in best)
    return Found(best, optimum, Certificate(holds, margin, at_an_end, following), len(tried))


def _searches(logarithm: Error, free: int, effort: Effort) -> list[Position]:
    """Where the searches from the best minima of the grid end."""
    each = max(3, math.ceil(effort.points ** (2 / (free + 1))))  # 17 for one, 7 for two, 5 for three
    line = np.linspace(0.0, 1.0, each)
    grid = {index: tuple(line[list(index)].tolist()) for index in itertools.product(range(each), repeat=free)}
    values = {index: logarithm(place) for index, place in grid.items()}
    minima = [index for index in grid if all(values[index] <= values[other] for other in _around(index, each))]
    starts = sorted(minima, key=lambda index: values[index])[: effort.starts]
    step = 1.0 / (each - 1)
    return [_followed(logarithm, grid[index], step, effort.tolerance) for index in starts]


def _followed(logarithm: Error, start: Position, step: float, tolerance: float) -> Position:
    if len(start) == 1:
        ends = max(start[0] - step, 0.0), min(start[0] + step, 1.0)
        found = minimize_scalar(
            lambda position: logarithm((position,)), bounds=ends, method="bounded", options={"xatol": tolerance}
        )
        place: Position = (float(np.clip(found.x, 0.0, 1.0)),)
    else:
        simplex = [start, *(_moved(start, k, step / 2 if start[k] < 0.5 else -step / 2) for k in range(len(start)))]
        options = {"xatol": tolerance, "fatol": tolerance**2, "initial_simplex": np.array(simplex)}
        result = minimize(logarithm, start, method="Nelder-Mead", bounds=[(0, 1)] * len(start), options=options)
        place = tuple(float(np.clip(one, 0.0, 1.0)) for one in result.x)
    return min((place, start), key=logarithm)


def _walked(value: Error, place: Position, grains: Sequence[float]) -> Position:
    """To the whole numbers that are no worse than their neighbours, one step at a time."""
    for _ in range(LONGEST_WALK):
        nearest = min((place, *_beside(place, grains)), key=value)
        if value(nearest) >= value(place) * (1 - ROUNDING):
            break
        place = nearest
    return place


def _around(index: tuple[int, ...], each: int) -> list[tuple[int, ...]]:
    """Neighbours on the grid, along its axes."""
    moved = [(k, index[k] + by) for k in range(len(index)) for by in (-1, 1)]
    return [(*index[:k], to, *index[k + 1 :]) for k, to in moved if 0 <= to < each]


def _beside(place: Position, steps: Sequence[float]) -> list[Position]:
    """A step to either side of each position, as far as that is another one."""
    moved = [_moved(place, k, by) for k, step in enumerate(steps) for by in (-step, step)]
    return [one for one in moved if one != place]


def _moved(place: Position, k: int, by: float) -> Position:
    return (*place[:k], float(np.clip(place[k] + by, 0.0, 1.0)), *place[k + 1 :])

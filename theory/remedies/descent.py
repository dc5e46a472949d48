"""The least last error over the penalties that are free: from several starts, with certificates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from ..evaluation.penalised import Penalised, coordinate
from ..problem.checks import Vector
from ..problem.errors import NoTheorem, SpecificationError
from .freedom import Free, Freedom, LastOnly, Parametric, Shared

POLISHING_STEPS = 20
STATIONARY = 1e-9  # relative slope of the error, per e-fold of a penalty, at what counts as a minimum
POLISHED = 1e-13  # relative to the error, per e-fold of a penalty
WALL = 10.0  # times the error at the start: what stands where penalties are no numbers > 0; steps turn back from it


class Path(NamedTuple):
    """The coordinates of all penalties at some parameters, with first and second derivatives."""

    coordinates: Vector  # (N,)
    first: Vector  # (N, k)
    second: Vector  # (N, k, k)


class Search(NamedTuple):
    """What is searched.

    Attributes:
        free: the chain as a function of its penalties.
        path: parameters (k,) -> `Path`.
        ends: (k,) largest value of each parameter, the least being 0; None where there are no ends.
        starts: where searches begin.
    """

    free: Penalised
    path: Callable[[Vector], Path]
    ends: Vector | None
    starts: Sequence[Vector]


class Minimum(NamedTuple):
    """A minimum and what certifies it.

    Attributes:
        parameters: (k,).
        coordinates: (N,) of the penalties.
        errors: (N,).
        slope: (k,) of the last error in the parameters, relative to it.
        inside: (k,) whether a parameter is at neither end, or at one from which the error does not rise at once.
        curvature: least eigenvalue of the second derivatives over the parameters inside, relative to the error;
            infinite where none is inside.
        reached: (S,) the last error that each start leads to.
    """

    parameters: Vector
    coordinates: Vector
    errors: Vector
    slope: Vector
    inside: Any
    curvature: float
    reached: Vector


def search_of(free: Penalised, freedom: Freedom) -> Search:
    """What is searched, and from where: near the penalties that are best on clean data, and far from them."""
    count = len(free.ends)
    match freedom:
        case Free():
            return _linear(free, np.eye(count), _starts(free))
        case Shared():
            free = free._replace(small=np.full(count, free.small.min()))
            return _linear(free, np.ones((count, 1)), [part * free.ends[:1] for part in np.linspace(0.1, 0.9, 7)])
        case LastOnly():
            require_limits(free, np.arange(count) < count - 1)
            return _linear(free, np.eye(count)[:, -1:], [part * free.ends[-1:] for part in np.linspace(0.1, 0.9, 7)])
        case Parametric(family, start):
            steps = [sign * row for row in np.eye(len(start)) for sign in (-1.0, 1.0)]
            path = _curved(free, family)
            starts = [one for one in (start, *(start + step for step in steps)) if _finite(path(one))]
            if not _finite(path(start)):
                raise SpecificationError("start", start, "parameters at which every penalty is a number > 0")
            return Search(free, path, None, starts)


def require_limits(free: Penalised, without: Any) -> None:
    """Refuse generations without a penalty where that limit is infinite.

    Args:
        free: the chain.
        without: (N,) which generations have no penalty.

    Raises:
        NoTheorem: naming the first of them.
    """
    infinite = np.flatnonzero(free.critical & without)
    if infinite.size:
        bare = f"rows and directions differ in number where there is no penalty (not generation {infinite[0] + 1})"
        raise NoTheorem(bare, "a penalty > 0 there, or FREE: without one the error is infinite")


def least(search: Search) -> Minimum:
    """The best of the minima that the starts lead to, polished by Newton's method."""
    found = [_descend(search, start) for start in search.starts]
    reached = np.array([error for error, _ in found])
    parameters = _polished(search, found[int(np.argmin(reached))][1])
    errors, slope = _at(search, parameters)
    inside = _inside(search, parameters, slope / errors[-1])
    bend = _bend(search, parameters)[np.ix_(inside, inside)] / errors[-1]
    curvature = float(np.linalg.eigvalsh(bend).min()) if inside.any() else np.inf
    coordinates = search.path(parameters).coordinates
    coordinates = np.where(coordinates < search.free.ends, coordinates, search.free.infinite)
    errors_there = search.free.errors(coordinates)
    return Minimum(parameters, coordinates, errors_there, slope / errors[-1], inside, curvature, reached)


def clean_optimum(free: Penalised) -> Vector:
    """(N,) the coordinates of the penalties that are best for each fit by itself, on labels of the truth."""
    clean, count = free.on_clean_labels(), len(free.ends)
    grid = np.linspace(0.0, 1.0, 65)[:, None] * free.ends
    errors = np.array([clean.errors(point) for point in grid])
    start = grid[errors.argmin(axis=0), np.arange(count)]

    def total(point: Vector) -> tuple[float, Vector]:
        values, slope = clean.slope(point, np.ones(count))
        return float(values.sum()), slope

    step = free.ends / 64
    bounds = np.stack([np.maximum(start - step, 0.0), np.minimum(start + step, free.ends)], axis=1)
    found = minimize(total, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_OPTIONS)
    return np.asarray(found.x)


_OPTIONS = {"ftol": 1e-16, "gtol": 1e-13, "maxiter": 2000, "maxcor": 30}


def _starts(free: Penalised) -> list[Vector]:
    """Penalties best on clean data, as they are, small, large, rising, falling, last only; and all over the range."""
    best, count, ends = clean_optimum(free), len(free.ends), free.ends
    rising = np.linspace(0.1, 1.0, count)
    last = np.eye(count)[-1]
    wide = [ends * np.linspace(0.05, 0.8, count), ends * np.linspace(0.8, 0.05, count)]
    starts = [best, 0.3 * best, 0.5 * (best + ends), best * rising, best * rising[::-1], best * last, *wide]
    return [np.clip(start, 0.01 * ends, 0.99 * ends) for start in starts]


def _linear(free: Penalised, directions: Vector, starts: Sequence[Vector]) -> Search:
    """Coordinates that are linear in the parameters: each parameter is the coordinate of some penalties."""
    count, parameters = directions.shape
    bent = np.zeros((count, parameters, parameters))
    ends = np.array([free.ends[column > 0].min() for column in directions.T])
    return Search(free, lambda one: Path(directions @ one, directions, bent), ends, starts)


def _curved(free: Penalised, family: Callable[[Any, int], Any]) -> Callable[[Vector], Path]:
    def coordinates(parameters: Any) -> Any:
        penalties = jnp.stack([jnp.asarray(family(parameters, g), dtype=float) for g in range(1, len(free.ends) + 1)])
        return coordinate(jnp.where(penalties > 0, penalties, jnp.nan), free.small, free.large)

    compiled = jax.jit(lambda one: (coordinates(one), jax.jacfwd(coordinates)(one), jax.hessian(coordinates)(one)))

    def path(parameters: Vector) -> Path:
        try:
            with jax.enable_x64(True):
                return Path(*(np.asarray(part) for part in compiled(jnp.asarray(parameters))))
        except jax.errors.JAXTypeError:
            raise SpecificationError("family", family, "a function that JAX can trace: jax.numpy, not numpy") from None

    return path


def _at(search: Search, parameters: Vector) -> tuple[Vector, Vector]:
    """Errors, and the gradient of the last one."""
    path = search.path(parameters)
    errors, slope = search.free.slope(path.coordinates)
    return errors, slope @ path.first


def _bend(search: Search, parameters: Vector) -> Vector:
    """(k, k) second derivatives of the last error."""
    path = search.path(parameters)
    slope = search.free.slope(path.coordinates)[1]
    bend = search.free.curvature(path.coordinates)
    return np.asarray(path.first.T @ bend @ path.first + np.einsum("n,nij->ij", slope, path.second))


def _finite(path: Path) -> bool:
    """Whether every penalty is a number > 0 there, and smooth."""
    return all(bool(np.isfinite(part).all()) for part in path)


def _descend(search: Search, start: Vector) -> tuple[float, Vector]:
    wall = WALL * float(_at(search, start)[0][-1])

    def objective(parameters: Vector) -> tuple[float, Vector]:
        if not _finite(search.path(parameters)):
            return wall, np.zeros(len(parameters))
        errors, slope = _at(search, parameters)
        return float(errors[-1]), slope

    bounds = None if search.ends is None else [(0.0, end) for end in search.ends]
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_OPTIONS)
    return float(found.fun), np.asarray(found.x)


def _inside(search: Search, parameters: Vector, slope: Vector) -> Any:
    """(k,) whether a parameter is at neither end, or at one from which the error does not rise, by relative slopes."""
    if search.ends is None:
        return np.ones(len(parameters), dtype=bool)
    at_none = (parameters <= 0.0) & (slope > STATIONARY)
    at_all = (parameters >= search.ends) & (slope < -STATIONARY)
    return ~(at_none | at_all)


def _polished(search: Search, parameters: Vector) -> Vector:
    """Newton's method on the parameters inside, as long as it is at a minimum and lowers the slope."""
    errors, slope = _at(search, parameters)
    for _ in range(POLISHING_STEPS):
        inside = _inside(search, parameters, slope / errors[-1])
        steepest = float(np.abs(slope[inside]).max(initial=0.0))
        if steepest <= POLISHED * errors[-1]:
            break
        bend = _bend(search, parameters)[np.ix_(inside, inside)]
        if np.linalg.eigvalsh(bend).min() <= 0:
            break
        proposal = parameters.copy()
        proposal[inside] -= np.linalg.solve(bend, slope[inside])
        if search.ends is not None:
            proposal = np.clip(proposal, 0.0, search.ends)
        if not _finite(search.path(proposal)):
            break
        errors, after = _at(search, proposal)
        if np.abs(after[_inside(search, proposal, after / errors[-1])]).max(initial=0.0) >= steepest:
            break
        parameters, slope = proposal, after
    return parameters

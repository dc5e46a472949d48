"""The share with the least error: every sign change of the slope on a grid that is fine towards the ends, bisected."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..problem import checks
from ..problem.errors import NotCertified, SpecificationError

INTERVALS = 32
CLOSEST = 12  # decades by which the grid approaches either end


class _Point(NamedTuple):
    """An error and its slope at a share."""

    share: float
    error: float
    slope: float

    @property
    def known(self) -> bool:
        """Whether both are finite; elsewhere is a wall."""
        return bool(np.isfinite(self.error) and np.isfinite(self.slope))


def optimal_share(error: Callable[[Any], Any], low: float = 0.0, high: float = 1.0) -> float:
    """The share at which a differentiable error is least, an end of the interval included.

    $$ \\arg\\min_{low \\le p \\le high} E(p) $$

    The slope is computed on a grid of 32 equal steps and of distances 10^-2, ..., 10^-12 from either end (as parts of
    the interval); every interval in which it turns from falling to rising is bisected to the last bit. Of the minima
    found and the ends the least is taken, the first of equal ones. Of minima within one step of the grid one may be
    missed.

    Args:
        error: a function of one share, a traced float64 number, that returns a number; built from what JAX can
            differentiate, such as `blended_steady_state` of a chain with that share. It may be infinite, or have no
            value, at an end, and infinite inside.
        low: the least share, in [0, 1).
        high: the largest share, in (low, 1].

    Returns:
        The share, as a float.

    Raises:
        SpecificationError: for an impossible interval, and where `error` is no such function.
        NotCertified: where the error or its slope is not a number inside the interval, or where the error falls up to
            an end, or a jump, at which it has no finite value.

    Source: bisection of the sign of the slope; nothing is assumed of the error but a continuous slope.

    >>> optimal_share(lambda p: (p - 0.25) ** 2)
    0.25
    >>> optimal_share(lambda p: p * p + p)
    0.0
    """
    low, high = checks.share("low", low), checks.share("high", high)
    for name, value in (("low", low), ("high", high)):
        if not isinstance(value, float):
            raise SpecificationError(name, value, "a number from 0 to 1")
    if not low < high:
        raise SpecificationError("high", high, f"a number above low = {low}, at most 1")
    if not callable(error):
        raise SpecificationError("error", error, _ALLOWED)
    with jax.enable_x64(True):
        at = _measured(error)
        points = [at(share) for share in _grid(low, high)]
        for point in points[1:-1]:
            _require_number(point)
        candidates = [end for end in (points[0], points[-1]) if np.isfinite(end.error)]
        _require_no_fall_to(points[0], points[1], 1.0)
        _require_no_fall_to(points[-1], points[-2], -1.0)
        candidates += [point for point in points[1:-1] if point.known and point.slope == 0]
        for left, right in pairwise(points):
            at_end = left is points[0] or right is points[-1]  # no wall is approached closer than the grid does
            if _turns(left, right) and (_both(left, right) or not at_end):
                candidates.append(_bisected(at, left, right))
    if not candidates:
        raise NotCertified("the error has no finite minimum on the interval")
    return min(candidates, key=lambda point: (point.error, point.share)).share


_ALLOWED = "a function of one share, built from what JAX can differentiate, that returns a number"


def _measured(error: Callable[[Any], Any]) -> Callable[[float], _Point]:
    """Error and slope at a share, compiled once."""

    def scalar(share: Any) -> Any:
        value = error(share)
        shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", np.int64)
        if not isinstance(value, float) and (shape != () or not jnp.issubdtype(dtype, jnp.floating)):
            raise SpecificationError("error", value, _ALLOWED)
        return jnp.asarray(value, dtype=jnp.float64)

    compiled = jax.jit(lambda share: jax.jvp(scalar, (share,), (jnp.ones_like(share),)))

    def at(share: float) -> _Point:
        try:
            value, slope = compiled(jnp.asarray(share, dtype=jnp.float64))
        except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError) as failure:
            raise SpecificationError("error", error, _ALLOWED) from failure
        return _Point(share, float(value), float(slope))

    return at


def _grid(low: float, high: float) -> list[float]:
    """The ends, equal steps between them, and a geometric approach to either end."""
    near = 10.0 ** -np.arange(2.0, CLOSEST + 1)
    parts = np.concatenate([np.linspace(0.0, 1.0, INTERVALS + 1)[1:-1], near])
    width = high - low
    inside = np.concatenate([low + width * parts, high - width * near])
    inside = inside[(inside > low) & (inside < high)]
    return [low, *np.unique(inside).tolist(), high]


def _require_number(point: _Point) -> None:
    """Refuse an error that is not a number, and a finite one without a slope."""
    if np.isnan(point.error) or (np.isfinite(point.error) and not np.isfinite(point.slope)):
        raise NotCertified(f"the error or its slope is not a number at the share {point.share}")


def _require_no_fall_to(end: _Point, neighbour: _Point, direction: float) -> None:
    """Refuse an error that falls all the way to an end at which it has no finite value."""
    if not np.isfinite(end.error) and neighbour.known and direction * neighbour.slope > 0:
        raise NotCertified(f"the error falls up to the share {end.share}, where it has no finite value")


def _both(left: _Point, right: _Point) -> bool:
    return left.known and right.known


def _turns(left: _Point, right: _Point) -> bool:
    """Whether the error falls on the left and rises on the right; from a wall it falls."""
    falls = left.slope < 0 if left.known else right.known
    rises = right.slope > 0 if right.known else left.known
    return falls and rises


def _bisected(at: Callable[[float], _Point], left: _Point, right: _Point) -> _Point:
    """The better of two neighbouring numbers between which the error turns from falling to rising."""
    from_wall = not left.known
    while (middle := left.share + (right.share - left.share) / 2) not in (left.share, right.share):
        point = at(middle)
        _require_number(point)
        if point.known and point.slope == 0:
            return point
        falls = point.slope < 0 if point.known else from_wall
        left, right = (point, right) if falls else (left, point)
    if not _both(left, right):
        raise NotCertified(f"the error falls up to the share {left.share}, where it jumps to infinity")
    return min(left, right, key=lambda point: point.error)

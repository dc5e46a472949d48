"""Partial moments and means of normal variables in numbers.

A partial moment is a Gauss-Legendre sum over the part of its interval that matters: every term has one sign, so that
narrow windows and windows in the tails keep their digits, where differences of distribution functions lose them.
A mean over a normal variable is a trapezoidal sum, which converges exponentially; a sum with twice the step tells
whether it has.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

ORDER = 64
REACH = 80.0  # twice the exponent beyond which a density adds nothing to one that is exp(40) times as large
_KNOTS, _WEIGHTS = np.polynomial.legendre.leggauss(ORDER)
SPAN, STEPS = 9.0, 1440  # of the trapezoidal sum, and its number of steps
CONVERGED = 1e-10
GRID = np.linspace(-SPAN, SPAN, STEPS + 1)
_DENSITY = np.exp(-(GRID**2) / 2) * (2 * SPAN / STEPS / math.sqrt(2 * math.pi))


def partial_moment(order: int, lower: Any, upper: Any) -> Any:
    """The integral of z^order phi(z) from lower to upper, 0 for an empty interval; arrays of limits broadcast.

    >>> import jax
    >>> with jax.enable_x64(True):  # half the mass, and half the variance
    ...     [round(float(partial_moment(order, 0.0, jnp.inf)), 14) for order in (0, 2)]
    [0.5, 0.5]
    """
    lower, upper = jnp.asarray(lower, jnp.float64), jnp.asarray(upper, jnp.float64)
    nearest_below, nearest_above = jnp.minimum(upper, 0.0), jnp.maximum(lower, 0.0)
    start = jnp.maximum(lower, -jnp.sqrt(nearest_below**2 + REACH))
    half = jnp.maximum(jnp.minimum(upper, jnp.sqrt(nearest_above**2 + REACH)) - start, 0.0) / 2
    knots, weights = (part.reshape(-1, *[1] * start.ndim) for part in (_KNOTS, _WEIGHTS))
    z = (start + half)[None] + half[None] * knots
    density = jnp.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return half * (z**order * density * weights).sum(axis=0)


def normal_mean(values: Any) -> Any:
    """E f(z) over a standard normal z from the values of f on `GRID`; NaN where the sum has not converged to 1e-10.

    >>> import jax
    >>> with jax.enable_x64(True):
    ...     round(float(normal_mean(GRID**4)), 12)
    3.0
    """
    terms = values * _DENSITY
    fine, coarse = terms.sum(), 2 * terms[::2].sum()
    return jnp.where(jnp.abs(fine - coarse) <= CONVERGED * jnp.abs(terms).sum(), fine, jnp.nan)


def failures(chance: Any, count: Any) -> Any:
    """(1 - p)^m, 1 for m = 0.

    >>> import jax
    >>> with jax.enable_x64(True):
    ...     [float(failures(0.5, count)) for count in (0.0, 2.0)]
    [1.0, 0.25]
    """
    certain = jnp.asarray(chance) >= 1.0
    lasting = jnp.exp(count * jnp.log1p(-jnp.where(certain, 0.5, chance)))
    return jnp.where(certain, jnp.where(jnp.asarray(count) > 0, 0.0, 1.0), lasting)


def tries(chance: Any, most: Any) -> Any:
    """(1 - (1 - p)^K)/p, which tends to K for p -> 0.

    >>> import jax
    >>> with jax.enable_x64(True):
    ...     [float(tries(chance, 3.0)) for chance in (0.5, 1.0, 0.0)]  # 1 + 1/2 + 1/4, 1, 3
    [1.75, 1.0, 3.0]
    """
    small = chance < 1e-300
    safe = jnp.where(small, 0.5, jnp.minimum(chance, 1.0))
    certain = safe == 1.0
    logarithm = jnp.log1p(-jnp.where(certain, 0.5, safe))
    drawn = -jnp.expm1(most * logarithm) / safe
    return jnp.where(small, most, jnp.where(certain, 1.0, drawn))

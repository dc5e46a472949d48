r"""The bivariate normal distribution function Phi_2(h, k; rho), accurate at every correlation.

Owen's T(h, a) = (1/2 pi) int_0^a exp(-h^2 (1 + x^2)/2)/(1 + x^2) dx turns it into integrals over smooth functions,

    Phi_2(h, k; rho) = (Phi(h) + Phi(k))/2 - T(h, a_h) - T(k, a_k) - delta/2,      a_h = (k - rho h)/(h q),
    q = (1 - rho^2)^{1/2},       delta = 0 where h and k have one sign, else 1,

with a_k likewise. Here T is taken of h and of d = a h, both of which stay finite where h vanishes. For |d| > |h|

    T(h, d/h) = +-[Phi(|h|) + Phi(|d|) - 2 Phi(|h|) Phi(|d|)]/2 -+ T(d, h/d),

so that the integral runs over [0, a] with a <= 1, where 32 points of Gauss and Legendre leave 1e-16 for every h.
Nothing is singular at rho -> +-1: k - rho h is formed as (k -+ h) +- (1 -+ rho) h, whose parts are exact or small.
Derivatives are closed forms: varphi(h) Phi((k - rho h)/q) in h, varphi(h) varphi((k - rho h)/q)/q in rho.

Source: D. B. Owen, Tables for computing bivariate normal probabilities, Ann. Math. Statist. 27 (1956) 1075.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_TINY = 1e-150  # stands for 0, so that no ratio is 0/0; its square does not underflow


def density(h: Any) -> Any:
    """varphi(h), the standard normal density."""
    return jnp.exp(-0.5 * h * h) / np.sqrt(2 * np.pi)


@jax.jit
def bivariate_cdf(h: Any, k: Any, rho: Any) -> Any:
    """P(u <= h, v <= k) for standard normal u, v of correlation rho, to 1e-15.

    Args:
        h, k: thresholds, 0-dimensional float64.
        rho: in [-1, 1]; at +-1 the limit.

    >>> with jax.enable_x64(True):  # 1/4 + arcsin(rho)/(2 pi)
    ...     print(round(float(bivariate_cdf(0.0, 0.0, 0.5)), 15), round(1 / 3, 15))
    0.333333333333333 0.333333333333333
    """
    return _cdf(h, k, rho)


@jax.custom_jvp
def _cdf(h: Any, k: Any, rho: Any) -> Any:
    h, k = jnp.where(h == 0, _TINY, h), jnp.where(k == 0, _TINY, k)
    apart = jnp.where((h < 0) != (k < 0), 0.5, 0.0)
    distance_h, distance_k = _distances(h, k, rho)
    value = 0.5 * (ndtr(h) + ndtr(k)) - _owen(h, distance_h) - _owen(k, distance_k) - apart
    inside = jnp.clip(value, 0.0, jnp.minimum(ndtr(h), ndtr(k)))
    opposite = jnp.maximum(ndtr(h) - ndtr(-k), 0.0)
    return jnp.where(rho >= 1, jnp.minimum(ndtr(h), ndtr(k)), jnp.where(rho <= -1, opposite, inside))


@_cdf.defjvp
def _cdf_jvp(primals: Any, tangents: Any) -> Any:
    h, k, rho = primals
    dh, dk, drho = tangents
    distance_h, distance_k = _distances(h, k, rho)
    by_h, by_k = density(h) * ndtr(distance_h), density(k) * ndtr(distance_k)
    by_rho = density(h) * density(distance_h) / _root(rho)
    return _cdf(h, k, rho), by_h * dh + by_k * dk + by_rho * drho


def _root(rho: Any) -> Any:
    return jnp.sqrt((1.0 - rho) * (1.0 + rho))


def _distances(h: Any, k: Any, rho: Any) -> tuple[Any, Any]:
    """(k - rho h)/q and (h - rho k)/q."""
    sign = jnp.where(rho < 0, -1.0, 1.0)
    apart, rest, root = k - sign * h, 1.0 - jnp.abs(rho), _root(rho)
    root = jnp.where(root > 0, root, 1.0)
    return (apart + rest * sign * h) / root, (-sign * apart + rest * sign * k) / root


def _owen(h: Any, d: Any) -> Any:
    """T(h, d/h)."""
    size, distance = jnp.abs(h), jnp.abs(d)
    larger, smaller = jnp.maximum(size, distance), jnp.minimum(size, distance)
    end = smaller / larger
    x = 0.5 * end * (1.0 + jnp.asarray(_POINTS))
    terms = jnp.exp(-0.5 * larger * larger * (1.0 + x * x)) / (1.0 + x * x)
    short = end * jnp.sum(jnp.asarray(_WEIGHTS) * terms) / (4.0 * np.pi)
    first, second = ndtr(-size), ndtr(-distance)
    # Phi(a) + Phi(b) - 2 Phi(a) Phi(b) in terms of what is beyond a and b, each to its own precision.
    rest = 0.5 * (first + second) - first * second
    return jnp.sign(h) * jnp.sign(d) * jnp.where(distance > size, rest - short, short)

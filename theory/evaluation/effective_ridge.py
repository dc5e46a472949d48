r"""The effective ridge kappa, solved with a certificate.

kappa solves n = df_1(kappa) + n lambda/kappa, df_1 = sum_k s_k/(s_k + kappa). As printed, the equation loses all
digits near the interpolation threshold. Here it is split at the eigenvalues above and below kappa, m of them above:

    sum_{s > kappa} p + (n - m)  =  sum_{s <= kappa} q + n lambda/kappa,        p = kappa/(s+kappa), q = s/(s+kappa).

n - m is an exact difference of counts, every other term is positive and at most 1/2. Since p q >= min(p, q)/2, the
rounding error of both sides is bounded by a few units of the slope tr[p q] + n lambda/kappa of their difference in
log kappa: the root is well conditioned for every spectrum, penalty and number of rows. (rows >= rank: n - m >= n -
r and small p; rows far below the rank: m close to n and small q. Both textbook forms are special cases.)

The solver is a bracketed Newton iteration in log kappa on log(left/right), which is linear for power laws. The
certificate is a sign change of the difference at kappa (1 +- width) beyond its a-priori rounding bound, which
encloses the root.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .summation import pairwise_sum, rounding_steps

UNIT_ROUNDOFF = 2.0**-53
MAXIMAL_STEPS = 120
WIDEST_CERTIFICATE = 1e-13
CONVERGED = 1e-11  # Newton is quadratic: a step this small leaves nothing but rounding
CLOSED = 1e4  # a bracket counts as converged when it is this much narrower than such a step


class Root(NamedTuple):
    """A certified root.

    Attributes:
        value: kappa.
        width: relative half-width of the enclosure: the root lies within value * (1 +- width).
        residual: difference of the two sides at `value`, relative to the slope in log kappa.
        steps: iterations used.
        certified: whether the sign change was verified and the width is at most 1e-13.
    """

    value: Any
    width: Any
    residual: Any
    steps: Any
    certified: Any


class _Sides(NamedTuple):
    """Both sides of the split equation at one kappa."""

    left: Any
    right: Any
    slope_left: Any
    slope_right: Any
    rounding: Any


def _sides(kappa: Any, s: Any, counts: Any, rows: Any, penalty: Any) -> _Sides:
    p, q = kappa / (s + kappa), s / (s + kappa)
    above = s > kappa
    terms = [jnp.where(above, p, 0.0), jnp.where(above, 0.0, q)]
    terms += [terms[0] * q, terms[1] * p, jnp.where(above, 1.0, 0.0)]
    weighed = [counts * term for term in terms] + [jnp.abs(counts) * jnp.where(above, p, q)]
    p_above, q_below, slope_above, slope_below, number_above, summed = pairwise_sum(jnp.stack(weighed))
    ridge = rows * (penalty / kappa)
    surplus = rows - number_above
    left, right = p_above + jnp.maximum(surplus, 0.0), q_below + jnp.maximum(-surplus, 0.0) + ridge
    # Each summand carries 3 roundings, its sum log2(nodes) more; then two additions. n - m is exact.
    rounding = UNIT_ROUNDOFF * ((rounding_steps(s.shape[-1]) + 4) * summed + 3 * ridge + 2 * (left + right))
    slope_left, slope_right = slope_above, slope_below + ridge
    return _Sides(left, right, slope_left, slope_right, rounding)


def _bracket(s: Any, counts: Any, rows: Any, penalty: Any) -> tuple[Any, Any]:
    """lambda <= kappa <= lambda + tr(s)/n; without a penalty kappa >= s_min (r - n)/n as well."""
    rank = pairwise_sum(counts)
    lower = jnp.maximum(penalty, jnp.min(s) * jnp.maximum(rank - rows, 0.0) / rows)
    upper = penalty + pairwise_sum(counts * (s / rows))
    return lower / 2, upper * 2


def _iterate(s: Any, counts: Any, rows: Any, penalty: Any) -> tuple[Any, Any]:
    """Bracketed Newton: (kappa, steps)."""
    lower, upper = _bracket(s, counts, rows, penalty)

    def unfinished(state: tuple[Any, ...]) -> Any:
        _, low, high, change, steps = state
        return (steps < MAXIMAL_STEPS) & (change > CONVERGED) & (high > low)

    def advance(state: tuple[Any, ...]) -> tuple[Any, ...]:
        kappa, low, high, _, steps = state
        sides = _sides(kappa, s, counts, rows, penalty)
        low = jnp.where(sides.left < sides.right, kappa, low)
        high = jnp.where(sides.left > sides.right, kappa, high)
        slope = sides.slope_left / sides.left + sides.slope_right / sides.right
        newton = kappa * jnp.exp(jnp.log1p((sides.right - sides.left) / sides.left) / slope)
        middle = jnp.sqrt(low) * jnp.sqrt(high)
        # Newton while it stays inside; every third step bisects at first, so that the bracket surely shrinks.
        inside = (newton >= low) & (newton <= high) & ((steps % 3 != 2) | (steps < 12))
        solved = sides.left == sides.right
        proposal = jnp.where(solved, kappa, jnp.where(inside, newton, middle))
        # A bisection says nothing about convergence unless its bracket has closed to rounding.
        change = jnp.where(inside | solved, jnp.abs(proposal / kappa - 1), CLOSED * (high / low - 1))
        return proposal, low, high, change, steps + 1

    start = (upper, lower, upper, jnp.ones_like(upper), jnp.zeros_like(upper))
    kappa, *_, steps = jax.lax.while_loop(unfinished, advance, start)
    return kappa, steps


@jax.custom_jvp
def _solved(s: Any, counts: Any, rows: Any, penalty: Any) -> tuple[Any, Any]:
    return _iterate(s, counts, rows, penalty)


@_solved.defjvp
def _solved_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """The implicit function theorem on n = df_1 + n lambda/kappa; every term has one sign per input."""
    s, counts, rows, penalty = primals
    ds, dcounts, drows, dpenalty = tangents
    kappa, steps = _solved(s, counts, rows, penalty)
    p, q = kappa / (s + kappa), s / (s + kappa)
    slope = pairwise_sum(counts * p * q) + rows * (penalty / kappa)
    # d kappa/d s = p (p/slope) in this order: p^2 and (s + kappa)^2 can underflow where the derivative does not.
    by_spectrum = pairwise_sum(counts * p * (p / slope) * ds)
    by_counts = kappa * (pairwise_sum(q * dcounts) / slope)
    by_rows = -kappa * (pairwise_sum(counts * q) / rows / slope) * drows
    change = by_spectrum + by_counts + by_rows + (rows / slope) * dpenalty
    return (kappa, steps), (change, jnp.zeros_like(steps))


def effective_ridge(s: Any, counts: Any, rows: Any, penalty: Any) -> Root:
    """Solve n = df_1(kappa) + n lambda/kappa for the effective ridge, with a certificate.

    Args:
        s: eigenvalues > 0, float64, shape (nodes,).
        counts: their multiplicities (or quadrature weights), shape (nodes,).
        rows: n >= 1, 0-dimensional.
        penalty: lambda > 0, or 0 with rows < sum(counts), 0-dimensional.

    Returns:
        A `Root`; differentiable in all arguments by the implicit function theorem. Where `certified` is False the
        value must not be used.

    Source: the equation is the Marchenko-Pastur equivalent (see theory/rules/resolvent.py); this form is derived above.

    >>> with jax.enable_x64(True):  # isotropic, d = n: kappa^2 = lambda (1 + kappa)
    ...     root = effective_ridge(jnp.ones(1), 5.0 * jnp.ones(1), jnp.asarray(5.0), jnp.asarray(0.5))
    >>> float(root.value), bool(root.certified)  # kappa = 1 for lambda = 1/2
    (1.0, True)
    """
    value, steps = _solved(s, counts, rows, penalty)
    frozen = jax.lax.stop_gradient((value, s, counts, rows, penalty))
    width, residual, certified = _certificate(*frozen)
    return Root(value, width, residual, steps, certified)


def _certificate(kappa: Any, s: Any, counts: Any, rows: Any, penalty: Any) -> tuple[Any, Any, Any]:
    at_root = _sides(kappa, s, counts, rows, penalty)
    slope = at_root.slope_left + at_root.slope_right
    residual = (at_root.left - at_root.right) / slope
    width = 2 * (at_root.rounding / slope + jnp.abs(residual)) + 4 * UNIT_ROUNDOFF
    ends = jnp.stack([kappa * (1 - width), kappa * (1 + width)])
    sides = jax.vmap(lambda end: _sides(end, s, counts, rows, penalty))(ends)
    beyond = (sides.left - sides.right) * jnp.array([-1.0, 1.0]) > sides.rounding
    return width, residual, jnp.all(beyond) & (width <= WIDEST_CERTIFICATE)

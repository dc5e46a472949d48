r"""The effective ridge kappa, solved with a certificate.

With n rows and a random projection of width m (infinite without one), kappa is the largest root of

    lambda = kappa (1 - df_1/n)(1 - df_1/m),        df_1(kappa) = sum_k s_k/(s_k + kappa),

the only one with df_1 < min(n, m). Let l be the smaller of n and m, L the larger. The margins D_l = l - df_1
and D_L = D_l + (L - l) have the product n m lambda/kappa. Of this quadratic equation the positive root is

    D_l = 2 l t/(g + h),        t = lambda/kappa,  g = 1 - l/L,  h = (g^2 + 4 t l/L)^{1/2},        D_l + D_L = L h;

without a projection D_n = n lambda/kappa. So kappa solves l = df_1(kappa) + D_l(kappa). As printed, that loses all
digits near the interpolation threshold. Here it is split at the eigenvalues above and below kappa, j of them above:

    sum_{s > kappa} p + (l - j)  =  sum_{s <= kappa} q + D_l,        p = kappa/(s+kappa), q = s/(s+kappa).

l - j is an exact difference of counts, every other term is positive and p, q are at most 1/2. Since p q >= min(p, q)/2,
the rounding error of both sides is bounded by a few units of the slope tr[p q] + D_l D_L/(D_l + D_L) of their
difference in log kappa: the root is well conditioned for every spectrum, penalty, width and number of rows. (rows >=
rank: l - j >= l - r and small p; rows far below the rank: j close to l and small q. Both textbook forms are special
cases.)

The solver is a bracketed Newton iteration in log kappa on log(left/right), which is linear for power laws. The
certificate is a sign change of the difference at kappa (1 +- width) beyond its a-priori rounding bound, which
encloses the root. Each step, and the certificate, is one pass over the eigenvalues: one division for each, min(s,
kappa)/(s + kappa), and all sums taken together in blocks (two divisions for the two ends of the certificate).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .summation import BLOCK, blockwise_steps, blockwise_sums, pairwise_sum

UNIT_ROUNDOFF = 2.0**-53
MAXIMAL_STEPS = 120
WIDEST_CERTIFICATE = 1e-13
CONVERGED = 5e-9  # Newton is quadratic: what a step this small leaves is below rounding
CLOSED = 5e6  # a bracket counts as converged when it is this much narrower than such a step


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


class Margins(NamedTuple):
    """What is left of rows and width beyond the degrees of freedom, to full relative precision.

    Attributes:
        rows: n - df_1.
        width: m - df_1; infinite without a projection.
    """

    rows: Any
    width: Any


def margins(kappa: Any, rows: Any, penalty: Any, width: Any = jnp.inf) -> Margins:
    """The margins n - df_1 and m - df_1 at the effective ridge, in which nothing is subtracted.

    >>> with jax.enable_x64(True):  # 12 rows, width 10, (n - df_1)(m - df_1) = n m lambda/kappa = 24
    ...     [float(margin) for margin in margins(jnp.asarray(5.0), 12.0, 1.0, 10.0)]
    [6.0, 4.0]
    """
    smaller, _, excess = _margin(kappa, rows, penalty, width)
    return Margins(smaller + jnp.where(rows > width, excess, 0.0), smaller + jnp.where(width > rows, excess, 0.0))


def _margin(kappa: Any, rows: Any, penalty: Any, width: Any) -> tuple[Any, Any, Any]:
    """min(n, m) - df_1, minus its derivative in log kappa, and the difference of n and m."""
    ratio = penalty / kappa
    small, large = jnp.minimum(rows, width), jnp.maximum(rows, width)
    finite = jnp.isfinite(large)
    inverse = jnp.where(finite, 1.0 / large, 0.0)
    gap = jnp.where(finite, (large - small) * inverse, 1.0)
    root = jnp.sqrt(gap * gap + 4.0 * ratio * (small * inverse))
    # Without a penalty at n = m both vanish, and so does the margin.
    margin = jnp.where(gap + root > 0, 2.0 * small * ratio / (gap + root), 0.0)
    slope = jnp.where(root > 0, small * ratio / root, 0.0)
    return margin, slope, jnp.where(finite, large - small, jnp.inf)


class _Sides(NamedTuple):
    """Both sides of the split equation at one kappa."""

    left: Any
    right: Any
    slope_left: Any
    slope_right: Any
    rounding: Any  # where no weight is negative


def _sides(kappa: Any, s: Any, counts: Any, rows: Any, penalty: Any, width: Any) -> _Sides:
    above = s > kappa
    share = jnp.minimum(s, kappa) / (s + kappa)  # p above, q below; 1 - share loses nothing, as share <= 1/2
    weighed = counts * share
    terms = [jnp.where(above, weighed, 0.0), jnp.where(above, 0.0, weighed), jnp.where(above, counts, 0.0)]
    p_above, q_below, number_above, slope_above, slope_below = blockwise_sums(
        [*terms, terms[0] * (1.0 - share), terms[1] * (1.0 - share)]
    )
    margin, slope_margin, _ = _margin(kappa, rows, penalty, width)
    surplus = jnp.minimum(rows, width) - number_above
    left, right = p_above + jnp.maximum(surplus, 0.0), q_below + jnp.maximum(-surplus, 0.0) + margin
    rounding = _rounding(s.shape[-1], p_above + q_below, margin, surplus)
    return _Sides(left, right, slope_above, slope_below + slope_margin, rounding)


def _rounding(length: int, summed: Any, margin: Any, surplus: Any) -> Any:
    """Each summand carries 3 roundings, its sum more; the margin 8; then two additions. l - j is exact."""
    in_all = summed + margin + jnp.abs(surplus)
    return UNIT_ROUNDOFF * ((blockwise_steps(length) + 4) * summed + 8 * margin + 2 * in_all)


def _filled(s: Any, counts: Any) -> tuple[Any, Any]:
    """Whole blocks, by eigenvalues that do not count: once for all evaluations."""
    missing = (0, -s.shape[-1] % BLOCK)
    return jnp.pad(s, missing, mode="edge"), jnp.pad(counts, missing)


class _Spread(NamedTuple):
    """What a certificate begins with, at the last kappa but one: that is within `CONVERGED` of the root."""

    rounding: Any  # relative to the slope
    slope: Any  # of the difference of the sides in log kappa


def _bracket(s: Any, counts: Any, rows: Any, penalty: Any, width: Any) -> tuple[Any, Any]:
    """lambda <= kappa <= 4 lambda + 2 tr(s)/l; without a penalty kappa >= s_min (r - l)/l as well.

    Where kappa >= 2 tr(s)/l, both df_1/n and df_1/m are at most 1/2, so that kappa <= 4 lambda.
    """
    top, least = jnp.max(s), jnp.minimum(rows, width)
    largest = jnp.where(top > 0, top, 1.0)  # all are 0 where no share of the labels is real
    rank, shares = blockwise_sums([counts, counts * (s / largest)])  # of the spectrum alone, whatever the lanes
    lower = jnp.maximum(penalty, jnp.min(s) * jnp.maximum(rank - least, 0.0) / least)
    upper = 4.0 * penalty + 2.0 * largest * (shares / least)
    return lower / 2, upper


def _iterate(s: Any, counts: Any, rows: Any, penalty: Any, width: Any) -> tuple[Any, Any, Any]:
    """Bracketed Newton: (kappa, how far it may be off, steps)."""
    s, counts = _filled(s, counts)
    lower, upper = _bracket(s, counts, rows, penalty, width)

    def unfinished(state: tuple[Any, ...]) -> Any:
        _, low, high, change, _, steps = state
        return (steps < MAXIMAL_STEPS) & (change > CONVERGED) & (high > low)

    def advance(state: tuple[Any, ...]) -> tuple[Any, ...]:
        kappa, low, high, _, _, steps = state
        sides = _sides(kappa, s, counts, rows, penalty, width)
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
        total = sides.slope_left + sides.slope_right
        return proposal, low, high, change, _Spread(sides.rounding / total, total), steps + 1

    one, zero = jnp.ones_like(upper), jnp.zeros_like(upper)
    start = (upper, lower, upper, one, _Spread(one, one), zero)
    kappa, *_, spread, steps = jax.lax.while_loop(unfinished, advance, start)
    return kappa, spread, steps


@jax.custom_jvp
def _solved(s: Any, counts: Any, rows: Any, penalty: Any, width: Any) -> tuple[Any, Any, Any]:
    return _iterate(s, counts, rows, penalty, width)


@_solved.defjvp
def _solved_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """The implicit function theorem on D_n D_m = n m lambda/kappa; every term has one sign per input."""
    s, counts, rows, penalty, width = primals
    ds, dcounts, drows, dpenalty, dwidth = tangents
    kappa, spread, steps = _solved(s, counts, rows, penalty, width)
    p, q = kappa / (s + kappa), s / (s + kappa)
    _, slope_margin, _ = _margin(kappa, rows, penalty, width)
    by_rows, by_width, by_penalty = _margin_derivatives(kappa, pairwise_sum(counts * q), rows, penalty, width)
    slope = pairwise_sum(counts * p * q) + slope_margin
    # d kappa/d s = p (p/slope) in this order: p^2 and (s + kappa)^2 can underflow where the derivative does not.
    by_spectrum = pairwise_sum(counts * p * (p / slope) * ds)
    by_counts = kappa * (pairwise_sum(q * dcounts) / slope)
    by_sizes = -kappa * ((by_rows * drows + by_width * dwidth) / slope)
    change = by_spectrum + by_counts + by_sizes + (by_penalty / slope) * dpenalty
    return (kappa, spread, steps), (change, _Spread(*map(jnp.zeros_like, spread)), jnp.zeros_like(steps))


def _margin_derivatives(kappa: Any, freedom: Any, rows: Any, penalty: Any, width: Any) -> tuple[Any, Any, Any]:
    """By n, m and lambda (times kappa) of D_n D_m - n m lambda/kappa over D_n + D_m, at constant df_1."""
    infinite = jnp.isinf(width)
    own = margins(kappa, rows, penalty, width)
    total = jnp.where(infinite, 1.0, own.rows + own.width)
    by_rows = jnp.where(infinite, 1.0, own.width / total) * (freedom / rows)
    by_width = jnp.where(infinite, 0.0, (own.rows / total) * (freedom / width))
    return by_rows, by_width, jnp.where(infinite, rows, rows * (width / total))


def effective_ridge(s: Any, counts: Any, rows: Any, penalty: Any, width: Any = jnp.inf) -> Root:
    """Solve lambda = kappa (1 - df_1/n)(1 - df_1/m) for the effective ridge, with a certificate.

    Args:
        s: eigenvalues > 0, float64, shape (nodes,).
        counts: their multiplicities (or quadrature weights), shape (nodes,).
        rows: n >= 1, 0-dimensional.
        penalty: lambda > 0, or 0 with min(rows, width) < sum(counts), 0-dimensional.
        width: m >= 1 of a random projection with entries N(0, 1/m), 0-dimensional; infinite without one.

    Returns:
        A `Root`; differentiable in all arguments by the implicit function theorem. Where `certified` is False the
        value must not be used.

    Source: the equation is the Marchenko-Pastur equivalent (see theory/rules/resolvent.py and projection.py); this form
    is derived in theory/evaluation/effective_ridge.py.

    >>> with jax.enable_x64(True):  # isotropic, d = n: kappa^2 = lambda (1 + kappa)
    ...     root = effective_ridge(jnp.ones(1), 5.0 * jnp.ones(1), jnp.asarray(5.0), jnp.asarray(0.5))
    >>> round(float(root.value), 14), bool(root.certified)  # kappa = 1 for lambda = 1/2
    (1.0, True)
    """
    width = jnp.asarray(width, dtype=jnp.float64)
    value, spread, steps = _solved(s, counts, rows, penalty, width)
    frozen = jax.lax.stop_gradient((value, spread, s, counts, rows, penalty, width))
    width, residual, certified = _certificate(*frozen)
    return Root(value, width, residual, steps, certified)


def _certificate(
    kappa: Any, spread: Any, s: Any, counts: Any, rows: Any, penalty: Any, size: Any
) -> tuple[Any, Any, Any]:
    """Width, residual, and whether the sides change their order within the width: both ends in one pass.

    The split is that at kappa for both: the equation holds wherever one splits. Their mean is the residual: over such a
    width the sides are straight.
    """
    s, counts = _filled(s, counts)
    width = 3 * spread.rounding + 8 * CONVERGED**2 + 4 * UNIT_ROUNDOFF
    ends = jnp.stack([kappa * (1 - width), kappa * (1 + width)])
    above = s > kappa
    signed = jnp.where(above, counts, -counts)
    low, high = (signed * (jnp.where(above, end, s) / (s + end)) for end in ends)
    *sums, number_above, summed = blockwise_sums([low, high, jnp.where(above, counts, 0.0), jnp.abs(high)])
    margin, _, _ = _margin(ends, rows, penalty, size)
    surplus = jnp.minimum(rows, size) - number_above
    low, high = jnp.stack(sums) + surplus - margin
    beyond = jnp.minimum(-low, high) > _rounding(s.shape[-1], summed, margin[0], surplus)
    return width, (low + high) / 2 / spread.slope, beyond & (width <= WIDEST_CERTIFICATE)

r"""Moments of an inverse Wishart matrix: exact at finite size.

W = X'X for n independent rows N(0, Sigma), Sigma of rank r, M = n - r - 1. All is measured in units of Sigma: with
Sigma = 1 on its range, E W^{-1} = 1/M (the noise of least squares, theory/rules/least_squares.py).

**Second moments.** Rotations leave two numbers: each of the three ways to pair the four ends of W^{-1} and W^{-1} puts
Sigma^{-1} between the ends it joins, the way that pairs each matrix with itself u_1 times, the two others u_2 times,

    E tr(W^{-1} A W^{-1} B)     = u_1 tr(A B) + u_2 (tr(A' B) + tr A tr B),
    E tr(W^{-1} A) tr(W^{-1} B) = u_1 tr A tr B + u_2 (tr(A B) + tr(A' B)).

Integration by parts over the entries of X, E tr X'F(X) = E div F(X), with F = X W^{-1} A W^{-1} B gives

    E tr(A W^{-1} B) = M E tr(W^{-1} A W^{-1} B) - E tr(W^{-1} A' W^{-1} B) - E tr(W^{-1} A) tr(W^{-1} B),

for all A and B. The coefficients of tr A tr B and of tr(A B) are u_1 = (M - 1) u_2 and 1/M = M u_1 - 2 u_2, hence

    u_2 = 1/((M + 1) M (M - 2)) = 1/((n - r)(n - r - 1)(n - r - 3)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy

from ..problem import checks
from ..problem import notation as x
from ..problem.errors import NoTheorem, SpecificationError
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.statement import Reference, Statement
from .factor import SYMMETRY, Factor, Space, factor, is_nonnegative
from .factor import covariance as covariance_factor
from .network import Network
from .pairings import Pairs, pairings
from .wishart import directions

FIRST, SECOND = x.spectral("A"), x.weight
STRAIGHT, CROSSED = x.scalar("u_1"), x.scalar("u_2")
_UNITS = Space("directions", x.rank, (FIRST, SECOND))
_HYPOTHESES = (
    "W is the Gram matrix of independent Gaussian rows, with the covariance in whose units A and B are measured",
    "the weights A and B do not depend on the rows",
    "rows >= rank + 4 (infinite below)",
)
_MARGIN = x.wishart_margin
_DEFINITIONS = (
    *LEAST_SQUARES.definitions,
    (CROSSED, 1 / ((_MARGIN + 1) * _MARGIN * (_MARGIN - 2))),
    (STRAIGHT, (_MARGIN - 1) * CROSSED),
)
# Where a word has W^{-1} A W^{-1} B, and where tr(W^{-1} A) tr(W^{-1} B): the ends (left, right) of both W^{-1}, as
# nodes of the edges A (0 to 1) and B (2 to 3).
_ONE_RING = ((3, 0), (1, 2))
_TWO_RINGS = ((1, 0), (3, 2))


def _ways(inverses: Pairs) -> tuple[list[Pairs], list[Pairs]]:
    """The pairing of each inverse with itself, which counts u_1 times, and the two others, which count u_2 times."""
    ends = [node for pair in inverses for node in pair]
    own, *others = [tuple((ends[i], ends[j]) for i, j in pairing) for pairing in pairings([0] * len(ends))]
    return [own], others


def _statement(name: str, description: str, inverses: Pairs) -> Statement:
    network = Network([(_UNITS, Factor(FIRST)), (_UNITS, Factor(SECOND))], [Factor()] * 4)
    own, others = _ways(inverses)
    result = STRAIGHT * network.total(own) + CROSSED * network.total(others)
    source = Reference((), "derived in theory/exact/inverse_wishart.py (integration by parts)")
    return Statement(name, description, _HYPOTHESES, _DEFINITIONS, result, source, Kind.EXACT)


SECOND_MOMENT = _statement(
    "second moment of an inverse Wishart matrix",
    "E tr(W^-1 A W^-1 B) for commuting weights.",
    _ONE_RING,
)
PRODUCT_OF_TRACES = _statement(
    "product of traces of an inverse Wishart matrix",
    "E tr(W^-1 A) tr(W^-1 B) for commuting weights.",
    _TWO_RINGS,
)


def inverse_mean(covariance: Any = x.s, rows: Any = x.rows) -> Any:
    """The mean of an inverse Wishart matrix.

    $$ E W^{-1} = Sigma^{-1}/(n - r - 1) $$

    Args:
        covariance: Sigma, a function > 0 of the eigenvalue s, or an array of shape (d, d), symmetric, with eigenvalues
            >= 0. Where its rank r is below d, inverses are pseudo-inverses.
        rows: n >= r, or a symbol, of which nothing is checked.

    Returns:
        A function of s and of the rank, or an array of shape (d, d), of expressions for a symbol n.

    Raises:
        SpecificationError: for a covariance that is none, and for rows < rank, where W has no inverse.
        NoTheorem: for rows = rank and rank + 1, where the mean is infinite.

    Source: theory/rules/least_squares.py.

    >>> inverse_mean()
    1/(s*(n - r - 1))
    >>> inverse_mean([[2, 0], [0, 4]], rows=8).tolist()
    [[0.1, 0.0], [0.0, 0.05]]
    """
    space, inverse, rank = _precision((covariance,), covariance)
    if _is_infinite(rows, rank, 2):
        raise _no_moment(rows, rank, 2)
    return _plain(Factor(1 / _numbers(rows, rank)[_MARGIN]) @ inverse, space)


def inverse_sandwich(middle: Any, covariance: Any = x.s, rows: Any = x.rows) -> Any:
    """The mean of a matrix between two inverse Wishart matrices.

    $$ E W^{-1} A W^{-1} = u_1 Sigma^{-1} A Sigma^{-1} + u_2 (Sigma^{-1} A' Sigma^{-1} + tr(A Sigma^{-1}) Sigma^{-1}) $$

    with u_2 = 1/((n - r)(n - r - 1)(n - r - 3)) and u_1 = (n - r - 2) u_2.

    Args:
        middle: A, a function of s, or an array of shape (d, d), which need not be symmetric.
        covariance, rows: as in `inverse_mean`.

    Returns:
        A function of s with `Trace` atoms, or an array of shape (d, d), of expressions for a symbol n.

    Raises:
        SpecificationError: as in `inverse_mean`, and for a middle that does not fit.
        NoTheorem: for rank <= rows <= rank + 3, where second moments are infinite.

    Source: derived in theory/exact/inverse_wishart.py.

    In one direction W/s is chi-square with n = 7 degrees of freedom, and E W^{-2} = 1/(5 * 3 s^2):

    >>> (15 * inverse_sandwich([[1]], [[4]], rows=7)).round(12).tolist()
    [[0.0625]]
    """
    space, inverse, rank = _precision((middle, covariance), covariance)
    if _is_infinite(rows, rank, 4):
        raise _no_moment(rows, rank, 4)
    known = _numbers(rows, rank)
    network = Network([(space, Factor()), (space, factor("middle", middle, space))], [inverse] * 4)
    own, others = (network.opened(ways) for ways in _ways(_ONE_RING))
    return _plain(Factor(known[STRAIGHT]) @ own, space) + _plain(Factor(known[CROSSED]) @ others, space)


def inverse_trace_product(first: Any = 1, second: Any = 1, covariance: Any = x.s, rows: Any = x.rows) -> Any:
    """The mean of a product of two traces of an inverse Wishart matrix; its square unless weights are given.

    $$ E tr(W^{-1} A) tr(W^{-1} B) $$

    Args:
        first, second: A and B, functions of s, or arrays of shape (d, d).
        covariance, rows: as in `inverse_mean`.

    Returns:
        An expression in n, the rank and `Trace` atoms, or a number; infinity for rank <= rows <= rank + 3 and weights
        without negative eigenvalues.

    Raises:
        SpecificationError: as in `inverse_mean`, and for weights that do not fit.
        NoTheorem: for rank <= rows <= rank + 3 and other weights.

    Source: derived in theory/exact/inverse_wishart.py.

    >>> inverse_trace_product(covariance=[[3]], rows=7) * 9 * 15
    1.0
    >>> inverse_trace_product(covariance=[[3]], rows=4)
    inf
    """
    space, inverse, rank = _precision((first, second, covariance), covariance)
    weights = [factor(name, value, space) for name, value in (("first", first), ("second", second))]
    if _is_infinite(rows, rank, 4):
        return _infinite_product(weights, inverse, space, _no_moment(rows, rank, 4))
    known = _numbers(rows, rank)
    network = Network([(space, weight) for weight in weights], [inverse] * 4)
    own, others = (network.total(ways) for ways in _ways(_TWO_RINGS))
    value = known[STRAIGHT] * own + known[CROSSED] * others
    return float(value) if checks.is_number(value) else value


def _precision(given: Sequence[Any], covariance: Any) -> tuple[Space, Factor, Any]:
    """The space of the directions, Sigma^{-1}, and the rank."""
    space = directions(given)
    read = covariance_factor("covariance", covariance, space)
    if read.matrix is None:
        if read.scalar == 0:
            raise SpecificationError("covariance", covariance, "a variance > 0")
        return space, Factor(sympy.S.One / read.scalar), space.size
    values, vectors = np.linalg.eigh(read.matrix)
    kept = values > space.size * np.finfo(np.float64).eps * values[-1]
    if not np.any(kept):
        raise SpecificationError("covariance", covariance, "a matrix of rank >= 1")
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return space, Factor(1, inverse), int(np.sum(kept))


def _numbers(rows: Any, rank: Any) -> dict[Any, Any]:
    """The margin and the coefficients u_1 and u_2 for some rows and rank."""
    known = {x.rows: sympy.S(checks.size("rows", rows)), x.rank: sympy.S(rank)}
    for symbol, expression in _DEFINITIONS:
        known[symbol] = expression.subs(known)
    return known


def _is_infinite(rows: Any, rank: Any, margin: int) -> bool:
    """Whether a moment that needs rows >= rank + margin is infinite; False where that is not known."""
    rows = checks.size("rows", rows)
    if checks.is_symbolic(rows) or checks.is_symbolic(rank):
        return False
    if rows < rank:
        raise SpecificationError("rows", rows, f"at least as many rows as the rank, {rank}")
    return bool(rows < rank + margin)


def _no_moment(rows: Any, rank: int, margin: int) -> NoTheorem:
    return NoTheorem(f"rows >= rank + {margin} (given: {rows}, rank {rank}): the mean is infinite", "more rows")


def _infinite_product(weights: Sequence[Factor], inverse: Factor, space: Space, no_moment: NoTheorem) -> float:
    """Infinity where both weights are nonnegative, zero where one of them vanishes on the range of Sigma."""
    if not all(is_nonnegative(weight, space) for weight in weights):
        raise no_moment
    means = [float((inverse @ weight).trace(space)) for weight in weights]
    return math.inf if min(means) > SYMMETRY * max(means) else 0.0


def _plain(mean: Factor, space: Space) -> Any:
    """A function of the eigenvalue as it is; on a space of matrices an array."""
    return mean.array(space) if isinstance(space.size, int) else mean.scalar

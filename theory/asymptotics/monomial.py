"""A summand of a spectral sum on a power law, read as k^(-decay) q^kept p^lost kappa^ridge."""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy

from ..problem import notation as x
from ..problem.errors import NoTheorem


class Monomial(NamedTuple):
    """k^(-decay) q^kept p^lost kappa^ridge.

    Attributes:
        decay: what stands in k alone decays like k^(-decay).
        kept, lost: powers of the shrinkage factors q and p, whole numbers >= 0.
        ridge: power of kappa in front.
    """

    decay: Any
    kept: Any
    lost: Any
    ridge: Any


def monomial(function: Any, exponent: Any, source: Any) -> Monomial:
    """Read a product of powers of s, tau, q, p, kappa and s + kappa, on s_k = k^(-beta), tau_k = k^(-1 - 2 r beta).

    Args:
        function: the product.
        exponent, source: beta and r.

    Raises:
        NoTheorem: for any other factor.

    >>> monomial(x.s**2 / (x.s + x.kappa) ** 2, 2, 1)
    Monomial(decay=4, kept=0, lost=2, ridge=-2)
    >>> monomial(x.p**2 * x.tau, 2, 1)
    Monomial(decay=5, kept=0, lost=2, ridge=0)
    """
    powers: dict[Any, Any] = {}
    for factor in sympy.Mul.make_args(function.subs(x.s + x.kappa, x.kappa / x.p)):
        base, power = factor.as_base_exp()
        powers[base] = powers.get(base, sympy.S.Zero) + power
    powers.pop(sympy.S.One, None)
    eigenvalue, ridge, truth, kept, lost = (powers.pop(base, sympy.S.Zero) for base in _LETTERS)
    if powers or not all(number.is_Integer and number >= 0 for number in (kept, lost)):
        raise NoTheorem(f"a summand is a product of s, tau, q, p and kappa, not {function}", "an expanded sum")
    decay = exponent * eigenvalue + truth * (1 + 2 * source * exponent)
    return Monomial(sympy.expand(decay), kept, lost, ridge)


_LETTERS = x.s, x.kappa, x.tau, x.q, x.p

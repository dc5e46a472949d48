"""Signs of polynomials in positive quantities."""

from __future__ import annotations

from typing import Any

import sympy


def one_sign(polynomial: Any) -> bool:
    """Whether all coefficients have one sign, so that there is no positive root.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> one_sign(-x - 2 * y), one_sign(x - y)
    (True, False)
    """
    signs = {number > 0 for number in sympy.Poly(polynomial, *polynomial.free_symbols).coeffs()}
    return len(signs) == 1


def stripped(polynomial: Any) -> Any:
    """A polynomial without factors that have no positive root.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> stripped(3 * x**2 - 3 * y**2)
    x - y
    """
    return sympy.Mul(*(factor for factor, _ in sympy.factor_list(polynomial)[1] if not one_sign(factor)))

"""The effective ridge for one eigenvalue as the root of a polynomial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from ...problem import notation
from ...problem.errors import Irreducible, SpecificationError
from ...rules.trace import Trace
from .reduced import PositiveBlock, Reduced
from .signs import one_sign, stripped


def closed_form(derived: Reduced, block: int = 0, eigenvalues: Mapping[str, Any] | None = None) -> Any:
    r"""The polynomial in kappa that vanishes where every direction has the same eigenvalue.

    Traces tr[f] become d f, and the margins are eliminated from the equations of the block.

    Args:
        derived: a reduced program.
        block: which of its nonlinear blocks.
        eigenvalues: for spectral letters a number or a symbol; 1 for those that are not given.

    Returns:
        A SymPy polynomial in kappa, quadratic for ridge, without the factors that have no positive root.

    Raises:
        SpecificationError: for a block that there is not.
        Irreducible: where the margins cannot be eliminated.

    >>> from ..dyson import dyson
    >>> from ..model import Model, ridge
    >>> from ..pencil import pencil
    >>> from ..risk import risk
    >>> from .reduced import reduced
    >>> m = Model(); X = m.design("X", "T", covariance=1)
    >>> w = ridge(X, X @ m.truth + m.noise("sigma"), "lambda")
    >>> closed_form(reduced(dyson(pencil(risk(w).parts)))).as_expr()
    T*kappa**2 - T*lambda + kappa*(-T*lambda + T - d)
    """
    if not 0 <= block < len(derived.blocks):
        raise SpecificationError("block", block, f"one of {len(derived.blocks)}")
    own = derived.blocks[block]
    equations = _equations(derived, own, eigenvalues or {})
    kappa, margins = own.ridges[0], [margin for _, margin in own.margins]
    while len(equations) > 1:
        equations, margins = _step(equations, margins)
    (left,) = equations
    if margins and left.has(*margins):
        raise Irreducible("the margins of the block cannot be eliminated")
    roots = [factor for factor, _ in sympy.factor_list(left)[1] if not one_sign(factor)]
    polynomial = sympy.Poly(sympy.Mul(*roots), kappa)
    return -polynomial if polynomial.LC().could_extract_minus_sign() else polynomial


def _equations(derived: Reduced, own: PositiveBlock, eigenvalues: Mapping[str, Any]) -> list[Any]:
    """The block's equations as polynomials in kappa and the margins."""
    shrinkage = dict(derived.definitions)
    letters = {
        symbol: eigenvalues.get(symbol.name, 1)
        for expression in shrinkage.values()
        for symbol in expression.atoms(notation.Spectral)
    }
    values = {
        Trace(kept): size * shrinkage[kept].subs(letters) for kept, size in zip(own.kept, own.dimensions, strict=True)
    }
    ridges = own.ridges[1:]
    return [
        sympy.fraction(sympy.together(equation.lhs - equation.rhs.subs(values)))[0]
        for equation in own.equations
        if equation.lhs not in ridges
    ]


def _step(equations: list[Any], margins: list[Any]) -> tuple[list[Any], list[Any]]:
    """One equation and one margin less: the resultant with the equation of the lowest degree in a margin."""
    choices = [
        (sympy.Poly(equation, margin).degree(), sympy.count_ops(equation), index, place)
        for index, equation in enumerate(equations)
        for place, margin in enumerate(margins)
        if equation.has(margin)
    ]
    if not choices:
        raise Irreducible("the margins of the block cannot be eliminated")
    _, _, chosen, place = min(choices)
    margin = margins[place]
    pivot = equations[chosen]
    rest = [
        stripped(sympy.resultant(pivot, other, margin)) if other.has(margin) else other
        for index, other in enumerate(equations)
        if index != chosen
    ]
    return rest, [other for other in margins if other is not margin]

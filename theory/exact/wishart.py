"""Words in one Wishart matrix W = X'X, rows of X independent N(0, Sigma): exact at finite size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from ..problem import checks
from ..problem import notation as x
from ..problem.errors import SpecificationError
from ..problem.notation import Spectral
from .factor import Space, factor, is_matrix
from .factor import covariance as covariance_factor
from .gaussian import Gaussian
from .words import MOST_LEADING_LETTERS, pairing_sum

MOST_FACTORS = 6  # 10395 pairings


def wishart_word(factors: Sequence[Any], covariance: Any = x.s, rows: Any = x.rows, *, leading: bool = False) -> Any:
    """The expectation of the trace of a word in one Wishart matrix.

    $$ E tr prod_{i=1..k} (X'X A_i) $$

    Args:
        factors: A_1 .. A_k, 1 <= k <= 6; all of them functions of the eigenvalue s (numbers, SymPy expressions), which
            commute, or arrays of shape (d, d), which need not.
        covariance: Sigma, a function of s (1: isotropic), or an array of shape (d, d), symmetric, eigenvalues >= 0.
        rows: n >= 1, or a symbol.
        leading: only what survives where n and d grow in proportion; k <= 9.

    Returns:
        For functions an expression in n, `Trace` atoms and, for Tr[1], the rank; for arrays a number, or a polynomial
        in a symbol n.

    Raises:
        SpecificationError: for other numbers of factors, and factors that do not fit.

    Valid when: the rows are independent and Gaussian, and the factors do not depend on them.
    Source: derived in theory/exact/words.py (Wick's rule). Words in several designs: `words.pairing_sum`.

    >>> from modelcollapse.theory.problem import notation as n
    >>> wishart_word([n.weight])
    n*tr[B*s]
    >>> wishart_word([1, 1], covariance=1).factor()
    n*r*(n + r + 1)
    >>> wishart_word([[[1, 0], [0, 2]], [[3, 0], [0, 1]]], covariance=[[1, 0], [0, 1]], rows=2)
    54.0
    """
    most = MOST_LEADING_LETTERS // 2 if leading else MOST_FACTORS
    if not 1 <= len(checks.members("factors", factors, f"1 to {most} factors")) <= most:
        raise SpecificationError("factors", len(factors), f"1 to {most} factors")
    space = directions((*factors, covariance))
    for one in factors:
        factor("factors", one, space)
    covariance_factor("covariance", covariance, space)
    design = Gaussian("X", Space("rows", checks.size("rows", rows)), space, column_covariance=covariance)
    return pairing_sum(*(part for one in factors for part in (design.T, design, one)), leading=leading)


def directions(given: Sequence[Any]) -> Space:
    """The space on which some matrices, or functions of the eigenvalue, act.

    >>> directions([1, [[1, 0], [0, 1]]])
    Space(name='directions', size=2, symbols=())
    """
    matrix = next((value for value in given if is_matrix(value)), None)
    if matrix is not None:
        return Space("directions", len(matrix))
    symbols = set().union(*(value.atoms(Spectral) for value in given if isinstance(value, sympy.Basic)))
    return Space("directions", x.rank, tuple(sorted(symbols, key=str)))

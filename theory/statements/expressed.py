r"""Chains that are expressions in Gaussian matrices: their error by the matrix Dyson equation.

The models are written as one expression in Gaussian matrices, rows that are used again being the same matrix
(theory/chains/expressed.py). With Q the pencil of that expression (theory/algebra/pencil.py), G = E Q^{-1} solves, in
the limit of proportional sizes,

    G = (F - R[G])^{-1},    R_ij = sum over pairs l r' C_out tr[r l' C_in G_km],

a fixed-point equation that theory/algebra/dyson.py turns into a program, in which nothing is assumed independent that
is not. The solution is the one that is continued from vanishing variance of the matrices.
"""

from __future__ import annotations

from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.statement import Statement

TEST_ERROR_OF_AN_EXPRESSION = Statement(
    "test error of an expression in Gaussian matrices",
    "The excess error as derived by the engine for this very chain; `derive` shows the equations.",
    (
        "all rows are Gaussian; rows that are used again are the same rows",
        "rows, widths, dimension and spectrum grow in proportion (error O(1/dimension))",
        "every fit has a positive penalty",
    ),
    (),
    x.error,
    Reference((), "derived by theory/algebra/dyson.py, see theory/statements/expressed.py"),
    Kind.EQUIVALENT,
)


TEST_ERROR_OF_INDEPENDENT_GENERATIONS = Statement(
    "test error of independent generations",
    "The excess error by the rules that the engine derives for the fits of this very chain, one after the other.",
    (
        "the Gaussian rows and projections of a generation occur nowhere in the model that labels its rows",
        "rows, widths, dimension and spectrum grow in proportion (error O(1/dimension))",
        "every fit has a positive penalty",
    ),
    (),
    x.error,
    Reference((), "derived by theory/algebra/stage.py, see theory/statements/expressed.py"),
    Kind.EQUIVALENT,
)

r"""Least squares on real and synthetic rows: the collapse term without a penalty, exact at finite size, and its limits.

Of n rows the truth labels n - n_2 and a shifted truth n_2, with c^2 = tr delta. By theory/rules/labeller_mixture.py,
with the squared errors n_2 c^2 of the labellers summed over rows and n_2 (n_2 - 1) c^2 over pairs of rows,

    zeta = c^2 [c_1 n_2 + c_2 n_2 (n_2 - 1)]        exactly.

Where rows and rank grow in proportion this is the collapse term of theory/statements/strong_collapse.py with nothing
lost in shrinkage (q = 1, p = 0; n - df_2 is n - r), at f = n_2/n:

    zeta -> c^2 [f^2 + f (1 - f) r/(n - r)],

and with many rows for each direction f^2 c^2, the plateau of strong collapse: positive for every f > 0, however large
n is. It exceeds the error sigma^2 r/n of real labels from n_2 = f n = sqrt(n sigma^2 r)/c synthetic rows on, a number
that grows like the root of n only.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import STRONG_COLLAPSE, Reference
from ..rules.kind import Kind
from ..rules.labeller_mixture import LABELLER_MIXTURE
from ..rules.statement import Statement
from ..rules.trace import Trace, distributed
from .strong_collapse import CLEAN_RATE, COLLAPSE_OF_A_MIXTURE, SHIFT, SIZE_OF_SHIFT, SYNTHETIC_ROWS, SYNTHETIC_SHARE

_SOURCE = Reference((STRONG_COLLAPSE,), "derived in theory/statements/mixed_least_squares.py")
_EXACT = (
    "least squares on fresh Gaussian rows of one covariance, rows >= rank + 2",
    "the truth labels the real rows, a shifted truth the n_2 synthetic ones; truth and shift are independent",
)


def _exact() -> sympy.Expr:
    """The part of the error that the labellers' errors make."""
    n_2, square = SYNTHETIC_ROWS, SIZE_OF_SHIFT**2
    errors = {x.over_rows: n_2 * square, x.over_pairs: n_2 * (n_2 - 1) * square, x.noise: 0}
    return sympy.factor_terms(LABELLER_MIXTURE.result.subs(errors))


def _in_proportion() -> sympy.Expr:
    """The collapse term of ridge regression where nothing is lost in shrinkage."""
    nothing_lost = {x.q: 1, x.p: 0, x.margin_2: x.rows - x.rank}
    total = distributed(COLLAPSE_OF_A_MIXTURE.result.subs(nothing_lost))
    return sympy.collect(total.subs(Trace(SHIFT), SIZE_OF_SHIFT**2), SIZE_OF_SHIFT)


COLLAPSE_OF_LEAST_SQUARES = Statement(
    "collapse term of least squares",
    "What synthetic labels add to the error of pooled least squares, at any number of rows.",
    _EXACT,
    LABELLER_MIXTURE.definitions,
    _exact(),
    _SOURCE,
    Kind.EXACT,
)
COLLAPSE_OF_LEAST_SQUARES_IN_PROPORTION = Statement(
    "collapse term of least squares, rows and rank in proportion",
    "The ridgeless collapse term, quadratic in the share f of synthetic rows.",
    (*_EXACT, "rows and rank grow in proportion (error O(1/dimension))"),
    (),
    _in_proportion(),
    _SOURCE,
    Kind.EQUIVALENT,
)
PLATEAU_WITHOUT_A_PENALTY = Statement(
    "plateau of strong collapse without a penalty",
    "Where the error of least squares stops as the rows grow: above zero unless the synthetic share goes to zero.",
    CLEAN_RATE.hypotheses,
    (),
    sympy.limit(CLEAN_RATE.result * x.noise**2 * x.rank / x.rows, x.rows, sympy.oo),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
HARMLESS_SYNTHETIC_ROWS = Statement(
    "synthetic rows that double the clean error",
    "Fewer are harmless, more are not: of the order of the root of n, so that n_2 = o(n) is not enough.",
    CLEAN_RATE.hypotheses,
    (),
    x.rows * sympy.solve(CLEAN_RATE.result - 2, SYNTHETIC_SHARE)[0],
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)

STATEMENTS: tuple[Statement, ...] = (
    COLLAPSE_OF_LEAST_SQUARES,
    COLLAPSE_OF_LEAST_SQUARES_IN_PROPORTION,
    PLATEAU_WITHOUT_A_PENALTY,
    HARMLESS_SYNTHETIC_ROWS,
)

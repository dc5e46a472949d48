r"""Least squares on a fresh share of real rows in every generation: exact at finite size.

Of n fresh rows the truth labels n - m and the model before labels m. With the error E_{g-1} of that model the rule of
theory/rules/labeller_mixture.py reads E_g = c E_{g-1} + V, with S_1 = m E_{g-1}, S_2 = m (m - 1) E_{g-1}:

    c = c_1 m + c_2 m (m - 1),    V = sigma^2 r/(n - r - 1),    E_N = V (1 - c^N)/(1 - c),

bounded in N if and only if c < 1; c -> (m/n)^2 for n much larger than r.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.labeller_mixture import HYPOTHESES, LABELLER_MIXTURE
from ..rules.statement import Statement

GENERATIONS = sympy.Symbol("N", integer=True, positive=True)


FADING = x.scalar("c")  # how much of the error of the model before a fit keeps


def _once(error: sympy.Expr) -> sympy.Expr:
    """The error of a fit on m labels of a model with this error, and n - m of the truth."""
    m = x.new_rows
    return LABELLER_MIXTURE.result.subs({x.over_rows: m * error, x.over_pairs: m * (m - 1) * error})


_HYPOTHESES = (
    *HYPOTHESES,
    "every generation has n rows, m of them labelled by the model before and the others by the truth",
    "all generations have the same noise",
)
_DEFINITIONS = (*LABELLER_MIXTURE.definitions, (FADING, sympy.diff(_once(x.error), x.error)))
_SOURCE = Reference((), "derived in theory/statements/mixture.py")

TEST_ERROR_WITH_FRESH_REAL_ROWS = Statement(
    "test error of least squares with fresh real rows",
    "A share of fresh real rows in every generation makes the errors of earlier ones fade geometrically.",
    _HYPOTHESES,
    _DEFINITIONS,
    _once(sympy.S.Zero) * (1 - FADING**GENERATIONS) / (1 - FADING),
    _SOURCE,
    Kind.EXACT,
)
LIMIT_WITH_FRESH_REAL_ROWS = Statement(
    "limit with fresh real rows",
    "The error of least squares with fresh real rows after infinitely many generations, where c < 1.",
    _HYPOTHESES,
    _DEFINITIONS,
    _once(sympy.S.Zero) / (1 - FADING),
    _SOURCE,
    Kind.EXACT,
)

r"""Where the plateau of strong collapse starts against an error that is still falling.

Rows of which a fixed share f carries the labels of a shifted truth add, as kappa -> 0, zeta -> f^2 tr delta = (f c)^2
(theory/statements/strong_collapse.py). Real labels on as many rows, at the best penalty, leave K T^(-e) with K and e
of `optimal_penalty`. They are equal at

    T = (K/(f c)^2)^(1/e),

and beyond it more rows bring at most a factor of 2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy

from ..problem.errors import NoTheorem, SpecificationError
from .demystified_family import Demystified, a_family, exact
from .law_regimes import Logarithm
from .optimal_penalty import optimal_penalty
from .scaling_law import EXAMPLE
from .scaling_terms import ROWS


def plateau_start(family: Demystified, share: Any, shift: Any, near: Demystified = EXAMPLE) -> Any:
    r"""The rows from which synthetic rows add more than all else that is wrong, at the best penalty.

    $$ T = \big(K/(f c)^2\big)^{1/e}, \qquad K T^{-e} \text{ the least error of real labels}. $$

    Args:
        family: its exponent, source and noise are read; numbers or symbols.
        share: f in (0, 1], of the rows that are synthetic.
        shift: c > 0, with c^2 = tr delta the error of the labels' truth.
        near: values for the family's symbols.

    Returns:
        An expression, which grows without bound as c or f vanish; numbers are > 1.

    Raises:
        NoTheorem: at source 1, where a logarithm stands in the way; without noise; where synthetic rows add more from
            the first row on, of which a law of many rows says nothing.
        SpecificationError: for values out of range.

    Source: derived in theory/asymptotics/plateau_start.py.

    >>> plateau_start(Demystified(exponent=2, source=0.5, penalty=1), share=0.1, shift=1).evalf(4)  # e = 2/3
    1443.
    """
    own = exact("share", share), exact("shift", shift)
    for field, value, top in (("share", own[0], 1), ("shift", own[1], sympy.oo)):
        if value.is_number and not 0 < value <= top:
            raise SpecificationError(field, value, "a number > 0" if top == sympy.oo else "a number in (0, 1]")
    best = optimal_penalty(replace(a_family("family", family), generator_noise=0, generator_ratio=0), near)
    if Logarithm() in best.regimes:
        raise NoTheorem("the source is not 1", "optimal_penalty(family).error_at(rows) against (f c)^2")
    at_one = best.error.subs(ROWS, 1)  # K
    rows = (at_one / (own[0] * own[1]) ** 2) ** (1 / best.error_exponent)
    if rows.is_number and rows <= 1:
        raise NoTheorem("the plateau starts beyond one row", f"a smaller share or shift (here {float(rows):.3g} rows)")
    return rows

"""Which sizes limit a nonlinear block together."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import sympy

from ...rules.trace import Trace
from .reduced import PositiveBlock


def bottlenecks(block: PositiveBlock) -> tuple[tuple[tuple[Any, Any], ...], ...]:
    """Disjoint smallest sets of sizes with sum of sizes - sum of margins = all flows, as pairs (size, margin).

    The pooled rows of a mixture are one such set, its width is another. All flows are at most the dimension, so that
    no margin can stay positive where the sizes of a set are fewer than the dimension and the penalty vanishes.
    """
    margins = dict(block.margins)
    sizes = [(one.lhs, one.rhs) for one in block.equations if one.lhs in margins]
    flows = sympy.Add(*(Trace(kept) for kept in dict.fromkeys(block.kept)))
    found: list[tuple[tuple[Any, Any], ...]] = []
    for count in range(1, len(sizes) + 1):
        for chosen in combinations(sizes, count):
            names = {size for size, _ in chosen}
            if any(names & {size for size, _ in other} for other in found):
                continue
            rest = sympy.Add(*(rhs - margins[size] for size, rhs in chosen)) - flows
            if sympy.cancel(sympy.together(rest)) == 0:
                found.append(tuple((size, margins[size]) for size, _ in chosen))
    return tuple(found)

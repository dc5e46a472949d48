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
    sizes = sized(block)
    flows = sympy.Add(*(Trace(kept) for kept in dict.fromkeys(block.kept)))
    found: list[tuple[tuple[Any, Any], ...]] = []
    taken: set[Any] = set()
    for count in range(1, len(sizes) + 1):
        for chosen in combinations(sizes, count):
            margins = {margin for _, margin, _ in chosen}
            if margins & taken:
                continue
            rest = sympy.Add(*(value - margin for _, margin, value in chosen)) - flows
            if sympy.cancel(sympy.together(rest)) == 0:
                found.append(tuple((size, margin) for size, margin, _ in chosen))
                taken |= margins
    return tuple(found)


def sized(block: PositiveBlock) -> list[tuple[Any, Any, Any]]:
    """Every size with its margin and its function of the generators; several sizes may have one letter.

    A size is its margin plus flows, or its margin times something: it vanishes with it, or contains no other.
    """
    margins = list(block.margins)
    letters = {size for size, _ in margins}
    found = []
    for equation in block.equations:
        if equation.lhs in letters:
            own = [pair for pair in margins if pair[0] == equation.lhs and equation.rhs.has(pair[1])]
            vanishing = [pair for pair in own if sympy.cancel(equation.rhs.subs(pair[1], 0)) == 0]
            size, margin = (vanishing or own)[0]
            margins.remove((size, margin))
            found.append((size, margin, equation.rhs))
    return found

"""The forward recursion with the generation for an index: what `derive` prints and the theorem book composes."""

from __future__ import annotations

from typing import Any

from ..problem import notation as x
from ..rules.one_step import OneStep

# Symbols that belong to one generation, and those that carry the state from one generation to the next.
_OWN = (x.rows, x.penalty, x.noise, x.kappa, x.q, x.p, x.margin_1, x.margin_2, x.wishart_margin, x.chi)
_CARRIED = (x.spread, x.lost, x.kept)

Program = tuple[tuple[Any, Any], ...]


def generation_program(rule: OneStep, generation: Any, before: Any) -> Program:
    """The definitions of one generation: its own quantities and the new state, from the state `before` it.

    >>> from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
    >>> for symbol, value in generation_program(LEAST_SQUARES, "g", "g-1"): print(symbol, "=", value)
    M_g = n_g - r - 1
    chi_g = sigma_g**2/M_g
    U_g = U_g-1 + chi_g
    P_g = P_g-1
    Q_g = Q_g-1
    """
    own = {symbol: x.at(symbol, generation) for symbol in _OWN}
    old = {symbol: x.at(symbol, before) for symbol in _CARRIED}
    lines = [(own.get(symbol, symbol), value.subs(own)) for symbol, value in rule.definitions]
    for symbol, value in rule.forward():
        target = own[symbol] if symbol in own else x.at(symbol, generation)
        lines.append((target, value.subs(own | old, simultaneous=True)))
    return tuple(lines)


def initial_state(before: Any = 0) -> Program:
    """Model 0 is the truth: nothing is lost, nothing varies."""
    return ((x.at(x.spread, before), 0), (x.at(x.lost, before), 0), (x.at(x.kept, before), 1))

"""The backward recursion: the weight of the error carried from the last generation to the first."""

from __future__ import annotations

from typing import Any

from ..problem import notation as x
from ..rules.one_step import OneStep
from .forward import Program, indexed


def generation_program(rule: OneStep, generation: Any, before: Any) -> Program:
    """The definitions of one generation read backwards: the noise it pays and the weight one generation earlier.

    >>> from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
    >>> for symbol, value in generation_program(LEAST_SQUARES, 2, 1): print(symbol, "=", value)
    M_2 = n_2 - r - 1
    chi_2 = sigma_2**2*tr[B_2]/M_2
    B_1 = B_2
    """
    own = indexed(generation) | {x.weight: x.at(x.weight, generation)}
    lines = [(own[symbol], value.subs(own)) for symbol, value in rule.definitions]
    lines.append((x.at(x.chi, generation), (x.noise**2 * rule.noise.result).subs(own)))
    lines.append((x.at(x.weight, before), rule.second_moment.result.subs(own)))
    return tuple(lines)

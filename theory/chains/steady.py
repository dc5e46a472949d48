r"""What a loop of equal generations settles to: the fixed point of the forward recursion in closed form.

One generation labels its rows with theta times the model before, the truth and offsets having the rest (a_k each), and
fits them by a rule (theory/rules/one_step.py) that keeps k and loses l = 1 - k of the mean and takes a second moment M
to

    a M + sum_i c_i chi_i,        chi_i = g_i Tr[b_i M] (+ h sigma^2 for the noise).

The means settle at P = l/(1 - theta k), Q = k (1 - theta)/(1 - theta k), R_k = k a_k/(1 - theta k), with
1 - theta k = 1 - theta + theta l. With T the square of the mean labeller and w = 1/(1 - theta^2 a), the variance is

    U = w [(a - k^2) T + sum_i c_i chi_i],        chi = alpha + K chi,
    K_ij = theta^2 g_i Tr[b_i w c_j]  (+ h V Tr[w c_j] for the noise),

a linear system of as many equations as the rule has gains, one or two: V is the variance over the rows of the share of
the model before, by which the error of that model is their disagreement (theory/rules/several_labellers.py). The
recursion is linear and positive: it is bounded if and only if theta^2 a < 1 and the spectral radius of K is below 1.
Its growth rate z, the spectral radius of the linear map itself, is the largest z at which K has spectral radius 1 with
w = 1/(z - theta^2 a).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, final

import sympy

from ..rules.one_step import OneStep, linear_parts
from .labelling import same


@final
@dataclass(frozen=True)
class Gain:
    """One chi: g, b and c of what it gains from the model before, and h, what label noise adds."""

    gains: tuple[tuple[Any, Any], ...]
    collected: Any
    noise: Any


@final
@dataclass(frozen=True)
class Fixed:
    """A rule as the fixed point reads it: a, k, l and the gains."""

    local: Any
    kept: Any
    lost: Any
    gains: tuple[Gain, ...]


@lru_cache(maxsize=16)
def fixed(rule: OneStep) -> Fixed:
    """The pieces of a rule.

    >>> from modelcollapse.theory.rules.resolvent import RESOLVENT
    >>> pieces = fixed(RESOLVENT)
    >>> pieces.local, pieces.gains[0].gains, pieces.gains[0].collected, pieces.gains[0].noise
    (q**2, ((1/D^(2), p**2),), q**2, 1/D^(2))
    """
    local, pairs = linear_parts(rule.second_moment.result)
    noise = linear_parts(rule.noise.result)[1]
    collected: list[Any] = [noise[0][2]]
    for _, _, one in pairs:
        if not any(sympy.simplify(one - known) == 0 for known in collected):
            collected.append(one)
    gains = []
    for index, one in enumerate(collected):
        own = tuple((g, b) for g, b, c in pairs if same(sympy.simplify(c - one), sympy.S.Zero))
        gains.append(Gain(own, one, sum(g for g, _, _ in noise) if index == 0 else sympy.S.Zero))
    return Fixed(local, rule.kept.result, rule.lost.result, tuple(gains))

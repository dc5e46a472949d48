"""Closed forms by composing one-step rules symbolically."""

from __future__ import annotations

from typing import Any

import sympy

from ..chains import moments
from ..problem import notation as x
from ..rules.one_step import OneStep
from ..rules.trace import distributed

State = dict[Any, Any]
TRUTH: State = dict(moments.START)


def after(rule: OneStep, state: State) -> State:
    """The state (U, P, Q) after one generation, with chi (and eta) put in."""
    forward = dict(rule.forward())
    known = dict(state)
    gains = {symbol: distributed(value.subs(known, simultaneous=True)) for symbol, value in forward.items()}
    gains = {symbol: value for symbol, value in gains.items() if symbol not in TRUTH}
    return {symbol: forward[symbol].subs({**known, **gains}, simultaneous=True) for symbol in TRUTH}


def error(state: State) -> Any:
    """The excess error of a state, as traces of monomials."""
    return distributed(moments.ERROR.result.subs(state, simultaneous=True))


def iterated(map_once: Any, start: Any, times: Any) -> Any:
    """x <- a x + b, `times` times, in closed form.

    >>> n = sympy.Symbol("N")
    >>> iterated(lambda v: v + 3, 0, n)
    3*N
    """
    v = sympy.Dummy("v")
    step = sympy.expand(map_once(v))
    a, b = sympy.factor(step.coeff(v, 1)), sympy.factor(step.coeff(v, 0))
    if a == 1:
        return start + times * b
    parts = sympy.Add.make_args(sympy.collect(sympy.expand(b), b.free_symbols - a.free_symbols))
    limit = sum(sympy.factor(part / (1 - a)) for part in parts)
    return limit * (1 - a**times) + a**times * start


def constant_spread(rule: OneStep, times: Any) -> State:
    """The state after `times` generations of a rule that adds one variance to all directions and loses nothing."""
    u = sympy.Dummy("u")
    once = after(rule, {**TRUTH, x.spread: u})
    if once[x.lost] != 0 or once[x.kept] != 1:
        raise ValueError("the rule loses part of the truth")
    spread = iterated(lambda v: once[x.spread].subs(u, v), sympy.S.Zero, times)
    return {**TRUTH, x.spread: spread}

"""The forward recursion with the generation for an index: what `derive` prints and the theorem book states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..problem import notation as x
from ..rules.blend import BLENDED_LABELS
from ..rules.one_step import SQUARE_OF_THE_MEAN, OneStep
from .moments import START

# Symbols that belong to one generation's fit, and those that carry the state from one generation to the next.
OWN = (
    x.rows,
    x.penalty,
    x.noise,
    x.kappa,
    x.q,
    x.p,
    x.margin_1,
    x.margin_2,
    x.wishart_margin,
    x.width,
    x.width_margin_1,
    x.width_margin_2,
    x.spilled,
    x.passed,
    x.missed,
    x.new_rows,
    x.copies,
    x.disturbance,
    x.share,
)
CARRIED = (x.spread, x.lost, x.kept)
# The state of the labelling model, where that is a blend of the model before and of the truth.
BLENDED = {symbol: x.spectral(f"{symbol.name}^theta") for symbol in CARRIED}

Program = tuple[tuple[Any, Any], ...]


def indexed(generation: Any) -> dict[Any, Any]:
    """A fit's own symbols with the generation for an index."""
    return {symbol: x.at(symbol, generation) for symbol in OWN}


def generation_program(rule: OneStep, generation: Any, before: Any, own: Mapping[Any, Any] | None = None) -> Program:
    """The definitions of one generation: its own quantities and the new state, from the state `before` it.

    Args:
        rule: the one-step rule.
        generation, before: indices of the new and of the old state.
        own: names of the fit's own symbols; indexed with the generation unless given.

    >>> from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
    >>> for symbol, value in generation_program(LEAST_SQUARES, "g", "g-1"): print(symbol, "=", value)
    M_g = n_g - r - 1
    chi_g = sigma_g**2/M_g
    U_g = U_g-1 + chi_g
    P_g = P_g-1
    Q_g = Q_g-1
    """
    names = dict(indexed(generation) if own is None else own)
    return own_definitions(rule, names) + state_definitions(rule, generation, before, names)


def own_definitions(rule: OneStep, names: Mapping[Any, Any]) -> Program:
    """What the fit defines for itself: shrinkage factors and margins."""
    return tuple((names[symbol], value.subs(names, simultaneous=True)) for symbol, value in rule.definitions)


def blend_definitions(generation: Any, before: Any, names: Mapping[Any, Any]) -> Program:
    """The state of the labelling model from the state after the generation before."""
    old = {symbol: x.at(symbol, before) for symbol in CARRIED}
    known = dict(names) | old
    return tuple(
        (x.at(BLENDED[symbol], generation), statement.result.subs(known, simultaneous=True))
        for symbol, statement in BLENDED_LABELS
    )


def state_definitions(
    rule: OneStep,
    generation: Any,
    before: Any,
    names: Mapping[Any, Any],
    blended: bool = False,
    more: Mapping[Any, Any] | None = None,
) -> Program:
    """chi (and eta), U, P, Q of a generation from the state before it, or from that of the blend that labels it.

    Args:
        rule: the one-step rule.
        generation, before: indices of the new and of the old state.
        names: of the fit's own symbols.
        blended: whether a blend labels the rows.
        more: the symbol for the square T of the mean labeller, and for the label noise, where labellers differ.
    """
    replaced = {} if more is None else dict(more)
    gains = {symbol: x.at(symbol, generation) for symbol in (x.chi, x.eta)}
    old = {symbol: x.at(BLENDED[symbol], generation) if blended else x.at(symbol, before) for symbol in CARRIED}
    new = gains | {symbol: x.at(symbol, generation) for symbol in CARRIED}
    lines = rule.forward(x.mean_square if x.mean_square in replaced else SQUARE_OF_THE_MEAN)
    noise = {x.noise**2: replaced.pop(x.noise)} if x.noise in replaced else {}
    known = dict(names) | old | gains | replaced
    return tuple((new[symbol], value.subs(noise).subs(known, simultaneous=True)) for symbol, value in lines)


def initial_state(before: Any = 0) -> Program:
    """Model 0 is the truth: nothing is lost, nothing varies."""
    return tuple((x.at(symbol, before), value) for symbol, value in START)

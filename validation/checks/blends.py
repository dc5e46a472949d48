"""Named checks of labels that are blended from the model before and from the truth."""

from __future__ import annotations

import numpy as np
import sympy

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import notation as x
from ...theory.rules.blend import KEPT, LOST, SPREAD
from ...theory.rules.statement import Statement
from ..evaluated import executed
from ..measured import Array
from ..named_check import Check, agree

BLENDS = (KEPT, LOST, SPREAD)

_S, _TRUTH = np.array([0.4, 1.7, 3.2]), np.array([0.9, 2.6, 1.3])
_KEPT, _SPREAD = np.array([0.35, 0.65, 0.8]), np.array([0.15, 0.45, 0.28])
_SHARE = 0.55


def blended_shares_are_one_in_sum(statement: Statement) -> bool:
    """What a blend keeps and what it loses of the truth add up to one where Q + P = 1, symbolically."""
    other = LOST if statement.name == KEPT.name else KEPT
    total = statement.result + other.result
    return bool(sympy.expand(total.subs(x.lost, 1 - x.kept) - 1) == 0)


def the_ends_of_the_blend(statement: Statement) -> bool:
    """With the whole share the blend is the model before, with none the truth, symbolically."""
    before, truth = {KEPT.name: (x.kept, 1), LOST.name: (x.lost, 0), SPREAD.name: (x.spread, 0)}[statement.name]
    ends = [statement.result.subs(x.share, end) for end in (sympy.S.One, sympy.S.Zero)]
    return bool(ends == [before, sympy.Integer(truth)])


def blends_of_models_on_either_side_of_their_mean(statement: Statement) -> bool:
    """Two models, mean plus and minus a standard deviation, blended with the truth: mean and variance by definition."""
    models = [_KEPT * _TRUTH + side * np.sqrt(_SPREAD / _S) for side in (1.0, -1.0)]
    first, second = (_SHARE * model + (1 - _SHARE) * _TRUTH for model in models)
    mean = (first + second) / 2
    references: dict[str, Array] = {
        KEPT.name: mean / _TRUTH,
        LOST.name: (_TRUTH - mean) / _TRUTH,
        SPREAD.name: _S * (first - second) ** 2 / 4,
    }
    state = {x.kept: _KEPT, x.lost: 1 - _KEPT, x.spread: _SPREAD, x.share: _SHARE}
    ones = np.ones(len(_S))
    return agree(executed(statement, state, Nodes(_S, ones, ones))[0], references[statement.name])


BLEND_CHECKS = (
    Check.of(blended_shares_are_one_in_sum, KEPT, LOST),
    Check.of(the_ends_of_the_blend, *BLENDS),
    Check.of(blends_of_models_on_either_side_of_their_mean, *BLENDS),
)

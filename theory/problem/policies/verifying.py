"""The policy that has a verifier judge the labels of a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..chain import Chain
from ..errors import SpecificationError
from ..generation import Generation
from ..selection import Selection, require_selection
from .entries import entries


def verify(chain: Chain, selection: Selection | Sequence[Selection]) -> Chain:
    """A chain whose generated rows are judged, in every generation, the first included.

    Rows that the truth labels are never judged. Let model 0 be off the truth with `Chain(..., initial=Coefficients(a))`
    to see a verifier improve on it.

    Args:
        chain: what is verified.
        selection: a window, a share, ..., or one for each generation.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(2), UniformTarget()), generations=2, rows=40, noise=0.3)
    >>> window = ResidualWindow(Coefficients([0.0, 0.1]), -0.5, 0.5)
    >>> [step.selection == window for step in verify(chain, window).generations]
    [True, True]
    """
    if not isinstance(chain, Chain):
        raise SpecificationError("chain", chain, "a Chain")
    rules = entries("selection", selection, len(chain), lambda _, one: _checked(one))
    known: dict[tuple[int, int], Generation] = {}  # a million equal generations stay one object
    steps = [
        known.setdefault((id(step), id(rule)), replace(step, selection=rule))
        for step, rule in zip(chain.generations, rules, strict=True)
    ]
    return Chain(chain.population, tuple(steps), chain.initial)


def _checked(selection: Selection) -> Selection:
    require_selection(selection)
    return selection

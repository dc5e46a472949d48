"""Any chain that can be stated."""

from __future__ import annotations

from hypothesis import strategies as st

from ...theory.problem import Chain, Generation, Population
from .numbers import lengths
from .parts import generations
from .targets import offsets, populations


@st.composite
def chains(draw: st.DrawFn, population: st.SearchStrategy[Population] | None = None) -> Chain:
    """Any chain whose rows nobody judges: all labels, covariates, memories and estimators, a given first model.

    Args:
        population: strategy for covariates and truth; None takes `populations()`.

    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without the search for the smallest
    >>> find(chains(), lambda chain: True, settings=first).population.dimension
    6
    """
    drawn = draw(populations() if population is None else population)
    steps: list[Generation] = []
    for _ in range(draw(lengths())):
        steps.append(draw(generations(drawn.spectrum, tuple(steps))))
    return Chain(drawn, tuple(steps), draw(st.none() | st.one_of(offsets(drawn.spectrum))))

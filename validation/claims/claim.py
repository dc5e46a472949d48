"""What people claim, as statements that are computed: a verdict over a stated grid, its numbers and its figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, final

from matplotlib.axes import Axes

from ...theory.problem import Chain

Formula = TypeVar("Formula")


@final
@dataclass(frozen=True)
class Evidence:
    """What became of a claim.

    Attributes:
        holds: whether it holds on the whole grid.
        numbers: the decisive ones by name.
        draw: draws the figure that shows it, on axes or on a new figure.
    """

    holds: bool
    numbers: Mapping[str, float]
    draw: Callable[[Axes | None], Axes]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The figure that shows it; None makes a new one."""
        return self.draw(ax)


@final
@dataclass(frozen=True)
class Claim(Generic[Formula]):
    """A sentence about collapse that can be computed.

    Attributes:
        name: in a few words.
        statement: the sentence, with its conditions.
        grid: where it is tried.
        judged_by: a formula -> the evidence.
        formula: the library's own; a wrong one in its place must fail.
    """

    name: str
    statement: str
    grid: str
    judged_by: Callable[[Formula], Evidence]
    formula: Formula

    def holds(self, formula: Formula | None = None) -> Evidence:
        """Judge the claim.

        Args:
            formula: what it is judged by; None is the library's own.

        Returns:
            An `Evidence`.
        """
        return self.judged_by(self.formula if formula is None else formula)


def everywhere(judge: Callable[[Chain, Formula], Evidence], *chains: Chain) -> Callable[[Formula], Evidence]:
    """The claim on every chain; numbers and figure are those of the first."""

    def judged(formula: Formula) -> Evidence:
        each = [judge(chain, formula) for chain in chains]
        return Evidence(all(one.holds for one in each), each[0].numbers, each[0].draw)

    return judged

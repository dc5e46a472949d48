"""Theory and simulation of one chain, with the verdict on each generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes

from ..agreement import Judgement, Verdict
from ..measured import Array, Measured
from . import style

MARKS = {
    Verdict.AGREES: ("$\\checkmark$", style.GREEN),
    Verdict.DISAGREES: ("$\\times$", style.VERMILLION),
    Verdict.UNRESOLVED: ("?", style.GREY),
}
WIDE_RANGE = 30.0  # ratio of the largest to the smallest error above which the axis is logarithmic


class Compared(Protocol):
    """What the figure reads; a `Comparison` is one."""

    @property
    def simulation(self) -> Measured:
        """The experiment at the chain's own size."""

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """One for each generation."""


def plot_comparison(comparison: Compared, *, ax: Axes | None = None) -> Axes:
    """The excess error over generations, and above it a mark for the verdict on each.

    Generations of infinite error carry a sign instead of dots: the mean of their replicates means nothing.

    Args:
        comparison: judgements and the simulation at the chain's own size.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    theory = np.array([judgement.theory for judgement in comparison.judgements])
    generations, finite = np.arange(1, len(theory) + 1), np.isfinite(theory)
    shown = np.where(finite, theory, np.nan)
    single = "o" if finite.sum() == 1 else None  # a line through one point cannot be seen
    ax.plot(generations, shown, color=style.THEORY, linewidth=1.8, marker=single, markersize=3, label="theory")
    colour, marker = style.SIMULATED[0]
    ax.errorbar(
        generations[finite],
        comparison.simulation.mean[finite],
        yerr=style.NORMAL_95 * comparison.simulation.standard_error[finite],
        fmt=marker,
        color=colour,
        markersize=4.5,
        markeredgewidth=0,
        elinewidth=1.2,
        capsize=2.0,
        label="simulation",
    )
    _mark(ax, comparison.judgements)
    ax.set_xlim(0.5, len(theory) + 0.5)
    style.generations_axis(ax, "excess error")
    _scale(ax, shown[finite])
    ax.legend(frameon=False)
    return ax


def _mark(ax: Axes, judgements: Sequence[Judgement]) -> None:
    """One sign for each generation just above the axes, and infinities at their upper end."""
    above = ax.get_xaxis_transform()
    for judgement in judgements:
        sign, colour = MARKS[judgement.verdict]
        ax.text(judgement.generation, 1.02, sign, color=colour, ha="center", va="bottom", transform=above)
        if np.isinf(judgement.theory):
            ax.text(judgement.generation, 0.98, "$\\infty$", color=style.THEORY, ha="center", va="top", transform=above)


def _scale(ax: Axes, theory: Array) -> None:
    """Logarithmic where errors differ by more than a factor of 30, else linear from zero."""
    positive = theory[theory > 0]
    if len(positive) == len(theory) > 0 and positive.max() > WIDE_RANGE * positive.min():
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0.0)

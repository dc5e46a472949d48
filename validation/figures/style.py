"""The look that all figures share; global matplotlib settings and pyplot's state are never touched."""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Okabe and Ito's palette: told apart with every kind of colour vision. Theory is blue.
BLUE, ORANGE, GREEN, VERMILLION, PURPLE = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7"
GREY = "#8a8a8a"
THEORY = BLUE
SIMULATED = ((VERMILLION, "o"), (GREEN, "D"), (PURPLE, "^"), (ORANGE, "s"))  # colour and marker go together
NORMAL_95 = 1.959963984540054


def axes(ax: Axes | None, width: float = 5.6, height: float = 3.5) -> Axes:
    """`ax` itself, or the axes of a new figure (in inches) that pyplot knows nothing about.

    >>> axes(None).figure.get_size_inches().tolist()
    [5.6, 3.5]
    """
    if ax is not None:
        return ax
    with matplotlib.rc_context({"axes.spines.top": False, "axes.spines.right": False}):
        return Figure(figsize=(width, height), layout="constrained").add_subplot()


def generations_axis(ax: Axes, label: str) -> None:
    """Whole generations below, `label` at the side, faint lines to read values by."""
    ax.set_xlabel("generation")
    ax.set_ylabel(label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)

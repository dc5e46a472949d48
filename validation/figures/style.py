"""The look that all figures share; global matplotlib settings and pyplot's state are never touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter

# Okabe and Ito's palette: told apart with every kind of colour vision. Theory is blue.
BLUE, ORANGE, GREEN, VERMILLION, PURPLE = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7"
GREY = "#8a8a8a"
THEORY = BLUE
SIMULATED = ((VERMILLION, "o"), (GREEN, "D"), (PURPLE, "^"), (ORANGE, "s"))  # colour and marker go together


class Look(NamedTuple):
    """What tells a curve from the others, in colour and without.

    Attributes:
        colour, marker: as matplotlib takes them.
        dashes: its line style.
    """

    colour: str
    marker: str
    dashes: Any


CURVES = (
    Look(BLUE, "o", "-"),
    Look(VERMILLION, "s", (0, (6, 2))),
    Look(GREEN, "^", (0, (6, 2, 1, 2))),
    Look(PURPLE, "D", (0, (1.5, 1.5))),
    Look(ORANGE, "v", (0, (8, 2, 1, 2, 1, 2))),
    Look("black", "P", (0, (3, 1))),
)
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
    """Whole generations below, `label` at the side, faint lines to read values by.

    Args:
        ax: is changed.
        label: of the upright axis, with its unit.
    """
    ax.set_xlabel("generation")
    ax.set_ylabel(label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)


def plain_ticks(axis: Axis, places: Sequence[float]) -> None:
    """Ticks at the given places and nowhere else, in plain numbers; for logarithmic axes of few decades.

    Args:
        axis: is changed.
        places: in units of the data.
    """
    axis.set_major_locator(FixedLocator(list(places)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())

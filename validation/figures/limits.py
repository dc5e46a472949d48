"""The error of a policy after infinitely many generations, against how many rows there are for every dimension."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from . import style
from .mixing_loops import LINES

STROKES = ("-", (0, (5, 2)), "-.", (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)))  # told apart without colour, too
TICKS = (1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def plot_limits(
    ratios: Any, limits: Mapping[str, Any], thresholds: Mapping[str, float], *, ax: Axes | None = None
) -> Axes:
    """The error in the end over rows/dimension, for several policies; where it is infinite there is no line.

    Args:
        ratios: (R,) rows over dimension, increasing, > 0.
        limits: name -> (R,) excess error after infinitely many generations.
        thresholds: name -> ratio up to which that error is infinite, marked on the lower axis in the colour of the
            line; names without one have no mark.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes, both logarithmic.
    """
    ax = style.axes(ax)
    at = np.asarray(ratios, dtype=np.float64)
    below = ax.get_xaxis_transform()
    for (name, values), colour, dashes in zip(limits.items(), cycle(LINES), cycle(STROKES), strict=False):
        array = np.asarray(values, dtype=np.float64)
        shown = np.where(np.isfinite(array), array, np.nan)
        ax.plot(at, shown, color=colour, linestyle=dashes, linewidth=1.8, label=name)
        if name in thresholds:
            ax.plot(thresholds[name], 0.03, "|", color=colour, markersize=14, markeredgewidth=2.0, transform=below)
    ax.plot([], [], "|", color=style.GREY, markersize=14, markeredgewidth=2.0, label="bounded from here on")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(at[0], at[-1])
    ax.xaxis.set_major_locator(FixedLocator(TICKS))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set(xlabel="rows / dimension", ylabel="excess error in the end")
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(frameon=False)
    return ax

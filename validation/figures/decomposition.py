"""Where the error of each generation comes from."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from ..measured import Array, Predicted
from . import style


def plot_decomposition(prediction: Predicted, *, ax: Axes | None = None) -> Axes:
    """The excess error as a pile: the bias, and above it what the label noise of each generation injected.

    Generations of infinite error are left out.

    Args:
        prediction: `bias` (N,) and `by_generation` (N, N).
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    count = len(prediction.bias)
    generations = np.arange(1, count + 1)
    shades = matplotlib.colormaps["Blues"](np.linspace(0.3, 0.85, count))
    top = _finite(prediction.bias)
    ax.bar(generations, top, width=0.9, color=style.ORANGE, label="bias")
    for source, shade in enumerate(shades):
        part = _finite(prediction.by_generation[:, source])
        named = f"label noise of generation {source + 1}" if source in {0, count - 1} else None
        ax.bar(generations, part, width=0.9, bottom=top, color=shade, label=named)
        top = top + part
    style.generations_axis(ax, "excess error")
    ax.set_ylim(0.0, 1.3 * float(np.nanmax(top, initial=0.0)) or 1.0)  # room for the legend
    ax.legend(loc="upper left", frameon=False)
    return ax


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)

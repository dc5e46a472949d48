"""The error of one generation after another: theory as a line, experiments as dots."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes

from ..measured import Measured, Predicted
from . import style

NOTHING_MEASURED: Mapping[str, Measured] = MappingProxyType({})


def plot_generations(
    prediction: Predicted, measured: Mapping[str, Measured] = NOTHING_MEASURED, *, ax: Axes | None = None
) -> Axes:
    """The excess error over generations.

    Args:
        prediction: drawn as a line.
        measured: name -> experiment (up to four), drawn as dots with 95 % bars, each with its own marker.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    generations = np.arange(1, len(prediction.error) + 1)
    ax.plot(generations, prediction.error, color=style.THEORY, linewidth=1.8, label="theory")
    # Side by side rather than on top of each other.
    shifts = 0.12 * (np.arange(len(measured)) - (len(measured) - 1) / 2)
    for (name, experiment), (colour, marker), shift in zip(measured.items(), style.SIMULATED, shifts, strict=False):
        ax.errorbar(
            generations + shift,
            experiment.mean,
            yerr=style.NORMAL_95 * experiment.standard_error,
            fmt=marker,
            color=colour,
            markersize=4.5,
            markeredgewidth=0,
            elinewidth=1.2,
            capsize=2.0,
            label=name,
        )
    style.generations_axis(ax, "excess error")
    ax.set_ylim(bottom=0.0)
    ax.legend(frameon=False)
    return ax

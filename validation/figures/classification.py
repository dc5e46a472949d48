"""Verified labels: the accuracy of the fitted classifier against the error rate of generated labels."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from . import style

LINES = (style.BLUE, style.GREEN, style.PURPLE, style.ORANGE)


def plot_transition(
    rates: Any,
    accuracies: Mapping[str, Any],
    transition: float,
    measured: Mapping[str, tuple[Any, Any, Any]] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """The label accuracy against the error rate for several sizes, with the transition marked.

    Args:
        rates: (P,) error rates p, increasing.
        accuracies: name, such as d/n -> (P,) theory, drawn as a line.
        transition: p* = phi/(phi + psi).
        measured: name -> rates, means and standard errors, dots with 95 % bars in the colour of that line.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    found = {} if measured is None else measured
    for (name, values), colour in zip(accuracies.items(), cycle(LINES), strict=False):
        ax.plot(rates, np.asarray(values, dtype=np.float64), color=colour, linewidth=1.8, label=name)
        if name in found:
            places, means, errors = (np.asarray(one, dtype=np.float64) for one in found[name])
            bars = style.NORMAL_95 * errors
            ax.errorbar(places, means, yerr=bars, fmt="o", color=colour, markersize=4.5, elinewidth=1.2, capsize=2.0)
    ax.axvline(transition, color=style.GREY, linestyle=":", linewidth=1.2, label="transition $p^*$", zorder=1)
    ax.axhline(0.5, color=style.GREY, linewidth=0.6, zorder=1)
    ax.set(xlabel="error rate of generated labels", ylabel="label accuracy", ylim=(0.0, 1.0))
    ax.legend(frameon=False)
    return ax

"""What policies and verifiers do to the error: against generations, against tries."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, ScalarFormatter

from . import style

LINES = ((style.BLUE, "o"), (style.VERMILLION, "s"), (style.GREEN, "^"), (style.PURPLE, "D"), (style.ORANGE, "v"))


def plot_schemes(
    errors: Mapping[str, Any], *, start: float | None = None, logarithmic: bool = True, ax: Axes | None = None
) -> Axes:
    """The excess error against the generation for several schemes, up to ten; a grey line is the error of model 0.

    Args:
        errors: name -> (N,) excess errors after generations 1, ..., N.
        start: the error of model 0, which all schemes share.
        logarithmic: whether the axis of errors is.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax, width=7.2)
    dashes = cycle(["-"] * len(LINES) + ["--"] * len(LINES))
    for (name, values), (colour, marker), dash in zip(errors.items(), cycle(LINES), dashes, strict=False):
        found = np.asarray(values, dtype=np.float64)
        every = max(1, len(found) // 12)
        looks: dict[str, Any] = {
            "color": colour,
            "linestyle": dash,
            "linewidth": 1.6,
            "markersize": 4.5,
            "markevery": every,
        }
        ax.plot(np.arange(1, len(found) + 1), found, marker=marker, label=name, **looks)
    if start is not None:
        ax.axhline(start, color=style.GREY, linestyle=":", linewidth=1.2, label="model 0", zorder=1)
    style.generations_axis(ax, "excess error")
    if logarithmic:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0.0)
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def plot_tries(tries: Any, contraction: Mapping[str, Any], kept: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """What more tries of a rejected label do: contraction as lines with marks, the share of rows kept as dashes.

    Args:
        tries: (P,) numbers of tries K >= 1, increasing.
        contraction: name of a rule -> (P,) share c of the labeller in what the kept rows say.
        kept: name of a rule -> (P,) share of rows that enter the fit.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax, width=7.2)
    for (name, values), (colour, marker) in zip(contraction.items(), cycle(LINES), strict=False):
        common: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4.5, "linewidth": 1.6}
        ax.plot(tries, np.asarray(values, dtype=np.float64), label=f"contraction, {name}", **common)
        if name in kept:
            shares = np.asarray(kept[name], dtype=np.float64)
            ax.plot(tries, shares, linestyle="--", label=f"rows kept, {name}", **common | {"markerfacecolor": "white"})
    ax.set(xscale="log", xlabel="tries for each row", ylabel="share", ylim=(0.0, 1.05))
    ax.set_xticks(np.asarray(tries))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax

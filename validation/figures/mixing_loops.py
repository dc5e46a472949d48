"""Loops that mix real data with their own: where they stay bounded, which share is best, what projections forget."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from ..measured import Measured, Predicted
from . import style
from .generations import NOTHING_MEASURED

LINES = (style.BLUE, style.VERMILLION, style.GREEN, style.ORANGE, style.PURPLE)
DASHES = ("-", (0, (4, 3)))  # in turn, so that curves that coincide are both seen
DECADES = 2.0  # of steady errors that colours tell apart
GOLDEN = (5.0**0.5 - 1.0) / 2.0


def plot_boundedness(real_shares: Any, ratios: Any, growth: Any, error: Any, *, ax: Axes | None = None) -> Axes:
    """Where a mixing loop stays bounded: colour is the error it settles to, the line is where the growth rate is 1.

    Args:
        real_shares: (S,) shares of real rows, increasing.
        ratios: (R,) rows over dimension, increasing.
        growth: (R, S) factor by which the excess error grows from one generation to the next.
        error: (R, S) the error in the end; what it is where growth >= 1 is not drawn.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    growth, error = np.asarray(growth, dtype=np.float64), np.asarray(error, dtype=np.float64)
    bounded = (growth < 1) & np.isfinite(error)
    shown = np.ma.masked_array(error, ~bounded)
    lowest = float(shown.min()) if bounded.any() else 1.0
    mesh = ax.pcolormesh(
        real_shares,
        ratios,
        shown,
        cmap=matplotlib.colormaps["cividis"],
        norm=LogNorm(lowest, lowest * 10**DECADES),
        shading="nearest",
        rasterized=True,
    )
    ax.figure.colorbar(mesh, ax=ax, label="excess error in the end", extend="max")
    height = np.log(np.where(growth > 0, growth, np.nan))
    if np.nanmin(height) < 0 < np.nanmax(height):
        ax.contour(real_shares, ratios, height, levels=[0.0], colors=[style.VERMILLION], linewidths=1.8)
    ax.plot([], [], color=style.VERMILLION, linewidth=1.8, label="growth rate 1")
    ax.fill_between([], [], [], facecolor="white", edgecolor=style.GREY, linewidth=0.6, label="grows for ever")
    ax.set(xlabel="share of real rows", ylabel="rows / dimension")
    ax.legend(loc="lower left", facecolor="white", edgecolor="none", framealpha=0.85)
    return ax


def plot_real_share(
    real_shares: Any, errors: Mapping[str, Any], best: Mapping[str, float], *, ax: Axes | None = None
) -> Axes:
    """The error that blended labels settle to, against the share of the truth, relative to its least value.

    Args:
        real_shares: (S,) shares, increasing.
        errors: name -> (S,) errors, infinite where they are.
        best: name -> the share of least error, marked by a dot.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    shares = np.asarray(real_shares, dtype=np.float64)
    for (name, values), colour, dashes in zip(errors.items(), cycle(LINES), cycle(DASHES), strict=False):
        array = np.asarray(values, dtype=np.float64)
        finite = np.isfinite(array)
        least = float(np.interp(best[name], shares[finite], array[finite]))
        scale = min(least, float(array[finite].min()))
        ax.plot(shares[finite], array[finite] / scale, color=colour, linestyle=dashes, linewidth=1.8, label=name)
        ax.plot(best[name], least / scale, "o", color=colour, markersize=6, markeredgecolor="white", zorder=3)
    ax.axvline(GOLDEN, color=style.GREY, linestyle=":", linewidth=1.2, label="golden ratio 0.618", zorder=1)
    ax.set(xlabel="share of the truth in every label", ylabel="error in the end / least")
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.97, 2.0)
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax


def plot_projection_generations(
    predictions: Mapping[str, Predicted],
    measured: Mapping[str, Measured] = NOTHING_MEASURED,
    *,
    ax: Axes | None = None,
) -> Axes:
    """The excess error over generations of several schemes, such as projections drawn afresh and kept.

    Args:
        predictions: name -> theory, drawn as a line.
        measured: name -> experiment, drawn as dots with 95 % bars in the colour of the line of that name.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    for (name, prediction), colour in zip(predictions.items(), cycle(LINES), strict=False):
        generations = np.arange(1, len(prediction.error) + 1)
        ax.plot(generations, prediction.error, color=colour, linewidth=1.8, label=name)
        if name in measured:
            ax.errorbar(
                generations,
                measured[name].mean,
                yerr=style.NORMAL_95 * measured[name].standard_error,
                fmt="o",
                color=colour,
                markersize=4.5,
                markeredgewidth=0,
                elinewidth=1.2,
                capsize=2.0,
            )
    style.generations_axis(ax, "excess error")
    ax.set_ylim(bottom=0.0)
    ax.legend(frameon=False)
    return ax

"""Remedies: which one wins where, and what each reaches at its best."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ...theory.remedies.phase_map import NOBODY, RemedyMap
from ...theory.remedies.policy import PolicyStudy
from . import style
from .policies import plot_schemes

COLOURS = (style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.PURPLE, "#56b4e9", "#f0e442")
LINES = ("-", "--", ":", "-.")
PALE = 0.45  # how much of the colour is left in an area, so that lines stand out
WIDE = 8.0  # ratio of the last value to the first from which an axis is logarithmic


def plot_remedy_map(found: RemedyMap, *, ax: Axes | None = None) -> Axes:
    """The winner at every point as an area, and the boundaries that are known in closed form as lines.

    Args:
        found: of up to seven remedies.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax, width=7.4, height=4.0)
    colours = [_pale(colour) for colour in COLOURS[: len(found.titles)]]
    levels = np.arange(NOBODY, len(found.titles) + 1) - 0.5
    mesh: dict[str, Any] = {"cmap": ListedColormap(["white", *colours]), "norm": BoundaryNorm(levels, len(colours) + 1)}
    ax.pcolormesh(found.x.values, found.y.values, found.winner, shading="nearest", rasterized=True, **mesh)
    shown = [place for place in range(len(found.titles)) if (found.winner == place).any()]
    handles: list[Any] = [Patch(facecolor=colours[place], label=found.titles[place]) for place in shown]
    if (found.winner == NOBODY).any():
        handles.append(Patch(facecolor="white", edgecolor=style.GREY, label="no remedy has a finite error"))
    for curve, dashes in zip(found.curves, _dashes(len(found.curves)), strict=True):
        order = np.argsort(curve.x, kind="stable")
        ax.plot(curve.x[order], curve.y[order], color="black", linestyle=dashes, linewidth=1.6)
        handles.append(Line2D([], [], color="black", linestyle=dashes, label=curve.statement.name))
    ax.set(xlabel=found.x.name, ylabel=found.y.name)
    ax.set_xscale(_scale(found.x.values))
    ax.set_yscale(_scale(found.y.values))
    ax.set_xlim(found.x.values[0], found.x.values[-1])
    ax.set_ylim(found.y.values[0], found.y.values[-1])
    ax.legend(handles=handles, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return ax


def plot_best_policies(study: PolicyStudy, *, ax: Axes | None = None) -> Axes:
    """The excess error of every remedy at its best parameters against the generation, the best one first.

    Args:
        study: what `best_policy` returns; its first ten remedies are drawn.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    best = study.policies[:10]
    return plot_schemes({one.title: one.by_generation for one in best}, ax=ax)


def _pale(colour: str) -> tuple[float, ...]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(1 - PALE * (1 - part) for part in parts)


def _dashes(count: int) -> list[str]:
    return [LINES[place % len(LINES)] for place in range(count)]


def _scale(values: tuple[float, ...]) -> str:
    return "log" if values[0] > 0 and values[-1] / values[0] > WIDE else "linear"

"""Remedies: which one wins where, and what each reaches at its best."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from ...theory.problem.errors import SpecificationError
from ...theory.remedies.crossing import Curve
from ...theory.remedies.phase_map import NOBODY, RemedyMap
from ...theory.remedies.policy import PolicyStudy
from . import style
from .policies import plot_schemes

COLOURS = (style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.PURPLE, "#56b4e9", "#f0e442")
LINES = ("-", "--", ":", "-.")
_WHITE = (1.0, 1.0, 1.0)
PALE = 0.45  # how much of the colour is left in an area, so that lines stand out


def plot_remedy_map(found: RemedyMap, *, ax: Axes | None = None) -> Axes:
    """The winner around every computed point as an area, and boundaries known in closed form as lines.

    Args:
        found: up to seven remedies win somewhere on it.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.

    Raises:
        SpecificationError: where more remedies win than there are colours.
    """
    shown = [place for place in range(len(found.titles)) if (found.winner == place).any()]
    if len(shown) > len(COLOURS):
        raise SpecificationError("found", f"{len(shown)} winners", f"a map on which up to {len(COLOURS)} remedies win")
    ax = style.axes(ax, width=7.4, height=4.0)
    colours = [_pale(colour) for colour in COLOURS[: len(shown)]]
    winner = np.where(found.winner == NOBODY, NOBODY, np.searchsorted(shown, found.winner))
    levels = np.arange(NOBODY, len(shown) + 1) - 0.5
    mesh: dict[str, Any] = {"cmap": ListedColormap([_WHITE, *colours]), "norm": BoundaryNorm(levels, len(colours) + 1)}
    ax.pcolormesh(found.x.values, found.y.values, winner, shading="nearest", rasterized=True, **mesh)
    named = zip(colours, shown, strict=True)
    handles: list[Any] = [Patch(facecolor=colour, label=found.titles[place]) for colour, place in named]
    if (found.winner == NOBODY).any():
        handles.append(Patch(facecolor="white", edgecolor=style.GREY, label="no remedy has a finite error"))
    for curve, dashes in zip(found.curves, _dashes(len(found.curves)), strict=True):
        name = "the same where a third remedy is best"
        whole = ax.plot(curve.x, curve.y, color=style.GREY, linestyle=dashes, linewidth=0.9, label=name)
        decisive = _where_it_decides(found, curve)
        ax.plot(np.where(decisive, curve.x, np.nan), curve.y, color="black", linestyle=dashes, linewidth=1.8)
        label = f"{curve.first} against {curve.second}:\n{curve.statement.name}\n({curve.statement.kind.value})"
        handles.append(Line2D([], [], color="black", linestyle=dashes, label=label))
        if not decisive.all():
            handles += whole
    grid = map(np.ravel, np.meshgrid(found.x.values, found.y.values))
    handles += ax.plot(*grid, ".", color=style.GREY, markersize=2.5, label="computed points")
    ax.set(xlabel=found.x.name, ylabel=found.y.name)
    for scale, axis, values in ((ax.set_xscale, ax.xaxis, found.x.values), (ax.set_yscale, ax.yaxis, found.y.values)):
        if _in_equal_factors(values):
            scale("log")
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())
    ax.set_xlim(found.x.values[0], found.x.values[-1])
    ax.set_ylim(found.y.values[0], found.y.values[-1])
    ax.legend(handles=handles, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return ax


def plot_best_policies(study: PolicyStudy, *, ax: Axes | None = None) -> Axes:
    """The excess error of every remedy at its best parameters against the generation, the best one first.

    Args:
        study: what `best_policy` returns; its first seven remedies are drawn, one for each colour.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    best = study.policies[: len(COLOURS)]
    return plot_schemes({one.title: one.by_generation for one in best}, ax=ax)


def _pale(colour: str) -> tuple[float, float, float]:
    red, green, blue = (1 - PALE * (1 - part) for part in to_rgb(colour))
    return red, green, blue


def _dashes(count: int) -> list[Any]:
    return [LINES[place % len(LINES)] for place in range(count)]


def _in_equal_factors(values: tuple[float, ...]) -> bool:
    """Whether steps are more equal as factors than as differences."""
    if values[0] <= 0 or len(values) < 3:
        return False
    steps = [np.diff(np.asarray(values)), np.diff(np.log(values))]
    linear, logarithmic = (float(np.std(one) / np.mean(one)) for one in steps)
    return logarithmic < linear


def _where_it_decides(found: RemedyMap, curve: Curve) -> Any:
    """Where one of the two remedies of a boundary is the best of all: at the points of the map next to it."""
    pair = {found.titles.index(curve.first), found.titles.index(curve.second)}
    columns, rows = _nearest(found.x.values, curve.x), _nearest(found.y.values, curve.y)
    return np.isin(found.winner[rows, columns], list(pair))


def _nearest(values: tuple[float, ...], points: Any) -> Any:
    return np.abs(np.asarray(values)[None, :] - np.asarray(points)[:, None]).argmin(axis=1)

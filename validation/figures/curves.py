"""Several curves on the same axes: theory as lines, simulation as marks with bars, told apart without colour too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from . import style


@final
@dataclass(frozen=True, eq=False)
class Points:
    """What was simulated.

    Attributes:
        at: (P,) places on the lower axis.
        mean: (P,) means of the replicates.
        standard_error: (P,) standard errors of the means.
    """

    at: Any
    mean: Any
    standard_error: Any

    def scaled(self, factor: float) -> Points:
        """In other units.

        >>> Points([1], [2.0], [0.5]).scaled(10).mean.tolist()
        [20.0]
        """
        return Points(self.at, factor * np.asarray(self.mean), factor * np.asarray(self.standard_error))

    def moved(self, along: float) -> Points:
        """To the right, beside marks that they would hide.

        >>> Points([1, 2], [2.0, 3.0], [0.5, 0.5]).moved(0.25).at.tolist()
        [1.25, 2.25]
        """
        return Points(np.asarray(self.at) + along, self.mean, self.standard_error)


@final
@dataclass(frozen=True, eq=False)
class Curve:
    """One case, in theory and in simulation.

    Attributes:
        name: in the legend.
        at: (Q,) places on the lower axis, increasing.
        theory: (Q,) values there; where they are not finite the line has a gap.
        simulated: None where nothing was simulated.
    """

    name: str
    at: Any
    theory: Any
    simulated: Points | None = None


def plot_curves(
    curves: Sequence[Curve], *, title: str | None = None, place: Any = "best", ax: Axes | None = None
) -> Axes:
    """Theory as lines and simulation as marks with 95 % bars, each curve with its colour, its dashes and its marker.

    Args:
        curves: in the order of the legend, up to six.
        title: of the legend.
        place: of the legend, as matplotlib's `loc`.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes; lower axis, scales and labels are the caller's.
    """
    ax = style.axes(ax)
    handles = []
    for curve, look in zip(curves, cycle(style.CURVES), strict=False):
        theory = np.asarray(curve.theory, dtype=np.float64)
        if np.isfinite(theory).any():
            finite = np.where(np.isfinite(theory), theory, np.nan)
            ax.plot(curve.at, finite, color=look.colour, linestyle=look.dashes, linewidth=1.6, label=curve.name)
        if curve.simulated is not None:
            plot_points(curve.simulated, look, ax=ax)
        handles.append(_handle(curve, look, drawn=bool(np.isfinite(theory).any())))
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(handles=handles, title=title, loc=place, frameon=False)
    return ax


def plot_points(
    points: Points, look: style.Look, *, label: str | None = None, hollow: bool = False, ax: Axes | None = None
) -> Axes:
    """Marks with 95 % bars.

    Args:
        points: what was simulated.
        look: colour and marker.
        label: of the marks; None gives them none.
        hollow: marks that are white inside.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    ax.errorbar(
        np.asarray(points.at, dtype=np.float64),
        np.asarray(points.mean, dtype=np.float64),
        yerr=style.NORMAL_95 * np.asarray(points.standard_error, dtype=np.float64),
        fmt=look.marker,
        color=look.colour,
        markerfacecolor="white" if hollow else look.colour,
        markersize=5.0,
        markeredgewidth=1.0 if hollow else 0.0,
        elinewidth=1.2,
        capsize=2.0,
        label="_nolegend_" if label is None else label,
        zorder=3,
    )
    return ax


def _handle(curve: Curve, look: style.Look, drawn: bool) -> Line2D:
    """The line with its mark, as the legend shows them."""
    return Line2D(
        [],
        [],
        color=look.colour,
        linestyle=look.dashes if drawn else "none",
        linewidth=1.6,
        marker=None if curve.simulated is None else look.marker,
        markersize=5.0,
        markeredgewidth=0.0,
        label=curve.name,
    )

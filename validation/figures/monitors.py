"""Monitors of a chain in units of their own noise: which of them would have warned, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes

from ...theory.problem.monitors import Monitor
from ..measured import Array
from . import style

LOOKS: Mapping[Monitor, tuple[str, str]] = {
    Monitor.DRIFT: (style.VERMILLION, "o"),
    Monitor.HELD_OUT: (style.BLUE, "s"),
    Monitor.TAIL_COVERAGE: (style.ORANGE, "^"),
    Monitor.LABEL_VARIANCE: (style.GREEN, "D"),
    Monitor.ENTROPY: (style.GREEN, "x"),
    Monitor.LOG_DETERMINANT: (style.PURPLE, "v"),
    Monitor.TRACE: (style.PURPLE, "+"),
    Monitor.IN_SAMPLE: (style.GREY, "."),
}


class Moving(Protocol):
    """What the figure reads; a `MonitorReport` is one."""

    @property
    def alarm(self) -> float:
        """The threshold, in null standard deviations."""

    @property
    def moved(self) -> Mapping[Monitor, tuple[Array, Array]]:
        """By theory and by simulation: distances from generation 1, in null standard deviations, shape (N,) each."""


def plot_monitors(report: Moving, *, ax: Axes | None = None) -> Axes:
    """How far each monitor has moved since generation 1, in null standard deviations; beyond the line is an alarm.

    Args:
        report: movements by theory (lines) and by simulation (marks); what is not known is not drawn.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes; linear up to the alarm, logarithmic beyond it.
    """
    ax = style.axes(ax, width=7.2)
    for monitor, (colour, marker) in LOOKS.items():
        theory, simulation = report.moved[monitor]
        generations = np.arange(1, len(theory) + 1)
        ax.plot(generations, theory, color=colour, linewidth=1.6, linestyle="--" if marker in "x+" else "-")
        ax.plot(generations, simulation, marker, color=colour, markersize=4.5, label=monitor.value)
    ax.axhline(report.alarm, color="black", linestyle=":", linewidth=1.2, zorder=1)
    ax.set_yscale("symlog", linthresh=report.alarm)
    ax.set_ylim(bottom=0.0)
    style.generations_axis(ax, "moved by (null standard deviations)")
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax

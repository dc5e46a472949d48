"""A scaling law against the theorem it is the limit of, with the slopes of both."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...theory.asymptotics import ScalingLaw
from ...theory.asymptotics.scaling_terms import BIAS, DIRECT, SPREAD, VARIANCE
from ...theory.evaluation.law_errors import errors_along
from ...theory.problem.errors import SpecificationError
from . import style

_PARTS = {
    "bias": ((BIAS,), style.BLUE, "o"),
    "variance": ((VARIANCE,), style.ORANGE, "s"),
    "collapse": ((DIRECT, SPREAD), style.VERMILLION, "^"),
}


def plot_scaling_law(law: ScalingLaw, rows: Any, *, dimension: int | None = None, ax: Axes | None = None) -> Axes:
    """Bias, variance and collapse term against the rows: the law as lines, the theorem's own numbers as marks.

    The legend gives the theorem's local slope between the last two marks, and the law's there in brackets. The collapse
    term is the generators' noise: the sum of two terms of the law where d/T_0 is fixed, one where it vanishes.

    Args:
        law: of a family of numbers.
        rows: T, increasing, at least two.
        dimension: as for `errors_along`; needed where the family has no ratio d/T_0.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.

    Raises:
        SpecificationError: for rows that are not increasing.
    """
    marks = np.asarray(rows, dtype=np.float64)
    if marks.ndim != 1 or marks.size < 2 or not np.all(np.diff(marks, prepend=0.0) > 0):
        raise SpecificationError("rows", rows, "at least two numbers > 0, increasing")
    ax = style.axes(ax)
    exact = errors_along(law.family, marks, dimension=dimension)
    fine = np.geomspace(marks[0], marks[-1], 200)
    for name, (terms, colour, marker) in _PARTS.items():
        values = getattr(exact, name)
        if not np.any(values > 0):
            continue
        line, at_marks = _sum_of(law, terms, fine), _sum_of(law, terms, marks)
        name += ", two terms" if sum(one in law.parts(marks) for one in terms) > 1 else ""
        label = f"{name}: {_slope(marks, values):.3f} ({_slope(marks, at_marks):.3f})"
        ax.plot(fine, np.where(line > 0, line, np.nan), color=colour, linewidth=1.6, zorder=2)
        ax.plot(marks, values, marker, color=colour, markersize=5, markeredgecolor="white", zorder=3)
        ax.plot([], [], marker + "-", color=colour, markersize=5, markeredgecolor="white", label=label)
    ax.set(xscale="log", yscale="log", xlabel="rows $T$", ylabel="excess error")
    ax.set_xlim(marks[0] / 1.15, marks[-1] * 1.15)
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(frameon=False, title="last slope: theorem (law)")
    return ax


def _sum_of(law: ScalingLaw, terms: tuple[str, ...], rows: Any) -> Any:
    parts = law.parts(rows)
    return sum((parts[name] for name in terms if name in parts), start=np.zeros(np.shape(rows)))


def _slope(rows: Any, values: Any) -> float:
    """The local exponent between the last two."""
    return float(np.log(values[-1] / values[-2]) / np.log(rows[-1] / rows[-2]))

"""Where the transition p* of verified labels is not the truth: the limit, the sign, and the verifier's own accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from . import style


def plot_proxy(margin: Any, limits: Any, verifiers: Any, best: float, *, ax: Axes | None = None) -> Axes:
    """The accuracy that students of linear labellers and verifiers tend to, against how far below p* the labels err.

    Dots in the two grey quarters contradict p*; no dot reaches the accuracy of the best classifier; triangles are
    students that are worse than their verifier.

    Args:
        margin: (P,) p* - p.
        limits: (P,) accuracy of the student with endless rows.
        verifiers: (P,) the verifier's own accuracy.
        best: the accuracy Phi(m) of the best classifier.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax, width=7.2)
    margin, limits, verifiers = (np.asarray(one, dtype=np.float64) for one in (margin, limits, verifiers))
    worse, wrong = limits < verifiers, (limits > 0.5) != (margin > 0)
    groups = (
        (~worse & ~wrong, style.BLUE, "o", "student better than verifier"),
        (worse & ~wrong, style.ORANGE, "^", "student worse than verifier"),
        (wrong, style.VERMILLION, "X", "$p^*$ is wrong"),
    )
    for chosen, colour, marker, name in groups:
        ax.plot(margin[chosen], limits[chosen], marker, color=colour, markersize=4.5, markeredgewidth=0, label=name)
    edge = 1.05 * float(np.max(np.abs(margin)))
    ax.fill_between([0.0, edge], 0.0, 0.5, color=style.GREY, alpha=0.12, linewidth=0, zorder=0)
    ax.fill_between([-edge, 0.0], 0.5, 1.0, color=style.GREY, alpha=0.12, linewidth=0, zorder=0)
    ax.axhline(best, color="black", linestyle=":", linewidth=1.2, label="best classifier", zorder=1)
    ax.set(xlabel="$p^* - p$, how far below the transition", ylabel="label accuracy with endless rows")
    ax.set(xlim=(-edge, edge), ylim=(0.0, 1.0))
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax

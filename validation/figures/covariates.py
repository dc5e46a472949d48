"""Real covariates against the Gaussian ones that the theory assumes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from ..covariates import TOLERANCE, covariate_ratio
from ..measured import Measured
from . import style


def plot_covariates(
    gaussian: Measured, real: Measured, *, tolerance: float = TOLERANCE, ax: Axes | None = None
) -> Axes:
    """Error on real covariates over error on Gaussian ones of the same covariance, with 95 % bars.

    Args:
        gaussian: experiment with Gaussian rows.
        real: experiment with rows drawn from a data set, independent of the other one.
        tolerance: relative gap that counts as none, shaded; the axis shows at least twice as much.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    ratio = covariate_ratio(gaussian, real)
    generations = np.arange(1, len(ratio.value) + 1)
    colour, marker = style.SIMULATED[1]
    ax.axhspan(
        1 - tolerance, 1 + tolerance, color=style.GREY, alpha=0.18, linewidth=0, label=f"within {100 * tolerance:g} %"
    )
    ax.axhline(1.0, color=style.THEORY, linewidth=1.8, label="Gaussian covariates")
    ax.errorbar(
        generations,
        ratio.value,
        yerr=style.NORMAL_95 * ratio.standard_error,
        fmt=marker,
        color=colour,
        markersize=4.5,
        markeredgewidth=0,
        elinewidth=1.2,
        capsize=2.0,
        label="real covariates",
    )
    style.generations_axis(ax, "error / Gaussian error")
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, 1 - 2 * tolerance), max(high, 1 + 2 * tolerance))
    ax.legend(frameon=False)
    return ax

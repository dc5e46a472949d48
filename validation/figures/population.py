"""What there is to learn, and along which directions of the covariates it lies."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from ...theory.problem import Population
from . import style


def plot_population(population: Population, *, effective_ridge: float | None = None, ax: Axes | None = None) -> Axes:
    """Eigenvalues s_k and signal s_k E w_{0,k}^2 of every direction, on logarithmic axes.

    Args:
        population: the population; directions of zero eigenvalue are left out.
        effective_ridge: if given, a line at this level: directions below it are hardly learned.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    eigenvalues = population.spectrum.eigenvalues()
    signal = eigenvalues * population.target.second_moments(population.spectrum)
    direction = np.arange(1, population.dimension + 1)
    positive = eigenvalues > 0
    ax.plot(direction[positive], eigenvalues[positive], color=style.BLUE, linewidth=1.8, label="eigenvalue $s_k$")
    seen = positive & (signal > 0)
    ax.plot(
        direction[seen], signal[seen], "o", color=style.VERMILLION, markersize=3.5, label="signal $s_k \\, w_{0,k}^2$"
    )
    if effective_ridge is not None:
        ax.axhline(effective_ridge, color=style.GREY, linestyle="--", linewidth=1.2, label="effective ridge $\\kappa$")
    ax.set(xscale="log", yscale="log", xlabel="direction $k$", ylabel="variance")
    ax.grid(alpha=0.25, linewidth=0.6)
    ax.legend(frameon=False)
    return ax

"""What a share of synthetic rows does to one fit: against the rows, against the width, against the clean rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from ...theory.evaluation.collapse_over import MixtureErrors, collapse_over
from ...theory.problem import Chain, RandomProjection
from ..measured import Array
from . import style

LINES = (style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.PURPLE)
ENDLESS_ROWS = 1e15
HIGHEST_PEAK = 30.0  # a peak is cut at so many times the largest median of the curves
FEW_DECADES = 100.0


class AgainstWidth(Protocol):
    """What the figure of widths reads; a `WidthStudy` is one."""

    @property
    def chain(self) -> Chain:
        """The chain of one mixture, at any width."""

    @property
    def widths(self) -> Any:
        """m, shape (K,)."""

    @property
    def error(self) -> Any:
        """Excess error of the mixture, shape (K,)."""

    @property
    def real_error(self) -> Any:
        """That of real labels on the same rows, shape (K,)."""

    @property
    def collapse(self) -> Any:
        """What synthetic labels add at the mixture's own penalty, shape (K,)."""

    @property
    def gap(self) -> Any:
        """The error minus that of real labels, each at its own penalty, shape (K,)."""

    @property
    def tuned(self) -> bool:
        """Whether every width has its best penalty."""


def plot_plateau(chain: Chain, shares: Sequence[float], rows: Any, *, ax: Axes | None = None) -> Axes:
    """The error against the rows for several synthetic shares: a line falls until it meets its plateau.

    Each plateau is the error of endless rows; a dot marks where it starts, where the collapse term exceeds the error of
    real labels on the same rows.

    Args:
        chain: as for `collapse_over`.
        shares: f in [0, 1], at least one.
        rows: n >= 1, increasing, at least two.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    grid = np.asarray(rows, dtype=np.float64)
    curves = _by_share(chain, shares, grid)
    ends = collapse_over(chain, rows=ENDLESS_ROWS, synthetic_share=np.asarray(shares, dtype=np.float64)).error
    for position, (share, end, colour) in enumerate(zip(shares, ends, cycle(LINES), strict=False)):
        error, collapse = curves.error[:, position], curves.collapse[:, position]
        ax.plot(grid, _finite(error), color=colour, linewidth=1.8, label=_name_of(share))
        if share > 0:
            ax.axhline(end, color=colour, linestyle=":", linewidth=1.2, zorder=1)
            start = _crossing(grid, collapse, error - collapse)
            if start is not None:
                at = np.exp(np.interp(np.log(start), np.log(grid), np.log(error)))
                ax.plot(start, at, "o", color=colour, markersize=6, markeredgecolor="white", zorder=3)
    if any(share > 0 for share in shares):
        ax.plot([], [], "o", color=style.GREY, markersize=6, markeredgecolor="white", label="start of the plateau")
    ax.set(xscale="log", yscale="log", xlabel="rows $n$", ylabel="excess error")
    ax.set_xlim(grid[0], grid[-1])
    _faint_lines(ax)
    ax.legend(frameon=False)
    return ax


def plot_double_descent(chain: Chain, rows: Any, shares: Sequence[float], *, ax: Axes | None = None) -> Axes:
    """The error against the rows across the interpolation threshold, for several synthetic shares.

    Args:
        chain: as for `collapse_over`; the threshold is the rank of the covariance, or the width where it is less.
        rows: n >= 1, increasing, at least two; where the error is infinite the line has a gap.
        shares: f in [0, 1], at least one.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    grid = np.asarray(rows, dtype=np.float64)
    curves = _by_share(chain, shares, grid)
    for position, (share, colour) in enumerate(zip(shares, cycle(LINES), strict=False)):
        ax.plot(grid, _finite(curves.error[:, position]), color=colour, linewidth=1.8, label=_name_of(share))
    _cut(ax, [curves.error[:, position] for position in range(len(shares))])
    estimator, rank = chain.generations[0].estimator, float(chain.population.spectrum.rank())
    narrow = isinstance(estimator, RandomProjection) and float(estimator.width) < rank
    threshold = float(estimator.width) if isinstance(estimator, RandomProjection) and narrow else rank
    _threshold(ax, threshold, f"rows = {'width' if narrow else 'rank'}")
    ax.set(xscale="log", xlabel="rows $n$", ylabel="excess error")
    ax.set_xlim(grid[0], grid[-1])
    _faint_lines(ax)
    ax.legend(frameon=False)
    return ax


def plot_collapse_versus_width(study: AgainstWidth, *, ax: Axes | None = None) -> Axes:
    """Error and collapse term against the width; the peak at as many features as rows is cut.

    Args:
        study: of increasing widths; where it is infinite the lines have a gap. Tuned, the gap to the best fit on real
            labels is drawn too.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    error, real, collapse = (
        np.asarray(one, dtype=np.float64) for one in (study.error, study.real_error, study.collapse)
    )
    drawn = [(error, style.BLUE, "-", "error"), (real, style.GREY, "-", "error of real labels")]
    drawn.append((collapse, style.VERMILLION, "-", "collapse term $\\zeta$"))
    if study.tuned:
        drawn.append((np.asarray(study.gap, dtype=np.float64), style.VERMILLION, "--", "error - error of real labels"))
    for values, colour, line, name in drawn:
        ax.plot(study.widths, _finite(values), line, color=colour, linewidth=1.8, label=name)
    _cut(ax, [values for values, *_ in drawn])
    _threshold(ax, float(study.chain.rows[0]), "width = rows")
    ax.set(xscale="log", xlabel="width $m$", ylabel="excess error")
    ax.set_xlim(float(np.min(study.widths)), float(np.max(study.widths)))
    _faint_lines(ax)
    ax.legend(frameon=False)
    return ax


def plot_clean_rate(rows: Any, ratios: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """By what part the error exceeds that of real labels on the same rows, against the rows.

    What falls to 0 keeps the clean rate; what stays level is off by a factor, what rises by more than any factor.

    Args:
        rows: n, increasing, at least two.
        ratios: name -> error / error of real labels at every n; only where it is above 1 is something drawn.
        ax: axes to draw on; None makes a new figure.

    Returns:
        The axes.
    """
    ax = style.axes(ax)
    for (name, ratio), colour in zip(ratios.items(), cycle(LINES), strict=False):
        excess = np.asarray(ratio, dtype=np.float64) - 1.0
        ax.plot(rows, np.where(excess > 0, excess, np.nan), color=colour, linewidth=1.8, label=name)
    ax.set(xscale="log", yscale="log", xlabel="rows $n$", ylabel="error / error of real labels $-$ 1")
    ax.set_xlim(float(np.min(rows)), float(np.max(rows)))
    _faint_lines(ax)
    ax.legend(frameon=False)
    return ax


def _by_share(chain: Chain, shares: Sequence[float], rows: Array) -> MixtureErrors:
    """Arrays (rows, shares)."""
    return collapse_over(chain, rows=rows[:, None], synthetic_share=np.asarray(shares, dtype=np.float64))


def _name_of(share: float) -> str:
    return "real labels only" if share == 0 else f"{share:.3g} synthetic"


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def _crossing(grid: Array, collapse: Array, clean: Array) -> float | None:
    """The last n at which the collapse term overtakes the error of real labels; None where it does not."""
    height = np.log(_finite(collapse)) - np.log(_finite(clean))
    upwards = np.flatnonzero((height[:-1] < 0) & (height[1:] >= 0))
    if len(upwards) == 0:
        return None
    k = int(upwards[-1])
    share = -height[k] / (height[k + 1] - height[k])
    return float(np.exp((1 - share) * np.log(grid[k]) + share * np.log(grid[k + 1])))


def _cut(ax: Axes, curves: Sequence[Array]) -> None:
    """A logarithmic axis that ends where peaks stop being of interest."""
    ax.set_yscale("log")
    finite = [curve[np.isfinite(curve) & (curve > 0)] for curve in curves]
    known = [curve for curve in finite if len(curve)]
    if known:
        top = HIGHEST_PEAK * max(float(np.median(curve)) for curve in known)
        low, high = 0.7 * min(float(curve.min()) for curve in known), max(float(curve.max()) for curve in known)
        ax.set_ylim(low, min(top, 2.0 * high))
        if min(top, 2.0 * high) < FEW_DECADES * low:  # powers of ten are too few to read values by
            ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            ax.yaxis.set_minor_formatter(NullFormatter())


def _faint_lines(ax: Axes) -> None:
    ax.grid(axis="y", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)


def _threshold(ax: Axes, at: float, name: str) -> None:
    """A dotted line across, with its name above the axes."""
    ax.axvline(at, color=style.GREY, linestyle=":", linewidth=1.2, zorder=1)
    above = ax.get_xaxis_transform()
    ax.text(at, 1.01, name, color=style.GREY, fontsize="small", ha="center", va="bottom", transform=above)

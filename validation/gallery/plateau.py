"""Strong collapse: the error stops falling as rows are added, however few of them are synthetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...theory.evaluation.collapse_over import collapse_over
from ...theory.problem import Chain, Ridge
from ...theory.rules.bibliography import STRONG_COLLAPSE, Paper
from ..figures import Curve, plot_curves, style
from .measuring import last_points
from .mixtures import mixture
from .picture import Picture

ENDLESS_ROWS = 1e15


@final
@dataclass(frozen=True)
class Plateau(Picture):
    """Error against the number of rows for several shares of synthetic rows.

    Args:
        dimension: d, isotropic covariates, a truth of norm 1.
        distance: c^2, mean squared distance of the synthetic labeller from the truth.
        noise: standard deviation of all label noise.
        penalty: of the ridge regression.
        shares: of the rows that are synthetic; the first is 0.
        rows: from and to.
        points: of every line; about seven of them are simulated.
        replicates: of every simulated point.
    """

    name: ClassVar[str] = "plateau"
    title: ClassVar[str] = "A small share of synthetic data stops the decay"
    paper: ClassVar[Paper] = STRONG_COLLAPSE
    panels: ClassVar[int] = 1

    dimension: int = 100
    distance: float = 0.5
    noise: float = 0.5
    penalty: float = 1e-5
    shares: tuple[float, ...] = (0.0, 0.01, 0.05, 0.2)
    rows: tuple[int, int] = (200, 20000000)
    points: int = 49
    replicates: int = 400

    @property
    def caption(self) -> str:
        """What there is to see."""
        return (
            f"Ridge regression ({self.dimension} covariates, label noise {self.noise:g}, penalty {self.penalty:g}) "
            "on real rows and on rows that a synthetic labeller labelled, whose mean squared distance from the "
            f"truth is {self.distance:g}. Without synthetic rows the error falls in proportion to 1/rows. With a "
            f"fixed share f of them, however small, it stops at {self.distance:g} f² (dotted): no number of rows "
            "makes up for them."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """One line for each share, and its plateau."""
        (ax,) = panels
        mixed = self._chain(self.rows[0], 0.5)
        rows = np.unique(np.geomspace(*self.rows, self.points).round().astype(int))
        some, curves = rows[:: max(1, self.points // 6)].tolist(), []
        for share in self.shares:
            theory = collapse_over(mixed, rows=rows, synthetic_share=share).error
            measured = last_points(some, [self._chain(one, share) for one in some], self.replicates, seed=0)
            curves.append(Curve(_named(share), rows, theory, measured))
        plot_curves(curves, title="share of synthetic rows", ax=ax)
        for share, look in zip(self.shares, style.CURVES, strict=False):
            if share:
                end = float(collapse_over(mixed, rows=ENDLESS_ROWS, synthetic_share=share).error)
                ax.hlines(
                    end, rows[len(rows) // 3], rows[-1], color=look.colour, linestyle=":", linewidth=1.0, zorder=1
                )
        ax.set(xscale="log", yscale="log", xlabel="rows $n$, real and synthetic", ylabel="excess error (signal = 1)")
        ax.set_xlim(0.8 * rows[0], 1.25 * rows[-1])

    def _chain(self, rows: int, share: float) -> Chain:
        return mixture(self.dimension, rows, share, self.distance, self.noise, Ridge(self.penalty))


def _named(share: float) -> str:
    return "none" if share == 0 else f"$f = {share:g}$"

"""Strong collapse against the width of the model: double descent, raised by synthetic rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...theory.evaluation.collapse_over import collapse_over
from ...theory.problem import Chain, RandomProjection
from ...theory.rules.bibliography import STRONG_COLLAPSE, Paper
from ..figures import Curve, plot_curves, style
from ..measured import Array
from .measuring import last_points
from .mixtures import mixture
from .picture import Picture

PENALTIES = np.geomspace(1e-3, 1e3, 181)  # among which the best one is looked for


@final
@dataclass(frozen=True)
class Width(Picture):
    """Error against the width of a random projection for several shares of synthetic rows.

    Args:
        dimension: d, isotropic covariates, a truth of norm 1.
        rows: n, real and synthetic ones together.
        distance: c^2, mean squared distance of the synthetic labeller from the truth.
        noise: standard deviation of all label noise.
        penalty: of the ridge regression on the left.
        shares: of the rows that are synthetic; the first is 0.
        widths: m, from and to.
        points: of every line; about seven of them are simulated.
        replicates: of every simulated point.
    """

    name: ClassVar[str] = "width"
    title: ClassVar[str] = "Larger models: double descent, raised by synthetic data"
    paper: ClassVar[Paper] = STRONG_COLLAPSE

    dimension: int = 150
    rows: int = 100
    distance: float = 0.5
    noise: float = 0.3
    penalty: float = 3e-3
    shares: tuple[float, ...] = (0.0, 0.3, 0.7)
    widths: tuple[int, int] = (10, 1000)
    points: int = 71
    replicates: int = 100

    @property
    def caption(self) -> str:
        """What there is to see."""
        return (
            f"Ridge regression on m random features of {self.dimension} covariates; {self.rows} rows, of which a "
            f"share f is labelled by a synthetic labeller at mean squared distance {self.distance:g} from the truth "
            f"(label noise {self.noise:g}). Left: with the small penalty {self.penalty:g} the error peaks where "
            "there are as many features as rows, the higher the more rows are synthetic. Right: with the best "
            "penalty at each width the peak is gone and larger models are better, but what synthetic labels cost, "
            "the distance between the lines, grows."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left the error at one penalty, right at the best penalty of every width."""
        left, right = panels
        widths = np.unique(np.append(np.geomspace(*self.widths, self.points).round().astype(int), self.rows))
        mixed = self._chain(self.widths[0], 0.5, self.penalty)
        fixed, tuned = [], []
        for share in self.shares:
            errors = collapse_over(mixed, width=widths[:, None], penalty=PENALTIES, synthetic_share=share).error
            best = errors.argmin(axis=1)
            at_one = collapse_over(mixed, width=widths, synthetic_share=share).error
            fixed.append(self._curve(share, widths, at_one, np.full(len(widths), self.penalty)))
            tuned.append(self._curve(share, widths, errors.min(axis=1), PENALTIES[best]))
        for ax, curves, name in ((left, fixed, f"penalty {self.penalty:g}"), (right, tuned, "best penalty")):
            plot_curves(curves, ax=ax)
            ax.axvline(self.rows, color=style.GREY, linewidth=0.9, zorder=1)
            ax.set(xscale="log", xlabel="width $m$ (features)", ylabel="excess error (signal = 1)")
            ax.set_title(name, loc="left", fontsize="medium")
        left.text(
            self.rows, 0.02, " width = rows", color=style.GREY, fontsize="small", transform=left.get_xaxis_transform()
        )
        left.set_yscale("log")
        style.plain_ticks(left.yaxis, [0.5, 1, 2, 4])

    def _curve(self, share: float, widths: Array, errors: Array, penalties: Array) -> Curve:
        """Theory at all widths, simulation at some."""
        chosen = np.flatnonzero((widths == self.rows) | (np.arange(len(widths)) % max(1, self.points // 6) == 0))
        chains = [self._chain(int(m), share, float(p)) for m, p in zip(widths[chosen], penalties[chosen], strict=True)]
        measured = last_points(widths[chosen], chains, self.replicates, seed=0)
        return Curve("real labels" if share == 0 else f"$f = {share:g}$", widths, errors, measured)

    def _chain(self, width: int, share: float, penalty: float) -> Chain:
        estimator = RandomProjection(width, penalty)
        return mixture(self.dimension, self.rows, share, self.distance, self.noise, estimator)

"""Replace, accumulate, or sample what has accumulated: which of them keeps the error bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...theory.evaluation.prediction import predict
from ...theory.problem import (
    Chain,
    Isotropic,
    MinimumNorm,
    NoTheorem,
    Population,
    UniformTarget,
    accumulate,
    accumulate_subsample,
    replace,
)
from ...theory.rules.bibliography import ACCUMULATION, Paper
from ..figures import Curve, plot_curves, style
from ..measured import Array
from .measuring import by_generation, run
from .picture import Picture


@final
@dataclass(frozen=True)
class AccumulateReplace(Picture):
    """The error over generations of least squares, in units of the error of one fit.

    Args:
        dimension: d, isotropic covariates.
        ratios: rows of every generation over d, left and right.
        generations: N.
        replicates: of every chain.
    """

    name: ClassVar[str] = "accumulate-replace"
    title: ClassVar[str] = "Replacing data diverges, accumulating them does not"
    paper: ClassVar[Paper] = ACCUMULATION

    dimension: int = 5
    ratios: tuple[int, int] = (60, 3)
    generations: int = 20
    replicates: int = 1000

    @property
    def caption(self) -> str:
        """What there is to see."""
        many, few = self.ratios
        return (
            "Least squares; every generation adds rows that the model before it labelled. Fitted to these alone "
            "(replace), the error grows by the same amount each time. Fitted to all rows so far (accumulate), it "
            "stays below pi²/6 times the error of one fit; labelling the same covariates again, it tends to that "
            "bound. A sample of all rows as large as one generation costs more, yet grows ever more slowly. Left: "
            f"{many} rows for each of {self.dimension} covariates; right: {few}, where no theory of samples is known."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left with many rows for each covariate, right with few."""
        for ax, ratio in zip(panels, self.ratios, strict=True):
            chains = self._chains(ratio * self.dimension)
            one = float(predict(chains["replace"]).error[0])
            curves = [self._curve(name, chain, one) for name, chain in chains.items()]
            plot_curves(curves, place="upper left", ax=ax)
            bound = predict(chains["accumulate, same covariates"]).limit / one
            ax.axhline(bound, color=style.GREY, linewidth=0.9, zorder=1)
            ax.text(1.0, bound, " $\\pi^2/6$", color=style.GREY, va="center", transform=ax.get_yaxis_transform())
            ax.set(yscale="log", ylim=(0.85, 4.0 * self.generations))
            ax.set_title(f"{ratio} rows for each covariate", loc="left", fontsize="medium")
            style.generations_axis(ax, "excess error / error of one fit")
            style.plain_ticks(ax.yaxis, [1, 2, 5, 10, 20])

    def _chains(self, rows: int) -> Mapping[str, Chain]:
        population = Population(Isotropic(self.dimension), UniformTarget())
        size, fit = (population, self.generations, rows, 1.0), MinimumNorm()
        return {
            "replace": replace(*size, fit),
            "accumulate, sample of all": accumulate_subsample(*size, fit),
            "accumulate, same covariates": accumulate(*size, fit, same_rows=True),
            "accumulate, fresh covariates": accumulate(*size, fit),
        }

    def _curve(self, name: str, chain: Chain, one: float) -> Curve:
        places = np.unique(np.geomspace(1, self.generations, 9).round().astype(int))
        measured = by_generation(run(chain, self.replicates, seed=0), places).scaled(1 / one)
        return Curve(name, np.arange(1, self.generations + 1), self._theory(chain) / one, measured)

    def _theory(self, chain: Chain) -> Array:
        """NaN where there is none."""
        try:
            return np.asarray(predict(chain).error)
        except NoTheorem:
            return np.full(self.generations, np.nan)

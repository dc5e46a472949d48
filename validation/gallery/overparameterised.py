"""Generators with fewer rows than directions: collapse without any noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...theory.evaluation.prediction import predict
from ...theory.problem import Isotropic, MinimumNorm, Population, PowerLaw, SourceCondition, UniformTarget, replace
from ...theory.rules.bibliography import DEMYSTIFIED, Paper
from ..figures import Curve, plot_curves, style
from .measuring import by_generation, run
from .picture import Picture


@final
@dataclass(frozen=True)
class Overparameterised(Picture):
    """The catastrophic case: every generator forgets the directions that its rows do not span.

    Args:
        dimension: d, isotropic covariates on the left.
        ratios: T_0/d on the left.
        generations: on the left.
        directions: of the power law on the right.
        exponent: beta of the power law on the right.
        rows: T_0 on the right.
        later_generations: on the right.
        replicates: of the simulations; a tenth as many on the right.
    """

    name: ClassVar[str] = "overparameterised"
    title: ClassVar[str] = "Fewer rows than directions: collapse without noise"
    paper: ClassVar[Paper] = DEMYSTIFIED

    dimension: int = 100
    ratios: tuple[float, ...] = (0.3, 0.6, 0.9, 1.2)
    generations: int = 12
    directions: int = 300
    exponent: float = 1.5
    rows: tuple[int, ...] = (15, 45, 135)
    later_generations: int = 32
    replicates: int = 400

    @property
    def caption(self) -> str:
        """What there is to see."""
        return (
            "No label has noise; every generation is the least-squares fit of minimum norm to labels of the one "
            f"before. Left: {self.dimension} covariates of equal variance. With fewer rows than covariates each fit "
            "keeps only their ratio of the signal, until nothing is left; with more rows there is no error at all. "
            f"Right: eigenvalues k^-{self.exponent:g}, {self.directions} directions. What is lost grows in "
            "proportion to the number of generations (parallel to the grey line), until the whole signal is lost; "
            "theory here is the limit of many rows and directions."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left isotropic covariates, right a power law."""
        self._isotropic(panels[0])
        self._power_law(panels[1])

    def _isotropic(self, ax: Axes) -> None:
        population = Population(Isotropic(self.dimension), UniformTarget())
        places, curves = list(range(1, self.generations + 1)), []
        for ratio in self.ratios:
            chain = replace(population, self.generations, round(ratio * self.dimension), 0.0, MinimumNorm())
            measured = by_generation(run(chain, self.replicates, seed=0), places)
            curves.append(Curve(f"rows/covariates {ratio:g}", places, predict(chain).error, measured))
        plot_curves(curves, place=(0.54, 0.12), ax=ax)
        style.generations_axis(ax, "excess error (signal = 1)")
        ax.axhline(1.0, color=style.GREY, linewidth=0.8, zorder=1)
        ax.text(self.generations, 1.01, "nothing learned", color=style.GREY, fontsize="small", ha="right", va="bottom")
        ax.set_ylim(-0.03, 1.1)
        ax.set_title("equal eigenvalues", loc="left", fontsize="medium")

    def _power_law(self, ax: Axes) -> None:
        population = Population(PowerLaw(self.directions, self.exponent), SourceCondition(0.5))
        places = np.arange(1, self.later_generations + 1)
        some = np.unique(np.geomspace(1, self.later_generations, 7).round().astype(int))
        curves = []
        for rows in self.rows:
            chain = replace(population, self.later_generations, rows, 0.0, MinimumNorm())
            measured = by_generation(run(chain, max(2, self.replicates // 10), seed=0), some)
            curves.append(Curve(f"{rows} rows", places, predict(chain).error, measured))
        plot_curves(curves, place="upper left", ax=ax)
        grown = 0.35 * curves[-1].theory[0] * places
        ax.plot(places, grown, color=style.GREY, linewidth=0.9, zorder=1)
        middle = len(places) // 2
        ax.text(places[middle], 0.6 * grown[middle], "in proportion", color=style.GREY, fontsize="small", va="top")
        ax.set(xscale="log", yscale="log", xlabel="generation", ylabel="excess error")
        style.plain_ticks(ax.xaxis, [1, 2, 4, 8, 16, 32])
        ax.set_title(f"eigenvalues $k^{{-{self.exponent:g}}}$", loc="left", fontsize="medium")

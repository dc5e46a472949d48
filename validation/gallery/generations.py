"""Error against the number of generators, for several ridges and several numbers of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...theory.problem import Chain, Isotropic, Population, UniformTarget
from ...theory.rules.bibliography import DEMYSTIFIED, Paper
from ..figures import Curve, plot_curves, style
from .generators import after_generators
from .measuring import last_errors, last_points
from .picture import Picture


@final
@dataclass(frozen=True)
class Generations(Picture):
    """How the error grows with the number of generators, and what a ridge and more rows do about it.

    Args:
        dimension: d, isotropic covariates, a truth of norm 1.
        generator_rows: T_0 of every generator, least squares.
        noise: standard deviation of all label noise.
        generators: the largest number of generators.
        penalties: on the left, at the first number of `rows`.
        rows: on the right, at the first of `penalties`.
        replicates: of every simulated point.
    """

    name: ClassVar[str] = "generations"
    title: ClassVar[str] = "The error grows with every generator"
    paper: ClassVar[Paper] = DEMYSTIFIED

    dimension: int = 100
    generator_rows: int = 300
    noise: float = 0.4
    generators: int = 10
    penalties: tuple[float, ...] = (0.01, 0.2, 0.6, 1.5)
    rows: tuple[int, ...] = (200, 60, 120, 1000)
    replicates: int = 400

    @property
    def caption(self) -> str:
        """What there is to see."""
        return (
            f"Each generator is fitted by least squares to {self.generator_rows} labels that the one before it gave "
            f"({self.dimension} covariates, label noise {self.noise:g}); a ridge regression learns from the last "
            f"one. Left: {self.rows[0]} rows and several penalties; the longer the chain, the larger the best "
            f"penalty. Right: penalty {self.penalties[0]:g} and several numbers of rows; more rows do not stop the "
            "growth."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left over penalties, right over rows."""
        left, right = panels
        self._panel(left, [(f"penalty {value:g}", self.rows[0], value) for value in self.penalties])
        self._panel(right, [(f"{value} rows", value, self.penalties[0]) for value in sorted(self.rows)])
        left.set_title(f"{self.rows[0]} rows", loc="left", fontsize="medium")
        right.set_title(f"penalty {self.penalties[0]:g}", loc="left", fontsize="medium")

    def _panel(self, ax: Axes, cases: Sequence[tuple[str, int, float]]) -> None:
        every = range(self.generators + 1)
        some = sorted({0, *range(self.generators, 0, -max(1, self.generators // 5))})
        curves = []
        for name, rows, penalty in cases:
            theory = last_errors(self._chain(count, rows, penalty) for count in every)
            chains = [self._chain(count, rows, penalty) for count in some]
            curves.append(Curve(name, list(every), theory, last_points(some, chains, self.replicates, seed=0)))
        plot_curves(curves, ax=ax)
        style.generations_axis(ax, "excess error (signal = 1)")
        ax.set_xlabel("number of generators $n$")
        ax.set_ylim(bottom=0.0, top=1.25 * max(float(np.max(curve.theory)) for curve in curves))

    def _chain(self, count: int, rows: int, penalty: float) -> Chain:
        population = Population(Isotropic(self.dimension), UniformTarget())
        return after_generators(population, count, self.generator_rows, rows, self.noise, penalty)

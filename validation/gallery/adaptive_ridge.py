"""The penalty that is best for real labels, and the one that is best after generators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...numerics.sampling import WISHART
from ...theory.evaluation.grid import vary
from ...theory.problem import Chain, Population, PowerLaw, SourceCondition
from ...theory.rules.bibliography import DEMYSTIFIED, Paper
from ..figures import Curve, Points, plot_curves, style
from ..measured import Array
from .generators import after_generators
from .measuring import last_points
from .picture import Picture


@final
@dataclass(frozen=True)
class AdaptiveRidge(Picture):
    """Error against the penalty after several numbers of generators, with the best penalty of each.

    Args:
        directions: d, eigenvalues k^-beta.
        exponent: beta > 1.
        source_exponent: r.
        generator_rows: T_0 > d of every generator, least squares.
        rows: T of the last fit.
        noise: standard deviation of all label noise.
        generators: numbers of generators n; the first is 0.
        between: further numbers of generators on the right, for theory alone.
        penalties: from and to.
        points: of every line; about seven of them are simulated.
        replicates: of every simulated point.
    """

    name: ClassVar[str] = "adaptive-ridge"
    title: ClassVar[str] = "The more generators, the larger the best penalty"
    paper: ClassVar[Paper] = DEMYSTIFIED

    directions: int = 200
    exponent: float = 1.5
    source_exponent: float = 0.5
    generator_rows: int = 400
    rows: int = 1000
    noise: float = 0.5
    generators: tuple[int, ...] = (0, 1, 4, 16)
    between: tuple[int, ...] = (2, 7, 10, 13)
    penalties: tuple[float, float] = (1e-4, 1.0)
    points: int = 49
    replicates: int = 100

    @property
    def caption(self) -> str:
        """What there is to see."""
        return (
            f"Ridge regression on {self.rows} rows, labelled by the last of n generators, each fitted by least "
            f"squares to {self.generator_rows} labels of the one before. Eigenvalues k^-{self.exponent:g}, "
            f"{self.directions} directions, source exponent {self.source_exponent:g}, label noise {self.noise:g}. "
            "Left: stars mark the least error of every line, the grey line the penalty that is best for real "
            "labels. Right: the error after n generators with either penalty: the more generators, the more of the "
            "collapse adapting it makes up for."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left the error against the penalty, right with two penalties against the generators."""
        left, right = panels
        penalties = np.geomspace(*self.penalties, self.points)
        lines = {count: self._errors(count, penalties) for count in sorted({*self.generators, *self.between})}
        best = {count: int(errors.argmin()) for count, errors in lines.items()}
        some, curves = penalties[:: max(1, self.points // 6)].tolist(), []
        for count in self.generators:
            measured = self._measured(some, [(count, one) for one in some])
            curves.append(Curve("real labels" if count == 0 else f"$n = {count}$", penalties, lines[count], measured))
        plot_curves(curves, ax=left)
        for count, look in zip(self.generators, style.CURVES, strict=False):
            star: dict[str, Any] = {"markersize": 14, "markeredgecolor": "black", "markeredgewidth": 0.8, "zorder": 5}
            left.plot(penalties[best[count]], lines[count].min(), "*", color=look.colour, label="_nolegend_", **star)
        left.axvline(penalties[best[0]], color=style.GREY, linewidth=0.9, zorder=1)
        left.set(xscale="log", yscale="log", xlabel="penalty of the last fit", ylabel="excess error")
        self._remedy(right, penalties, lines, best)

    def _remedy(self, ax: Axes, penalties: Array, lines: Mapping[int, Array], best: Mapping[int, int]) -> None:
        """What the best penalty of each number of generators saves."""
        curves = []
        chosen = {"best penalty for real labels": dict.fromkeys(best, best[0]), "best penalty for $n$": best}
        for name, places in chosen.items():
            errors = [lines[count][place] for count, place in places.items()]
            cases = [(count, float(penalties[places[count]])) for count in self.generators]
            curves.append(Curve(name, list(places), errors, self._measured(self.generators, cases)))
        plot_curves(curves, ax=ax)
        style.generations_axis(ax, "excess error")
        ax.set_xlabel("number of generators $n$")
        ax.set_ylim(bottom=0.0)

    def _measured(self, at: Sequence[float], cases: Sequence[tuple[int, float]]) -> Points:
        chains = [self._chain(count, penalty) for count, penalty in cases]
        return last_points(at, chains, self.replicates, seed=0, sampler=WISHART)

    def _errors(self, count: int, penalties: Array) -> Array:
        found = vary(lambda penalty: self._chain(count, penalty), {"penalty": penalties.tolist()})
        return np.asarray(found.error[..., -1])

    def _chain(self, count: int, penalty: float) -> Chain:
        population = Population(PowerLaw(self.directions, self.exponent), SourceCondition(self.source_exponent))
        return after_generators(population, count, self.generator_rows, self.rows, self.noise, penalty)

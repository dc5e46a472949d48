"""A scaling law, and where generators end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...numerics.sampling import WISHART
from ...theory.asymptotics import Demystified, OptimalPenalty, optimal_penalty
from ...theory.evaluation.grid import vary
from ...theory.problem import Chain, Population, PowerLaw, SourceCondition
from ...theory.rules.bibliography import DEMYSTIFIED, Paper
from ..figures import Curve, plot_curves, style
from ..measured import Array
from .generators import after_generators
from .measuring import last_points
from .picture import Picture


@final
@dataclass(frozen=True)
class ScalingLaw(Picture):
    """Error against rows under a power law, at the penalty whose power is the best for real labels.

    Args:
        directions: d, eigenvalues k^-beta.
        exponent: beta > 1.
        source_exponent: r in (0, 1).
        generator_rows: T_0 > d of every generator, least squares.
        noise: standard deviation of all label noise.
        generators: numbers of generators n; the first is 0.
        rows: T of the last fit, from and to.
        points: of every line; about seven of them are simulated.
        replicates: of every simulated point.
    """

    name: ClassVar[str] = "scaling-law"
    title: ClassVar[str] = "Generators end a scaling law"
    paper: ClassVar[Paper] = DEMYSTIFIED

    directions: int = 200
    exponent: float = 1.5
    source_exponent: float = 0.5
    generator_rows: int = 400
    noise: float = 0.3
    generators: tuple[int, ...] = (0, 1, 3, 10)
    rows: tuple[int, int] = (30, 30000)
    points: int = 37
    replicates: int = 100

    @property
    def decay(self) -> float:
        """The power at which the error on real labels falls."""
        return float(self._best.error_exponent)

    @property
    def caption(self) -> str:
        """What there is to see."""
        return (
            "Ridge regression on T rows, labelled by the last of n generators, each fitted by least squares to "
            f"{self.generator_rows} labels of the one before. Eigenvalues k^-{self.exponent:g}, {self.directions} "
            f"directions, source exponent {self.source_exponent:g}, label noise {self.noise:g}; the penalty falls "
            f"like T^-{self._power:.2g}, the best power for real labels. Left: on real labels the error follows the "
            "power law (grey); from the ring on, generators have more than doubled it, and soon more rows do harm, "
            "as the penalty falls with them. Right: the slope of the same lines."
        )

    @property
    def _power(self) -> float:
        """l in penalty = T^-l."""
        return float(self._best.exponent)

    @property
    def _best(self) -> OptimalPenalty:
        return _of_real_labels(self.exponent, self.source_exponent)

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left errors, right local slopes."""
        left, right = panels
        rows = np.unique(np.geomspace(*self.rows, self.points).round().astype(int))
        lines = [self._errors(count, rows) for count in self.generators]
        some, curves = rows[:: max(1, self.points // 6)].tolist(), []
        for count, errors in zip(self.generators, lines, strict=True):
            chains = [self._chain(count, one) for one in some]
            measured = last_points(some, chains, self.replicates, seed=0, sampler=WISHART)
            curves.append(Curve("real labels" if count == 0 else f"$n = {count}$", rows, errors, measured))
        plot_curves(curves, ax=left)
        law = 0.6 * lines[0][0] * (rows / rows[0]) ** -self.decay
        left.plot(rows, law, color=style.GREY, linewidth=0.9, zorder=1)
        middle = len(rows) // 2
        left.text(
            rows[middle], law[middle], f"$\\propto T^{{-{self.decay:.2g}}}$ ", color=style.GREY, ha="right", va="top"
        )
        self._rings(left, rows, lines)
        left.set(xscale="log", yscale="log", xlabel="rows $T$", ylabel="excess error")
        between = np.sqrt(rows[1:] * rows[:-1])
        slopes = [Curve(curve.name, between, _slopes(rows, curve.theory)) for curve in curves]
        plot_curves(slopes, place="upper left", ax=right)
        right.axhline(-self.decay, color=style.GREY, linewidth=0.9, zorder=1)
        right.text(rows[-1], -self.decay, f"${-self.decay:.2g}$ ", color=style.GREY, ha="right", va="bottom")
        right.set(xscale="log", xlabel="rows $T$", ylabel="slope d log(error) / d log(T)")

    def _rings(self, ax: Axes, rows: Array, lines: Sequence[Array]) -> None:
        """Where generators first double the error of real labels."""
        for errors, look in zip(lines, style.CURVES, strict=False):
            doubled = np.flatnonzero(errors >= 2 * lines[0])
            if len(doubled):
                place = int(doubled[0])
                ring: dict[str, Any] = {
                    "markersize": 11,
                    "markerfacecolor": "none",
                    "markeredgewidth": 1.4,
                    "zorder": 4,
                }
                ax.plot(rows[place], errors[place], "o", color=look.colour, label="_nolegend_", **ring)

    def _errors(self, count: int, rows: Array) -> Array:
        found = vary(lambda rows: self._chain(count, rows), {"rows": rows.tolist()})
        return np.asarray(found.error[..., -1])

    def _chain(self, count: int, rows: int) -> Chain:
        population = Population(PowerLaw(self.directions, self.exponent), SourceCondition(self.source_exponent))
        return after_generators(population, count, self.generator_rows, rows, self.noise, rows**-self._power)


def _slopes(rows: Array, errors: Array) -> Array:
    """Between neighbours."""
    return np.diff(np.log(errors)) / np.diff(np.log(rows))


@cache
def _of_real_labels(exponent: float, source: float) -> OptimalPenalty:
    """The best penalty where no generator spoils the labels."""
    return optimal_penalty(Demystified(exponent, source, penalty=1, generator_noise=0))

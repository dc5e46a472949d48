"""Verified labels: a classifier turns from right to wrong at one error rate of its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...theory.evaluation.prediction import predict
from ...theory.problem import ClassificationChain, Flips, GaussianMixture, KeepRates, Ridge
from ...theory.rules.bibliography import VERIFICATION, Paper
from ..figures import Curve, plot_curves, style
from .measuring import accuracies
from .picture import Picture


@final
@dataclass(frozen=True)
class Transition(Picture):
    """Accuracy against the error rate of generated labels, for several numbers of rows and several verifiers.

    Args:
        dimension: d.
        mean_norm: |mu| of the two classes.
        penalty: of the ridge classifier.
        rows: generated, on the left.
        keep: shares (phi, psi) of right and of wrong labels that a verifier keeps; the first one on the left.
        points: of every line; one in eight is simulated.
        replicates: of every simulated point.
    """

    name: ClassVar[str] = "transition"
    title: ClassVar[str] = "A verifier moves the transition"
    paper: ClassVar[Paper] = VERIFICATION

    dimension: int = 40
    mean_norm: float = 1.5
    penalty: float = 0.1
    rows: tuple[int, ...] = (160, 800, 8000)
    keep: tuple[tuple[float, float], ...] = ((0.9, 0.3), (0.7, 0.7), (0.9, 0.05))
    points: int = 81
    replicates: int = 100

    @property
    def caption(self) -> str:
        """What there is to see."""
        right, wrong = self.keep[0]
        return (
            f"Two Gaussian classes in {self.dimension} dimensions; generated labels are wrong at a rate p, a "
            "verifier keeps some of them, and a ridge classifier is fitted to what is kept. Left: the verifier "
            f"keeps {100 * right:g} % of right and {100 * wrong:g} % of wrong labels. However many rows there are, "
            "the accuracy passes 1/2 at p* = 1/(1 + wrong kept/right kept), and the more rows, the more abruptly, "
            f"from the best classifier's to its opposite's. Right: {self.rows[-1]} rows; a better verifier moves p* "
            "(vertical lines) up."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left over rows, right over verifiers."""
        left, right = panels
        plot_curves([self._curve(f"{rows} rows", rows, self.keep[0]) for rows in self.rows], ax=left)
        title = "right / wrong labels kept"
        named = [(f"{100 * phi:g} % / {100 * psi:g} %", (phi, psi)) for phi, psi in self.keep]
        plot_curves([self._curve(name, self.rows[-1], rates) for name, rates in named], title=title, ax=right)
        for rates in self.keep[:1]:
            at = self._transition(rates)
            left.axvline(at, color=style.GREY, linewidth=0.9, zorder=1)
            left.text(at, 1.0, " $p^*$", color=style.GREY, ha="left", va="top")
        for rates, look in zip(self.keep, style.CURVES, strict=False):
            right.axvline(self._transition(rates), color=look.colour, linestyle=":", linewidth=1.2, zorder=1)
        for ax in panels:
            ax.axhline(0.5, color=style.GREY, linewidth=0.6, zorder=1)
            ax.set(xlabel="error rate $p$ of generated labels", ylabel="accuracy of the classifier", ylim=(0.0, 1.02))

    def _curve(self, name: str, rows: int, keep: tuple[float, float]) -> Curve:
        rates = np.linspace(0.0, 1.0, self.points)
        chains = [self._chain(float(rate), rows, keep) for rate in rates]
        theory = [predict(chain).accuracy for chain in chains]
        return Curve(name, rates, theory, accuracies(rates[::8], chains[::8], self.replicates, seed=0))

    def _transition(self, keep: tuple[float, float]) -> float:
        return float(predict(self._chain(0.5, self.rows[-1], keep)).transition)

    def _chain(self, rate: float, rows: int, keep: tuple[float, float]) -> ClassificationChain:
        mixture = GaussianMixture(self.mean_norm, self.dimension)
        return ClassificationChain(mixture, rows, Flips(rate), KeepRates(*keep), Ridge(self.penalty))

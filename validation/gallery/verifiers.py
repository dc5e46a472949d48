"""Linear generators and verifiers: what a student learns from labels on which both agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from matplotlib.axes import Axes

from ...theory.evaluation.exchangeable import NO_SPECTRUM
from ...theory.evaluation.prediction import predict
from ...theory.problem import ClassificationChain, GaussianMixture, LinearLabels, LinearVerifier, Ridge
from ...theory.rules.bibliography import VERIFICATION, Paper
from ...theory.rules.verification import LABEL_ACCURACY, MEAN_NORM, NORM, OVERLAP
from ..evaluated import executed
from ..figures import Curve, plot_curves, style
from ..measured import Array
from .measuring import accuracies
from .picture import Picture


@final
@dataclass(frozen=True)
class Verifiers(Picture):
    """Accuracy of the student against that of its verifier, and against how alike verifier and generator are.

    Args:
        dimension: d.
        mean_norm: |mu| of the two classes.
        rows: generated.
        penalty: of the ridge classifier.
        generators: cosines of w_g and mu, on the left.
        equals: cosines of w_g and mu on the right, where w_v has the same one.
        points: of every line; one in five is simulated.
        replicates: of every simulated point.
    """

    name: ClassVar[str] = "verifiers"
    title: ClassVar[str] = "What a student learns from generator and verifier"
    paper: ClassVar[Paper] = VERIFICATION

    dimension: int = 50
    mean_norm: float = 1.5
    rows: int = 4000
    penalty: float = 0.1
    generators: tuple[float, ...] = (0.2, 0.5, 0.8)
    equals: tuple[float, ...] = (0.4, 0.6, 0.8)
    points: int = 41
    replicates: int = 100

    @property
    def caption(self) -> str:
        """What there is to see."""
        return (
            f"Two Gaussian classes in {self.dimension} dimensions. A linear classifier generates {self.rows} labels, "
            "another one keeps those it agrees with, a student is fitted to what is kept. Left: generator and "
            "verifier err independently; short lines at the side are the generators' own accuracies. Above the "
            "diagonal the student is better than its verifier. Right: generator and verifier are equally good. The "
            "more alike they are, the less the verifier tells; at 1 it keeps everything, and the student learns the "
            "generator."
        )

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left over verifiers, right over their likeness to the generator."""
        self._over_verifiers(panels[0])
        self._over_likeness(panels[1])

    def _over_verifiers(self, ax: Axes) -> None:
        cosines = np.linspace(0.0, 0.98, self.points)
        curves = []
        for generator in self.generators:
            chains = [self._chain(generator, cosine, generator * cosine) for cosine in cosines.tolist()]
            curves.append(self._curve(f"{100 * self._accuracy(generator):.0f} %", self._accuracy(cosines), chains))
        plot_curves(curves, title="accuracy of the generator", ax=ax)
        best = float(self._accuracy(1.0))
        for generator, look in zip(self.generators, style.CURVES, strict=False):
            ax.hlines(self._accuracy(generator), 0.5, 0.52, color=look.colour, linewidth=2.5)
        ax.plot([0.5, best], [0.5, best], color=style.GREY, linewidth=0.9, zorder=1)
        along: dict[str, Any] = {"rotation": 45, "rotation_mode": "anchor", "transform_rotates_text": True}
        ax.text(0.58, 0.575, "student = verifier", color=style.GREY, fontsize="small", va="top", **along)
        _bound(ax, best)
        ax.set(xlabel="accuracy of the verifier", ylabel="accuracy of the student", xlim=(0.49, 1.01 * best))

    def _over_likeness(self, ax: Axes) -> None:
        curves = []
        for cosine in self.equals:
            likeness = np.linspace(2 * cosine**2 - 1 + 1e-6, 1.0 - 1e-6, self.points)
            chains = [self._chain(cosine, cosine, one) for one in likeness.tolist()]
            curves.append(self._curve(f"{100 * self._accuracy(cosine):.0f} %", likeness, chains))
        plot_curves(curves, title="accuracy of both", ax=ax)
        _bound(ax, float(self._accuracy(1.0)))
        ax.set(xlabel="cosine between generator and verifier", ylabel="accuracy of the student", xlim=(None, 1.02))

    def _accuracy(self, cosine: float | Array) -> Array:
        """Of a linear classifier, as the theorem book has it."""
        given = {MEAN_NORM: self.mean_norm, OVERLAP: self.mean_norm * np.asarray(cosine), NORM: 1.0}
        return executed(LABEL_ACCURACY, given, NO_SPECTRUM)[0]

    def _curve(self, name: str, at: Array, chains: Sequence[ClassificationChain]) -> Curve:
        theory = [predict(chain).accuracy for chain in chains]
        return Curve(name, at, theory, accuracies(at[::5], chains[::5], self.replicates, seed=0))

    def _chain(self, generator: float, verifier: float, between: float) -> ClassificationChain:
        mixture = GaussianMixture(self.mean_norm, self.dimension)
        labels, judge = LinearLabels(generator), LinearVerifier(verifier, between)
        return ClassificationChain(mixture, self.rows, labels, judge, Ridge(self.penalty))


def _bound(ax: Axes, best: float) -> None:
    """What no classifier exceeds."""
    ax.axhline(best, color="black", linestyle=":", linewidth=1.0, zorder=1)
    ax.text(0.02, best, "best classifier", fontsize="small", va="bottom", transform=ax.get_yaxis_transform())

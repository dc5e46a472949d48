"""Handwritten digits with kernel features: the theory on real covariates, labelled again and again."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ...numerics.designs import ResampledRows
from ...theory.evaluation.prediction import predict
from ...theory.problem import Chain, MissingExtra, Ridge, replace
from ...theory.rules.bibliography import DEMYSTIFIED, Paper
from ..figures import Curve, plot_curves, plot_points, plot_population, style
from ..real_data import RealData, read_data
from .measuring import by_generation, run
from .picture import Picture


@dataclass(frozen=True)
class Digits(Picture):
    """The error over generations on kernel features of the digits data set, for several penalties.

    Args:
        features: of the kernel, by Nystroem's method on as many images.
        rows: of every generation.
        penalties: of ridge regression.
        generations: N.
        replicates: of every chain, on rows of the data set and on Gaussian rows.
    """

    paper: ClassVar[Paper] = DEMYSTIFIED

    features: int = 150
    rows: int = 400
    penalties: tuple[float, ...] = (1e-3, 1e-2, 1e-1)
    generations: int = 8
    replicates: int = 100

    @property
    @abstractmethod
    def kernel(self) -> str:
        """The kernel, in words."""

    @property
    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """Of scikit-learn's `Nystroem`."""

    @property
    def caption(self) -> str:
        """What there is to see.

        Raises:
            MissingExtra: without scikit-learn.
        """
        count, height, width = _digits(self.name)[0].images.shape
        return (
            f"{count} handwritten digits of {height} x {width} pixels (scikit-learn), as {self.features} features of a "
            f"{self.kernel}; the label is the digit as a number, in standard deviations. Left: every generation is a "
            f"ridge regression on {self.rows} rows that the one before it labelled. Filled marks are rows of the "
            "data set, hollow ones (moved aside) Gaussian rows of the same covariance, which is all the theory "
            "knows. The smaller the penalty, the more real rows exceed it. Right: that covariance, and how much of "
            "the label lies along each of its directions."
        )

    def data(self) -> RealData:
        """The digits as kernel features.

        Raises:
            MissingExtra: without scikit-learn.
        """
        bundle, features_of = _digits(self.name)
        features = features_of(n_components=self.features, random_state=0, **self.parameters)
        return read_data(features.fit_transform(bundle.data / bundle.data.max()), bundle.target)

    def draw(self, panels: Sequence[Axes]) -> None:
        """Left the errors, right the spectrum."""
        left, right = panels
        data = self.data()
        self._errors(left, data)
        plot_population(data.population, ax=right)
        right.set_xlabel("direction $k$ of the covariance")

    def _errors(self, ax: Axes, data: RealData) -> None:
        places = np.arange(1, self.generations + 1)
        curves, gaussian = [], []
        for penalty in self.penalties:
            chain, design = self._chain(data, penalty), ResampledRows(data.rows)
            real = by_generation(run(chain, self.replicates, seed=0, design=design), places)
            gaussian.append(by_generation(run(chain, self.replicates, seed=0), places))
            curves.append(Curve(f"penalty {penalty:g}", places, predict(chain).error, real))
        plot_curves(curves, ax=ax)
        legend = ax.get_legend()
        assert legend is not None
        for points, look in zip(gaussian, style.CURVES, strict=False):
            plot_points(points.moved(0.25), look, hollow=True, ax=ax)
        marks: dict[str, Any] = {"linestyle": "none", "marker": "o", "color": style.GREY, "markersize": 5.0}
        handles = [*legend.legend_handles, Line2D([], [], **marks, label="rows of the data set")]
        handles.append(Line2D([], [], **marks, markerfacecolor="white", label="Gaussian rows"))
        style.generations_axis(ax, "excess error (variance of the label = 1)")
        ax.set_yscale("log")
        ax.legend(handles=handles, frameon=False, ncols=2, loc="upper left")
        low, high = ax.get_ylim()
        ax.set_ylim(low, high * (high / low) ** 0.4)  # room for the legend

    def _chain(self, data: RealData, penalty: float) -> Chain:
        return replace(data.population, self.generations, self.rows, data.noise, Ridge(penalty))


@final
@dataclass(frozen=True)
class DigitsPolynomial(Digits):
    """Under a polynomial kernel (1 + x'z/64)^degree.

    Args:
        degree: of the polynomial.
    """

    name: ClassVar[str] = "digits-polynomial"
    title: ClassVar[str] = "Real digits, polynomial kernel"

    degree: int = 3

    @property
    def kernel(self) -> str:
        """The kernel, in words."""
        return f"polynomial kernel of degree {self.degree}"

    @property
    def parameters(self) -> dict[str, Any]:
        """Of scikit-learn's `Nystroem`."""
        return {"kernel": "polynomial", "degree": self.degree, "coef0": 1.0, "gamma": 1.0 / 64}


@final
@dataclass(frozen=True)
class DigitsRbf(Digits):
    """Under a Gaussian kernel exp(-|x - z|^2/(2 length^2)), pixels between 0 and 1.

    Args:
        length: of the kernel.
    """

    name: ClassVar[str] = "digits-rbf"
    title: ClassVar[str] = "Real digits, Gaussian (RBF) kernel"

    length: float = 2.0

    @property
    def kernel(self) -> str:
        """The kernel, in words."""
        return f"Gaussian (RBF) kernel of length {self.length:g}, pixels between 0 and 1"

    @property
    def parameters(self) -> dict[str, Any]:
        """Of scikit-learn's `Nystroem`."""
        return {"kernel": "rbf", "gamma": 1.0 / (2.0 * self.length**2)}


def _digits(name: str) -> tuple[Any, Any]:
    """The data set and Nystroem's method, both of scikit-learn."""
    try:
        from sklearn.datasets import load_digits
        from sklearn.kernel_approximation import Nystroem
    except ImportError:
        raise MissingExtra(f"the picture {name!r}", "scikit-learn", "report") from None
    return load_digits(), Nystroem

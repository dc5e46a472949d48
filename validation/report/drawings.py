"""The figures of the report, drawn from the numbers in its JSON file and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...theory.problem import Coefficients, Eigenvalues, Population
from ..figures import plot_covariates, plot_decomposition, plot_generations, plot_population, style
from ..measured import Array
from .svg import inline_svg

Section = Mapping[str, Any]


@final
@dataclass(frozen=True, eq=False)
class Theory:
    """The prediction of a section."""

    error: Array
    bias: Array
    by_generation: Array


@final
@dataclass(frozen=True, eq=False)
class Experiment:
    """An experiment of a section."""

    mean: Array
    standard_error: Array


def error_drawing(name: str, sections: Sequence[Section]) -> Markup:
    """Theory and both experiments, one panel for each regime."""

    def panel(section: Section, ax: Axes) -> None:
        measured = {
            "Gaussian rows": _experiment(section["gaussian"]),
            "rows of the data set": _experiment(section["real"]),
        }
        plot_generations(_theory(section), measured, ax=ax)

    description = "Excess error over generations: theory, Gaussian simulation, and rows of the data set"
    return _panels(f"error-{name}", description, sections, panel)


def covariates_drawing(name: str, sections: Sequence[Section]) -> Markup:
    """Error on real rows over error on Gaussian rows, one panel for each regime."""

    def panel(section: Section, ax: Axes) -> None:
        plot_covariates(_experiment(section["gaussian"]), _experiment(section["real"]), ax=ax)

    description = "Error on rows of the data set over error on Gaussian rows, by generation"
    return _panels(f"covariates-{name}", description, sections, panel)


def decomposition_drawing(name: str, sections: Sequence[Section]) -> Markup:
    """Bias and label noise of every generation, one panel for each regime."""

    def panel(section: Section, ax: Axes) -> None:
        plot_decomposition(_theory(section), ax=ax)

    description = "Excess error split into bias and the label noise of each generation"
    return _panels(f"decomposition-{name}", description, sections, panel, legend_height=0.35)


def population_drawing(name: str, eigenvalues: Sequence[float], truth: Sequence[float]) -> Markup:
    """Spectrum and signal of a data set."""
    ax = plot_population(Population(Eigenvalues(eigenvalues), Coefficients(truth)), ax=style.axes(None, 4.4, 3.2))
    return inline_svg(ax, f"population-{name}", "Eigenvalues and signal of every direction")


def _panels(
    name: str,
    description: str,
    sections: Sequence[Section],
    draw: Callable[[Section, Axes], None],
    legend_height: float = 0.3,
) -> Markup:
    """One panel for each section side by side, with one legend above them all."""
    count = len(sections)
    figure = Figure(figsize=(min(3.3 * count, 9.9), 3.0 + legend_height), layout="constrained")
    panels = [style.axes(figure.add_subplot(1, count, index)) for index in range(1, count + 1)]
    for section, ax in zip(sections, panels, strict=True):
        draw(section, ax)
        ax.set_title(f"{section['rows']} rows, penalty {section['penalty']:g}", loc="left", fontsize="medium")
        ax.spines[["top", "right"]].set_visible(False)
        if ax is not panels[0]:
            ax.set_ylabel("")
    handles, labels = panels[0].get_legend_handles_labels()
    for ax in panels:
        ax.get_legend().remove()  # type: ignore[union-attr]
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels), frameon=False)
    return inline_svg(panels[0], name, description)


def _theory(section: Section) -> Theory:
    theory = section["theory"]
    return Theory(*(np.array(theory[name], dtype=np.float64) for name in ("error", "bias", "by_generation")))


def _experiment(measured: Mapping[str, Any]) -> Experiment:
    return Experiment(*(np.array(measured[name], dtype=np.float64) for name in ("mean", "standard_error")))

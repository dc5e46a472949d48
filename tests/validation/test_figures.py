"""Figures: they draw the numbers they are given, on the axes they are given, and leave matplotlib as it was."""

import inspect
from dataclasses import dataclass

import matplotlib
import matplotlib._pylab_helpers
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modelcollapse.theory.problem import Coefficients, Eigenvalues, Population, PowerLaw, SourceCondition
from modelcollapse.validation import figures


@dataclass(frozen=True)
class Theory:
    error: np.ndarray
    bias: np.ndarray
    by_generation: np.ndarray


@dataclass(frozen=True)
class Experiment:
    mean: np.ndarray
    standard_error: np.ndarray


THEORY = Theory(
    np.array([0.3, 0.5, 0.6]), np.array([0.1, 0.2, 0.2]), np.diag([0.2, 0.3, 0.1]) + np.diag([0.0, 0.3], -1)
)
GAUSSIAN = Experiment(np.array([0.31, 0.49, 0.62]), np.array([0.01, 0.02, 0.02]))
REAL = Experiment(np.array([0.40, 0.49, 0.60]), np.array([0.02, 0.03, 0.04]))
POPULATION = Population(PowerLaw(30, 1.5), SourceCondition(0.5))

DRAWINGS = {
    "plot_covariates": lambda ax: figures.plot_covariates(GAUSSIAN, REAL, ax=ax),
    "plot_decomposition": lambda ax: figures.plot_decomposition(THEORY, ax=ax),
    "plot_generations": lambda ax: figures.plot_generations(THEORY, {"Gaussian": GAUSSIAN, "real": REAL}, ax=ax),
    "plot_population": lambda ax: figures.plot_population(POPULATION, effective_ridge=0.1, ax=ax),
}


def public_plots():
    return {name: plot for name, plot in vars(figures).items() if name.startswith("plot_")}


def test_every_plot_takes_ax_and_returns_axes():
    for plot in public_plots().values():
        signature = inspect.signature(plot)
        assert signature.parameters["ax"].default is None
        assert signature.return_annotation == "Axes"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_new_figure_is_made_without_pyplot_and_with_settings_untouched(name):
    before = dict(matplotlib.rcParams)
    axes = DRAWINGS[name](None)
    axes.figure.canvas.draw()
    assert isinstance(axes, Axes)
    assert dict(matplotlib.rcParams) == before
    assert not matplotlib._pylab_helpers.Gcf.figs


@pytest.mark.parametrize("name", DRAWINGS)
def test_axes_that_are_given_are_drawn_on(name):
    figure = Figure()
    ax = figure.add_subplot()
    assert DRAWINGS[name](ax) is ax
    assert figure.axes == [ax]
    assert ax.get_xlabel()
    assert ax.get_legend() is not None


def test_theory_is_a_line_and_experiments_are_dots_with_95_percent_bars():
    ax = figures.plot_generations(THEORY, {"Gaussian": GAUSSIAN})
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), THEORY.error)
    (container,) = ax.containers
    dots, _, (bars,) = container.lines
    np.testing.assert_array_equal(dots.get_ydata(), GAUSSIAN.mean)
    lengths = [segment[1, 1] - segment[0, 1] for segment in bars.get_segments()]
    np.testing.assert_allclose(lengths, 2 * 1.96 * GAUSSIAN.standard_error, rtol=1e-4)


def test_experiments_differ_in_colour_and_in_marker():
    ax = figures.plot_generations(THEORY, {str(n): GAUSSIAN for n in range(4)})
    looks = {(c.lines[0].get_color(), c.lines[0].get_marker()) for c in ax.containers}
    assert len(looks) == len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == 4


def test_the_pile_of_the_decomposition_is_as_high_as_the_error():
    ax = figures.plot_decomposition(THEORY)
    tops = np.zeros(3)
    for container in ax.containers:
        tops += [bar.get_height() for bar in container]
    np.testing.assert_allclose(tops, THEORY.bias + THEORY.by_generation.sum(1))


def test_infinite_errors_leave_gaps():
    infinite = Theory(np.array([0.3, np.inf]), np.array([0.1, np.inf]), np.array([[0.2, 0.0], [np.inf, np.inf]]))
    figures.plot_decomposition(infinite).figure.canvas.draw()
    figures.plot_generations(infinite).figure.canvas.draw()


def test_directions_without_variance_or_signal_are_left_out():
    population = Population(Eigenvalues([2.0, 1.0, 0.0]), Coefficients([1.0, 0.0, 1.0]))
    eigenvalues, signal = figures.plot_population(population).lines
    np.testing.assert_array_equal(eigenvalues.get_xdata(), [1, 2])
    np.testing.assert_array_equal(signal.get_xdata(), [1])


def test_the_ratio_of_covariates_is_drawn_with_its_bars():
    ax = figures.plot_covariates(GAUSSIAN, REAL)
    np.testing.assert_allclose(ax.containers[0].lines[0].get_ydata(), REAL.mean / GAUSSIAN.mean)

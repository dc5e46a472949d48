"""Figures of mixtures and of mixing loops: they show what the functions return, gaps where it is infinite."""

from dataclasses import dataclass
from types import SimpleNamespace

import matplotlib
import matplotlib._pylab_helpers
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

import modelcollapse as mc
from modelcollapse.validation import figures
from modelcollapse.validation.claims.strong_collapse import mixture
from modelcollapse.validation.figures import style

CHAIN = mixture(mc.Isotropic(100), shift=1.0, noise=0.3, rows=1000)
NARROW = mixture(mc.Isotropic(100), shift=1.0, noise=0.3, rows=1000, width=20)
ROWS = np.geomspace(200, 1e12, 64)
AROUND = np.array([20.0, 50.0, 100.0, 150.0, 400.0])


@dataclass(frozen=True)
class Generations:
    error: np.ndarray
    bias: np.ndarray
    by_generation: np.ndarray


@dataclass(frozen=True)
class Experiment:
    mean: np.ndarray
    standard_error: np.ndarray


def widths(tuned=False, error=(2.0, np.inf, 1.0)):
    """A study of three widths, infinite at as many as rows."""
    return SimpleNamespace(
        chain=NARROW,
        widths=[500.0, 1000.0, 2000.0],
        error=error,
        real_error=[1.5, np.inf, 0.7],
        collapse=[0.5, np.inf, 0.3],
        gap=[0.6, np.inf, 0.4],
        tuned=tuned,
    )


FRESH = Generations(np.array([0.1, 0.2]), np.array([0.1, 0.1]), np.zeros((2, 2)))
KEPT = Generations(np.array([0.1, 0.15]), np.array([0.1, 0.1]), np.zeros((2, 2)))
SEEN = Experiment(np.array([0.11, 0.19]), np.array([0.01, 0.02]))
SHARES = np.linspace(0.1, 0.9, 9)
PARABOLA = np.array([np.inf, *(1 + (SHARES[1:] - 0.6) ** 2)])
GROWTH = np.outer([2.0, 1.0, 0.5], np.linspace(1.2, 0.4, 9))
LOOP = np.where(GROWTH < 1, 0.1 / np.where(GROWTH < 1, 1 - GROWTH, 1.0), np.inf)

DRAWINGS = {
    "plot_plateau": lambda ax: figures.plot_plateau(CHAIN, [0.0, 1e-3, 1e-2], ROWS, ax=ax),
    "plot_double_descent": lambda ax: figures.plot_double_descent(CHAIN, AROUND, [0.0, 0.5], ax=ax),
    "plot_collapse_versus_width": lambda ax: figures.plot_collapse_versus_width(widths(), ax=ax),
    "plot_clean_rate": lambda ax: figures.plot_clean_rate([1e3, 1e4], {"a": [2.0, 3.0], "b": [1.0, 1.5]}, ax=ax),
    "plot_real_share": lambda ax: figures.plot_real_share(SHARES, {"a": PARABOLA}, {"a": 0.6}, ax=ax),
    "plot_projection_generations": lambda ax: figures.plot_projection_generations(
        {"fresh": FRESH, "kept": KEPT}, {"fresh": SEEN}, ax=ax
    ),
    "plot_boundedness": lambda ax: figures.plot_boundedness(SHARES, [0.5, 1.0, 2.0], GROWTH, LOOP, ax=ax),
}
WITH_COLOURS = "plot_boundedness"


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
    assert len(figure.axes) == (2 if name == WITH_COLOURS else 1)  # the second is the scale of colours
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert ax.get_legend() is not None


def dots(ax):
    """Marked points, without those that only stand in the legend."""
    return [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata())]


def test_plateaus_are_where_the_lines_end_and_start_where_theory_says():
    """Plateaus f^2 c^2, from (sigma^2 - f (1 - f) c^2) r/(f c)^2 rows on: what disagrees is there from the start."""
    ax = DRAWINGS["plot_plateau"](None)
    clean, *mixed = [line for line in ax.lines if len(line.get_xdata()) == len(ROWS)]
    levels = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == ":"]
    np.testing.assert_allclose(levels, [1e-6, 1e-4], rtol=1e-6)
    np.testing.assert_allclose([line.get_ydata()[-1] for line in mixed], levels, rtol=1e-4)
    assert clean.get_ydata()[-1] < 1e-10
    np.testing.assert_allclose([dot.get_xdata()[0] for dot in dots(ax)], [8.9e6, 8.01e4], rtol=0.01)


def test_a_plateau_that_starts_outside_the_picture_is_not_marked():
    assert dots(figures.plot_plateau(CHAIN, [1e-6, 0.9], np.geomspace(200, 1e4, 64))) == []


def test_the_peak_is_a_gap_with_a_name():
    ax = DRAWINGS["plot_double_descent"](None)
    for line in ax.lines[:2]:
        np.testing.assert_array_equal(np.isnan(line.get_ydata()), AROUND == 100)
    assert ax.lines[2].get_xdata()[0] == 100
    assert [text.get_text() for text in ax.texts] == ["rows = rank"]
    narrow = figures.plot_double_descent(NARROW, AROUND, [0.0])
    assert narrow.lines[1].get_xdata()[0] == 20
    assert [text.get_text() for text in narrow.texts] == ["rows = width"]


def test_widths_are_drawn_with_a_gap_at_the_rows():
    ax = DRAWINGS["plot_collapse_versus_width"](None)
    assert len(ax.lines) == 4
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), [0.5, np.nan, 0.3])
    assert ax.lines[3].get_xdata()[0] == 1000
    tuned = figures.plot_collapse_versus_width(widths(tuned=True))
    np.testing.assert_array_equal(tuned.lines[3].get_ydata(), [0.6, np.nan, 0.4])


def test_a_peak_is_cut():
    high = widths(error=[2.0, 1e9, 1.0])
    assert figures.plot_collapse_versus_width(high).get_ylim()[1] < 1e3


def test_what_equals_the_clean_rate_is_not_on_a_logarithmic_axis():
    ax = DRAWINGS["plot_clean_rate"](None)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [np.nan, 0.5])


def test_the_best_share_is_a_dot_on_its_curve():
    ax = DRAWINGS["plot_real_share"](None)
    curve, dot, golden = ax.lines
    assert len(curve.get_xdata()) == len(SHARES) - 1
    assert min(curve.get_ydata()) == dot.get_ydata()[0] == pytest.approx(1.0)
    assert dot.get_xdata()[0] == 0.6
    assert golden.get_xdata()[0] == pytest.approx((5**0.5 - 1) / 2)


def test_experiments_have_the_colour_of_their_theory():
    ax = DRAWINGS["plot_projection_generations"](None)
    (bars,) = ax.containers
    assert to_rgba(bars.lines[0].get_color()) == to_rgba(style.BLUE)
    np.testing.assert_array_equal(bars.lines[0].get_ydata(), SEEN.mean)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), FRESH.error)


def test_unbounded_loops_have_no_colour():
    ax = DRAWINGS["plot_boundedness"](None)
    mesh = ax.collections[0]
    np.testing.assert_array_equal(np.ma.getmaskarray(mesh.get_array()), GROWTH >= 1)


def test_loops_that_are_all_bounded_or_all_unbounded_are_drawn():
    for factor in (0.1, 10.0):
        growth = factor * np.ones((2, 2))
        ax = figures.plot_boundedness([0.1, 0.9], [1.0, 2.0], growth, np.ones((2, 2)))
        ax.figure.canvas.draw()

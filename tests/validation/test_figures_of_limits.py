"""The figure of errors in the end: lines where they are finite, a mark where they begin to be."""

import matplotlib
import matplotlib._pylab_helpers
import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from modelcollapse.validation import figures
from modelcollapse.validation.figures import style

RATIOS = np.array([1.2, 1.5, 2.0, 10.0])
LIMITS = {"a tenth": [np.inf, np.inf, 3.0, 0.5], "all": [2.0, 1.0, 0.5, 0.1]}


def drawn(ax=None):
    return figures.plot_limits(RATIOS, LIMITS, {"a tenth": 1.6}, ax=ax)


def test_a_new_figure_is_made_without_pyplot_and_with_settings_untouched():
    before = dict(matplotlib.rcParams)
    drawn().figure.canvas.draw()
    assert dict(matplotlib.rcParams) == before
    assert not matplotlib._pylab_helpers.Gcf.figs


def test_axes_that_are_given_are_drawn_on():
    ax = Figure().add_subplot()
    assert drawn(ax) is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("rows / dimension", "excess error in the end")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [*LIMITS, "bounded from here on"]


def test_what_is_infinite_is_no_line():
    first, mark, second, _ = drawn().lines
    np.testing.assert_array_equal(first.get_ydata(), [np.nan, np.nan, 3.0, 0.5])
    np.testing.assert_array_equal(second.get_ydata(), LIMITS["all"])
    assert mark.get_xdata()[0] == 1.6


def test_a_threshold_has_the_colour_of_its_line_and_lines_differ_without_colour():
    first, mark, second, _ = drawn().lines
    assert to_rgba(mark.get_color()) == to_rgba(first.get_color()) == to_rgba(style.BLUE)
    assert first.get_linestyle() != second.get_linestyle()

"""The figure of a scaling law: its lines are the law, its marks the theorem, its legend their slopes."""

import matplotlib
import matplotlib._pylab_helpers
import numpy as np
from matplotlib.figure import Figure

from modelcollapse.theory.asymptotics import Demystified, scaling_law
from modelcollapse.theory.evaluation.law_errors import errors_along
from modelcollapse.validation import figures

ROWS = np.geomspace(1e3, 1e5, 3)
FAMILY = Demystified(1.5, 0.5, 0.45, 0, 0.8, 0.5)
LAW = scaling_law(FAMILY)


def test_a_new_figure_is_made_without_pyplot_and_with_settings_untouched():
    before = dict(matplotlib.rcParams)
    figures.plot_scaling_law(LAW, ROWS).figure.canvas.draw()
    assert dict(matplotlib.rcParams) == before
    assert not matplotlib._pylab_helpers.Gcf.figs


def test_marks_are_the_theorem_and_lines_the_law():
    ax = Figure().add_subplot()
    assert figures.plot_scaling_law(LAW, ROWS, ax=ax) is ax
    exact = errors_along(FAMILY, ROWS)
    marks = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == len(ROWS)]
    np.testing.assert_array_equal(marks, [exact.bias, exact.variance, exact.collapse])
    lines = [line for line in ax.lines if len(line.get_xdata()) > len(ROWS)]
    total = sum(line.get_ydata() for line in lines)
    np.testing.assert_allclose(total, LAW.error_at(lines[0].get_xdata()), rtol=1e-12)


def test_the_legend_gives_both_slopes():
    exact = errors_along(FAMILY, ROWS).bias
    slope = np.log10(exact[-1] / exact[-2])
    legend = figures.plot_scaling_law(LAW, ROWS).get_legend()
    texts = [text.get_text() for text in legend.get_texts()]
    assert "theorem (law)" in legend.get_title().get_text()
    assert texts[0] == f"bias: {slope:.3f} (-0.450)"
    assert len(texts) == 3
    assert texts[2].startswith("collapse, two terms: ")


def test_a_collapse_term_of_one_term_says_no_more():
    law = scaling_law(Demystified(1.5, 0.5, 0.45))
    texts = [text.get_text() for text in figures.plot_scaling_law(law, ROWS, dimension=100).get_legend().get_texts()]
    assert texts[2].startswith("collapse: ")


def test_what_is_zero_is_not_drawn():
    family = Demystified(1.5, 0.5, 0.45, 0, 0.8, 0.5, generator_noise=0)
    ax = figures.plot_scaling_law(scaling_law(family), ROWS)
    assert len(ax.get_legend().get_texts()) == 2

"""Several curves on the same axes: lines are theory, marks are simulation."""

import numpy as np

from modelcollapse.validation.figures import Curve, Points, plot_curves, plot_points, style

SIMULATED = Points([1.0, 3.0], [0.2, 0.4], [0.01, 0.02])
CURVES = [Curve("both", [1, 2, 3], [0.1, np.inf, 0.3], SIMULATED), Curve("theory alone", [1, 2], [0.5, 0.6])]


def test_lines_have_gaps_where_theory_is_infinite():
    ax = plot_curves(CURVES)
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_array_equal(lines["both"], [0.1, np.nan, 0.3])
    np.testing.assert_array_equal(lines["theory alone"], [0.5, 0.6])


def test_bars_are_95_percent_intervals():
    ((dots, _, (bars,)),) = (container.lines for container in plot_curves(CURVES).containers)
    np.testing.assert_array_equal(dots.get_data(), (SIMULATED.at, SIMULATED.mean))
    lengths = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
    np.testing.assert_allclose(lengths, 2 * 1.96 * np.array(SIMULATED.standard_error), rtol=1e-4)


def test_the_legend_shows_a_line_where_there_is_theory_and_a_mark_where_there_is_simulation():
    nothing = Curve("simulation alone", [1, 2], [np.nan, np.nan], SIMULATED)
    both, theory, simulation = plot_curves([*CURVES, nothing]).get_legend().legend_handles
    assert (both.get_linestyle(), both.get_marker()) == ("-", "o")
    assert theory.get_marker() in (None, "None")
    assert (simulation.get_linestyle(), simulation.get_marker()) == ("None", "^")
    assert [handle.get_label() for handle in (both, simulation)] == ["both", "simulation alone"]


def test_the_legend_has_its_title():
    legend = plot_curves(CURVES, title="two of them", place="upper left").get_legend()
    assert legend.get_title().get_text() == "two of them"


def test_looks_differ_in_each_respect():
    for respect in zip(*style.CURVES, strict=True):
        assert len(set(map(str, respect))) == len(style.CURVES)


def test_hollow_marks_are_white_inside():
    ax = plot_points(SIMULATED.moved(0.5), style.CURVES[1], hollow=True)
    (dots,) = (container.lines[0] for container in ax.containers)
    assert (dots.get_markerfacecolor(), dots.get_color()) == ("white", style.CURVES[1].colour)
    np.testing.assert_array_equal(dots.get_xdata(), [1.5, 3.5])


def test_plain_ticks_are_plain_numbers():
    ax = plot_curves(CURVES)
    ax.set_yscale("log")
    style.plain_ticks(ax.yaxis, [0.1, 0.5])
    ax.figure.canvas.draw()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0.1", "0.5"]
    assert not any(tick.get_text() for tick in ax.get_yticklabels(minor=True))

"""Figures of policies and verifiers: they draw the numbers they are given, and mark what they say they mark."""

import numpy as np

from modelcollapse.validation.figures import plot_proxy, plot_schemes, plot_tries


def lines_of(ax):
    return {line.get_label(): line for line in ax.lines}


def names_in(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_schemes_against_generations():
    errors = {"replace": [1.0, 2.0, 3.0], "accumulate": [1.0, 1.25, 1.36]}
    ax = plot_schemes(errors, start=0.5)
    for name, values in errors.items():
        np.testing.assert_array_equal(lines_of(ax)[name].get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(lines_of(ax)[name].get_ydata(), values)
    assert list(lines_of(ax)["model 0"].get_ydata()) == [0.5, 0.5]
    assert (ax.get_yscale(), ax.get_ylabel()) == ("log", "excess error")
    plain = plot_schemes(errors, logarithmic=False)
    assert (plain.get_yscale(), plain.get_ylim()[0]) == ("linear", 0.0)
    assert "model 0" not in names_in(plain)


def test_many_schemes_are_told_apart():
    ax = plot_schemes({str(k): [1.0, 1.0 + k] for k in range(10)})
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 10


def test_tries_and_rows():
    ax = plot_tries([1, 2, 4], {"dropped": [0.2, 0.2, 0.2], "kept": [1.0, 0.8, 0.6]}, {"dropped": [0.4, 0.6, 0.8]})
    assert names_in(ax) == ["contraction, dropped", "rows kept, dropped", "contraction, kept"]
    np.testing.assert_array_equal(lines_of(ax)["rows kept, dropped"].get_ydata(), [0.4, 0.6, 0.8])
    ax.figure.canvas.draw()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "4"]


def test_the_proxy_is_wrong_in_two_quarters():
    ax = plot_proxy([0.3, -0.3, 0.1, -0.1, 0.2], [0.8, 0.2, 0.4, 0.6, 0.7], [0.5, 0.1, 0.3, 0.2, 0.9], 0.93)
    found = {name: list(line.get_xdata()) for name, line in lines_of(ax).items()}
    assert found["$p^*$ is wrong"] == [0.1, -0.1]
    assert found["student worse than verifier"] == [0.2]
    assert found["student better than verifier"] == [0.3, -0.3]
    assert list(lines_of(ax)["best classifier"].get_ydata()) == [0.93, 0.93]

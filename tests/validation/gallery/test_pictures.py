"""Pictures of the gallery: theory and simulation are both there, and lines are where closed forms put them."""

import sys
from functools import cache

import matplotlib
import matplotlib._pylab_helpers
import numpy as np
import pytest
import sklearn.datasets
import sklearn.kernel_approximation  # noqa: F401  it sets environment variables when first imported

import modelcollapse as mc
from modelcollapse.validation.gallery import GALLERY, DigitsRbf, picture_named

from .small import SMALL


@cache
def drawn(name):
    """The panels of a small picture, drawn once for all tests."""
    return SMALL[name].figure().axes


def theory_in(ax):
    """Legend entry -> (places, values) of its line."""
    return {line.get_label(): line.get_data() for line in ax.lines if not line.get_label().startswith("_")}


def marks_in(ax):
    """Places, means and half lengths of the bars of each simulated curve."""
    found = []
    for container in ax.containers:
        dots, _, (bars,) = container.lines
        lengths = [np.ptp(segment[:, 1]) / 2 for segment in bars.get_segments()]
        found.append((*dots.get_data(), np.array(lengths)))
    return found


def test_the_gallery_holds_the_figures_of_all_four_papers():
    assert list(GALLERY) == list(SMALL)
    assert {picture.paper.letter for picture in GALLERY.values()} == {"D", "S", "V", "G"}
    assert all(picture_named(name) is picture for name, picture in GALLERY.items())


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(mc.SpecificationError, match="plateau"):
        picture_named("figure 1")


@pytest.mark.parametrize("name", SMALL)
def test_theory_and_simulation_are_drawn_with_bars(name):
    panels = drawn(name)
    assert len(panels) == SMALL[name].panels
    assert all(ax.get_xlabel() for ax in panels)
    assert panels[0].get_ylabel()
    simulated = [marks for ax in panels for marks in marks_in(ax)]
    assert len(simulated) >= 2
    for _, means, bars in simulated:
        assert np.isfinite(means).all()
        assert np.all(bars > 0)
    lines = [line for ax in panels for line in theory_in(ax).values()]
    assert len(lines) >= 2
    assert all(np.isfinite(np.asarray(values, dtype=float)).all() for _, values in lines)


@pytest.mark.parametrize("name", SMALL)
def test_curves_differ_in_colour_marker_and_dashes(name):
    for ax in drawn(name)[:1]:
        handles = [line for line in ax.get_legend().legend_handles if line.get_linestyle() != "None"]
        assert len(handles) == len(theory_in(ax))
        looks = [(line.get_color(), line.get_marker(), str(line._unscaled_dash_pattern)) for line in handles]
        for kind in zip(*looks, strict=True):
            assert len(set(kind)) == len(handles)


@pytest.mark.parametrize("name", GALLERY)
def test_captions_say_how_to_read_and_where_it_is_from(name):
    picture = GALLERY[name]
    assert picture.text.startswith(picture.caption)
    assert picture.paper.arxiv in picture.text
    assert "95 % bars" in picture.text
    assert len(picture.caption) > 150


def test_settings_and_pyplot_are_left_alone():
    before = dict(matplotlib.rcParams)
    drawn("plateau")[0].figure.canvas.draw()
    assert dict(matplotlib.rcParams) == before
    assert not matplotlib._pylab_helpers.Gcf.figs


def test_without_noise_each_fit_keeps_the_ratio_of_rows_to_covariates():
    lines = theory_in(drawn("overparameterised")[0])
    for ratio in (0.5, 0.8):
        places, values = lines[f"rows/covariates {ratio:g}"]
        np.testing.assert_allclose(values, 1 - ratio**places, rtol=1e-12)


def test_marks_of_an_exact_theory_lie_on_its_line():
    """T_0/d of the signal is kept on average, at any size: no mark is five standard errors away."""
    for places, means, bars in marks_in(drawn("overparameterised")[0]):
        ratio = 0.5 if means[0] > 0.35 else 0.8
        assert np.all(np.abs(means - (1 - ratio**places)) < 5 * bars / 1.96)


def test_accumulated_rows_stay_below_their_bound():
    few = drawn("accumulate-replace")[1]
    lines = theory_in(few)
    places = np.arange(1, 3)
    np.testing.assert_allclose(lines["replace"][1], places, rtol=1e-12)
    np.testing.assert_allclose(lines["accumulate, same covariates"][1], np.cumsum(1 / places**2), rtol=1e-12)
    fresh = np.cumsum(1 / (places * (10.0 * places - 3)))  # d = 2, n = 10
    np.testing.assert_allclose(lines["accumulate, fresh covariates"][1], 7 * fresh, rtol=1e-12)
    assert "accumulate, sample of all" not in lines  # no theory, yet simulated
    assert len(marks_in(few)) == 4


def test_the_plateau_is_where_the_line_ends():
    (ax,) = drawn("plateau")
    (level,) = ax.collections[-1].get_segments()
    values = theory_in(ax)["$f = 0.1$"][1]
    assert level[0, 1] == pytest.approx(0.5 * 0.1**2, rel=1e-3)
    assert values[-1] == pytest.approx(level[0, 1], rel=0.05)
    real = theory_in(ax)["none"][1]
    assert real[-1] < values[-1] / 50


def test_the_classifier_turns_at_the_transition():
    left, right = drawn("transition")
    for rates, values in theory_in(left).values():
        assert np.interp(0.75, rates, values) == pytest.approx(0.5, abs=1e-9)
    rates, values = theory_in(right)["70 % / 70 %"]
    assert values[rates == 0.5] == pytest.approx(0.5, abs=1e-9)


def test_the_best_penalty_grows_with_the_generators():
    left, right = drawn("adaptive-ridge")
    stars = [line.get_xdata()[0] for line in left.lines if line.get_marker() == "*"]
    assert stars[1] > stars[0]
    plain, adapted = (values for _, values in theory_in(right).values())
    assert np.all(np.asarray(adapted) <= np.asarray(plain))


def test_slopes_are_those_of_the_errors():
    left, right = drawn("scaling-law")
    rows, errors = theory_in(left)["$n = 2$"]
    slope = np.diff(np.log(errors)) / np.diff(np.log(rows))
    places, shown = theory_in(right)["$n = 2$"]
    assert shown == pytest.approx(slope)
    assert np.all((rows[:-1] < places) & (places < rows[1:]))


def test_the_best_penalty_is_never_worse_than_a_given_one():
    fixed, tuned = (theory_in(ax) for ax in drawn("width"))
    for name, (_, values) in fixed.items():
        assert np.all(tuned[name][1] <= values * (1 + 1e-9))


def test_real_rows_and_gaussian_rows_stand_side_by_side():
    marks = marks_in(drawn("digits-rbf")[0])
    assert len(marks) == 4
    np.testing.assert_allclose(marks[2][0] - marks[0][0], 0.25)


def test_digits_without_scikit_learn_name_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.kernel_approximation", None)
    with pytest.raises(mc.MissingExtra, match="scikit-learn"):
        DigitsRbf().data()

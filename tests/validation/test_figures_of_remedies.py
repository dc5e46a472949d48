"""Figures of remedies: winners as areas, boundaries as lines, every remedy's errors."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.remedies import (
    AccumulateRows,
    BudgetFactor,
    Mix,
    Noise,
    OnlyReal,
    RemedyMap,
    Replace,
    VerifyShare,
    best_policy,
    remedy_map,
)
from modelcollapse.validation.figures import plot_best_policies, plot_remedy_map

POPULATION = mc.Population(mc.Isotropic(20), mc.UniformTarget())


@pytest.fixture(scope="module")
def found():
    axes = {"x": Noise((0.3, 0.6, 1.0)), "y": BudgetFactor((1.0, 2.0, 4.0))}
    given = {"noise": 0.5, "real_noise": 0.5, "endless": True}
    return remedy_map(POPULATION, mc.Budget(100, 100), 2, [Mix(every_row=True), OnlyReal()], **axes, **given)


def names_in(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_map_of_remedies(found):
    ax = plot_remedy_map(found)
    [areas] = ax.collections
    np.testing.assert_array_equal(np.asarray(areas.get_array()).reshape(3, 3), found.winner)
    [curve] = found.curves
    whole, decisive, points = ax.lines
    np.testing.assert_allclose(whole.get_xdata(), curve.x)
    assert len(points.get_xdata()) == 9
    np.testing.assert_allclose(decisive.get_ydata(), curve.y)
    assert names_in(ax)[:2] == ["real and all synthetic rows", "real rows only"]
    assert names_in(ax)[2].startswith("real and all synthetic rows against real rows only:\nnoisiest synthetic rows")
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")  # as the values are spaced
    ax.figure.canvas.draw()


def test_only_remedies_that_win_take_a_colour(found):
    """Of nine remedies seven may win; with eight winners there is no map."""
    sizes = {"situation": found.situation, "x": found.x, "y": found.y, "curves": ()}
    titles = tuple(f"remedy {place}" for place in range(9))
    errors = np.full((9, 3, 3), 2.0)
    for cell in range(9):
        errors[2 + cell % 7].flat[cell] = 1.0
    ax = plot_remedy_map(RemedyMap(**sizes, titles=titles, errors=errors))
    assert names_in(ax) == [*titles[2:], "computed points"]
    errors[1].flat[8] = 0.5
    with pytest.raises(mc.SpecificationError, match="up to 7 remedies win"):
        plot_remedy_map(RemedyMap(**sizes, titles=titles, errors=errors))


def test_where_no_remedy_helps_the_map_is_white():
    empty = remedy_map(
        POPULATION,
        mc.Budget(0, 100, 100),
        2,
        [VerifyShare(0.1)],
        x=BudgetFactor((1.0, 8.0)),
        y=Noise((0.3, 0.6)),
        noise=0.5,
        verifier=mc.UniformTarget(0.1),
    )
    ax = plot_remedy_map(empty)
    assert names_in(ax) == ["verify, 0.1 kept", "no remedy has a finite error", "computed points"]
    [areas] = ax.collections
    assert areas.to_rgba(areas.get_array())[0, 0].tolist() == [1.0, 1.0, 1.0, 1.0]


def test_the_errors_of_the_best_policies():
    study = best_policy(POPULATION, mc.Budget(synthetic_rows=60), 3, [Replace(), AccumulateRows()], noise=0.5)
    ax = plot_best_policies(study)
    assert names_in(ax) == ["accumulate", "replace"]
    for line, policy in zip(ax.lines, study.policies, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), policy.by_generation)

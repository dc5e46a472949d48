"""Pictures with sliders: a widget where there are widgets, a picture everywhere."""

import sys

import pytest
from matplotlib.figure import Figure

from modelcollapse.theory.problem import SpecificationError
from modelcollapse.validation.figures import Slider, explore, style

WIDGET = "application/vnd.jupyter.widget-view+json"


def drawn(slope, shift):
    ax = style.axes(None)
    ax.plot([0, 1], [shift, shift + slope])
    return ax


@pytest.fixture
def explorer():
    return explore(drawn, slope=Slider(1.0, 0.0, 2.0), shift=Slider(0.1, 1e-3, 1.0, logarithmic=True))


def test_it_starts_where_the_sliders_start_and_goes_where_it_is_told(explorer):
    assert isinstance(explorer.at(), Figure)
    assert list(explorer.at().axes[0].lines[0].get_ydata()) == [0.1, 1.1]
    assert list(explorer.at(shift=1.0).axes[0].lines[0].get_ydata()) == [1.0, 2.0]


def test_a_widget_with_a_picture_behind_it(explorer):
    pytest.importorskip("ipywidgets")
    bundle = explorer._repr_mimebundle_()
    assert WIDGET in bundle
    assert bundle["image/png"].startswith(b"\x89PNG")


def test_a_picture_without_widgets(explorer, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain"}
    assert bundle["text/plain"] == "a picture with sliders: slope, shift"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("most", (1.0, 2.0, 1.0)),
        ("start", (3.0, 0.0, 2.0)),
        ("least", (1.0, 0.0, 2.0, True)),
        ("start", (float("nan"), 0.0, 2.0)),
    ],
)
def test_impossible_sliders(field, values):
    with pytest.raises(SpecificationError, match=f"^{field}: "):
        Slider(*values)


def test_a_slider_of_a_known_name(explorer):
    with pytest.raises(SpecificationError, match="slope, shift"):
        explorer.at(width=1.0)
    with pytest.raises(SpecificationError, match="at least one"):
        explore(drawn)

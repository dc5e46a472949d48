"""Pictures with sliders, and a picture without them wherever sliders cannot be shown."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log10
from typing import Any, final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...theory.problem import checks
from ...theory.problem.errors import SpecificationError

STEPS = 60  # of a slider, from end to end


@final
@dataclass(frozen=True)
class Slider:
    """A number that a reader may move.

    Args:
        start: where it stands at first, from `least` to `most`.
        least: its lower end, below `most`.
        most: its upper end.
        logarithmic: whether equal ways are equal factors; then `least` > 0.

    Raises:
        SpecificationError: for impossible values.
    """

    start: float
    least: float
    most: float
    logarithmic: bool = False

    def __post_init__(self) -> None:
        for name in ("start", "least", "most"):
            checks.real(name, getattr(self, name))
        if not self.least < self.most:
            raise SpecificationError("most", self.most, f"more than `least`, {self.least}")
        if not self.least <= self.start <= self.most:
            raise SpecificationError("start", self.start, f"from {self.least} to {self.most}")
        if self.logarithmic and not self.least > 0:
            raise SpecificationError("least", self.least, "> 0 for a logarithmic slider")


@final
class Explorer:
    """A drawing function with sliders for its arguments, where the front end has ipywidgets; else its first picture.

    A notebook that is read on paper, on a page or without ipywidgets shows the first picture.

    Args:
        draw: named numbers -> axes; each call draws anew, from theory only, so that it keeps up with a hand.
        sliders: the arguments, by name.
    """

    def __init__(self, draw: Callable[..., Axes], sliders: Mapping[str, Slider]) -> None:
        self._draw, self._sliders = draw, dict(sliders)

    def at(self, **values: float) -> Figure:
        """The picture at some values, those of the sliders' starts where none is given."""
        unknown = values.keys() - self._sliders.keys()
        if unknown:
            raise SpecificationError("values", sorted(unknown), f"some of {', '.join(self._sliders)}")
        figure = self._draw(**{name: slider.start for name, slider in self._sliders.items()} | values).figure
        assert isinstance(figure, Figure)
        return figure

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        still = {"image/png": _png(self.at()), "text/plain": f"a picture with sliders: {', '.join(self._sliders)}"}
        try:
            import ipywidgets
        except ImportError:
            return still
        return {**_with_sliders(ipywidgets, self._draw, self._sliders), **still}


def explore(draw: Callable[..., Axes], **sliders: Slider) -> Explorer:
    """Sliders for the arguments of a drawing function.

    Args:
        draw: numbers, by the names of the sliders -> axes.
        sliders: for each of them.

    Returns:
        What a notebook shows as sliders above a picture, or as a picture (see `Explorer`).

    Raises:
        SpecificationError: without a slider.

    >>> from modelcollapse.validation.figures import style
    >>> explorer = explore(lambda slope: style.axes(None).plot([0, 1], [0, slope])[0].axes, slope=Slider(1.0, 0.0, 2.0))
    >>> explorer.at(slope=2.0).axes[0].lines[0].get_ydata()
    array([0., 2.])
    """
    if not sliders:
        raise SpecificationError("sliders", sliders, "at least one, by the name of an argument")
    return Explorer(draw, sliders)


def _with_sliders(ipywidgets: Any, draw: Callable[..., Axes], sliders: Mapping[str, Slider]) -> dict[str, Any]:
    """The widget's own bundle, which front ends that know widgets prefer to a picture."""
    from IPython.display import Image, display

    def show(**values: float) -> None:
        display(Image(_png(draw(**values).figure)))  # type: ignore[no-untyped-call]

    handles = {name: _handle(ipywidgets, name, slider) for name, slider in sliders.items()}
    shown = ipywidgets.interactive_output(show, handles)
    bundle: dict[str, Any] = ipywidgets.VBox([*handles.values(), shown])._repr_mimebundle_()
    return bundle


def _handle(ipywidgets: Any, name: str, slider: Slider) -> Any:
    common: dict[str, Any] = {"value": slider.start, "description": name, "continuous_update": False}
    if slider.logarithmic:
        ends = log10(slider.least), log10(slider.most)
        return ipywidgets.FloatLogSlider(min=ends[0], max=ends[1], step=(ends[1] - ends[0]) / STEPS, **common)
    return ipywidgets.FloatSlider(
        min=slider.least, max=slider.most, step=(slider.most - slider.least) / STEPS, readout_format=".3g", **common
    )


def _png(figure: Any) -> bytes:
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=110)
    return held.getvalue()

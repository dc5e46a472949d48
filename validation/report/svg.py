"""Figures as SVG that sits inside a page: self-contained, and in the colours of the page."""

from __future__ import annotations

import io
import re

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figures import style

# Inside the page these colours are style-sheet variables, so that dark pages can lighten them.
_VARIABLES = {
    style.BLUE: "blue",
    style.ORANGE: "orange",
    style.GREEN: "green",
    style.VERMILLION: "vermillion",
    style.PURPLE: "purple",
    style.GREY: "grey",
}


def inline_svg(axes: Axes, name: str, description: str) -> Markup:
    """The figure of `axes` as one `<svg>` element.

    Args:
        axes: any axes of the figure.
        name: unique on the page, made of letters, digits and hyphens: identifiers inside the drawing start with it.
        description: what the drawing shows, for those who cannot see it.
    """
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": name}):
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var(--{variable})")
    text = re.sub(r"(stroke|fill): #000000", r"\1: currentColor", text)
    return Markup(text.replace("<svg", Markup('<svg role="img" aria-label="{}"').format(description), 1))

"""A picture of the gallery: what it shows, in words and drawn."""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ...theory.rules.bibliography import Paper

PANEL, HEIGHT = 4.9, 3.7  # inches
LINE = 0.165  # height of a line of the caption, in inches
LETTERS = 15.8  # of the caption to an inch
HOW_TO_READ = "Lines: theory. Marks: simulation, with 95 % bars, unseen where shorter than the mark."


class Picture(ABC):
    """A figure of a paper, drawn again from theory and simulation; its fields say at which sizes.

    Subclasses are frozen dataclasses whose fields all have defaults; they are listed in `GALLERY`.

    Attributes:
        name: on the command line, and of the file.
        title: above the picture.
        paper: whose figures it follows.
        panels: how many axes stand side by side.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    paper: ClassVar[Paper]
    panels: ClassVar[int] = 2

    @property
    @abstractmethod
    def caption(self) -> str:
        """What there is to see, for those who know nothing of it."""

    @abstractmethod
    def draw(self, panels: Sequence[Axes]) -> None:
        """Compute everything, and draw it.

        Args:
            panels: as many axes as `panels` says.

        Raises:
            KeyboardInterrupt: when a simulation is interrupted from the keyboard.
        """

    @property
    def text(self) -> str:
        """The caption, how to read it, and whose figures it follows."""
        return f"{self.caption} {HOW_TO_READ} After {self.paper.title} ({self.paper.year}), arXiv {self.paper.arxiv}."

    def figure(self) -> Figure:
        """The panels under the title and above the caption; pyplot knows nothing of them."""
        width = self.panels * PANEL + 0.4
        lines = textwrap.wrap(self.text, round(LETTERS * width))
        foot = LINE * len(lines) + 0.12
        height = HEIGHT + foot
        with matplotlib.rc_context({"axes.spines.top": False, "axes.spines.right": False}):
            engine = ConstrainedLayoutEngine(rect=(0.0, foot / height, 1.0, 1.0 - foot / height), wspace=0.06)
            figure = Figure(figsize=(width, height), layout=engine)
            panels = [figure.add_subplot(1, self.panels, place + 1) for place in range(self.panels)]
        self.draw(panels)
        figure.suptitle(self.title, x=0.012, ha="left", fontsize="large", fontweight="bold")
        caption: dict[str, Any] = {"ha": "left", "va": "bottom", "fontsize": 8.5, "linespacing": 1.25}
        figure.text(0.012, 0.06 / height, "\n".join(lines), in_layout=False, **caption)
        return figure

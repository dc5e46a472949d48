"""Results that are shown as one table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from .result import Result
from .tables import Row, html_notes, html_table, latex_table, text_table


class Tabled(Result):
    """A result that prints one table in a terminal, a notebook and LaTeX, all from the same cells.

    A new one says `_head` (a class attribute will do) and `_rows`; beside them, where there is something to say,
    `_caption` and `_notes`. A notebook shows `_details`, the notes unless it has more to tell, on a click on
    `_details_title`.

    >>> from modelcollapse.theory.results import Labelled
    >>> class Squares(Tabled):
    ...     _head = ("number", "square")
    ...     def _rows(self):
    ...         return [(str(number), str(number**2)) for number in (1, 2)]
    ...     def _caption(self):
    ...         return "Two squares"
    ...     def to_dict(self):
    ...         return {"result": "Squares"}
    ...     def labelled(self):
    ...         return Labelled({}, {}, {})
    >>> Squares()
    Two squares
    number  square
         1       1
         2       4
    """

    __slots__ = ()

    _details_title: ClassVar[str] = "notes"

    @property
    @abstractmethod
    def _head(self) -> Row:
        """Names of the columns."""

    @abstractmethod
    def _rows(self) -> Sequence[Row]:
        """The cells."""

    def _caption(self) -> str:
        """A line above the table; none where it is empty."""
        return ""

    def _notes(self) -> Sequence[str]:
        """Lines below the table."""
        return ()

    def _details(self) -> Sequence[str]:
        """What a notebook shows on a click."""
        return self._notes()

    def __str__(self) -> str:
        caption = self._caption()
        above = [caption] if caption else []
        return "\n".join([*above, text_table(self._head, self._rows()), *self._notes()])

    def _repr_html_(self) -> str:
        details = self._details()
        table = html_table(self._head, self._rows(), self._caption())
        return table + html_notes(self._details_title, details) if details else table

    def _repr_latex_(self) -> str:
        return latex_table(self._head, self._rows())

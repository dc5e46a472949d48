"""What a sweep has found out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np

from ...theory.evaluation.saved import statements_named
from ...theory.results.labelled import Column, Labelled
from ...theory.results.plain import plain
from ...theory.results.tabled import Tabled
from ...theory.results.tables import SHOWN_ROWS, points_not_shown
from ...theory.rules.bibliography import cite
from ...theory.rules.statement import Statement
from ..measured import Array
from .job import Row
from .points import Points
from .quantity import Measured, Quantity


@final
@dataclass(frozen=True, eq=False, repr=False)
class SweepResult(Tabled):
    """The finished points of a sweep, along its axes.

    Attributes:
        points: the axes, and the chain at each point.
        quantity: what was found out.
        found: number of a point -> its numbers.
        failures: number of a point -> why there are none.
        fingerprint: SHA-256 of the store's content, the same however often and wherever the sweep was interrupted.
    """

    points: Points
    quantity: Quantity
    found: dict[int, Measured]
    failures: dict[int, str]
    fingerprint: str

    @classmethod
    def of(cls, points: Points, quantity: Quantity, rows: list[Row], fingerprint: str) -> SweepResult:
        """From the rows of a store."""
        names = list(quantity.columns)
        found = {row.number: row.measured(names) for row in rows if not row.failure}
        failures = {row.number: row.failure for row in rows if row.failure}
        return cls(points, quantity, found, failures, fingerprint)

    @property
    def missing(self) -> int:
        """Number of points that are not finished; 0 unless the run was interrupted."""
        return len(self.points) - len(self.found) - len(self.failures)

    def __getitem__(self, name: str) -> Any:
        """A column over the axes and the generations: numbers, NaN where there are none, or words.

        Raises:
            KeyError: for another name than those of the quantity.
        """
        if name not in (*self.quantity.columns, *self.quantity.words):
            raise KeyError(name)
        return self._column(name)

    def _column(self, name: str) -> Any:
        count = self.points.generations
        if name in self.quantity.words:
            none = [""] * count
            flat = [self.found[n].words[name] if n in self.found else none for n in range(len(self.points))]
            return np.array(flat, dtype=object).astype(str).reshape(*self.points.shape, count)
        numbers: Array = np.full((len(self.points), count), np.nan)
        for number, measured in self.found.items():
            numbers[number] = measured.numbers[name]
        return numbers.reshape(*self.points.shape, count)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements behind the numbers, each once."""
        names = dict.fromkeys(name for measured in self.found.values() for name in measured.statements)
        return statements_named(list(names))

    def cite(self) -> str:
        """BibTeX of the software and of exactly the papers whose statements were used."""
        return cite([statement.source for statement in self.statements])

    def to_dict(self) -> dict[str, Any]:
        """Axes, all columns, and the points without numbers, infinities and NaN as strings."""
        columns = {name: plain(self._column(name)) for name in (*self.quantity.columns, *self.quantity.words)}
        return {
            "result": "SweepResult",
            "quantity": repr(self.quantity),
            "axes": plain(dict(self.points.axes)),
            **columns,
            "failures": [{"point": plain(self.points.at(n)), "reason": text} for n, text in self.failures.items()],
            "missing": self.missing,
            "fingerprint": self.fingerprint,
        }

    def labelled(self) -> Labelled:
        """One row for each point and generation; what failed, and why, in `about`."""
        axes = {name: plain(values) for name, values in self.points.axes}
        columns = {name: Column(self._column(name), unit) for name, unit in self.quantity.columns.items()}
        columns |= {name: Column(self._column(name)) for name in self.quantity.words}
        about = {
            "quantity": repr(self.quantity),
            "failures": self._failed(),
            "missing": self.missing,
            "assumptions": list(dict.fromkeys(h for one in self.statements for h in one.hypotheses)),
            "sources": [f"{one.name}: {one.source}" for one in self.statements],
        }
        return Labelled(axes | {"generation": range(1, self.points.generations + 1)}, columns, about)

    def _failed(self) -> list[str]:
        return [f"{_in_words(self.points.at(number))}: {text}" for number, text in self.failures.items()]

    @property
    def _head(self) -> tuple[str, ...]:
        return (*(name for name, _ in self.points.axes), *(f"last {name}" for name in self.quantity.shown))

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (*map(str, self.points.at(number).values()), *self._cells(number))
            for number in range(min(len(self.points), SHOWN_ROWS))
        ]

    def _caption(self) -> str:
        return f"{self.quantity!r}, last generation"

    def _notes(self) -> list[str]:
        notes = points_not_shown(len(self.points))
        if self.failures:
            notes += [f"{len(self.failures)} without an answer:", *self._failed()[:SHOWN_ROWS]]
        if self.missing:
            notes.append(f"{self.missing} points are not finished")
        return notes

    def _cells(self, number: int) -> list[str]:
        if number not in self.found:
            return ["–"] * len(self.quantity.shown)
        measured = self.found[number]
        return [
            f"{measured.numbers[name][-1]:.6g}" if name in measured.numbers else measured.words[name][-1]
            for name in self.quantity.shown
        ]


def _in_words(point: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in point.items())

"""The claims table: one row for each entry of the theorem book, with its verdict."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, final

from ...theory.results import Column, Labelled, Tabled
from ...theory.results.labelled import RATIO
from ...theory.results.plain import plain
from ...theory.rules.bibliography import PAPERS, Reference, cite
from ...theory.rules.statement import Statement
from ..agreement import Verdict
from .entry import Entry

_NUMBERS = ("gap", "detectable", "widest_gap", "widest_detectable", "z", "printed_gap", "printed_z")
LEGEND = (
    "source: where the formula is derived, and the paper on the question, with its theorem where that is known. Papers "
    "are quoted at second hand.",
    "sharpest: relative gap at the witness that would have noticed the smallest error, < that error.",
    "widest: the largest gap of all, where it is another witness's, < the error that this one would have noticed.",
    "z: the largest number of standard errors by which an experiment is missed beyond what its finite size explains.",
    "cases: how many numbers were compared. as printed: the largest gap of another formula in print.",
)


@final
@dataclass(frozen=True)
class Row:
    """An entry of the theorem book as it was judged.

    Attributes:
        name, paper, source, claim, hypotheses: of the entry; the paper by its letter, empty for none of the four.
        formula: the statement in LaTeX; empty for a claim that is computed over a grid.
        kind: exact, deterministic equivalent or limit; "computed" for a claim over a grid.
        verdict: by name.
        gap, detectable: of the sharpest witness alone: the relative gap between the formula and what this witness holds
            it against, and the relative error that it would have noticed; NaN for a claim over a grid.
        widest_gap, widest_detectable: the same pair of the witness with the largest gap, which may be a simulation of
            some thousand chains at one size; the pair of the sharpest where there is no other.
        z: the largest number of standard errors by which the formula misses an experiment beyond its own finite-size
            gap; NaN without one.
        cases: how many numbers were compared.
        witnesses: what it was held against, in sentences.
        correction: what is corrected or sharpened in print; empty where it stands.
        printed, printed_verdict, printed_gap, printed_z: the published formula in LaTeX and what its judges say, the
            largest gap and z of those that reach the verdict; empty and NaN where it is not another one.
    """

    name: str
    paper: str
    source: str
    claim: str
    hypotheses: tuple[str, ...]
    formula: str
    kind: str
    verdict: str
    gap: float
    detectable: float
    widest_gap: float
    widest_detectable: float
    z: float
    cases: int
    witnesses: tuple[str, ...]
    correction: str = ""
    printed: str = ""
    printed_verdict: str = ""
    printed_gap: float = math.nan
    printed_z: float = math.nan

    @classmethod
    def of(cls, entry: Entry) -> Row:
        """Judge an entry, and its published formula."""
        found, formula, correction = entry.judged(), entry.formula, entry.correction
        sharpest, widest = found.sharpest, found.widest
        row = cls(
            name=entry.name,
            paper=entry.paper.letter if entry.paper else "",
            source=entry.source,
            claim=entry.sentence,
            hypotheses=entry.hypotheses,
            formula=formula.latex() if isinstance(formula, Statement) else "",
            kind=formula.kind.value if isinstance(formula, Statement) else "computed",
            verdict=found.verdict.name,
            gap=sharpest.gap,
            detectable=sharpest.detectable,
            widest_gap=widest.gap,
            widest_detectable=widest.detectable,
            z=found.z,
            cases=found.numbers,
            witnesses=tuple(text for one in entry.witnesses for text in one.described(formula)),
            correction=correction.remark if correction else "",
        )
        if correction is None or correction.printed is None:
            return row
        printed = entry.judged_as_printed(correction.printed)
        return replace(
            row,
            printed=correction.printed.latex(),
            printed_verdict=printed.verdict.name,
            printed_gap=printed.widest.gap,
            printed_z=printed.z,
        )

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Row:
        """From plain values, as `to_dict` gives them; others that stand beside them are left out."""
        known = {field.name: stored[field.name] for field in fields(cls)}
        numbers = {name: float(known[name]) for name in _NUMBERS}
        texts = {name: tuple(known[name]) for name in ("hypotheses", "witnesses")}
        return cls(**{**known, **numbers, **texts})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: plain(value) for name, value in asdict(self).items()}

    def cells(self) -> tuple[str, ...]:
        """What the printed table shows."""
        printed = self.printed_verdict and f"{self.printed_verdict.lower()} ({shown_gap(self.printed_gap)})"
        shown = (*self.gaps(), _number(self.z), str(self.cases))
        return (self.name, self.source, self.verdict.lower(), *shown, printed)

    def gaps(self) -> tuple[str, str]:
        """The gap of the sharpest witness and the widest one, each below what its own witness would have noticed.

        The second is empty where no other witness left a wider gap.
        """
        pairs = ((self.gap, self.detectable), (self.widest_gap, self.widest_detectable))
        sharpest, widest = (" < ".join(filter(None, map(shown_gap, pair))) for pair in pairs)
        return sharpest, "" if widest == sharpest else widest


@final
@dataclass(frozen=True, repr=False)
class ClaimsTable(Tabled):
    """What is claimed, by whom, and what became of it.

    Attributes:
        rows: one for each entry, in the order of the book.
    """

    rows: tuple[Row, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows have each verdict, by its name; those that none has count 0."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict.name: found[verdict.name] for verdict in Verdict}

    @property
    def sound(self) -> bool:
        """Whether every formula of the book AGREES, and every published one that differs DISAGREES."""
        printed = {row.printed_verdict for row in self.rows} - {""}
        return self.counts[Verdict.AGREES.name] == len(self.rows) and printed <= {Verdict.DISAGREES.name}

    def to_dict(self) -> dict[str, Any]:
        """Plain values: all rows, and how many have each verdict."""
        rows = [row.to_dict() for row in self.rows]
        return {"result": "ClaimsTable", "rows": rows, "verdicts": dict(self.counts), "sound": self.sound}

    def labelled(self) -> Labelled:
        """One row for each statement."""
        units = dict.fromkeys(("gap", "detectable", "widest_gap", "widest_detectable", "printed_gap"), RATIO)
        units |= {"z": "standard errors", "cases": "numbers"}
        units |= dict.fromkeys(("paper", "source", "kind", "verdict", "printed_verdict"), "")
        columns = {name: Column([getattr(row, name) for row in self.rows], unit) for name, unit in units.items()}
        return Labelled({"statement": [row.name for row in self.rows]}, columns, {"sound": self.sound})

    def cite(self) -> str:
        """BibTeX of the software and of the papers whose claims are in the table."""
        letters = {row.paper for row in self.rows}
        return cite([Reference(tuple(paper for paper in PAPERS if paper.letter in letters), "")])

    _head = ("statement", "source", "verdict", "sharpest", "widest", "z", "cases", "as printed")
    _details_title = "how to read it, and what is corrected or sharpened in print"

    def _rows(self) -> list[tuple[str, ...]]:
        return [row.cells() for row in self.rows]

    def _notes(self) -> list[str]:
        corrections = self._corrections()
        return [*LEGEND, *(["", "Corrected or sharpened in print:", *corrections] if corrections else [])]

    def _details(self) -> list[str]:
        return [*LEGEND, *self._corrections()]

    def _corrections(self) -> list[str]:
        return [f"{row.name}: {row.correction}" for row in self.rows if row.correction]

    def _caption(self) -> str:
        counted = ", ".join(f"{count} {name.lower()}" for name, count in self.counts.items())
        return f"{len(self.rows)} statements: {counted}"


def shown_gap(value: float | str) -> str:
    """A gap in percent; below rounding it is none.

    >>> shown_gap(0.01234), shown_gap(3e-16), shown_gap(float("nan"))
    ('1.2 %', '0 %', '')
    """
    value = float(value)
    if math.isnan(value):
        return ""
    return "0 %" if abs(value) < 1e-12 else f"{100 * value:.2g} %"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.1f}"

"""The theorem book judged entry by entry, each on disk before the next begins."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ...theory.problem import SpecificationError
from ...theory.rules.bibliography import PAPERS
from ..theorem_book import ENTRIES, ClaimsTable, Entry
from ..theorem_book.table import Row
from .provenance import provenance
from .store import Finished, read_finished


def claims_table(
    out: str | Path | None = None, *, papers: Sequence[str] | None = None, fresh: bool = False
) -> ClaimsTable:
    """Judge the theorem book: every claim, its formula, its verdict, and what is corrected in print (some minutes).

    All random numbers have fixed seeds, so that the same source gives the same table. Names of entries are printed on
    standard error as they are begun.

    Args:
        out: a JSON file that keeps every entry as soon as it is judged; a run that is interrupted goes on with it, and
            one of an unchanged package judges nothing again. None keeps nothing.
        papers: letters of papers, "D", "S", "V", "G"; None for all entries, those of none of them included.
        fresh: judge everything again.

    Returns:
        A `ClaimsTable`.

    Raises:
        SpecificationError: for a letter that no paper has; for an `out` that is a folder or a file of something else.
    """
    letters = [paper.letter for paper in PAPERS]
    if papers is not None and not set(papers) <= set(letters):
        raise SpecificationError("papers", papers, f"None, or some of {', '.join(letters)}")
    path = None if out is None else Path(out)
    if path is not None and path.is_dir():
        raise SpecificationError("out", str(out), "the name of a file")
    chosen = [one for one in ENTRIES if papers is None or (one.paper is not None and one.paper.letter in papers)]
    if path is None:
        return ClaimsTable(tuple(Row.of(entry) for entry in chosen))
    path.parent.mkdir(parents=True, exist_ok=True)
    names = {entry.name for entry in chosen} if fresh else set()
    kept = {key: part for key, part in _kept(path).items() if part.get("name") not in names}
    return table_of(judged_rows(Finished(path, provenance(), kept), chosen))


def _kept(path: Path) -> dict[str, dict[str, Any]]:
    """What an earlier run has judged.

    Raises:
        SpecificationError: for a file that holds anything else.
    """
    parts = read_finished(path)
    if path.exists() and not (parts and all("verdict" in part for part in parts.values())):
        raise SpecificationError("out", str(path), "a new file, or that of an earlier run")
    return parts


def judged_rows(finished: Finished, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Every entry as plain values, from an earlier run or judged now; their count is on standard error."""
    rows = []
    for number, entry in enumerate(entries, start=1):
        print(f"{number} of {len(entries)}: ", end="", file=sys.stderr)
        rows.append(finished.part(entry.name, ["theorem book"], partial(_judged, entry)))
    return rows


def _judged(entry: Entry) -> dict[str, Any]:
    return Row.of(entry).to_dict()


def table_of(rows: Sequence[dict[str, Any]]) -> ClaimsTable:
    """The table of rows that are plain values."""
    return ClaimsTable(tuple(map(Row.read, rows)))

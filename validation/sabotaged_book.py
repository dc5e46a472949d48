"""The whole theorem book sabotaged: one table of what was found, by which check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from ..theory.asymptotics.book import LAWS
from ..theory.problem import SpecificationError
from ..theory.results import Column, Labelled, Tabled, html_table
from ..theory.rules.statement import Statement
from ..theory.statements.book import BOOK
from .named_check import Check
from .sabotage import CHECKS, Fate, Report, sabotage


@final
@dataclass(frozen=True, repr=False)
class BookReport(Tabled):
    """What became of the mutants of several statements.

    Attributes:
        reports: one for each statement.
    """

    reports: tuple[Report, ...]

    @property
    def sound(self) -> bool:
        """Whether every statement passes its checks and no mutant survives."""
        return all(report.sound for report in self.reports)

    @property
    def survivors(self) -> tuple[str, ...]:
        """Every mutant that no check tells from its statement, with the statement's name."""
        return tuple(f"{one.statement.name}: {two.mutant.description}" for one in self.reports for two in one.survivors)

    @property
    def equivalent(self) -> tuple[str, ...]:
        """Every mutant that says the same as its statement, with the reason."""
        return tuple(
            f"{report.statement.name}: {one.mutant.description} ({one.by})"
            for report in self.reports
            for one in report.those(Fate.EQUIVALENT)
        )

    @property
    def kills(self) -> dict[str, int]:
        """How many mutants each check killed; a mutant counts for the first check that it fails."""
        total: Counter[str] = Counter()
        for report in self.reports:
            total.update(report.kills)
        return dict(total)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: a row for each statement, one for each check, and the totals."""
        kills, checks = self.kills, {check.name: check.description for one in self.reports for check in one.checks}
        return {
            "result": "BookReport",
            "statements": [_row(report) for report in self.reports],
            "checks": [{"name": name, "description": text, "kills": kills[name]} for name, text in checks.items()],
            "mutants": sum(len(report.outcomes) for report in self.reports),
            "killed": sum(kills.values()),
            "equivalent": list(self.equivalent),
            "survivors": list(self.survivors),
            "sound": self.sound,
        }

    def labelled(self) -> Labelled:
        """One row for each statement: how many mutants it has, and what became of them."""
        rows = [_row(report) for report in self.reports]
        columns = {name: Column([row[name] for row in rows], "mutants") for name in self._head[1:]}
        about = {"equivalent": list(self.equivalent), "survivors": list(self.survivors), "sound": self.sound}
        return Labelled({"statement": [row["name"] for row in rows]}, columns, about)

    _head = ("statement", "mutants", "killed", "equivalent", "survived")

    def _repr_html_(self) -> str:
        checks = [(name, str(count)) for name, count in self.kills.items()]
        texts = [("equivalent", text) for text in self.equivalent] + [("survived", text) for text in self.survivors]
        texts += [("the statement itself fails", text) for text in self._failed()]
        notes = html_table(("fate", "mutant"), texts) if texts else ""
        found = f"<details><summary>checks</summary>{html_table(('check', 'killed'), checks)}</details>"
        return html_table(self._head, self._rows(), "Deliberate mistakes") + notes + found

    def _rows(self) -> list[tuple[str, ...]]:
        rows = [_row(report) for report in self.reports]
        total = ("all", *(str(sum(row[name] for row in rows)) for name in self._head[1:]))
        return [*((row["name"], *(str(row[name]) for name in self._head[1:])) for row in rows), total]

    def _notes(self) -> list[str]:
        notes = [f"equivalent: {text}" for text in self.equivalent]
        notes += [f"SURVIVED: {text}" for text in self.survivors]
        return [*notes, *(f"THE STATEMENT ITSELF FAILS: {text}" for text in self._failed())]

    def _failed(self) -> list[str]:
        return [f"{report.statement.name}: {name}" for report in self.reports for name in report.failed]


def sabotage_book(statements: Sequence[Statement] = (*BOOK, *LAWS), checks: Sequence[Check] = CHECKS) -> BookReport:
    """Sabotage many statements, by default the whole theorem book (some minutes).

    Args:
        statements: each one that some of the checks can judge.
        checks: asked in this order; those that cannot judge a statement are left out.

    Raises:
        SpecificationError: where there is no statement, or one that no check can judge.

    >>> from modelcollapse.theory.rules.blend import LOST, SPREAD
    >>> print(sabotage_book([LOST, SPREAD]))
                     statement  mutants  killed  equivalent  survived
      what blended labels lose        8       8           0         0
    variance of blended labels        9       9           0         0
                           all       17      17           0         0
    """
    if not statements:
        raise SpecificationError("statements", statements, "at least one statement")
    return BookReport(tuple(sabotage(statement, checks) for statement in statements))


def _row(report: Report) -> dict[str, Any]:
    counts = {fate.value: len(report.those(fate)) for fate in Fate}
    return {"name": report.statement.name, "mutants": len(report.outcomes), **counts, "failed": list(report.failed)}

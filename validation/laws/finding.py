"""What came of trying laws: findings, and the report of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any, final

from ...theory.problem import ModelCollapseError
from ...theory.results import Column, Labelled, Result, latex_table
from .law import Law


class Holding(Enum):
    """What a trial has shown."""

    HOLDS = "holds"
    BROKEN = "BROKEN"
    NO_CASES = "no cases"


class LawBroken(ModelCollapseError, AssertionError):
    """Laws that do not hold, with the smallest case found for each.

    Attributes:
        broken: the findings.
    """

    def __init__(self, broken: tuple[Finding, ...]) -> None:
        self.broken = broken
        super().__init__(broken)

    def __str__(self) -> str:
        return "\n".join(finding.told() for finding in self.broken)


@final
@dataclass(frozen=True, eq=False)
class Finding:
    """What came of trying one law.

    Attributes:
        law: which one.
        holding: `HOLDS`, `BROKEN`, or `NO_CASES` where nothing that was drawn is covered.
        cases: how many cases it held in.
        seconds: that it took.
        reason: why it is broken, or has no cases; empty where it holds.
        counterexample: the smallest case found, as an expression after `import modelcollapse as mc`.
        replay: a command, or an expression, that tries the case again.
    """

    law: Law
    holding: Holding
    cases: int
    seconds: float
    reason: str = ""
    counterexample: str = ""
    replay: str = ""

    def told(self) -> str:
        """Name, statement, reason and counterexample, a line each."""
        lines = [f"{self.law.name}: {self.holding.value}", f"  {self.law.statement}"]
        named = (("because", self.reason), ("smallest case", self.counterexample), ("replay", self.replay))
        return "\n".join([*lines, *(f"  {name}: {text}" for name, text in named if text)])

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "law": self.law.name,
            "statement": self.law.statement,
            "about": self.law.about.value,
            "verdict": self.holding.value,
            "cases": self.cases,
            "seconds": round(self.seconds, 3),
            "reason": self.reason,
            "counterexample": self.counterexample,
            "replay": self.replay,
        }


@final
@dataclass(frozen=True, eq=False, repr=False)
class LawReport(Result):
    """Findings, one for each law that was tried.

    Attributes:
        subject: what was put under the laws, in words.
        findings: in the order of the laws.
    """

    subject: str
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The laws that do not hold."""
        return tuple(one for one in self.findings if one.holding is Holding.BROKEN)

    @property
    def tried(self) -> tuple[Finding, ...]:
        """The laws that had cases."""
        return tuple(one for one in self.findings if one.holding is not Holding.NO_CASES)

    @property
    def seconds(self) -> float:
        """That all trials took."""
        return sum(one.seconds for one in self.findings)

    def raise_if_broken(self) -> LawReport:
        """The report itself.

        Raises:
            LawBroken: where a law does not hold, naming all of them.
        """
        if self.broken:
            raise LawBroken(self.broken)
        return self

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "result": "LawReport",
            "subject": self.subject,
            "laws": len(self.findings),
            "broken": [one.law.name for one in self.broken],
            "seconds": round(self.seconds, 3),
            "findings": [one.to_dict() for one in self.findings],
        }

    def labelled(self) -> Labelled:
        """One row for each law: how many cases it held in, in what time, the verdict, and what breaks it."""
        rows = [one.to_dict() for one in self.findings]
        units = {"cases": "cases", "seconds": "seconds"}
        columns = {name: Column([row[name] for row in rows], units.get(name, "")) for name in _COLUMNS}
        about = {"subject": self.subject, "broken": [one.law.name for one in self.broken]}
        return Labelled({"law": [row["law"] for row in rows]}, columns, about)

    def __str__(self) -> str:
        rows = [_HEADER, *(_row(one) for one in self.findings)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADER))]
        lines = [
            f"{row[0].ljust(widths[0])}  {row[1].rjust(widths[1])}  {row[2].rjust(widths[2])}  {row[3]}" for row in rows
        ]
        return "\n".join([*lines, self._sum(), *(one.told() for one in self.broken)])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _HEADER)
        body = "".join(
            f'<tr title="{escape(one.law.statement)}">'
            + "".join(f"<td>{escape(cell)}</td>" for cell in _row(one))
            + "</tr>"
            for one in self.findings
        )
        told = "".join(f"<pre>{escape(one.told())}</pre>" for one in self.broken)
        return f"<table><tr>{head}</tr>{body}</table><p>{escape(self._sum())}</p>{told}"

    def _repr_latex_(self) -> str:
        return latex_table(_HEADER, [_row(one) for one in self.findings])

    def _sum(self) -> str:
        unseen = len(self.findings) - len(self.tried)
        rest = f", {unseen} without cases" if unseen else ""
        return f"{self.subject}: {len(self.tried) - len(self.broken)} laws hold, {len(self.broken)} broken{rest}"


_HEADER = ("law", "cases", "seconds", "verdict")
_COLUMNS = ("verdict", "cases", "seconds", "statement", "about", "reason", "counterexample", "replay")


def _row(one: Finding) -> tuple[str, str, str, str]:
    return one.law.name, str(one.cases), f"{one.seconds:.2f}", one.holding.value

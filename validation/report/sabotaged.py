"""The statements behind the report with deliberate mistakes in them: which check finds each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...theory.evaluation.prediction import predict
from ...theory.problem import Chain
from ...theory.rules.statement import Statement
from ..sabotage import Fate, Report, sabotage


def statements_behind(chain: Chain) -> tuple[Statement, ...]:
    """What the predictions of a chain rest on."""
    return predict(chain).statements


def sabotage_table(statements: Sequence[Statement]) -> dict[str, Any]:
    """How many mutants of each statement were found, and by which check."""
    reports = [sabotage(statement) for statement in statements]
    kills: Counter[str] = Counter()
    for report in reports:
        kills.update(report.kills)
    checks = {check.name: check.description for report in reports for check in report.checks}
    return {
        "statements": [_row(report) for report in reports],
        "checks": [
            {"name": name, "description": description, "kills": kills[name]} for name, description in checks.items()
        ],
        "mutants": sum(len(report.outcomes) for report in reports),
        "killed": kills.total(),
        "sound": all(report.sound for report in reports),
    }


def _row(report: Report) -> dict[str, Any]:
    counts = {fate.value: len(report.those(fate)) for fate in Fate}
    return {"name": report.statement.name, "mutants": len(report.outcomes), **counts, "failed": list(report.failed)}

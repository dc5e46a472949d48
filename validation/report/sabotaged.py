"""The statements behind the report with deliberate mistakes in them: which check finds each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...theory.evaluation.prediction import predict
from ...theory.problem import Chain
from ...theory.rules.statement import Statement
from ..sabotaged_book import sabotage_book


def statements_behind(chain: Chain) -> tuple[Statement, ...]:
    """What the predictions of a chain rest on."""
    return predict(chain).statements


def sabotage_table(statements: Sequence[Statement]) -> dict[str, Any]:
    """How many mutants of each statement were found, and by which check."""
    return sabotage_book(statements).to_dict()

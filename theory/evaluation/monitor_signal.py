"""What a monitor is expected to show, and when that is an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..problem.checks import Vector
from ..rules.kind import Kind
from ..rules.statement import Statement
from .exchangeable import NO_SPECTRUM
from .inputs import as_array
from .lowering import evaluate


@final
@dataclass(frozen=True, eq=False)
class Signal:
    """What a monitor is expected to show.

    Attributes:
        expected: its mean after every generation, shape (N,).
        deviation: its standard deviation after generation 1, to first order; NaN where that is left to simulation.
        kind: what the numbers of `expected` are.
        statement: behind them.
    """

    expected: Vector
    deviation: float
    kind: Kind
    statement: Statement

    def rounds(self, alarm: float) -> float:
        """Rounds after generation 1 until the expected monitor has moved by more than `alarm` standard deviations."""
        return rounds_to_alarm(self.expected, self.deviation, alarm)


def rounds_to_alarm(values: Any, deviation: float, alarm: float) -> float:
    """Rounds after generation 1 until a monitor has moved by more than `alarm` standard deviations; inf for never.

    Args:
        values: of the monitor after generations 1, 2, ...
        deviation: its standard deviation while nothing happens; NaN gives NaN.
        alarm: how many of them are an alarm.

    >>> rounds_to_alarm([5.0, 5.1, 5.4, 5.9], deviation=0.1, alarm=3.0)
    2.0
    """
    if np.isnan(deviation):
        return np.nan
    moved = np.abs(np.asarray(values, dtype=np.float64) - values[0]) > alarm * deviation
    return float(np.argmax(moved)) if moved.any() else np.inf


def number(statement: Statement, given: Mapping[Any, Any]) -> Any:
    """The result of a statement that holds no spectrum (inside `jax.enable_x64(True)`)."""
    return evaluate(statement.result, {symbol: as_array(value) for symbol, value in given.items()}, NO_SPECTRUM)

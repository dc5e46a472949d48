"""`monitor`: what would have warned of collapse, and when; theory and simulation side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
from matplotlib.axes import Axes

from ..numerics.monitoring import watch
from ..theory.evaluation.monitor_signal import rounds_to_alarm
from ..theory.evaluation.monitors import ExpectedMonitors, expected_monitors
from ..theory.problem import Chain, checks
from ..theory.problem.monitors import Monitor
from ..theory.results.chains import chain_record
from ..theory.results.labelled import RATIO, Column, Labelled
from ..theory.results.plain import plain
from ..theory.results.progress import Progress
from ..theory.results.tabled import Tabled
from .figures.monitors import plot_monitors
from .measured import Array


class Alarm(NamedTuple):
    """Rounds after generation 1 until a monitor is an alarm; infinite for never within the chain, NaN for unknown."""

    theory: float
    simulation: float


@final
@dataclass(frozen=True, eq=False, repr=False)
class MonitorReport(Tabled):
    """Every `Monitor` of a chain, as theory expects it and as it was read off a simulation.

    Attributes:
        chain: what was watched.
        expected: what theory says; `expected.signal(monitor)` raises where no statement covers a monitor.
        readings: of each monitor, shape (replicates, generations).
        errors: excess errors, of the same shape.
        samples: labels that are looked at in each generation.
        alarm: how many null standard deviations are an alarm.
        seed: root of all random numbers.
    """

    chain: Chain
    expected: ExpectedMonitors
    readings: Mapping[Monitor, Array]
    errors: Array
    samples: int
    alarm: float
    seed: int

    @property
    def first_alarm(self) -> dict[Monitor, Alarm]:
        """Rounds to an alarm of each monitor: of its expected value, and of its mean over the replicates.

        In theory the null standard deviation is that of theory/statements/monitor_noise.py; in simulation that of the
        readings after generation 1 over the replicates (random truths are part of it), for the drift that of |e_1|^2.
        """
        return {monitor: self._alarm(monitor) for monitor in Monitor}

    @property
    def moved(self) -> dict[Monitor, tuple[Array, Array]]:
        """How far each monitor has moved since generation 1, in its null standard deviations: theory, simulation."""
        return {monitor: self._moved(monitor) for monitor in Monitor}

    def theory(self, monitor: Monitor) -> Array:
        """Expected value after every generation; NaN where no statement covers it."""
        signal = self.expected.signals.get(monitor)
        return np.full(len(self.chain), np.nan) if signal is None else signal.expected

    def mean(self, monitor: Monitor) -> Array:
        """Mean reading after every generation."""
        return np.asarray(self.readings[monitor].mean(axis=0))

    def standard_error(self, monitor: Monitor) -> Array:
        """Standard error of that mean."""
        values = self.readings[monitor]
        return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)))

    def z(self, monitor: Monitor) -> Array:
        """(mean - theory)/standard error; 0 where they are equal. Only exact statements need to be small everywhere."""
        gap, error = self.mean(monitor) - self.theory(monitor), self.standard_error(monitor)
        return np.divide(gap, error, out=np.where(np.isnan(gap), np.nan, 0.0), where=error > 0)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each monitor in units of its noise, theory as lines and simulation as marks; None makes a new figure."""
        return plot_monitors(self, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the replicates, as plain values for JSON."""
        table = {
            monitor.value: {
                "theory": plain(self.theory(monitor)),
                "mean": plain(self.mean(monitor)),
                "standard_error": plain(self.standard_error(monitor)),
                "first_alarm": plain(self.first_alarm[monitor]._asdict()),
            }
            for monitor in Monitor
        }
        given = {"samples": self.samples, "alarm": self.alarm, "seed": self.seed, "replicates": len(self.errors)}
        return {"result": "MonitorReport", **chain_record(self.chain), **given, "monitors": table}

    def labelled(self) -> Labelled:
        """One row for each monitor and generation."""
        columns = {
            "theory": Column([self.theory(one) for one in Monitor], _OWN_UNITS),
            "mean": Column([self.mean(one) for one in Monitor], _OWN_UNITS),
            "standard_error": Column([self.standard_error(one) for one in Monitor], _OWN_UNITS),
            "z": Column([self.z(one) for one in Monitor], RATIO),
        }
        axes = {"monitor": [one.value for one in Monitor], "generation": range(1, len(self.chain) + 1)}
        alarms = {one.value: tuple(alarm) for one, alarm in self.first_alarm.items()}
        return Labelled(axes, columns, {"samples": self.samples, "alarm": self.alarm, "first_alarm": alarms})

    _head = (
        "monitor",
        "theory, first",
        "mean, first",
        "theory, last",
        "mean, last",
        "z",
        "alarm, theory",
        "simulation",
    )
    _details_title = "without theory"

    def _rows(self) -> list[tuple[str, ...]]:
        """First and last generation, and the alarm."""
        rows = []
        for monitor in Monitor:
            theory, mean, alarm = self.theory(monitor), self.mean(monitor), self._alarm(monitor)
            numbers = (theory[0], mean[0], theory[-1], mean[-1], self.z(monitor)[-1])
            rounds = ("never" if np.isinf(one) else "unknown" if np.isnan(one) else f"{one:.0f}" for one in alarm)
            rows.append((monitor.value, *(f"{number:.4g}" for number in numbers), *rounds))
        return rows

    def _caption(self) -> str:
        return (
            f"Monitors: {len(self.errors)} replicates, {self.samples} labels each, an alarm at {self.alarm:g} null "
            "standard deviations, in rounds after generation 1"
        )

    def _details(self) -> list[str]:
        return [f"{monitor.value}: {refusal}" for monitor, refusal in self.expected.missing.items()]

    def _deviation(self, monitor: Monitor) -> float:
        """Over the replicates, after generation 1."""
        values = self.errors if monitor is Monitor.DRIFT else self.readings[monitor]
        return float(values[:, 0].std(ddof=1))

    def _alarm(self, monitor: Monitor) -> Alarm:
        signal = self.expected.signals.get(monitor)
        theory = np.nan if signal is None else signal.rounds(self.alarm)
        return Alarm(theory, rounds_to_alarm(self.mean(monitor), self._deviation(monitor), self.alarm))

    def _moved(self, monitor: Monitor) -> tuple[Array, Array]:
        signal = self.expected.signals.get(monitor)
        deviations = np.nan if signal is None else signal.deviation, self._deviation(monitor)
        pairs = zip((self.theory(monitor), self.mean(monitor)), deviations, strict=True)
        theory, simulation = (np.abs(values - values[0]) / (deviation or np.nan) for values, deviation in pairs)
        return theory, simulation


_OWN_UNITS = "units of the monitor"


def monitor(
    chain: Chain,
    replicates: int = 200,
    seed: int = 0,
    samples: int = 1000,
    alarm: float = 3.0,
    *,
    tail: float = 2.0,
    progress: Progress = False,
) -> MonitorReport:
    """Watch a chain: every `Monitor` after every generation, in theory and in simulation, and what warns first.

    Args:
        chain: with numbers; every chain that `simulate` reads.
        replicates: at least 2.
        seed: from 0 to 2^63 - 1.
        samples: labels that are looked at in each generation, >= 1.
        alarm: how many null standard deviations are an alarm, > 0.
        tail: labels further than so many standard deviations of real ones from the truth are in the tails, > 0.
        progress: True for a progress bar, or a function of (done, total).

    Returns:
        A `MonitorReport`.

    Raises:
        SpecificationError: for impossible values, before any work starts.
        NotCertified: when a least-squares system is too close to singular to be solved to six digits.

    Source: theory/statements/monitors.py and theory/statements/monitor_noise.py.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(4), UniformTarget()), 2, rows=50, noise=0.5, estimator=MinimumNorm())
    >>> monitor(chain, replicates=4, samples=10).first_alarm[Monitor.IN_SAMPLE].theory  # blind for ever
    inf
    """
    level = float(checks.positive("alarm", alarm))
    expected = expected_monitors(chain, samples, tail)
    readings, errors = watch(chain, replicates, seed, samples=samples, tail=tail, progress=progress)
    return MonitorReport(chain, expected, readings, errors, int(samples), level, int(seed))

"""`expected_monitors`: what theory says one will see, and after how many rounds it is an alarm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import jax
import numpy as np

from ..chains.family import Reading, reading_of
from ..chains.hypotheses import SIMULATE
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import NoTheorem
from ..problem.monitors import Monitor
from ..rules.kind import Kind
from ..rules.statement import Statement
from ..statements import monitor_noise as noise
from ..statements import monitors as expected
from . import watched_rows
from .inputs import as_array
from .lowering import evaluate
from .model_moments import ModelMoments, full_spectrum, model_moments
from .monitor_signal import Signal, number
from .numbers_only import refuse_symbols
from .prediction import Prediction, predict


@final
@dataclass(frozen=True, eq=False)
class ExpectedMonitors:
    """What theory says about the monitors of a chain.

    Attributes:
        chain: what is watched.
        signals: those that a statement covers.
        missing: for the others, which hypothesis fails.
    """

    chain: Chain
    signals: Mapping[Monitor, Signal]
    missing: Mapping[Monitor, NoTheorem]

    def signal(self, monitor: Monitor) -> Signal:
        """What is expected of one monitor.

        Raises:
            NoTheorem: where no statement covers it, naming the hypothesis that fails.
        """
        if monitor in self.missing:
            raise self.missing[monitor]
        return self.signals[monitor]


def expected_monitors(chain: Chain, samples: int = 1000, tail: float = 2.0) -> ExpectedMonitors:
    """What each `Monitor` is expected to show after every generation, and how it scatters while nothing happens.

    The generator after generation g is y = x'w_g + s eps, s^2 the label noise variance of that generation; real labels
    have the noise of generation 1.

    Args:
        chain: with numbers.
        samples: labels that are looked at in each generation, >= 1.
        tail: labels further than so many standard deviations of real ones from the truth are in the tails, > 0.

    Returns:
        `ExpectedMonitors`: signals where a statement covers them, else the `NoTheorem` that names what fails.

    Raises:
        SpecificationError: for a chain that holds symbols, and other impossible values.

    Source: theory/statements/monitors.py and theory/statements/monitor_noise.py.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(10), UniformTarget(4.0))
    >>> chain = replace(population, generations=2, rows=31, noise=2.0, estimator=MinimumNorm())
    >>> expected_monitors(chain).signal(Monitor.LABEL_VARIANCE).expected  # 4 + 4 + 4 * 10 / (31 - 10 - 1) each
    array([10., 12.])
    """
    refuse_symbols(chain)
    watched = _Watched(chain, checks.concrete_size("samples", samples), float(checks.positive("tail", tail)))
    makers: dict[Monitor, Callable[[], Signal]] = {
        Monitor.LABEL_VARIANCE: watched.label_variance,
        Monitor.ENTROPY: watched.entropy,
        Monitor.IN_SAMPLE: watched.in_sample_residual,
        Monitor.HELD_OUT: watched.held_out_residual,
        Monitor.DRIFT: watched.drift,
        Monitor.TAIL_COVERAGE: watched.tail_coverage,
        Monitor.LOG_DETERMINANT: watched.log_determinant,
        Monitor.TRACE: watched.trace,
    }
    signals, missing = dict[Monitor, Signal](), dict[Monitor, NoTheorem]()
    with jax.enable_x64(True):
        for monitor, make in makers.items():
            try:
                signals[monitor] = make()
            except NoTheorem as refusal:
                missing[monitor] = refusal
    return ExpectedMonitors(chain, signals, missing)


@final
@dataclass(frozen=True, eq=False)
class _Watched:
    """A chain with what its monitors have in common (inside `jax.enable_x64(True)`)."""

    chain: Chain
    samples: int
    tail: float

    @cached_property
    def prediction(self) -> Prediction:
        return predict(self.chain)

    @cached_property
    def reading(self) -> Reading:
        return reading_of(self.chain)

    @cached_property
    def models(self) -> ModelMoments:
        return model_moments(self.chain, self.reading, self.prediction.error)

    @cached_property
    def rank(self) -> int:
        return int(self.chain.population.spectrum.rank())

    @cached_property
    def noises(self) -> Vector:
        """Root mean square label noise of the rows that each generation generates, or else the one before it."""
        found: list[float] = []
        for step in self.chain.generations:
            rows = sum(source.rows for source in step.generated)
            total = sum(source.rows * source.noise**2 for source in step.generated)
            found.append(float(total / rows) ** 0.5 if rows else found[-1])
        return np.array(found)

    def label_variance(self) -> Signal:
        statement, pairs = expected.LABEL_VARIANCE, zip(self.models.states, self.noises, strict=True)
        nodes = self.models.nodes
        values = [evaluate(statement.result, state | {x.noise: as_array(s)}, nodes) for state, s in pairs]
        return self._signal(statement, values, noise.NOISE_OF_A_VARIANCE, {expected.VARIANCE: values[0]})

    def entropy(self) -> Signal:
        variance = self.label_variance().expected
        values = [number(expected.ENTROPY, {expected.VARIANCE: as_array(one)}) for one in variance]
        return self._signal(expected.ENTROPY, values, noise.NOISE_OF_AN_ENTROPY, {})

    def held_out_residual(self) -> Signal:
        statement, real = expected.HELD_OUT_RESIDUAL, as_array(self.noises[0])
        values = [number(statement, {x.error: one, expected.REAL_NOISE: real}) for one in self.prediction.error]
        return self._signal(statement, values, noise.NOISE_OF_A_VARIANCE, {expected.VARIANCE: values[0]})

    def tail_coverage(self) -> Signal:
        given = {expected.REAL_NOISE: as_array(self.noises[0]), expected.THRESHOLD: as_array(self.tail)}
        pairs = zip(self.prediction.error, self.noises, strict=True)
        values = [
            number(expected.TAIL_COVERAGE, given | {x.error: as_array(error), x.noise: as_array(s)})
            for error, s in pairs
        ]
        return self._signal(expected.TAIL_COVERAGE, values, noise.NOISE_OF_A_SHARE, {noise.SHARE: values[0]})

    def drift(self) -> Signal:
        if self.models.correlation is None:
            raise NoTheorem("the correlation with the first model is known (of kept rows, samples: not)", SIMULATE)
        error, first = self.prediction.error, self.models.states[0]
        pairs = list(zip(error, self.models.correlation, strict=True))
        values = [
            number(expected.DRIFT, {x.error: one, expected.FIRST_ERROR: error[0], expected.CORRELATION: product})
            for one, product in pairs[1:]
        ]
        values.insert(0, 0.0)  # the first model has not drifted
        given = {expected.FIRST_LOST: first[x.lost], expected.FIRST_SPREAD: first[x.spread]}
        return self._signal(expected.DRIFT, values, noise.NOISE_OF_A_DRIFT, given)

    def in_sample_residual(self) -> Signal:
        values, statements, freedom = watched_rows.in_sample_residuals(self.chain, self.reading)
        given = {expected.VARIANCE: values[0], noise.SAMPLES: as_array(freedom)}
        statement = next((one for one in statements if one.kind is not Kind.EXACT), statements[-1])
        return self._signal(statement, values, noise.NOISE_OF_A_VARIANCE, given)

    def log_determinant(self) -> Signal:
        values = watched_rows.log_determinants(self.chain, self.reading)
        deviation = watched_rows.with_rank(noise.NOISE_OF_A_LOG_DETERMINANT, self.rank)
        return self._signal(expected.LOG_DETERMINANT, values, deviation, {x.rows: self._rows})

    def trace(self) -> Signal:
        values = watched_rows.traces(self.chain, self.reading)
        return self._signal(expected.TRACE, values, noise.NOISE_OF_A_TRACE, {x.rows: self._rows})

    @property
    def _rows(self) -> Any:
        return as_array(float(sum(source.rows for source in self.chain.generations[0].generated)))

    def _signal(self, statement: Statement, values: Any, scatter: Statement, given: Mapping[Any, Any]) -> Signal:
        known = {noise.SAMPLES: as_array(float(self.samples)), **given}
        deviation = float(evaluate(scatter.result, known, full_spectrum(self.chain.population)))
        exact = all(kind is Kind.EXACT for kind in self.prediction.kind)
        kind = statement.kind if exact or statement in _OF_ROWS else Kind.EQUIVALENT
        return Signal(np.array([float(one) for one in values]), deviation, kind, statement)


_OF_ROWS = (expected.IN_SAMPLE_RESIDUAL, expected.LOG_DETERMINANT, expected.TRACE)  # whatever the error is

"""What formulas are judged by: named checks, experiments, and claims that are computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, final

import numpy as np

from ...numerics.measurement.label_noise import DRAWN, INTEGRATED
from ...numerics.simulation import draws_no_rows, simulate
from ...theory.evaluation.exchangeable import NO_SPECTRUM
from ...theory.evaluation.prediction import predict
from ...theory.problem import Chain, ClassificationChain
from ...theory.problem import notation as x
from ...theory.rules.kind import Kind
from ...theory.rules.statement import Statement
from ...theory.statements.classification import KEPT
from ..agreement import Judgement, Standard, Verdict, judge_exact, judge_single_size
from ..claims import Claim
from ..confidence import Once
from ..evaluated import Reading, executed
from ..measured import Array
from ..named_check import Check, Compared
from ..sabotage import CHECKS
from .entry import Case, Formula, Witness

SHARP = 0.05  # relative error that a check must notice for its answer to count
STANDARD = Standard(level=1e-3, tolerance=0.02, generations=1, looks=Once())


@final
@dataclass(frozen=True)
class Checked(Witness):
    """All named checks that can judge a statement: exact identities and independent oracles."""

    def cases(self, formula: Formula) -> tuple[Case, ...]:
        """One case for each check; a check that would not notice an error of a few per cent decides nothing."""
        return tuple(_answered(check, statement_of(formula)) for check in _checks_of(formula))

    def described(self, formula: Formula) -> tuple[str, ...]:
        """What every check compares."""
        return tuple(f"{check.name}: {check.description}" for check in _checks_of(formula))


@final
@dataclass(frozen=True)
class Simulated(Witness):
    """An experiment on a chain, label noise integrated out where rows are drawn: the error of the last generation.

    Attributes:
        chain: with numbers.
        reading: how the statement is evaluated on it.
        replicates: how many chains are drawn.
        seed: of their random numbers.
    """

    chain: Chain
    reading: Reading
    replicates: int = 2048
    seed: int = 20240207

    def cases(self, formula: Formula) -> tuple[Case, ...]:
        """AGREES where an error of 2 % would have been noticed and none was."""
        statement, number = statement_of(formula), len(self.chain)
        errors = _errors(self.chain, self.replicates, self.seed)
        value = self.reading(statement, self.chain)
        if statement.kind is Kind.EXACT:
            return (_case(judge_exact(number, value, errors, STANDARD), 0.0),)
        gap = float(predict(self.chain).finite_size[-1])
        return (_case(judge_single_size(number, value, errors, gap, STANDARD), gap),)

    def described(self, formula: Formula) -> tuple[str, ...]:
        """How much was drawn."""
        return (f"simulation: The error of generation {len(self.chain)} in {self.replicates} simulated chains.",)


@final
@dataclass(frozen=True)
class SimulatedClassifier(Witness):
    """An experiment on a classifier that is fitted to verified labels: how often it is right.

    Attributes:
        chain: with numbers.
        given: what the statement takes as given of labels and verifier.
        counted: rows that are kept -> rows that enter the effective ridge.
        replicates, seed: how many fits are drawn, and of which random numbers.
    """

    chain: ClassificationChain
    given: Mapping[Any, float]
    counted: Callable[[float], float] = float
    replicates: int = 1024
    seed: int = 20240607

    def cases(self, formula: Formula) -> tuple[Case, ...]:
        """AGREES where an error of 2 % would have been noticed and none was."""
        value = self._accuracy(statement_of(formula))
        gap = float(predict(self.chain).finite_size)
        accuracies = simulate(self.chain, self.replicates, self.seed).accuracies
        return (_case(judge_single_size(1, value, accuracies, gap, STANDARD), gap),)

    def described(self, formula: Formula) -> tuple[str, ...]:
        """How much was drawn."""
        return (f"simulation: The accuracy of {self.replicates} simulated classifiers.",)

    def _accuracy(self, statement: Statement) -> float:
        """The statement at the number of rows that are kept on average, which it says itself."""
        dimension, penalty = float(self.chain.mixture.dimension), float(self.chain.estimator.penalty)
        known = {**self.given, x.dimension: dimension, x.penalty: penalty}
        kept, *_ = statement.definitions
        share, _ = executed(replace(statement, definitions=(kept,), result=KEPT), known, NO_SPECTRUM)
        rows = float(self.chain.rows) * float(share)
        ratio = dimension / self.counted(rows)
        kappa = float(np.roots([1.0, 1.0 - ratio - penalty, -penalty]).real.max())  # lambda = k (1 - ratio/(1 + k))
        return float(executed(statement, known | {x.rows: rows, x.kappa: kappa}, NO_SPECTRUM)[0])


@final
@dataclass(frozen=True)
class Computed(Witness):
    """A claim that is computed over its grid by a function of the library."""

    def cases(self, formula: Formula) -> tuple[Case, ...]:
        """Whether it holds on the whole grid."""
        assert isinstance(formula, Claim)
        found = formula.holds()
        return (Case(Verdict.AGREES if found.holds else Verdict.DISAGREES, len(found.numbers), math.nan),)

    def described(self, formula: Formula) -> tuple[str, ...]:
        """Where."""
        assert isinstance(formula, Claim)
        return (f"grid: {formula.grid}",)


CHECKED, COMPUTED = Checked(), Computed()


def compared(value: float, reference: float, margin: float) -> Case:
    """One number against another that may be `margin` away, in relative terms.

    >>> compared(1.0, 1.25, margin=0.1).verdict.name
    'DISAGREES'
    """
    gap = abs(value - reference) / abs(reference)
    return Case(Verdict.AGREES if gap <= margin else Verdict.DISAGREES, 1, gap, detectable=margin)


def statement_of(formula: Formula) -> Statement:
    """The formula of an entry, which is known to be about a statement."""
    assert isinstance(formula, Statement)
    return formula


def _checks_of(formula: Formula) -> tuple[Check, ...]:
    return tuple(check for check in CHECKS if formula.name in check.statements)


def _answered(check: Check, statement: Statement) -> Case:
    passed, heard = check.evidence(statement)
    count = sum(one.values.size for one in heard)
    gap, sharpness = (_worst(heard, of) for of in (lambda one: one.values - one.references, lambda one: one.margins))
    if not passed:
        return Case(Verdict.DISAGREES, count, gap)
    decides = bool(heard) and sharpness <= SHARP
    return Case(Verdict.AGREES if decides else Verdict.UNRESOLVED, count, gap, detectable=sharpness)


def _worst(heard: tuple[Compared, ...], part: Callable[[Compared], Array]) -> float:
    """The largest of some numbers, each relative to the largest reference that it was compared together with."""
    sizes = [float(np.max(np.abs(part(one)))) / (float(np.max(np.abs(one.references))) or 1.0) for one in heard]
    return max((size for size in sizes if math.isfinite(size)), default=math.nan)


def _case(judgement: Judgement, finite_size: float) -> Case:
    allowed = max(STANDARD.tolerance, 4 * finite_size) if finite_size else 0.0
    error = judgement.standard_error / abs(judgement.theory) if judgement.theory else math.nan
    z = max(abs(judgement.gap) - allowed, 0.0) / error if error else math.nan
    return Case(judgement.verdict, 1, abs(judgement.gap), z, judgement.detectable_error)


@cache
def _errors(chain: Chain, replicates: int, seed: int) -> Array:
    noise = DRAWN if draws_no_rows(chain) else INTEGRATED
    return simulate(chain, replicates, seed, noise=noise).errors[:, -1]

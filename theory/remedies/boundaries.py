"""Boundaries between remedies in closed form: which statement tells two of them apart, and on which side one is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import jax
import numpy as np

from ..evaluation.exchangeable import NO_SPECTRUM
from ..evaluation.lowering import evaluate, run
from ..problem import notation as x
from ..problem.estimator import MinimumNorm
from ..problem.target import Target
from ..rules.selection import FALSE_DROP, FALSE_KEEP, KEPT, RAW, SHARE, TOP_SHARE
from ..rules.statement import Statement
from ..statements.remedies import (
    LARGEST_GAIN_OF_NOISE,
    NOISIEST_SYNTHETIC_ROWS,
    SHARE_THAT_BEATS_ACCUMULATION,
    WORST_VERIFIER_AT_A_STRICTNESS,
    WORST_VERIFIER_FOR_EVER,
)
from ..statements.verification import LABELLER
from .budget import Budget
from .optimum import optimised
from .packaged import AccumulateRows, Mix, OnlyReal, Replace
from .remedy import Remedy
from .search import QUICK
from .situation import Situation, judged_rows, squared_error
from .verifying import VerifyShare


class Boundary(ABC):
    """An open family: a statement on whose two sides different remedies win.

    Attributes:
        statement: the equation, with its hypotheses.
    """

    statement: Statement

    @abstractmethod
    def separates(self, first: Remedy, second: Remedy) -> bool:
        """Whether it is about these two, in this order."""

    @abstractmethod
    def excess(self, situation: Situation, first: Remedy, second: Remedy) -> float:
        """Positive where the first wins, 0 on the boundary, NaN where it says nothing; the second wins elsewhere."""


@final
@dataclass(frozen=True)
class OneVerifiedRound(Boundary):
    """Verification at a given strictness against no remedy, after one round on very many rows."""

    statement = WORST_VERIFIER_AT_A_STRICTNESS

    def separates(self, first: Remedy, second: Remedy) -> bool:
        return _at_a_share(first) and _by_least_squares(second, Replace)

    def excess(self, situation: Situation, first: Remedy, second: Remedy) -> float:
        """B* - B; infinite where no verifier is bad enough."""
        labeller, verifier = situation.initial, situation.verifier
        if situation.endless or situation.generations > 1 or labeller is None or verifier is None:
            return math.nan
        if not _at_right_angles(labeller, verifier, situation):
            return math.nan
        error, raw = squared_error(labeller, situation.population), raw_second_moment(_share_of(first))
        noise = float(situation.noise) ** 2
        if 2 * raw * error >= noise * (1 - raw):
            return math.inf
        worst = number(self.statement, {LABELLER: error, RAW: raw, x.noise_squared: noise})
        return worst - squared_error(verifier, situation.population)


@final
@dataclass(frozen=True)
class VerifiedForEver(Boundary):
    """Verification at a given strictness against any remedy that settles, in the end."""

    statement = WORST_VERIFIER_FOR_EVER

    def separates(self, first: Remedy, second: Remedy) -> bool:
        return _at_a_share(first) and not second.needs.verifier

    def excess(self, situation: Situation, first: Remedy, second: Remedy) -> float:
        """B* - B; NaN where neither settles, or the first does not."""
        if not situation.endless or situation.verifier is None:
            return math.nan
        if not isinstance(situation.budget, Budget):
            return math.nan
        share, rows = _share_of(first), judged_rows(situation.budget)
        left, raw = share * rows - situation.rank - 1, raw_second_moment(share)
        if left <= 0 or situation.rank / left >= number(LARGEST_GAIN_OF_NOISE, {RAW: raw}):
            return math.nan
        rival, _ = optimised(second, situation, QUICK)
        if rival is None:
            return math.inf
        given = {x.error: rival.error, RAW: raw, KEPT: share, x.rows: float(rows), x.rank: float(situation.rank)}
        worst = number(self.statement, given | {x.noise_squared: float(situation.noise) ** 2})
        return worst - squared_error(situation.verifier, situation.population)


@final
@dataclass(frozen=True)
class NoisySyntheticRows(Boundary):
    """Fresh real rows beside all synthetic ones against the real ones alone, in the end."""

    statement = NOISIEST_SYNTHETIC_ROWS

    def separates(self, first: Remedy, second: Remedy) -> bool:
        return _mixes_all(first) and _by_least_squares(second, OnlyReal)

    def excess(self, situation: Situation, first: Remedy, second: Remedy) -> float:
        """nu* minus the ratio of the noise variances."""
        budget, noise = situation.budget, situation.noise_of_real_rows
        if not isinstance(budget, Budget):
            return math.nan
        real, synthetic = budget.real_rows, budget.synthetic_rows
        if not situation.endless or not synthetic or not noise > 0 or real < situation.rank + 2:
            return math.nan
        sizes = {x.rows: float(real + synthetic), x.new_rows: float(synthetic), x.rank: float(situation.rank)}
        return number(self.statement, sizes) - (float(situation.noise) / float(noise)) ** 2


@final
@dataclass(frozen=True)
class RealRowsOrAStore(Boundary):
    """Fresh real rows beside all synthetic ones against accumulation of the synthetic ones, in the end."""

    statement = SHARE_THAT_BEATS_ACCUMULATION

    def separates(self, first: Remedy, second: Remedy) -> bool:
        return _mixes_all(first) and _by_least_squares(second, AccumulateRows)

    def excess(self, situation: Situation, first: Remedy, second: Remedy) -> float:
        """alpha - alpha*."""
        budget = situation.budget
        if not isinstance(budget, Budget):
            return math.nan
        rows, stored = budget.real_rows + budget.synthetic_rows, budget.synthetic_rows
        same_noise = situation.noise == situation.noise_of_real_rows
        if not situation.endless or not stored or situation.initial is not None or not same_noise:
            return math.nan
        if 6 * stored >= np.pi**2 * rows:
            return math.nan
        share = number(self.statement, {x.rows: float(rows), x.new_rows: float(stored)})
        return budget.real_rows / rows - share


CLOSED: tuple[Boundary, ...] = (
    OneVerifiedRound(),
    VerifiedForEver(),
    NoisySyntheticRows(),
    RealRowsOrAStore(),
)


def number(statement: Statement, given: Mapping[Any, float]) -> float:
    """The value of a statement without a spectrum.

    >>> round(number(SHARE_THAT_BEATS_ACCUMULATION, {x.rows: 10.0, x.new_rows: 10.0}), 4)
    0.3738
    """
    with jax.enable_x64(True):
        return float(evaluate(statement.result, run(statement.definitions, given, NO_SPECTRUM), NO_SPECTRUM))


def raw_second_moment(share: float) -> float:
    """a of a `TopShare`: the mean square of the residuals that it keeps, in units of that of all.

    >>> round(raw_second_moment(0.5), 4)
    0.1427
    """
    until = [symbol for symbol, _ in TOP_SHARE.definitions].index(RAW) + 1
    reliable = {FALSE_DROP: 0.0, FALSE_KEEP: 0.0}
    with jax.enable_x64(True):
        known = run(TOP_SHARE.definitions[:until], {SHARE: float(share), **reliable}, NO_SPECTRUM)
        return float(known[RAW])


def closed_between(remedies: Sequence[Remedy]) -> list[tuple[Boundary, Remedy, Remedy]]:
    """The closed boundaries between these remedies."""
    pairs = [(first, second) for first in remedies for second in remedies if first is not second]
    return [(one, *pair) for one in CLOSED for pair in pairs if one.separates(*pair)]


def _at_a_share(remedy: Remedy) -> bool:
    return isinstance(remedy, VerifyShare) and remedy.share is not None and isinstance(remedy.estimator, MinimumNorm)


def _share_of(remedy: Remedy) -> float:
    assert isinstance(remedy, VerifyShare)
    assert remedy.share is not None
    return remedy.share


def _mixes_all(remedy: Remedy) -> bool:
    return isinstance(remedy, Mix) and remedy.every_row and isinstance(remedy.estimator, MinimumNorm)


def _by_least_squares(remedy: Remedy, kind: type[Replace | AccumulateRows | OnlyReal]) -> bool:
    return isinstance(remedy, kind) and isinstance(remedy.estimator, MinimumNorm)


def _at_right_angles(one: Target, other: Target, situation: Situation) -> bool:
    """Whether E a'Sigma b vanishes, up to rounding; random offsets are independent."""
    spectrum = situation.population.spectrum
    k = np.arange(1, spectrum.dimension + 1)
    if one == other:
        return False
    product = float((spectrum.eigenvalues() * one.mean(k, spectrum) * other.mean(k, spectrum)).sum())
    sizes = squared_error(one, situation.population) * squared_error(other, situation.population)
    return abs(product) <= 1e-12 * math.sqrt(sizes)

"""Penalties that leave the least error after the last generation, with certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..evaluation.penalised import ENDLESS, Penalised, penalised
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import SpecificationError
from ..problem.estimator import MinimumNorm, Ridge
from ..results.chains import chain_record
from ..results.labelled import LABEL_UNITS, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..rules.bibliography import cite
from ..rules.resolvent import RESOLVENT
from .descent import STATIONARY, Minimum, clean_optimum, least, require_limits, search_of
from .freedom import Freedom, require_freedom

AGREEING = 1e-9  # relative difference of the errors of two starts that agree


@final
@dataclass(frozen=True, eq=False, repr=False)
class Schedule(Tabled):
    """Penalties that leave the least error, and what certifies them.

    Attributes:
        chain: with these penalties: no penalty is `MinimumNorm`, an infinite one a number beyond all scales. What
            `predict` says of it is exact where it can be; `error` is the equivalent, which no penalty has as its limit.
        freedom: what was free.
        penalty: of each generation, shape (N,); 0 for the limit of no penalty, infinity for that of no model.
        error: excess error after each generation, shape (N,).
        minimum: parameters, slope and curvature in them, and the errors that all starts lead to.
    """

    chain: Chain
    freedom: Freedom
    penalty: Vector
    error: Vector
    minimum: Minimum

    @property
    def increasing(self) -> bool:
        """Whether shrinkage comes late: no penalty is less than the one before it, and the last exceeds the first."""
        return bool(np.all(self.penalty[1:] >= self.penalty[:-1]) and self.penalty[-1] > self.penalty[0])

    @property
    def stationarity(self) -> float:
        """The largest relative slope of the error over the parameters that are at no end, per e-fold of a penalty."""
        return float(np.abs(self.minimum.slope[self.minimum.inside]).max(initial=0.0))

    @property
    def curvature(self) -> float:
        """The least relative second derivative in any direction of those parameters; infinite without any."""
        return self.minimum.curvature

    @property
    def agreeing(self) -> int:
        """How many starts lead to this error, to 1e-9 of it."""
        return int(np.sum(self.minimum.reached <= self.minimum.reached.min() * (1 + AGREEING)))

    @property
    def certified(self) -> bool:
        """Whether this is a strict local minimum: stationary, curved upwards, and at an end only where that is uphill.

        That it is the global one is not proved; `agreeing` and `minimum.reached` say what other starts found.
        """
        return self.stationarity <= STATIONARY and self.curvature > 0

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "Schedule",
            **chain_record(self.chain),
            "freedom": type(self.freedom).__name__,
            "penalty": plain(self.penalty),
            "error": plain(self.error),
            "parameters": plain(self.minimum.parameters),
            "stationarity": self.stationarity,
            "curvature": plain(self.curvature),
            "reached": plain(self.minimum.reached),
            "agreeing": self.agreeing,
            "increasing": self.increasing,
            "certified": self.certified,
        }

    def labelled(self) -> Labelled:
        """One row for each generation."""
        columns = {"penalty": Column(self.penalty, "covariance units"), "error": Column(self.error, LABEL_UNITS)}
        names = ("stationarity", "curvature", "agreeing", "increasing", "certified")
        about = {name: getattr(self, name) for name in names}
        return Labelled({"generation": range(1, len(self.chain) + 1)}, columns, about)

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the statements."""
        return cite([statement.source for statement in RESOLVENT.statements()])

    _head = ("generation", "penalty", "error")
    _details_title = "certificate"

    def _rows(self) -> list[tuple[str, ...]]:
        pairs = zip(self.penalty.tolist(), self.error.tolist(), strict=True)
        return [(str(g), f"{penalty:.5g}", f"{error:.5g}") for g, (penalty, error) in enumerate(pairs, start=1)]

    def _notes(self) -> list[str]:
        verdict = "a certified local minimum" if self.certified else "no certified minimum"
        equal = "are equal" if np.all(self.penalty == self.penalty[0]) else "do not increase"
        rank = self.chain.population.spectrum.rank()
        rows = np.array([step.rows for step in self.chain.generations])
        noisy = np.array([any(source.noise > 0 for source in step.generated) for step in self.chain.generations])
        bare = np.flatnonzero((self.penalty == 0) & noisy & (np.abs(rows - rank) <= 1)) + 1
        where = f"generation {', '.join(map(str, bare.tolist()))}"
        exact = [f"{where}: the limit of no penalty; exactly, the error without one is infinite"] if bare.size else []
        return [
            *exact,
            f"{verdict}: relative slope {self.stationarity:.1e}, least curvature {self.curvature:.2g}",
            f"{self.agreeing} of {len(self.minimum.reached)} starts agree; the penalties "
            + ("increase" if self.increasing else equal),
        ]


def optimise_schedule(chain: Chain, freedom: Freedom) -> Schedule:
    """The penalties that leave the least excess error after the last generation.

    $$ \\min_{0 \\le \\lambda_1, \\dots, \\lambda_N \\le \\infty} E_N(\\lambda_1, \\dots, \\lambda_N) $$

    over what is free. The error is the equivalent of the ridge chain, differentiated through its effective ridges; no
    penalty at all is its limit, which for T rows and rank r has T - r where the exact statement has T - r - 1. The
    problem is not convex: searches start at several places, the best is polished by Newton's method and certified.

    Args:
        chain: numbers only; every fit is ridge regression or least squares, on fresh rows of its own generation. Its
            own penalties are not read.
        freedom: `FREE` (one penalty per generation), `SHARED` (one for all), `LAST_ONLY` (the last one, the generators
            having none), or `Parametric(family, start)`, such as
            `Parametric.geometric()`.

    Returns:
        A `Schedule`.

    Raises:
        NoTheorem: for other chains; for `LAST_ONLY` where a generator has as many rows as directions.
        NotCertified: where an effective ridge is not certified.
        SpecificationError: for anything but a freedom.

    Source: theory/rules/resolvent.py, by the recursion of `predict`.

    >>> from modelcollapse.theory.problem import *
    >>> from modelcollapse.theory.remedies.freedom import FREE
    >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=1, rows=40, noise=0.5)
    >>> schedule = optimise_schedule(chain, FREE)
    >>> schedule.penalty.round(9), schedule.certified  # sigma^2 d/(T |w_0|^2) = 1/4 * 20/40 for one ridge fit
    (array([0.125]), True)
    """
    require_freedom(freedom)
    search = search_of(penalised(chain), freedom)
    found = least(search)
    penalties = search.free.penalties(found.coordinates)
    return Schedule(_with_penalties(chain, search.free, penalties), freedom, penalties, found.errors, found)


def clean_optimal_penalties(chain: Chain) -> Vector:
    """The penalty that is best for each fit by itself, were its rows labelled by the truth, shape (N,).

    Args:
        chain: as for `optimise_schedule`.

    Raises:
        NoTheorem: for chains that `optimise_schedule` refuses.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=2, rows=[40, 80], noise=0.5)
    >>> clean_optimal_penalties(chain).round(7)  # sigma^2 d/(T |w_0|^2)
    array([0.125 , 0.0625])
    """
    free = penalised(chain)
    return free.penalties(clean_optimum(free))


def scheduled_error(chain: Chain, penalty: Any) -> Vector:
    """The excess error after each generation with these penalties, shape (N,), equivalents throughout.

    Args:
        chain: as for `optimise_schedule`.
        penalty: >= 0 or infinity, one for all generations or (N,); 0 is the limit of no penalty.

    Raises:
        NoTheorem: for chains that `optimise_schedule` refuses, and without a penalty on as many rows as directions.
        SpecificationError: for negative penalties, and for another number of them.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=2, rows=40, noise=0.5)
    >>> scheduled_error(chain, 0.0).round(12)  # 1/4 * 20/(40 - 20) for each generation
    array([0.25, 0.5 ])
    """
    free = penalised(chain)
    values = np.asarray(penalty, dtype=np.float64)
    if values.shape not in ((), (len(chain),)) or not np.all(values >= 0):
        raise SpecificationError("penalty", penalty, f"a number >= 0, or {len(chain)} of them")
    require_limits(free, values == 0)
    return free.errors(free.coordinates(np.broadcast_to(values, len(chain))))


def _with_penalties(chain: Chain, free: Penalised, penalties: Vector) -> Chain:
    largest = free.large * ENDLESS
    for generation, penalty in enumerate(np.minimum(penalties, largest).tolist(), start=1):
        chain = chain.with_(estimator=Ridge(penalty) if penalty > 0 else MinimumNorm(), generation=generation)
    return chain

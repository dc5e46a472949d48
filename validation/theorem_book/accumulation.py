"""[G]: rows that accumulate."""

from __future__ import annotations

from ...theory.problem import Chain, Isotropic, MinimumNorm, Population, UniformTarget, accumulate
from ...theory.problem import notation as x
from ...theory.rules.accumulation import ACCUMULATED_ROWS, REPEATED_ROWS
from ...theory.rules.bibliography import ACCUMULATION
from ...theory.rules.statement import Statement
from ...theory.statements import accumulation as book
from ...theory.statements import published
from ..claims.policies import ACCUMULATING
from ..evaluated import after
from .entry import Correction, Entry, entries
from .witnesses import CHECKED, COMPUTED, Simulated

_RANK, _ROWS, _NOISE, _GENERATIONS = 10, 32, 0.7, 4


def _chain(same_rows: bool) -> Chain:
    population = Population(Isotropic(_RANK), UniformTarget())
    return accumulate(population, _GENERATIONS, rows=_ROWS, noise=_NOISE, estimator=MinimumNorm(), same_rows=same_rows)


def _error(statement: Statement, chain: Chain) -> float:
    return after(len(chain), statement, {x.rows: float(_ROWS), x.rank: float(_RANK), x.noise: _NOISE})


_SAME_ROWS = (
    "The paper's sum over 1/i^2 is exact where every generation labels the same rows again (a fixed design); for fresh "
    "rows it is a strict upper bound from the second generation on, tight as rank/rows goes to 0."
)

ACCUMULATION_ENTRIES: tuple[Entry, ...] = (
    Entry(ACCUMULATION, book.TEST_ERROR_ON_REPEATED_ROWS, (CHECKED, Simulated(_chain(True), _error, 4096))),
    Entry(
        ACCUMULATION,
        book.TEST_ERROR_OF_ACCUMULATION,
        (CHECKED, Simulated(_chain(False), _error, 4096)),
        correction=Correction(_SAME_ROWS, published.FRESH_ROWS_AS_REPEATED),
    ),
    Entry(
        ACCUMULATION,
        book.LIMIT_OF_ACCUMULATION,
        (CHECKED,),
        correction=Correction(_SAME_ROWS, published.LIMIT_AS_ON_REPEATED_ROWS),
    ),
    Entry(ACCUMULATION, book.SAVED_BY_FRESH_ROWS, (CHECKED,), correction=Correction(_SAME_ROWS)),
    *entries(ACCUMULATION, CHECKED, book.LIMIT_ON_REPEATED_ROWS, ACCUMULATED_ROWS.noise, REPEATED_ROWS.noise),
    Entry(ACCUMULATION, ACCUMULATING, (COMPUTED,)),
)

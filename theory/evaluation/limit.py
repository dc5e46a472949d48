"""The error after infinitely many generations, where a statement gives it."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..chains.expressed import Expressed
from ..chains.family import Reading, reading_of
from ..chains.mixture import Mixture
from ..chains.reading import Step, last_restart, noise_squared
from ..chains.selected import Selected, read_selected
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.covariates import SameRows
from ..problem.errors import NoTheorem
from ..problem.labels import Blend
from ..problem.memory import Forget
from ..rules.disturbed_rows import DISTURBED_LEAST_SQUARES
from ..rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from ..rules.projection import PROJECTION
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from ..statements.accumulation import (
    LIMIT_OF_ACCUMULATION,
    LIMIT_ON_REPEATED_ROWS,
    TEST_ERROR_OF_ACCUMULATION,
    TEST_ERROR_ON_REPEATED_ROWS,
)
from ..statements.book import synthetic_rows, theorem_of
from ..statements.least_squares import TEST_ERROR_AFTER_REPLACEMENT
from ..statements.mixture import FADING, LIMIT_WITH_FRESH_REAL_ROWS, TEST_ERROR_WITH_FRESH_REAL_ROWS
from ..statements.refitted_covariates import TEST_ERROR_WITH_REFITTED_COVARIATES
from ..statements.subsample import LIMIT_OF_SUBSAMPLES, TEST_ERROR_OF_SUBSAMPLES
from .blended_loop import blended_steady_state
from .exchangeable import NO_SPECTRUM
from .inputs import as_array, grouped_spectra
from .lowering import evaluate, run
from .outcome import offsets_in
from .selected import given_numbers, selected_limit
from .steady_state import steady_state

LIMITS: dict[str, Statement] = {
    TEST_ERROR_OF_ACCUMULATION.name: LIMIT_OF_ACCUMULATION,
    TEST_ERROR_ON_REPEATED_ROWS.name: LIMIT_ON_REPEATED_ROWS,
    TEST_ERROR_WITH_FRESH_REAL_ROWS.name: LIMIT_WITH_FRESH_REAL_ROWS,
    TEST_ERROR_OF_SUBSAMPLES.name: LIMIT_OF_SUBSAMPLES,
}

_ENDLESS = (TEST_ERROR_AFTER_REPLACEMENT, TEST_ERROR_WITH_REFITTED_COVARIATES)  # grow for ever
_INSTEAD = "predict(chain), generation by generation"


def limit_of(chain: Chain) -> Any:
    """The excess error after infinitely many generations like those of a chain; infinite where it grows for ever.

    Args:
        chain: equal generations of least squares: replaced (with refitted covariates, too), accumulated (fresh or same
            rows), with fresh real rows, or on samples of the store; the same rows labelled again by a blend of truth
            and model; or any loop that `steady_state` covers, or that a verifier judges, whose last generation is then
            repeated.

    Raises:
        NoTheorem: for other chains.

    >>> from modelcollapse.theory.problem import *
    >>> first = Generation((Source(41, 3.0, PREVIOUS),), MinimumNorm(), memory=ACCUMULATE)
    >>> again = Generation((Source(41, 3.0, PREVIOUS, covariates=SameRows(1)),), MinimumNorm(), memory=ACCUMULATE)
    >>> chain = Chain(Population(Isotropic(20), UniformTarget()), (first, again))
    >>> round(limit_of(chain) / (9 * 20 / 20) * 6, 6)  # pi^2, as sigma^2 r/(n - r - 1) sum 1/i^2
    9.869604
    """
    if _blends_on_the_same_rows(chain):
        return blended_steady_state(chain)
    reading = reading_of(chain)
    if chain.initial is not None and isinstance(reading, Expressed):
        reading = read_selected(chain)
    if isinstance(reading, Selected):
        return _limit_of_judged_rows(chain, reading)
    theorem = theorem_of(reading)
    if isinstance(reading, tuple) and theorem.name not in LIMITS and _settles(reading[-1]):
        return steady_state(chain).error
    given = _given(chain, reading)
    if len(chain) < 2 or (isinstance(reading, tuple) and last_restart(reading) > 0):
        raise NoTheorem("at least two generations (for their limit), the truth labelling only the first", _INSTEAD)
    if theorem in _ENDLESS and checks.is_concrete(given[x.noise]):
        return np.inf if given[x.noise] > 0 else 0.0
    if theorem.name not in LIMITS:
        raise NoTheorem("all generations are least squares, and equal (for their limit)" + _if_traced(given), _INSTEAD)
    statement = LIMITS[theorem.name]
    with jax.enable_x64(True):
        known = run(statement.definitions, {symbol: as_array(value) for symbol, value in given.items()}, NO_SPECTRUM)
        value = evaluate(statement.result, known, NO_SPECTRUM)
    if not checks.is_concrete(value):
        return value
    fades = float(known.get(FADING, 0.0)) < 1.0 and given[x.rows] > given[x.rank] + 1
    return float(value) if fades or given[x.noise] == 0 else np.inf


def _limit_of_judged_rows(chain: Chain, reading: Selected) -> float:
    with jax.enable_x64(True):
        spectra = grouped_spectra(chain.population, offsets_in(reading))
        numbers = [spectra.products, *(value for step in reading.steps for value in given_numbers(step))]
        if not all(checks.is_concrete(value) for value in numbers):
            raise NoTheorem("numbers alone (for the limit of judged rows)", _INSTEAD)
        return selected_limit(chain, reading, spectra)


def _blends_on_the_same_rows(chain: Chain) -> bool:
    """Whether the last generation labels earlier rows again with a blend, and sees nothing else."""
    last = chain.generations[-1]
    again = all(isinstance(s.covariates, SameRows) and isinstance(s.labels, Blend) for s in last.generated)
    return again and not last.kept and isinstance(last.memory, Forget)


def _settles(step: Step) -> bool:
    """Whether a generation, repeated for ever, can settle: least squares on labels of the model before cannot."""
    shrinking = (RESOLVENT, PROJECTION, PROJECTED_LEAST_SQUARES, RANDOM_SUBSPACE, DISTURBED_LEAST_SQUARES)
    return step.rule in shrinking or step.blended


def _if_traced(given: dict[Any, Any]) -> str:
    """Why equal generations may not be known as equal."""
    traced = not all(checks.is_concrete(value) for value in given.values())
    return "; the noises of a transform are not known to be equal" if traced else ""


def _given(chain: Chain, reading: Reading) -> dict[Any, Any]:
    """What the limits speak of: rows of a generation, the noise, the rank, and the synthetic rows of a mixture."""
    first = chain.generations[0]
    given = {x.rows: first.rows, x.noise: noise_squared(first) ** 0.5, x.rank: chain.population.spectrum.rank()}
    if isinstance(reading, Mixture):
        given[x.new_rows] = synthetic_rows(reading) or 0.0
    return given

"""Named checks of least squares on the same real rows in every generation.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ...theory.evaluation.lowering import Nodes
from ...theory.evaluation.prediction import Prediction, predict
from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Generation,
    Isotropic,
    Kept,
    MinimumNorm,
    Population,
    Source,
    UniformTarget,
)
from ...theory.problem import notation as x
from ...theory.rules.kept_rows import (
    ANGLE,
    DENSITY_OF_KEPT_ROWS,
    REAL_NOISE,
    REAL_ROWS,
    SPECTRUM_OF_KEPT_ROWS,
    TARGET_OF_KEPT_ROWS,
)
from ...theory.rules.statement import Statement
from ...theory.statements.kept_rows import TEST_ERROR_WITH_KEPT_REAL_ROWS
from ..evaluated import executed, forwards_on_kept_rows
from ..measured import Array
from ..named_check import Check, agree
from . import drawn
from .drawn import Size

# The real rows.
RANK, ROWS = 24, 70
NODES = 600
_ANGLES = np.arange(1, NODES + 1) * np.pi / (NODES + 1)  # a Gauss rule
# The chain on them: in so many generations there are other rows, too.
REAL_NOISE_LEVEL, REAL_WEIGHT = 0.75, 1.4
CHAIN = Size(rank=RANK, rows=50, noise=0.55, generations=3, replicates=600)
# The same with so many rows per direction that only means are left.
MANY = 10**6


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    if statement.name == TEST_ERROR_WITH_KEPT_REAL_ROWS.name:
        return bool(np.isfinite(forwards_on_kept_rows(statement, chain_of(CHAIN, ROWS))))
    return bool(np.all(np.isfinite(_by_angle(statement))))


def moments_of_marchenko_and_pastur(statement: Statement) -> bool:
    """Moments of x, the whitened R/n_0, against their closed forms: 1, 1 + y, and 1/(1 - y) for its inverse."""
    y, step = RANK / ROWS, np.pi / (NODES + 1)
    if statement.name == DENSITY_OF_KEPT_ROWS.name:
        width, density = _eigenvalue(), _by_angle(statement) * step
    else:
        width, density = 1 / (ROWS * _by_angle(statement)), _density() * step
    found = [float(np.sum(density * width**power)) for power in (0, 1, 2, -1)]
    return agree(np.array(found), np.array([1.0, 1.0, 1 + y, 1 / (1 - y)]))


def eigenvalues_of_drawn_rows(statement: Statement) -> bool:
    """Eigenvalues of Gram matrices drawn with NumPy: how many exceed the mean, and the mean square of the inverse."""
    step, (above, squares) = np.pi / (NODES + 1), _drawn_eigenvalues()
    if statement.name == DENSITY_OF_KEPT_ROWS.name:
        return agree(np.sum(_by_angle(statement)[_eigenvalue() > 1]) * step, above, 4 / RANK * above)
    return agree(np.sum(_by_angle(statement) ** 2 * _density()) * step, squares, 4 / RANK * squares)


def noise_learnt_from_drawn_rows(statement: Statement) -> bool:
    """Mean squares of the fit to drawn rows in the directions of their Gram matrix, as errors on covariance R^-1."""
    rows = np.random.default_rng(drawn.SEED).standard_normal((ROWS, RANK))
    values, directions = np.linalg.eigh(rows.T @ rows)
    solve = directions.T @ np.linalg.pinv(rows)
    # In coordinates R^(1/2) f, times the eigenvalue of R^-1, the mean square is that of f itself.
    squares = REAL_NOISE_LEVEL**2 * np.sum(solve**2, axis=1)
    ones = np.ones(RANK)
    value, _ = executed(statement, {REAL_NOISE: REAL_NOISE_LEVEL}, Nodes(1 / values, ones, ones))
    return agree(value, squares)


def many_rows_per_direction(statement: Statement) -> bool:
    """With a million rows per direction models are means: e_g = b f + (1 - b)(e_{g-1} + noise), b the real share."""
    margin = 40 / MANY
    for starts_full in (False, True):
        value = forwards_on_kept_rows(statement, _of_many_rows(starts_full))
        reference = _mean_of_means(starts_full)
        if not agree(value, reference, margin * reference):
            return False
    return True


def regressions_on_kept_rows(statement: Statement) -> bool:
    """Chains drawn and solved with NumPy: the mean lies within six standard errors and four finite-size gaps."""
    for starts_full in (False, True):
        chain = chain_of(CHAIN, ROWS, starts_full)
        weight = 1.0 if starts_full else REAL_WEIGHT
        mean, error = drawn.with_kept_rows(CHAIN, ROWS, REAL_NOISE_LEVEL, weight, starts_full)
        gap = 4 * float(_predicted(chain).finite_size[-1]) * mean
        if not agree(forwards_on_kept_rows(statement, chain), mean, 6 * error + gap):
            return False
    return True


def the_recursion_ends_there(statement: Statement) -> bool:
    """The theorem's number against the prediction of the compiled recursion."""
    chains = [chain_of(CHAIN, ROWS, starts_full) for starts_full in (False, True)]
    return all(agree(forwards_on_kept_rows(statement, one), float(_predicted(one).error[-1])) for one in chains)


def chain_of(size: Size, real_rows: int, starts_full: bool = False) -> Chain:
    """The same real rows in every generation, alone in the first unless that is full; fresh ones beside them."""
    further = (Source(size.rows, REAL_NOISE_LEVEL, TRUTH),) if starts_full else ()
    weight = 1.0 if starts_full else REAL_WEIGHT
    first = Generation((Source(real_rows, REAL_NOISE_LEVEL, TRUTH), *further), MinimumNorm())
    later = Generation((Kept(1, weight=weight), Source(size.rows, size.noise, PREVIOUS)), MinimumNorm())
    population = Population(Isotropic(size.rank, 1.7), UniformTarget(2.5))
    return Chain(population, (first, *[later] * (size.generations - starts_full)))


def _by_angle(statement: Statement) -> Array:
    """A statement on the spectrum at every angle."""
    ones = np.ones(NODES)
    given = {REAL_ROWS: float(ROWS), x.rank: float(RANK), ANGLE: _ANGLES, REAL_NOISE: REAL_NOISE_LEVEL}
    return executed(statement, given, Nodes(ones, ones, ones))[0] * ones


def _eigenvalue() -> Array:
    y = RANK / ROWS
    return np.asarray(1 + y + 2 * np.sqrt(y) * np.cos(_ANGLES))


def _density() -> Array:
    """The textbook's density in x, between the edges (1 -+ sqrt y)^2, times |dx/dphi|."""
    y, width = RANK / ROWS, _eigenvalue()
    lower, upper = (1 - np.sqrt(y)) ** 2, (1 + np.sqrt(y)) ** 2
    textbook = np.sqrt((upper - width) * (width - lower)) / (2 * np.pi * y * width)
    return np.asarray(textbook * 2 * np.sqrt(y) * np.sin(_ANGLES))


@cache
def _drawn_eigenvalues() -> tuple[float, float]:
    rows = np.random.default_rng(drawn.SEED).standard_normal((100, ROWS, RANK))
    values = np.linalg.eigvalsh(np.einsum("bnr,bns->brs", rows, rows))
    return float(np.mean(values > ROWS)), float(np.mean(values**-2.0))


def _of_many_rows(starts_full: bool) -> Chain:
    size = Size(rank=3, rows=5 * MANY, noise=CHAIN.noise, generations=CHAIN.generations, replicates=2)
    return chain_of(size, 2 * MANY, starts_full)


def _mean_of_means(starts_full: bool) -> float:
    real, fresh = 2 * MANY * (1.0 if starts_full else REAL_WEIGHT), 5 * MANY
    share = real / (real + fresh)
    of_kept, of_fresh = REAL_NOISE_LEVEL**2 * 3 / (2 * MANY), CHAIN.noise**2 * 3 / (5 * MANY)
    of_further = REAL_NOISE_LEVEL**2 * 3 / (5 * MANY)
    on_kept, variance = (share, (1 - share) ** 2 * of_further) if starts_full else (1.0, 0.0)
    for _ in range(CHAIN.generations - starts_full):
        on_kept, variance = share + (1 - share) * on_kept, (1 - share) ** 2 * (variance + of_fresh)
    return float(on_kept**2 * of_kept + variance)


@cache
def _predicted(chain: Chain) -> Prediction:
    return predict(chain)


_LAWS = (SPECTRUM_OF_KEPT_ROWS, DENSITY_OF_KEPT_ROWS)

KEPT_ROWS_CHECKS = (
    Check.of(it_can_be_evaluated, *_LAWS, TEST_ERROR_WITH_KEPT_REAL_ROWS),
    Check.of(moments_of_marchenko_and_pastur, *_LAWS),
    Check.of(eigenvalues_of_drawn_rows, *_LAWS),
    Check.of(noise_learnt_from_drawn_rows, TARGET_OF_KEPT_ROWS),
    Check.of(many_rows_per_direction, TEST_ERROR_WITH_KEPT_REAL_ROWS),
    Check.of(regressions_on_kept_rows, TEST_ERROR_WITH_KEPT_REAL_ROWS),
    Check.of(the_recursion_ends_there, TEST_ERROR_WITH_KEPT_REAL_ROWS),
)

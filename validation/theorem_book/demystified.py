"""[D]: least squares and ridge regression, generation after generation; its scaling laws are in `scaling`."""

from __future__ import annotations

from ...theory.problem import Isotropic, MinimumNorm, Population, PowerLaw, Ridge, SourceCondition, UniformTarget
from ...theory.problem import demystified as after_generators
from ...theory.problem import replace as replacement
from ...theory.rules.bibliography import DEMYSTIFIED
from ...theory.rules.least_squares import LEAST_SQUARES
from ...theory.rules.random_subspace import RANDOM_SUBSPACE
from ...theory.rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ...theory.rules.statement import Statement
from ...theory.statements import demystified as book
from ...theory.statements import published
from ...theory.statements.least_squares import TEST_ERROR_AFTER_REPLACEMENT
from ...theory.statements.monitors import TRAINING_RESIDUAL_OF_RIDGE
from ...theory.statements.ridge_chain import TEST_ERROR_OF_A_CHAIN, TEST_ERROR_OF_A_CHAIN_BACKWARDS
from ..evaluated import closed_form, forwards
from .entry import Correction, Entry, entries
from .witnesses import CHECKED, Simulated

_RIDGE = replacement(
    Population(PowerLaw(32, 1.2), SourceCondition(0.4)), 3, [110, 70, 140], [0.3, 0.5, 0.4], Ridge(0.05)
)
_SMALL = Population(Isotropic(7, 1.6), UniformTarget(2.5))
_WALK = replacement(_SMALL, 4, 23, 0.6, MinimumNorm())
_SUBSPACES = replacement(Population(Isotropic(20, 1.6), UniformTarget(2.5)), 3, 11, 0.6, MinimumNorm())
_GENERATORS = after_generators(
    Population(Isotropic(12), UniformTarget(0.3)),
    generators=3,
    generator_rows=24,
    generator_noise=0.6,
    rows=150,
    noise=0.4,
    estimator=Ridge(0.02),
)
_NO_PENALTY = after_generators(
    _SMALL, generators=3, generator_rows=19, generator_noise=0.6, rows=27, noise=0.35, estimator=MinimumNorm()
)

_PROPORTION = (
    "As recalled, the paper prints the strict proportional limit, with n - r for n - r - 1: too small by the factor "
    "(n - r - 1)/(n - r) in every term at finite size."
)
_SATURATES = (
    "The exponential is in the truth that is left, not in the error: that saturates at the error of the zero model "
    "plus a bounded effect of the noise."
)


def _proportion(printed: Statement) -> Correction:
    return Correction(_PROPORTION, printed)


DEMYSTIFIED_ENTRIES: tuple[Entry, ...] = (
    Entry(
        DEMYSTIFIED,
        TEST_ERROR_AFTER_REPLACEMENT,
        (CHECKED, Simulated(_WALK, closed_form, 20_000)),
        correction=_proportion(published.REPLACEMENT_IN_PROPORTION),
    ),
    Entry(
        DEMYSTIFIED,
        book.TEST_ERROR_WITHOUT_A_PENALTY,
        (CHECKED, Simulated(_NO_PENALTY, closed_form, 20_000)),
        correction=_proportion(published.NO_PENALTY_IN_PROPORTION),
    ),
    Entry(
        DEMYSTIFIED,
        book.TEST_ERROR_AFTER_GENERATORS,
        (CHECKED, Simulated(_GENERATORS, closed_form)),
        correction=_proportion(published.GENERATORS_IN_PROPORTION),
    ),
    Entry(
        DEMYSTIFIED,
        book.COLLAPSE_AFTER_GENERATORS,
        (CHECKED,),
        correction=_proportion(published.COLLAPSE_IN_PROPORTION),
    ),
    Entry(DEMYSTIFIED, TEST_ERROR_OF_A_CHAIN, (CHECKED, Simulated(_RIDGE, forwards))),
    Entry(
        DEMYSTIFIED,
        book.TEST_ERROR_BELOW_THE_RANK,
        (CHECKED, Simulated(_SUBSPACES, closed_form, 4096)),
        correction=Correction(_SATURATES),
    ),
    *entries(
        DEMYSTIFIED,
        CHECKED,
        book.LIMIT_BELOW_THE_RANK,
        book.TRUTH_LEFT_BELOW_THE_RANK,
        TEST_ERROR_OF_A_CHAIN_BACKWARDS,
        EFFECTIVE_RIDGE,
        *RESOLVENT.statements(),
        LEAST_SQUARES.noise,
        RANDOM_SUBSPACE.second_moment,
        RANDOM_SUBSPACE.noise,
        TRAINING_RESIDUAL_OF_RIDGE,
    ),
)

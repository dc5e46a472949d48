r"""Published formulas that the book corrects, or reads more narrowly: not true as they stand here, and not in it.

Each has the name and the hypotheses of the statement of the book that it is held against, so that the same witnesses
judge both; it is made from statements of the book by the step that separates the two:

- n - r in place of n - r - 1: the strict proportional limit of an inverse Wishart mean, read at finite size;
- the sum over 1/i^2 of repeated rows, read for fresh rows, where it is a strict upper bound;
- the collapse term of least squares in proportion, read at finite size;
- "100 % or 0 %", true of the Bayes agreement, read as label accuracy, whose limits are Phi(mu) and Phi(-mu);
- an effective ridge that counts generated rows where it should count those that a verifier has kept;
- the golden ratio as best share of real labels, read where the noises differ.

Theorem texts of the papers are quoted at second hand; see `validation/theorem_book` for the evidence.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import GoldenRatio

from ..problem import notation as x
from ..rules.statement import Statement
from .accumulation import (
    LIMIT_OF_ACCUMULATION,
    LIMIT_ON_REPEATED_ROWS,
    TEST_ERROR_OF_ACCUMULATION,
    TEST_ERROR_ON_REPEATED_ROWS,
)
from .blended_loop import OPTIMAL_REAL_SHARE
from .classification import ACCURACY_AFTER_FLIPS, LIMIT_AFTER_FLIPS, LIMIT_OF_THE_AGREEMENT
from .demystified import (
    COLLAPSE_AFTER_GENERATORS,
    GENERATOR_MARGIN,
    TEST_ERROR_AFTER_GENERATORS,
    TEST_ERROR_WITHOUT_A_PENALTY,
)
from .least_squares import TEST_ERROR_AFTER_REPLACEMENT
from .mixed_least_squares import COLLAPSE_OF_LEAST_SQUARES, COLLAPSE_OF_LEAST_SQUARES_IN_PROPORTION
from .strong_collapse import SYNTHETIC_ROWS, SYNTHETIC_SHARE


def _in_strict_proportion(statement: Statement) -> Statement:
    """Wishart margins without their -1."""
    margins = (x.wishart_margin, GENERATOR_MARGIN)
    definitions = tuple((s, value + 1 if s in margins else value) for s, value in statement.definitions)
    return replace(statement, definitions=definitions)


REPLACEMENT_IN_PROPORTION = _in_strict_proportion(TEST_ERROR_AFTER_REPLACEMENT)
GENERATORS_IN_PROPORTION = _in_strict_proportion(TEST_ERROR_AFTER_GENERATORS)
COLLAPSE_IN_PROPORTION = _in_strict_proportion(COLLAPSE_AFTER_GENERATORS)
NO_PENALTY_IN_PROPORTION = _in_strict_proportion(TEST_ERROR_WITHOUT_A_PENALTY)
FRESH_ROWS_AS_REPEATED = replace(TEST_ERROR_OF_ACCUMULATION, result=TEST_ERROR_ON_REPEATED_ROWS.result)
LIMIT_AS_ON_REPEATED_ROWS = replace(LIMIT_OF_ACCUMULATION, result=LIMIT_ON_REPEATED_ROWS.result)
POOLED_ROWS_IN_PROPORTION = replace(
    COLLAPSE_OF_LEAST_SQUARES,
    result=COLLAPSE_OF_LEAST_SQUARES_IN_PROPORTION.result.subs(SYNTHETIC_SHARE, SYNTHETIC_ROWS / x.rows),
)
PERFECT_AFTER_FLIPS = replace(LIMIT_AFTER_FLIPS, result=LIMIT_OF_THE_AGREEMENT.result)
# At its own kappa n - df_2 is the margin that the book writes without a difference; at another one it is not.
ACCURACY_BY_GENERATED_ROWS = replace(
    ACCURACY_AFTER_FLIPS,
    definitions=tuple(
        (s, x.rows - x.df_2 if s == x.margin_2 else value) for s, value in ACCURACY_AFTER_FLIPS.definitions
    ),
)
GOLDEN_RATIO = replace(OPTIMAL_REAL_SHARE, result=1 / GoldenRatio.expand(func=True))

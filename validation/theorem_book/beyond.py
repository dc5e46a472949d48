"""Claims of no one of the four papers: of other papers, of the public debate, and what is new here."""

from __future__ import annotations

from ...theory.statements import blended_loop, mixture, published, reestimated_noise, refitted_covariates, subsample
from ...theory.statements.kept_rows import TEST_ERROR_WITH_KEPT_REAL_ROWS
from ...theory.statements.least_squares import SPREAD_OVER_DRAWS
from ..claims.policies import NEVER_WARNING, RETAINING
from .entry import Correction, Entry, entries
from .witnesses import CHECKED, COMPUTED

_BLENDED = "cf. arXiv 2509.22341"
_GOLDEN = Correction(
    "The golden ratio .618, as recalled, is the best share of real labels only without a penalty, on the same "
    "rows in every generation, and where real and synthetic labels are equally noisy.",
    published.GOLDEN_RATIO,
)

BEYOND_ENTRIES: tuple[Entry, ...] = (
    Entry(None, blended_loop.OPTIMAL_REAL_SHARE, (CHECKED,), _BLENDED, correction=_GOLDEN),
    *entries(
        None,
        CHECKED,
        blended_loop.VARIANCE_FACTOR,
        blended_loop.STEADY_NOISE_WITHOUT_PENALTY,
        blended_loop.STEADY_STATE_OF_BLENDED_LABELS,
        place=_BLENDED,
    ),
    *entries(
        None, CHECKED, subsample.TEST_ERROR_OF_SUBSAMPLES, subsample.LIMIT_OF_SUBSAMPLES, place="cf. arXiv 2410.16713"
    ),
    *entries(None, CHECKED, refitted_covariates.TEST_ERROR_WITH_REFITTED_COVARIATES, place="cf. arXiv 2305.17493"),
    *entries(
        None,
        CHECKED,
        blended_loop.OPTIMAL_POOLED_SHARE,
        mixture.TEST_ERROR_WITH_FRESH_REAL_ROWS,
        mixture.LIMIT_WITH_FRESH_REAL_ROWS,
        TEST_ERROR_WITH_KEPT_REAL_ROWS,
        *reestimated_noise.REESTIMATED,
        SPREAD_OVER_DRAWS,
    ),
    Entry(None, RETAINING, (COMPUTED,)),
    Entry(None, NEVER_WARNING, (COMPUTED,)),
)

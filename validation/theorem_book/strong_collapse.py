"""[S]: real and synthetic rows in one fit, with and without a random projection."""

from __future__ import annotations

import numpy as np

from ...theory.evaluation.lowering import Nodes
from ...theory.problem import (
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Levels,
    Population,
    RandomProjection,
    Ridge,
    Shifted,
    Source,
)
from ...theory.problem import notation as x
from ...theory.rules.bibliography import STRONG_COLLAPSE
from ...theory.rules.kept_projection import SPECTRUM_OF_A_KEPT_PROJECTION
from ...theory.rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from ...theory.rules.projection import EFFECTIVE_RIDGE_OF_A_PROJECTION, PROJECTION
from ...theory.rules.several_labellers import DISAGREEMENT
from ...theory.rules.statement import Statement
from ...theory.statements import mixed_least_squares, published
from ...theory.statements import strong_collapse as book
from ...theory.statements.ridge_chain import TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS
from .. import oracles
from ..claims import STRONG_COLLAPSE_CLAIMS
from ..evaluated import executed
from ..oracles import Fit
from .entry import Correction, Entry, entries
from .witnesses import CHECKED, COMPUTED, Simulated

# Real rows first, then synthetic ones; noise of both; tau and delta in every direction of a level.
_FIT = Fit((0.4, 1.6, 3.8), (14, 12, 10), (1.0, 1.0, 1.0), rows=240, penalty=0.3)
_WIDTH, _SYNTHETIC, _NOISE = 90, 100, (0.5, 0.7)
_TRUTH, _OFFSET = (0.11, 0.2, 0.29), (0.25, 0.07, 0.16)

_ONE_UNKNOWN = Correction(
    "The collapse term is exactly quadratic in the share of synthetic rows at fixed rows and penalty, and a sum of "
    "positive terms; the paper's terms, as recalled, add up to the same number."
)
_FOUR_UNKNOWNS = Correction(
    "One scalar equation for kappa stands for the paper's coupled system of four unknowns; both give the same number."
)
_POOLED = Correction(
    "Read without a penalty the theorem is a deterministic equivalent; at finite size least squares has an exact "
    "collapse term, which differs from it by O(1/n).",
    published.POOLED_ROWS_IN_PROPORTION,
)
_ROOT = Correction(
    "A vanishing share of synthetic rows restores consistency, not the clean rate: that takes n_2 = o(sqrt(n))."
)
_WEIGHTED = Correction(
    "Strong collapse is a matter of unit weights: weighted well, synthetic rows help, however large their shift is."
)
_AMPLIFY = Correction(
    "Above the interpolation threshold larger models mitigate collapse only where the penalty is not tuned: at the "
    "best penalty of every width the collapse term rises with the width all the way."
)


def _chain(estimator: Ridge | RandomProjection) -> Chain:
    s = _FIT.spectrum
    truth, variances = (np.repeat(values, _FIT.multiplicities) / s for values in (_TRUTH, _OFFSET))
    population = Population(Levels(_FIT.eigenvalues, _FIT.multiplicities), Coefficients(np.sqrt(truth)))
    real, synthetic = Source(_FIT.rows - _SYNTHETIC, _NOISE[0]), Shifted(GaussianTarget(variances))
    return Chain(population, (Generation((real, Source(_SYNTHETIC, _NOISE[1], synthetic)), estimator),))


def _error(statement: Statement, chain: Chain) -> float:
    """A statement about the mixture, at SciPy's effective ridge."""
    estimator = chain.generations[0].estimator
    width = estimator.width if isinstance(estimator, RandomProjection) else None
    fit = Fit(_FIT.eigenvalues, _FIT.multiplicities, _FIT.weight, _FIT.rows, _FIT.penalty, width=width)
    share, counts = _SYNTHETIC / _FIT.rows, np.array(_FIT.multiplicities, dtype=np.float64)
    noise = (1 - share) * _NOISE[0] ** 2 + share * _NOISE[1] ** 2
    given = {x.kappa: oracles.kappa(fit), x.penalty: fit.penalty, book.SYNTHETIC_SHARE: share, x.rows: float(fit.rows)}
    given |= {x.rank: float(fit.rank), x.noise: noise**0.5, book.SHIFT: np.array(_OFFSET), x.width: float(width or 0)}
    return float(executed(statement, given, Nodes(np.array(fit.eigenvalues), counts, counts * np.array(_TRUTH)))[0])


_PLAIN, _PROJECTED = _chain(Ridge(0.3)), _chain(RandomProjection(_WIDTH, 0.3))

STRONG_COLLAPSE_ENTRIES: tuple[Entry, ...] = (
    Entry(
        STRONG_COLLAPSE,
        book.TEST_ERROR_OF_A_MIXTURE,
        (CHECKED, Simulated(_PLAIN, _error, 16_384)),
        "Theorem 1",
        correction=_ONE_UNKNOWN,
    ),
    Entry(STRONG_COLLAPSE, book.COLLAPSE_OF_A_MIXTURE, (CHECKED,), "Theorem 1", correction=_ONE_UNKNOWN),
    Entry(
        STRONG_COLLAPSE,
        book.TEST_ERROR_OF_A_PROJECTED_MIXTURE,
        (CHECKED, Simulated(_PROJECTED, _error, 16_384)),
        correction=_FOUR_UNKNOWNS,
    ),
    Entry(STRONG_COLLAPSE, book.COLLAPSE_OF_A_PROJECTED_MIXTURE, (CHECKED,), correction=_FOUR_UNKNOWNS),
    Entry(STRONG_COLLAPSE, mixed_least_squares.COLLAPSE_OF_LEAST_SQUARES, (CHECKED,), correction=_POOLED),
    Entry(STRONG_COLLAPSE, mixed_least_squares.HARMLESS_SYNTHETIC_ROWS, (CHECKED,), correction=_ROOT),
    Entry(STRONG_COLLAPSE, book.BEST_WEIGHTED_ERROR, (CHECKED,), correction=_WEIGHTED),
    *entries(
        STRONG_COLLAPSE,
        CHECKED,
        mixed_least_squares.COLLAPSE_OF_LEAST_SQUARES_IN_PROPORTION,
        mixed_least_squares.PLATEAU_WITHOUT_A_PENALTY,
        book.PLATEAU,
        book.CLEAN_RATE,
        book.START_OF_THE_PLATEAU,
        book.WEIGHTED_MIXTURE,
        book.BEST_EFFECTIVE_SHARE,
        DISAGREEMENT,
        EFFECTIVE_RIDGE_OF_A_PROJECTION,
        PROJECTION.kept,
        PROJECTION.second_moment,
        PROJECTION.noise,
        PROJECTED_LEAST_SQUARES.second_moment,
        PROJECTED_LEAST_SQUARES.noise,
        SPECTRUM_OF_A_KEPT_PROJECTION,
        TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS,
    ),
    *(
        Entry(STRONG_COLLAPSE, claim, (COMPUTED,), correction=_AMPLIFY if "tuned" in claim.name else None)
        for claim in STRONG_COLLAPSE_CLAIMS
    ),
)

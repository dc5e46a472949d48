"""[V]: labels that a verifier has judged, in classification and in regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from scipy.optimize import brentq
from scipy.stats import norm

from ...theory.evaluation.exchangeable import NO_SPECTRUM
from ...theory.problem import (
    ClassificationChain,
    Flips,
    GaussianMixture,
    KeepRates,
    LinearLabels,
    LinearVerifier,
    Ridge,
)
from ...theory.problem import notation as x
from ...theory.rules import selected_fit, selection
from ...theory.rules import verification as rules
from ...theory.rules.bibliography import VERIFICATION
from ...theory.rules.orthants import CORRELATION, FIRST, SECOND
from ...theory.statements import classification, published
from ...theory.statements import verification as rounds
from ..claims import VERIFICATION_CLAIMS
from ..evaluated import executed
from .entry import Case, Correction, Entry, Formula, Witness, entries
from .witnesses import CHECKED, COMPUTED, SimulatedClassifier, compared, statement_of

_NORM, _DIMENSION, _ROWS, _PENALTY = 1.5, 120, 240, 0.05
_MIXTURE = GaussianMixture(_NORM, _DIMENSION)
_RATE, _KEEP = 0.2, (0.5, 0.1)
_FLIPPED = ClassificationChain(_MIXTURE, _ROWS, Flips(_RATE), KeepRates(*_KEEP), Ridge(_PENALTY))
_FLIPS = {
    rules.MEAN_NORM: _NORM,
    rules.ERROR_RATE: _RATE,
    rules.KEEP_RIGHT: _KEEP[0],
    rules.KEEP_WRONG: _KEEP[1],
}
_SHARE_KEPT = (1 - _RATE) * _KEEP[0] + _RATE * _KEEP[1]
_COSINES, _BETWEEN = (0.6, 0.8), 0.3
_LINEAR = ClassificationChain(
    _MIXTURE, 3 * _ROWS, LinearLabels(_COSINES[0]), LinearVerifier(_COSINES[1], _BETWEEN), Ridge(_PENALTY)
)
_DIRECTIONS = {
    rules.MEAN_NORM: _NORM,
    FIRST: _NORM * _COSINES[0],
    SECOND: _NORM * _COSINES[1],
    CORRELATION: _BETWEEN,
}
_JUDGED_FLIPS = ClassificationChain(_MIXTURE, 3 * _ROWS, Flips(_RATE), LinearVerifier(0.8), Ridge(_PENALTY))
_HALF_SPACE = {
    rules.MEAN_NORM: _NORM,
    FIRST: _NORM * 0.8,
    rules.RIGHT_SIDE: 1 - _RATE,
    rules.WRONG_SIDE: _RATE,
}


@final
@dataclass(frozen=True)
class Turning(Witness):
    """Where a classifier that is fitted to flipped labels, judged by a linear verifier, is right half of the time.

    Attributes:
        cosine: of the verifier to mu.
    """

    cosine: float

    def cases(self, formula: Formula) -> tuple[Case, ...]:
        """The rate that the formula gives for the verifier's keep rates, against SciPy's root for many rows."""
        right = float(norm.cdf(_NORM * self.cosine))
        given = {rules.KEEP_RIGHT: right, rules.KEEP_WRONG: 1 - right}
        value = float(executed(statement_of(formula), given, NO_SPECTRUM)[0])
        return (compared(value, float(brentq(self._beyond_half, 0.3, 0.99, xtol=1e-12)), 1e-6),)

    def described(self, formula: Formula) -> tuple[str, ...]:
        """What is solved."""
        return (f"root: The error rate of labels at which the accuracy is 1/2, verifier of cosine {self.cosine:g}.",)

    def _beyond_half(self, rate: float) -> float:
        given = {rules.MEAN_NORM: _NORM, FIRST: _NORM * self.cosine, x.penalty: 1e-9}
        sides = {rules.RIGHT_SIDE: 1 - rate, rules.WRONG_SIDE: rate}
        return float(executed(classification.LIMIT_OF_ONE_HALF_SPACE, given | sides, NO_SPECTRUM)[0]) - 0.5


_PROXY = Correction(
    "p_c, the paper's p* = phi/(phi + psi), is where right and wrong labels balance among those kept. The classifier "
    "turns there only where the verifier is blind to x: a linear one leaves its own direction in the fit, which turns "
    "later or never.",
    rules.TRANSITION,
    (Turning(0.1), Turning(0.2), Turning(0.3)),
)
_PERFECT = Correction(
    "100 % and 0 % are limits of the Bayes agreement; label accuracy goes to Phi(mu) and Phi(-mu).",
    published.PERFECT_AFTER_FLIPS,
)
_NOT_PERFECT = Correction(
    "Not a step: labeller and verifier leave their own directions in the fit, so that the student may be worse than "
    "its verifier, and does not become the Bayes classifier."
)
_GENERATED_ROWS = Correction(
    "arXiv 2410.08942 carries the rate at which rows are kept inside the trace of its fixed point, as if the effective "
    "ridge counted generated rows; for rows that are kept or dropped it counts kept ones.",
    published.ACCURACY_BY_GENERATED_ROWS,
    (SimulatedClassifier(_FLIPPED, _FLIPS, counted=lambda kept: kept / _SHARE_KEPT),),
)

# [V] is about classification.
_IN_REGRESSION = "cf. arXiv 2510.16657 (regression), the counterpart of"
_BY_NORM = selection.NORM_WINDOW, selection.RESAMPLED_BY_NORM, selection.LAST_TRY_BY_NORM

VERIFICATION_ENTRIES: tuple[Entry, ...] = (
    Entry(VERIFICATION, rules.TRANSITION, (CHECKED,), correction=_PROXY),
    Entry(
        VERIFICATION,
        classification.ACCURACY_AFTER_FLIPS,
        (CHECKED, SimulatedClassifier(_FLIPPED, _FLIPS)),
        correction=_GENERATED_ROWS,
    ),
    Entry(VERIFICATION, classification.LIMIT_AFTER_FLIPS, (CHECKED,), correction=_PERFECT),
    Entry(
        VERIFICATION,
        classification.ACCURACY_OF_ONE_HALF_SPACE,
        (CHECKED, SimulatedClassifier(_JUDGED_FLIPS, _HALF_SPACE)),
    ),
    Entry(
        VERIFICATION,
        classification.ACCURACY_OF_TWO_HALF_SPACES,
        (CHECKED, SimulatedClassifier(_LINEAR, _DIRECTIONS)),
    ),
    Entry(VERIFICATION, classification.LIMIT_OF_TWO_HALF_SPACES, (CHECKED,), correction=_NOT_PERFECT),
    *entries(
        VERIFICATION,
        CHECKED,
        classification.LIMIT_OF_THE_AGREEMENT,
        classification.LIMIT_OF_ONE_HALF_SPACE,
        rules.SURPLUS_OF_RIGHT_LABELS,
        rules.KEPT_OF_RIGHT_LABELS,
        rules.TRANSITION_ERROR,
        rules.LABEL_ACCURACY,
        rules.BAYES_AGREEMENT,
        rules.NORM_OFF_THE_DIRECTIONS,
    ),
    *entries(
        VERIFICATION,
        CHECKED,
        *(one for one in selection.SELECTIONS if one not in _BY_NORM),
        selected_fit.SELECTED_FIT,
        selected_fit.ROWS_OF_THE_FIT,
        selected_fit.PRODUCT_WITH_A_FIXED_VECTOR,
        *rounds.STATEMENTS,
        relation=_IN_REGRESSION,
    ),
    *entries(VERIFICATION, CHECKED, *_BY_NORM, relation=_IN_REGRESSION.replace("cf.", "by the tolerance of")),
    *entries(VERIFICATION, COMPUTED, *VERIFICATION_CLAIMS, relation=_IN_REGRESSION),
)

r"""Verified rows: the test error of a chain, and when one round of verification, or for ever, helps.

Least squares on rows that a verifier has judged by residuals alone fits the model w_v + c u, u = l - w_v, with noise
c v (theory/rules/selection.py). With a = l - w_0 and b = w_v - w_0, U = |a - b|^2 and eta = r/(n - r - 1),

    E = |b + c u|^2 + c v eta = (1 - c)^2 |b|^2 + 2 c (1 - c) <a, b> + c^2 |a|^2 + c v eta.

A verifier thus interpolates between the labeller and itself. With infinitely many rows and a orthogonal to b it helps
for c < 1 as long as |b|^2/|a|^2 < (1 + c)/(1 - c), and the best c is |b|^2/(|a|^2 + |b|^2). At a given number of
generated rows, few compared to the rank for eta to be proportional to 1/k, verification also lowers the variance
c v r/(k n) as long as c < k: U/v < (k - a)/(a (1 - k)).

From generation to generation u goes to c u + noise: <u, b> shrinks by the factor c, U to c^2 U + c v eta. Hence the
chain converges to the verifier, up to the floor U* = c v eta/(1 - c^2): E -> |b|^2 + U*.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import VERIFICATION, Reference
from ..rules.kind import Kind
from ..rules.selected_fit import SELECTED_FIT
from ..rules.selection import DISTANCE, GAIN, KEPT, RAW
from ..rules.statement import Statement
from ..rules.trace import Trace

# |a|^2, |b|^2 and <a, b>: errors of the labeller and of the verifier, and their product.
LABELLER, VERIFIER = x.scalar("A_l"), x.scalar("B_v")
PRODUCT = sympy.Symbol("P_ab", real=True)
ETA = x.scalar("eta_n")
_SOURCE = Reference((VERIFICATION,), "derived in theory/statements/verification.py")
_LEAST_SQUARES = (
    "least squares on fresh Gaussian rows that a verifier has judged by their residuals alone",
    "many more rows than one (error O(1/rows))",
)
_MANY = ("infinitely many rows per direction",)

TEST_ERROR_ON_VERIFIED_ROWS = Statement(
    "test error on verified rows",
    "What is left between model and truth, summed over directions, generation after generation.",
    SELECTED_FIT.hypotheses,
    SELECTED_FIT.definitions,
    Trace(SELECTED_FIT.result),
    _SOURCE,
    Kind.EQUIVALENT,
)
ERROR_OF_A_VERIFIED_ROUND = Statement(
    "test error of one verified round of least squares",
    "A model between labeller (error A_l) and verifier (error B_v), plus the noise of the labels that are kept.",
    _LEAST_SQUARES,
    ((ETA, x.rank / (x.rows - x.rank - 1)),),
    (1 - GAIN) ** 2 * VERIFIER + 2 * GAIN * (1 - GAIN) * PRODUCT + GAIN**2 * LABELLER + GAIN * x.noise_squared * ETA,
    _SOURCE,
    Kind.EQUIVALENT,
)
WORST_VERIFIER = Statement(
    "the worst verifier that still helps",
    "|b|^2/|a|^2 below which a verifier of error |b|^2 with contraction c improves on a labeller of error |a|^2.",
    (*_LEAST_SQUARES, *_MANY, "labeller and verifier err in orthogonal directions"),
    (),
    (1 + GAIN) / (1 - GAIN),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
BEST_CONTRACTION = Statement(
    "best contraction",
    "The strictness, of verifiers of error |b|^2, that leaves the least error, |a|^2 |b|^2/(|a|^2 + |b|^2).",
    WORST_VERIFIER.hypotheses,
    (),
    VERIFIER / (LABELLER + VERIFIER),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
LARGEST_DISAGREEMENT = Statement(
    "largest disagreement at which fewer rows are no loss",
    "Disagreement over label noise, U/v, below which verification lowers the variance, too, though it keeps only the "
    "share k of the rows.",
    (*_LEAST_SQUARES, "many more rows than directions", "a symmetric window"),
    (),
    (KEPT - RAW) / (RAW * (1 - KEPT)),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
FLOOR_OF_VERIFIED_RETRAINING = Statement(
    "floor of verified retraining",
    "Squared distance from the verifier after infinitely many generations, at the contraction c that belongs to it.",
    (*_LEAST_SQUARES, "the verifier judges every generation"),
    ((ETA, x.rank / (x.rows - x.rank - 1)),),
    GAIN * x.noise_squared * ETA / (1 - GAIN**2),
    _SOURCE,
    Kind.EQUIVALENT,
)
DISTANCE_AFTER_A_ROUND = Statement(
    "distance from the verifier after a round",
    "The squared distance U between model and verifier, one generation later.",
    (*_LEAST_SQUARES, "the verifier judges every generation"),
    ((ETA, x.rank / (x.rows - x.rank - 1)),),
    GAIN**2 * DISTANCE + GAIN * x.noise_squared * ETA,
    _SOURCE,
    Kind.EQUIVALENT,
)

STATEMENTS: tuple[Statement, ...] = (
    TEST_ERROR_ON_VERIFIED_ROWS,
    ERROR_OF_A_VERIFIED_ROUND,
    WORST_VERIFIER,
    BEST_CONTRACTION,
    LARGEST_DISAGREEMENT,
    FLOOR_OF_VERIFIED_RETRAINING,
    DISTANCE_AFTER_A_ROUND,
)

r"""What one sees of a model that is trained on its own labels: expected values of monitors after each generation.

After generation g there is the model w_g, with mean Q w_0 and variance U in every direction (in units of the error),
and the generator y~ = x'w_g + s eps on rows of the population; e_g = w_g - w_0.

**Labels.** x and eps are independent of w_g, so Var y~ = E|w_g|_Sigma^2 + s^2, without any approximation; the entropy
of a Gaussian of this variance is 1/2 log(2 pi e Var). Against real labels with noise sigma_0 the model leaves
sigma_0^2 + E_g. About the truth, given w_g, y~ - x'w_0 is Gaussian of variance s^2 + |e_g|^2, so that it exceeds
k sigma_0 with probability erfc(k sigma_0/sqrt(2 (s^2 + |e_g|^2))); with E_g in place of |e_g|^2 this is off by the
order of the relative variance of |e_g|^2, which is O(1/dimension).

**In-sample residuals.** Least squares on n rows with labels of one model leaves n - r of n directions of label noise:
E RSS/(n - r) = s^2, whatever became of the model: blind. Ridge regression leaves lambda (X X'/n + lambda)^{-1} y, and
the derivative of the equivalents of theory/rules/resolvent.py in the penalty gives (this is why generalised
cross-validation works) RSS/n = (lambda/kappa)^2 (error of the fit on noisy labels of its own labeller). For a labeller
with second moment Q^2 tau + U, and lambda/kappa = D_1/n,

    RSS/n ~ D_1^2/(n D_2) (tr[p^2 (Q^2 tau + U)] + s^2):

what ridge cannot fit of a labeller that has shrunk is seen here, its error is not.

**Drift.** E|w_g - w_1|_Sigma^2 = E_g + E_1 - 2 E e_g'Sigma e_1. Given w_1 the mean of w_g is K w_1 + L w_0, so with
R = 1 - K - L, the share of the truth that generations 2, ..., g lose, and the mean error -P_1 w_0 of w_1,

    E e_g'Sigma e_1 = tr[K (P_1^2 tau + U_1) + R P_1 tau].

K and R pass from one generation to the next as Q and P do, from K = 1 and R = 0 after generation 1. Least squares loses
nothing: K = 1, R = 0, the product is E_1 and the drift E_g - E_1, exactly what the truth is further away.

**Covariances.** A fitted covariance C = X'X/n of Gaussian rows with covariance S is S^{1/2} (W/n) S^{1/2} with a
Wishart matrix W; independent chi^2_{n-j}, j < r, in its Bartlett factor give E log det C - log det S. Where the rows of
every generation are drawn after those of the one before, with S = c C (c = 1: maximum likelihood), N such terms and
N - 1 of r log c add up, while the mean E C = S never moves for c = 1.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import DEMYSTIFIED, Reference
from ..rules.kind import Kind
from ..rules.one_step import SQUARE_OF_THE_MEAN
from ..rules.refitted_covariates import RESCALE
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from ..rules.trace import Trace

GENERATIONS = sympy.Symbol("N", integer=True, positive=True)
REAL_NOISE = x.scalar("sigma_0")  # of real test labels
THRESHOLD = x.scalar("k")
VARIANCE = x.scalar("V")  # of labels
FIRST_ERROR = x.at(x.error, 1)
FIRST_LOST, FIRST_SPREAD = x.at(x.lost, 1), x.at(x.spread, 1)
FROM_FIRST, LOST_SINCE = x.spectral("K"), x.spectral("R")
SQUARED_RESIDUALS = x.scalar("RSS")
FIRST_TRACE = x.scalar("t")
CORRELATION = x.scalar("C")  # E e_g'Sigma e_1
_J = sympy.Symbol("j", integer=True, nonnegative=True)

_LABELS = (
    "labels of rows of the population by the model, plus independent noise",
    "mean and variance of the model are those that the theorem of its chain gives",
)
_FIRST = ("given the first model, the mean of the later one is a share of it and a share of the truth",)
_SOURCE = Reference((), "derived in theory/statements/monitors.py")

LABEL_VARIANCE = Statement(
    "variance of generated labels",
    "It grows with the error where fits lose nothing, and contracts where they shrink.",
    _LABELS,
    (),
    Trace(SQUARE_OF_THE_MEAN + x.spread) + x.noise**2,
    _SOURCE,
    Kind.EXACT,
)
ENTROPY = Statement(
    "entropy of generated labels",
    "That of a Gaussian with the variance V of the labels.",
    (*_LABELS, "the variance of the labels, given the model, is its mean (relative gap O(1/dimension))"),
    (),
    sympy.log(2 * sympy.pi * sympy.E * VARIANCE) / 2,
    _SOURCE,
    Kind.EQUIVALENT,
)
HELD_OUT_RESIDUAL = Statement(
    "mean squared residual on real labels that were held out",
    "The noise of the real labels and the excess error.",
    _LABELS,
    (),
    REAL_NOISE**2 + x.error,
    _SOURCE,
    Kind.EXACT,
)
TAIL_COVERAGE = Statement(
    "share of generated labels far from the truth",
    "The probability that a generated label is further than k standard deviations of real ones from the truth.",
    (*_LABELS, "the squared distance of the model from the truth is its mean (relative gap O(1/dimension))"),
    (),
    sympy.erfc(THRESHOLD * REAL_NOISE / sympy.sqrt(2 * (x.noise**2 + x.error))),
    _SOURCE,
    Kind.EQUIVALENT,
)
IN_SAMPLE_RESIDUAL = Statement(
    "in-sample residual variance of least squares",
    "RSS/(n - r) is the label noise for ever, so that it never warns.",
    (
        "least squares on more rows than the rank, all labelled by one model, or by one blend, with one noise",
        "whatever the covariance of the rows, and whatever became of the model",
    ),
    ((SQUARED_RESIDUALS, (x.rows - x.rank) * x.noise**2),),
    SQUARED_RESIDUALS / (x.rows - x.rank),
    _SOURCE,
    Kind.EXACT,
)
TRAINING_RESIDUAL_OF_RIDGE = Statement(
    "mean squared training residual of ridge regression",
    "RSS/n sees what the penalty keeps from being fitted of the labelling model, and the label noise.",
    RESOLVENT.noise.hypotheses,
    RESOLVENT.definitions,
    x.margin_1**2 / (x.rows * x.margin_2) * (Trace(x.p**2 * (SQUARE_OF_THE_MEAN + x.spread)) + x.noise**2),
    Reference((DEMYSTIFIED,), "derived in theory/statements/monitors.py"),
    Kind.EQUIVALENT,
)
CORRELATION_WITH_THE_FIRST_MODEL = Statement(
    "correlation of a model with the first one",
    "The mean product of their errors, from the share of the first model in the later one and what is lost since.",
    _FIRST,
    (),
    Trace(FROM_FIRST * (FIRST_LOST**2 * x.tau + FIRST_SPREAD) + LOST_SINCE * FIRST_LOST * x.tau),
    _SOURCE,
    Kind.EXACT,
)
DRIFT = Statement(
    "drift from the first model",
    "The squared distance between the weights of a model and of the first one: needs no truth and no labels.",
    _FIRST,
    (),
    x.error + FIRST_ERROR - 2 * CORRELATION,
    _SOURCE,
    Kind.EXACT,
)
_REFITTED = (
    "the rows of generation 1 are Gaussian, later ones have the fitted covariance, c X'X/n, of the rows before",
)
LOG_DETERMINANT = Statement(
    "log-determinant of refitted covariances",
    "It falls from the first generation on, by the same amount in each, though the mean of the covariance stays.",
    (*_REFITTED, "rows >= rank"),
    (),
    GENERATIONS * (sympy.Sum(sympy.digamma((x.rows - _J) / 2), (_J, 0, x.rank - 1)) + x.rank * sympy.log(2 / x.rows))
    + (GENERATIONS - 1) * x.rank * sympy.log(RESCALE),
    _SOURCE,
    Kind.EXACT,
)
TRACE = Statement(
    "trace of refitted covariances",
    "It moves with the rescaling alone, from that of the first rows on, and never for maximum likelihood.",
    _REFITTED,
    (),
    FIRST_TRACE * RESCALE ** (GENERATIONS - 1),
    _SOURCE,
    Kind.EXACT,
)
MONITORS = (
    LABEL_VARIANCE,
    ENTROPY,
    HELD_OUT_RESIDUAL,
    TAIL_COVERAGE,
    IN_SAMPLE_RESIDUAL,
    TRAINING_RESIDUAL_OF_RIDGE,
    CORRELATION_WITH_THE_FIRST_MODEL,
    DRIFT,
    LOG_DETERMINANT,
    TRACE,
)

r"""Covariates that are generated too: rows drawn from a Gaussian that is fitted to earlier rows; exact at finite size.

The n rows X of a generation have the covariance S, the population's Sigma where they are fresh; a later generation may
draw its rows from N(0, S'), S' = c X'X/n with a rescaling c. Whitened by S the rows have a Wishart matrix W with n
degrees of freedom, and E W^{-1} = I/M, M = n - r - 1, so that given S

    E S'^{-1} = (n/c) E (X'X)^{-1} = n/(c M) S^{-1}.

By induction E S^{-1} = a Sigma^{-1} in every generation, with a = 1 for fresh rows and a <- a n/(c M): the mean of the
covariance itself stays E S' = c S, what is inverted grows without end. Only c = n/M, which is the unbiased estimate of
the inverse, keeps a = 1.

Least squares on such rows reproduces its labelling model, w = w_before + X^+ eps, and E (X'X)^{-1} = a Sigma^{-1}/M:
label noise counts as on fresh rows, a times. Its mean given the past is zero, so that nothing else changes.
"""

from __future__ import annotations

from ..problem import notation as x
from .bibliography import Reference
from .kind import Kind
from .least_squares import LEAST_SQUARES
from .statement import Statement
from .trace import distributed

INFLATION = x.scalar("a")  # of the mean inverse covariance of the rows, relative to the population's
RESCALE = x.scalar("c")

HYPOTHESES = (
    "rows are Gaussian with the population's covariance, or with the covariance X'X/n, rescaled, of earlier rows X",
    "every generation is fitted by least squares on one source, labelled by the model before or by a blend with truth",
    "rows >= rank (noise has an infinite effect on fits to rank or rank + 1 rows, and to rows that descend from them)",
)
_SOURCE = Reference((), "derived in theory/rules/refitted_covariates.py (inverse Wishart mean)")

INVERSE_OF_A_REFITTED_COVARIANCE = Statement(
    "mean inverse of a refitted covariance",
    "How many times the population's inverse covariance is that of rows drawn anew, a being this number for the old.",
    HYPOTHESES,
    LEAST_SQUARES.definitions,
    INFLATION * x.rows / (RESCALE * x.wishart_margin),
    _SOURCE,
    Kind.EXACT,
)
ERROR_ON_REFITTED_COVARIATES = Statement(
    "error of least squares on refitted covariates",
    "The error of the model before, as far as it labels the rows, and label noise that counts a times.",
    HYPOTHESES,
    LEAST_SQUARES.definitions,
    x.share**2 * x.error + INFLATION * x.noise**2 * distributed(LEAST_SQUARES.noise.result.subs(x.weight, 1)),
    _SOURCE,
    Kind.EXACT,
)
REFITTED_COVARIATES = (ERROR_ON_REFITTED_COVARIATES, INVERSE_OF_A_REFITTED_COVARIANCE)

r"""Least squares whose generator re-estimates its own noise by maximum likelihood: exact at finite size.

Generation g has labels of model g - 1 with noise s_{g-1} on n fresh rows, and s_g^2 = RSS_g/n. Given s_{g-1}, RSS_g is
s_{g-1}^2 chi^2_{n-r}, so that E s_g^2 = (1 - r/n) E s_{g-1}^2, and the label noise adds E s_{g-1}^2 r/(n - r - 1) to
the error. With q = 1 - r/n, 1 + q + ... + q^{N-1} = (n/r)(1 - q^N):

    E s_N^2 = sigma^2 (1 - r/n)^N,    E_N = n/(n - r - 1) (sigma^2 - E s_N^2):

the residual spread tells the error one-to-one, and both stay bounded: the generator dies before it runs away.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.statement import Statement

GENERATIONS = sympy.Symbol("N", integer=True, positive=True)
LAST_VARIANCE = x.at(x.noise_squared, "N")
_HYPOTHESES = (
    "every generation is fitted by least squares on n fresh Gaussian rows that the model before labels",
    "label noise has the variance RSS/n of the generation before, and sigma^2 in the first one",
    "rows >= rank + 2",
)
_SOURCE = Reference((), "derived in theory/statements/reestimated_noise.py")

REESTIMATED_NOISE = Statement(
    "label noise that is re-estimated in every generation",
    "The mean square of the label noise fades geometrically, since every fit takes part of it for signal.",
    _HYPOTHESES,
    (),
    x.noise**2 * (1 - x.rank / x.rows) ** GENERATIONS,
    _SOURCE,
    Kind.EXACT,
)
ERROR_WITH_REESTIMATED_NOISE = Statement(
    "test error with label noise that is re-estimated",
    "The error is what the noise has lost, in units of n/(n - r - 1).",
    _HYPOTHESES,
    (*LEAST_SQUARES.definitions, (LAST_VARIANCE, REESTIMATED_NOISE.result)),
    x.rows / x.wishart_margin * (x.noise**2 - LAST_VARIANCE),
    _SOURCE,
    Kind.EXACT,
)
REESTIMATED = (REESTIMATED_NOISE, ERROR_WITH_REESTIMATED_NOISE)

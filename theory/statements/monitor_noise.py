r"""How much a monitor scatters while nothing happens: null standard deviations at the first generation.

A variance that is estimated from b centred Gaussian labels of variance V is V chi^2_b/b: its standard deviation is
V sqrt(2/b), that of its entropy 1/2 log(2 pi e V) is 1/sqrt(2 b) to first order in 1/b. A share p of b labels varies by
sqrt(p (1 - p)/b). Drift needs no labels; what varies is the first model itself: with Gaussian e_1 of mean -P_1 w_0 and
variance U_1, |e_1|^2 has the variance 2 tr U_1^2 + 4 tr[P_1^2 tau U_1] (given the rows, so to first order).

Of a covariance fitted to n rows, the log-determinant is a sum of independent log chi^2_{n-j}, whose variances are
psi'((n - j)/2), and the trace, sum s chi^2_n/n, varies by 2 tr s^2/n.

**Rounds to an alarm.** The first generation whose expected monitor differs from that of generation 1 by more than so
many null standard deviations. Where the error grows by Delta in every generation, held-out residuals need
k (sigma^2 + E_1) sqrt(2/b)/Delta rounds, the variance of labels (1 + |w_0|^2/sigma^2) times as many.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.kind import Kind
from ..rules.statement import Statement
from ..rules.trace import Trace
from .monitors import FIRST_LOST, FIRST_SPREAD, VARIANCE

SAMPLES = x.scalar("b")  # labels that are looked at
SHARE = x.scalar("phi")  # of labels in the tails
_J = sympy.Symbol("j", integer=True, nonnegative=True)
_GAUSSIAN = ("labels are Gaussian given the model, whose own variation is left out",)
_ROWS = ("rows are Gaussian with the population's covariance, at least as many as the rank",)
_SOURCE = Reference((), "derived in theory/statements/monitor_noise.py")

NOISE_OF_A_VARIANCE = Statement(
    "null standard deviation of a variance",
    "That of a variance estimated from b labels, or from b = n - r residuals of a fit.",
    _GAUSSIAN,
    (),
    VARIANCE * sympy.sqrt(2 / SAMPLES),
    _SOURCE,
    Kind.EXACT,
)
NOISE_OF_AN_ENTROPY = Statement(
    "null standard deviation of an entropy",
    "To first order in 1/b.",
    _GAUSSIAN,
    (),
    1 / sympy.sqrt(2 * SAMPLES),
    _SOURCE,
    Kind.LOW_DIMENSIONAL,
)
NOISE_OF_A_SHARE = Statement(
    "null standard deviation of a share",
    "That of a share of b labels.",
    _GAUSSIAN,
    (),
    sympy.sqrt(SHARE * (1 - SHARE) / SAMPLES),
    _SOURCE,
    Kind.EXACT,
)
NOISE_OF_A_DRIFT = Statement(
    "null standard deviation of the squared distance of the first model",
    "How much the first model itself varies, which is what a drift away from it must exceed.",
    ("the first model is Gaussian (relative gap of the order of its rows' own scatter)",),
    (),
    sympy.sqrt(2 * Trace(FIRST_SPREAD**2) + 4 * Trace(FIRST_LOST**2 * x.tau * FIRST_SPREAD)),
    _SOURCE,
    Kind.EQUIVALENT,
)
NOISE_OF_A_LOG_DETERMINANT = Statement(
    "null standard deviation of a log-determinant",
    "That of the covariance fitted to n rows, whatever their covariance.",
    _ROWS,
    (),
    sympy.sqrt(sympy.Sum(sympy.polygamma(1, (x.rows - _J) / 2), (_J, 0, x.rank - 1))),
    _SOURCE,
    Kind.EXACT,
)
NOISE_OF_A_TRACE = Statement(
    "null standard deviation of a trace",
    "That of the covariance fitted to n rows, relative to the trace of the population's.",
    _ROWS,
    (),
    sympy.sqrt(2 * Trace(x.s**2) / x.rows) / Trace(x.s),
    _SOURCE,
    Kind.EXACT,
)
MONITOR_NOISE = (
    NOISE_OF_A_VARIANCE,
    NOISE_OF_AN_ENTROPY,
    NOISE_OF_A_SHARE,
    NOISE_OF_A_DRIFT,
    NOISE_OF_A_LOG_DETERMINANT,
    NOISE_OF_A_TRACE,
)

r"""Many minimum-norm generations below the rank, on a power law: how the error grows with their number n.

Every generation fits T_0 << d fresh rows without a penalty, so that df_1(kappa) = T_0: kappa = (C/T_0)^beta with C =
(pi/beta)/sin(pi/beta) (`power_law`), and its margin is T_0 - df_2 = tr[p q] = T_0/beta. For kappa -> 0 with n large and
n kappa -> 0 a direction keeps q^n = exp(-v), v = n kappa/s, so that sums over n generations are integrals over v.

*Truth.* P = 1 - q^n, and with s_k = k^{-beta}, k = (v/(n kappa))^{1/beta}

    tr[P^2 tau] = (n kappa)^{2 r} (1/beta) int v^{-2 r - 1} (1 - e^{-v})^2 dv + (n kappa)^2 zeta(1 + 2 (r - 1) beta),
    int v^{-2 r - 1} (1 - e^{-v})^2 dv = (2^{2 r} - 2) Gamma(-2 r)        (r < 1, and continued beyond):

powers of n, not an exponential. The first term leads for r < 1, the second, that of the first eigenvalues (the poles of
`power_law`), for r > 1. What the randomness of the designs adds falls behind by n^{-1/beta} at least.

*Noise.* A generation adds the variance nu q^2/(T_0 - df_2) to a direction (in units of error), nu = sigma^2 + tr[p^2 U]
its effective noise, and what it was before is multiplied by q^2. The feedback of all generations before is, as
q^2 + q^4 + ... = q^2/(p (1 + q)), in the end

    nu = sigma^2 + nu tr[p q^2/(1 + q)]/tr[p q],    nu = sigma^2 tr[p q]/tr[p q/(1 + q)].

With q = 1/(1 + w), w = kappa/s, tr[p q/(1 + q)] = (kappa^{-1/beta}/beta) int w^{1/beta}/((1 + w)(2 + w)) dw =
T_0 (2^{1/beta} - 1), hence nu = sigma^2/(beta (2^{1/beta} - 1)). After m generations tr[q^{2 m}] = Gamma(1 + 1/beta)
(2 m kappa)^{-1/beta}, whose sum over m = 1..n is that times n/(1 - 1/beta): the noise grows like n^{1 - 1/beta}, slower
than n, and however many rows there are. Of a single generation it is df_2/(T_0 - df_2) = beta - 1.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import DEMYSTIFIED, Reference
from ..rules.kind import Kind
from ..rules.resolvent import EFFECTIVE_RIDGE
from ..rules.statement import Statement
from ..rules.trace import Trace
from .power_law import PowerSpectrum, asymptotic

EXPONENT, SOURCE, GENERATIONS, ROWS = x.scalar("beta"), x.scalar("r"), x.scalar("N"), x.scalar("n_0")

_SPECTRUM = PowerSpectrum(EXPONENT, SOURCE)
_HYPOTHESES = (
    "eigenvalues k^(-beta), beta > 1, and a truth of source r: s_k w_k^2 = k^(-1 - 2 r beta)",
    "every generation: minimum norm on n_0 fresh rows, n_0 -> infinity, far fewer than the rank",
    "many generations N, as long as N kappa << 1 and kappa N >> s_d",
)
_SOURCE = Reference((DEMYSTIFIED,), "derived in theory/asymptotics/long_chains.py")


def _freedom() -> sympy.Expr:
    """C of df_1 = C kappa^(-1/beta)."""
    (trace,) = EFFECTIVE_RIDGE.result.atoms(Trace)
    return asymptotic(trace, _SPECTRUM).pieces[0].coefficient


FREEDOM = _freedom()
_RIDGE = ((x.kappa, (FREEDOM / ROWS) ** EXPONENT),)


def _statement(name: str, description: str, result: sympy.Expr, *further: str) -> Statement:
    ridge = _RIDGE if result.has(x.kappa) else ()
    return Statement(name, description, (*_HYPOTHESES, *further), ridge, result, _SOURCE, Kind.EQUIVALENT)


NOISE_FREE_GROWTH = _statement(
    "noise-free error of long minimum-norm chains",
    "A power of the number of generations over the rows, not an exponential.",
    (GENERATIONS * x.kappa) ** (2 * SOURCE) * (2 ** (2 * SOURCE) - 2) * sympy.gamma(-2 * SOURCE) / EXPONENT
    + (GENERATIONS * x.kappa) ** 2 * sympy.zeta(1 + 2 * (SOURCE - 1) * EXPONENT),
    "r is not 1, 3/2, 2, ... (logarithms), nor 1/2, where the constant of the first term is its limit 2 log(2)/beta",
)
NOISE_ACCUMULATION = _statement(
    "accumulated noise of long minimum-norm chains",
    "Label noise accumulates slower than the generations, and at all numbers of rows alike.",
    x.noise**2
    * GENERATIONS ** (1 - 1 / EXPONENT)
    * sympy.gamma(1 + 1 / EXPONENT)
    / (FREEDOM * (1 - 1 / EXPONENT) * (2 ** (1 / EXPONENT) - 1) * 2 ** (1 / EXPONENT)),
)
NOISE_GAIN = _statement(
    "noise gain of one minimum-norm fit",
    "df_2/(n_0 - df_2): label noise is multiplied by beta - 1, however many rows there are.",
    sympy.simplify(
        asymptotic(Trace(x.q**2), _SPECTRUM).pieces[0].coefficient
        / asymptotic(Trace(x.p * x.q), _SPECTRUM).pieces[0].coefficient
    )
    * x.noise**2,
)
STATEMENTS = NOISE_FREE_GROWTH, NOISE_ACCUMULATION, NOISE_GAIN

r"""The set-up of Dohmatob, Feng and Kempe, *Model Collapse Demystified: The Case of Regression* (arXiv 2402.07712).

n generators, each least squares on T_0 rows with noise sigma_0, one after the other on labels of the one before;
then one ridge fit on T rows with noise sigma, labelled by the last generator. Composing the least-squares rule N_0
times (exact: it adds sigma_0^2/(T_0 - r - 1) to the variance of every direction) with the ridge rule gives

    E = kappa^2 tr[w_0^2 s/(s + kappa)^2]/(1 - df_2/T) + sigma^2 df_2/(T - df_2) + Delta,
    Delta = N_0 sigma_0^2/(T_0 - r - 1) [df_2 + kappa^2 tr[(s + kappa)^{-2}] df_2/(T - df_2)]:

linear in the number of generators and independent of the truth. In the strict proportional limit T_0 - r - 1 reads
T_0 - r.

Below the rank, with an isotropic covariance, a noise-free generator keeps a random subspace: the signal decays like
(T_0/r)^N, the error saturates at that of the zero model, and the noise stays bounded.

With no penalty downstream either, and T >= r + 2 rows, the last fit adds the same kind of term as every generator:

    E = N_0 sigma_0^2 r/(T_0 - r - 1) + sigma^2 r/(T - r - 1).

The scaling laws of the paper, for spectra k^(-beta), belong to theory/asymptotics.
"""

from __future__ import annotations

import sympy

from ..problem import notation as x
from ..rules.bibliography import DEMYSTIFIED, Reference
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.random_subspace import RANDOM_SUBSPACE
from ..rules.resolvent import RESOLVENT
from ..rules.statement import Statement
from ..rules.trace import Trace
from . import compose

GENERATORS = sympy.Symbol("N_0", integer=True, nonnegative=True)
GENERATOR_ROWS, GENERATOR_NOISE, GENERATOR_MARGIN = x.scalar("n_0"), x.scalar("sigma_0"), x.scalar("M_0")
ZERO_MODEL_ERROR = x.scalar("E_0")
_SPREAD = sympy.Dummy("tr U")
GENERATIONS = sympy.Symbol("N", integer=True, positive=True)

_OF_GENERATORS = {x.noise: GENERATOR_NOISE, x.wishart_margin: GENERATOR_MARGIN, x.rows: GENERATOR_ROWS}


def _after_generators() -> compose.State:
    spread = compose.constant_spread(LEAST_SQUARES, GENERATORS)[x.spread].subs(_OF_GENERATORS)
    return {**compose.TRUTH, x.spread: spread}


def _error_after_generators() -> sympy.Expr:
    state = compose.after(RESOLVENT, _after_generators())
    return sympy.collect(sympy.expand(compose.error(state)), [x.noise, GENERATOR_NOISE])


_EQUAL_GENERATORS = "equal generators, least squares on fresh Gaussian rows, rows >= rank + 2 (noise: infinite below)"
_GENERATORS = (
    _EQUAL_GENERATORS,
    "the downstream fit is ridge, or minimum norm with rows below the rank (proportional limit)",
)
_MARGIN_OF_GENERATORS = tuple(
    (symbol.subs(_OF_GENERATORS), value.subs(_OF_GENERATORS)) for symbol, value in LEAST_SQUARES.definitions
)
_SOURCE = Reference((DEMYSTIFIED,), "derived in theory/statements/demystified.py")

TEST_ERROR_AFTER_GENERATORS = Statement(
    "test error after least-squares generators",
    "Bias and variance of the downstream ridge fit, plus a term linear in the number of generators.",
    _GENERATORS,
    _MARGIN_OF_GENERATORS + RESOLVENT.definitions,
    _error_after_generators(),
    _SOURCE,
    Kind.EQUIVALENT,
)
COLLAPSE_AFTER_GENERATORS = Statement(
    "collapse term after least-squares generators",
    "What the generators add to the error of the downstream fit: linear in their number, independent of the truth.",
    _GENERATORS,
    TEST_ERROR_AFTER_GENERATORS.definitions,
    sympy.factor(TEST_ERROR_AFTER_GENERATORS.result - TEST_ERROR_AFTER_GENERATORS.result.subs(GENERATOR_NOISE, 0)),
    _SOURCE,
    Kind.EQUIVALENT,
)
TEST_ERROR_WITHOUT_A_PENALTY = Statement(
    "test error after least-squares generators, without a penalty",
    "Every generator and the downstream fit add the mean of an inverse Wishart trace.",
    (_EQUAL_GENERATORS, "the downstream fit is least squares on fresh Gaussian rows, rows >= rank + 2"),
    _MARGIN_OF_GENERATORS + LEAST_SQUARES.definitions,
    compose.error(compose.after(LEAST_SQUARES, _after_generators())),
    _SOURCE,
    Kind.EXACT,
)


def _total_after_subspaces() -> sympy.Expr:
    """The total error below the rank, from the trace of the forward step: affine in the total itself."""
    # In totals, the error E = tr[P^2 tau + U] after a step is affine in tr[U] before it, for any mean Q = 1 - P.
    mean = sympy.Symbol("Q")
    state = {x.kept: mean, x.lost: 1 - mean, x.spread: x.spread}
    error = compose.error(compose.after(RANDOM_SUBSPACE, state))
    error = error.subs({Trace(x.tau): ZERO_MODEL_ERROR, Trace(x.spread): _SPREAD})

    def once(before: sympy.Expr) -> sympy.Expr:
        return error.subs(_SPREAD, before - (1 - mean) ** 2 * ZERO_MODEL_ERROR)

    return compose.iterated(once, sympy.S.Zero, GENERATIONS)


_BELOW = (*RANDOM_SUBSPACE.noise.hypotheses, "all generations have the same rows and noise")

TEST_ERROR_BELOW_THE_RANK = Statement(
    "test error of minimum norm below the rank, isotropic",
    "The error saturates geometrically: at that of the zero model plus a bounded effect of the noise.",
    _BELOW,
    RANDOM_SUBSPACE.definitions,
    _total_after_subspaces(),
    _SOURCE,
    Kind.EXACT,
)
LIMIT_BELOW_THE_RANK = Statement(
    "limit of minimum norm below the rank, isotropic",
    "The error after infinitely many generations: nothing of the truth is left, and the noise stays bounded.",
    _BELOW,
    RANDOM_SUBSPACE.definitions,
    TEST_ERROR_BELOW_THE_RANK.result.subs((x.rows / x.rank) ** GENERATIONS, 0),
    _SOURCE,
    Kind.EXACT,
)
TRUTH_LEFT_BELOW_THE_RANK = Statement(
    "truth that is left below the rank, isotropic",
    "The share of the truth in the mean model, and of its squared norm without noise: exponential in the generations.",
    (*RANDOM_SUBSPACE.kept.hypotheses, "all generations have the same rows"),
    (),
    RANDOM_SUBSPACE.kept.result**GENERATIONS,
    _SOURCE,
    Kind.EXACT,
)

STATEMENTS: tuple[Statement, ...] = (
    TEST_ERROR_AFTER_GENERATORS,
    COLLAPSE_AFTER_GENERATORS,
    TEST_ERROR_WITHOUT_A_PENALTY,
    TEST_ERROR_BELOW_THE_RANK,
    LIMIT_BELOW_THE_RANK,
    TRUTH_LEFT_BELOW_THE_RANK,
)

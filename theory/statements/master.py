r"""The master theorem: one fit on K sources of fresh rows, each with its own covariance, labeller, noise and weight.

Source k has n_k of the n rows, x ~ N(0, Sigma_k), y = x'(w_0 + o_k) + sigma_k N(0, 1) and the weight alpha_k in
(1/n) sum_i alpha_i (y_i - v'S x_i)^2 + lambda |v|^2; the fitted model is w = S'v, S of width m with entries N(0, 1/m),
m infinite without a projection. The covariances commute. K + 1 numbers, a_1, ..., a_K and kappa, solve

    a_k = alpha_k/(1 + alpha_k e_k),   e_k = tr[Sigma_k R]/n,      lambda = kappa (1 - tr[C R]/m),
    C = sum_k n_k a_k Sigma_k/n,       R = (C + kappa)^{-1}.

Derivation. Leave a row x of source k out of the weighted sample covariance: it comes back as the factor
1/(1 + alpha_k e_k) of what it says, e_k being x'R x/n. Hence the rows act as if the population had the covariance C,
with a_k the weight that is left of alpha_k, and R is the equivalent of the resolvent; S is integrated as in
theory/rules/projection.py, S'(S C S' + lambda)^{-1} S ~ R, and with beta = kappa^2/(m - tr[(C R)^2])

    E R_S B R_S ~ R B R + beta tr[B R^2] R^2,       <B, D> = tr[B R D R] + beta tr[B R^2] tr[D R^2].

The mean model is sum_k q_k w_k with the shares q_k = n_k a_k Sigma_k R/n, w_k = w_0 + o_k, and p = kappa R = 1 -
sum_k q_k is lost. In the fit the label of a row differs from the prediction without that row by what has the variance
r_k = sigma_k^2 + E|w_k - w|^2 in Sigma_k, the prediction risk. It acts as label noise of that variance, so that

    r_j = sigma_j^2 + b_j + sum_k (n_k a_k^2/n^2) <Sigma_j, Sigma_k> r_k,
    E   =             b_0 + sum_k (n_k a_k^2/n^2) <Sigma,   Sigma_k> r_k,
    b_j = E|w_j - mean|^2 in Sigma_j + beta tr[Sigma_j R^2] E|mean|^2,      b_0 likewise for w_0 in Sigma.

Nothing is subtracted. With g_1 = lambda/kappa = 1 - tr[C R]/m and g_2 = g_1 + tr[C p R]/m = 1 - tr[(C R)^2]/m,
beta = kappa^2/(m g_2). The linear system in u_k = a_k r_k has the coefficients a_j c_jk, c_jk = (tr[Sigma_j R q_k] +
beta tr[Sigma_j R^2] tr[q_k R])/n; because sum_k q_k = C R and a_j/alpha_j = 1/(1 + alpha_j e_j) = 1 - a_j e_j,

    1 - sum_k a_j c_jk = 1/(1 + alpha_j e_j) + a_j g_1 tr[Sigma_j p R]/(g_2 n) > 0.

The row sums and the entries beside the diagonal, all positive, are the whole matrix 1 - a_j c_jk.

b_j is a constant, of the truth alone, and a quadratic in the offsets (with a linear part where truth and offset have a
mean). Since E is linear in the b_j, so is the collapse term zeta, what the offsets add to the error of the *replace*
baseline: the same rows, weights and noises with every row labelled by the truth. No two errors are subtracted.

The equations are the gradient of the convex function of log a_1, ..., log a_K and log kappa

    log det(C + kappa) + sum_k n_k (a_k/alpha_k - log a_k) + (m - d) log kappa + m lambda/kappa,

so that their solution is unique; it exists for every lambda > 0. One source has a_1 = (1 - df_1/n) alpha_1, and
kappa/a_1 is the effective ridge of theory/rules/projection.py. Without a penalty kappa = 0 and beta = 0, as long as
rows and width exceed the rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, final

import sympy

from ..problem import notation as x
from ..rules.bibliography import STRONG_COLLAPSE, Reference
from ..rules.kind import Kind
from ..rules.statement import Statement
from ..rules.trace import Trace

ALPHA, EFFECTIVE = x.scalar("alpha"), x.scalar("a")  # weights, given and effective
LEVERAGE, LEAK = x.scalar("e"), x.scalar("L")  # e_k, and L_j = beta tr[Sigma_j R^2]
MIXED, RESOLVENT = x.spectral("C"), x.spectral("R")
WIDTH_LEFT_1, WIDTH_LEFT_2 = x.scalar("g_1"), x.scalar("g_2")
RISK, RISK_BY_OFFSETS = x.scalar("r"), x.scalar("z")
TRUTH_SQUARED = x.spectral("theta")  # E w_0^2 in each direction, in the units of the model
# E (w_j - mean)^2 in each direction and E |mean|^2, by the truth alone; primed, what offsets add.
LOSS, MEAN_SQUARE = x.spectral("F"), x.scalar("N")
MEAN_SQUARE_BY_OFFSETS = sympy.Symbol("N'", real=True)
TEST = 0  # the index of what is measured: the truth and the population's covariance

_HYPOTHESES = (
    "one fit on fresh Gaussian rows of K sources, each with its own rows, noise, weight, labeller and covariance",
    "the covariances of the sources commute with the population's",
    "the truth and shifted truths label rows",
    "rows, width, dimension and spectrum grow in proportion (error O(1/dimension))",
    "the penalty is positive, or rows and width exceed the rank (then lambda -> 0+ and kappa = 0)",
)
_SOURCE = Reference((STRONG_COLLAPSE,), "derived in theory/statements/master.py")


@final
@dataclass(frozen=True)
class Part:
    """A part of the error: what drives the risks of the sources, and the error itself.

    Attributes:
        risks: K expressions, what it adds to r_j beside what comes through the other risks.
        test: the same for the error.
    """

    risks: tuple[Any, ...]
    test: Any


@final
@dataclass(frozen=True)
class MasterTheorem:
    """The theorem for a number of sources, in the symbols of this module with the number of the source for an index.

    Attributes:
        sources: K.
        equations: of the effective weights a_1, ..., a_K and of the effective ridge, kappa = lambda + kappa tr[C R]/m.
        definitions: a straight-line program in terms of those, ending with the mean model and the widths that are left.
        shares: q_k, what the mean model has of labeller k in each direction.
        coupling: c_jk, what a_k r_k adds to r_j, shape (K, K).
        margins: 1 - sum_k a_j c_jk, sums of positive terms.
        read_out: c_k, what a_k r_k adds to the error.
        bias: of the replace baseline.
        collapse: what the offsets add, a quadratic in them.
        variance: the label noise.
        error: the test error in terms of the risks r_k.
        zeta: the collapse term in terms of what offsets add to the risks, z_k.
    """

    sources: int
    equations: tuple[Any, ...]
    definitions: tuple[tuple[Any, Any], ...]
    shares: tuple[Any, ...]
    coupling: tuple[tuple[Any, ...], ...]
    margins: tuple[Any, ...]
    read_out: tuple[Any, ...]
    bias: Part
    collapse: Part
    variance: Part
    error: Statement
    zeta: Statement

    @property
    def risk_equations(self) -> tuple[Any, ...]:
        """The linear equations of the prediction risks r_1, ..., r_K."""
        parts = (self.bias, self.collapse, self.variance)
        return tuple(
            sympy.Eq(
                x.at(RISK, j),
                sum(part.risks[j - 1] for part in parts) + _through_risks(self.coupling[j - 1], RISK),
                evaluate=False,
            )
            for j in range(1, self.sources + 1)
        )


def offset_product(first: int, second: int) -> x.Spectral:
    """E o_k o_l in each direction, the mean product of two offsets; index 0 is the truth itself.

    >>> offset_product(2, 0), offset_product(0, 0)
    (M_0,2, theta)
    """
    low, high = sorted((first, second))
    return TRUTH_SQUARED if high == 0 else x.Spectral(f"M_{low},{high}", real=True)


def eigenvalue(source: int) -> x.Spectral:
    """The eigenvalue of the covariance of a source; index 0 is the population, with which errors are measured.

    >>> eigenvalue(0), eigenvalue(2)
    (s, s_2)
    """
    return x.s if source == TEST else x.at(x.s, source)


@lru_cache(maxsize=16)
def master_theorem(sources: int) -> MasterTheorem:
    """The test error of one fit on K sources, as formulas.

    $$ E = b_0 + \\sum_k \\frac{n_k a_k^2}{n^2} \\langle \\Sigma, \\Sigma_k \\rangle r_k $$

    Args:
        sources: K >= 1.

    Returns:
        A `MasterTheorem`; the numbers are `theory.evaluation.master.mixture_of_sources`.

    Source: derived in the docstring of this module.

    >>> master_theorem(1).margins[0]  # 1 - df_2/n of one source
    a_1*g_1*tr[R*p*s_1]/(g_2*n) + 1/(alpha_1*e_1 + 1)
    """
    numbers = range(1, sources + 1)
    coupling = tuple(_pairings(j, sources) for j in numbers)
    read_out = _pairings(TEST, sources)
    bias = _part([LOSS] * (sources + 1), MEAN_SQUARE)
    collapse = _part([_loss_by_offsets(j) for j in range(sources + 1)], MEAN_SQUARE_BY_OFFSETS)
    variance = Part(tuple(x.at(x.noise, j) ** 2 for j in numbers), sympy.S.Zero)
    definitions = (*_fit(sources), *_losses(sources))
    return MasterTheorem(
        sources=sources,
        equations=_equations(sources),
        definitions=definitions,
        shares=tuple(x.at(x.q, k) for k in numbers),
        coupling=coupling,
        margins=tuple(_margin(j) for j in numbers),
        read_out=read_out,
        bias=bias,
        collapse=collapse,
        variance=variance,
        error=Statement(
            "test error of a mixture of sources",
            "What the mean model misses, and the prediction risk of every source acting as label noise.",
            _HYPOTHESES,
            definitions,
            bias.test + collapse.test + _through_risks(read_out, RISK),
            _SOURCE,
            Kind.EQUIVALENT,
        ),
        zeta=Statement(
            "collapse term of a mixture of sources",
            "What shifted labels add to the error, relative to true labels on the same rows.",
            _HYPOTHESES,
            definitions,
            collapse.test + _through_risks(read_out, RISK_BY_OFFSETS),
            _SOURCE,
            Kind.EQUIVALENT,
        ),
    )


def _equations(sources: int) -> tuple[Any, ...]:
    weights = [
        sympy.Eq(x.at(EFFECTIVE, k), x.at(ALPHA, k) / (1 + x.at(ALPHA, k) * x.at(LEVERAGE, k)), evaluate=False)
        for k in range(1, sources + 1)
    ]
    ridge = x.penalty + x.kappa * Trace(MIXED * RESOLVENT) / x.width
    return (*weights, sympy.Eq(x.kappa, ridge, evaluate=False))


def _fit(sources: int) -> tuple[tuple[Any, Any], ...]:
    """Everything about the mean of the fit, in terms of the effective weights and the effective ridge."""
    numbers = range(1, sources + 1)
    rows = {k: x.at(x.rows, k) * x.at(EFFECTIVE, k) / x.rows for k in numbers}
    return (
        (MIXED, sum(rows[k] * eigenvalue(k) for k in numbers)),
        (RESOLVENT, 1 / (MIXED + x.kappa)),
        (x.p, x.kappa * RESOLVENT),
        *((x.at(x.q, k), rows[k] * eigenvalue(k) * RESOLVENT) for k in numbers),
        *((x.at(LEVERAGE, k), Trace(eigenvalue(k) * RESOLVENT) / x.rows) for k in numbers),
        (WIDTH_LEFT_1, x.penalty / x.kappa),
        (WIDTH_LEFT_2, WIDTH_LEFT_1 + Trace(MIXED * x.p * RESOLVENT) / x.width),
        *((x.at(LEAK, j), Trace(eigenvalue(j) * x.p**2) / (x.width * WIDTH_LEFT_2)) for j in (TEST, *numbers)),
    )


def _losses(sources: int) -> tuple[tuple[Any, Any], ...]:
    """What the mean model misses of each labeller, and its square."""
    offsets = {k: x.at(x.q, k) for k in range(1, sources + 1)}
    kept, kept_by_offsets = sum(offsets.values()), x.Spectral("H'", real=True)
    return (
        (LOSS, x.p**2 * TRUTH_SQUARED),
        (MEAN_SQUARE, Trace(kept**2 * TRUTH_SQUARED)),
        *((_loss_by_offsets(j), _square(x.p, _missed(j, sources))) for j in range(sources + 1)),
        (kept_by_offsets, _square(kept, offsets)),
        (MEAN_SQUARE_BY_OFFSETS, Trace(kept_by_offsets)),
    )


def _missed(j: int, sources: int) -> dict[int, Any]:
    """The coefficients of the offsets in w_j - mean; 1 - q_j as the sum of what the others keep and what is lost."""
    q = {k: x.at(x.q, k) for k in range(1, sources + 1)}
    return {k: x.p + sum(q[other] for other in q if other != j) if k == j else -q[k] for k in q}


def _square(truth: Any, offsets: dict[int, Any]) -> Any:
    """E (truth w_0 + sum_k offsets_k o_k)^2 without E w_0^2."""
    linear = 2 * truth * sum(c * offset_product(TEST, k) for k, c in offsets.items())
    return linear + sum(c * b * offset_product(k, j) for k, c in offsets.items() for j, b in offsets.items())


def _loss_by_offsets(j: int) -> x.Spectral:
    return x.Spectral(f"F'_{j}", real=True)


def _part(losses: list[Any], mean_square: Any) -> Part:
    """b_1, ..., b_K, and the same for the error."""
    drive = [Trace(eigenvalue(j) * loss) + x.at(LEAK, j) * mean_square for j, loss in enumerate(losses)]
    return Part(tuple(drive[1:]), drive[TEST])


def _pairings(j: int, sources: int) -> tuple[Any, ...]:
    """c_jk = (n_k a_k/n^2) <Sigma_j, Sigma_k> for all k."""
    shares = [x.at(x.q, k) for k in range(1, sources + 1)]
    return tuple((Trace(eigenvalue(j) * RESOLVENT * q) + x.at(LEAK, j) * Trace(RESOLVENT * q)) / x.rows for q in shares)


def _margin(j: int) -> Any:
    alpha, a = x.at(ALPHA, j), x.at(EFFECTIVE, j)
    by_ridge = a * WIDTH_LEFT_1 * Trace(eigenvalue(j) * x.p * RESOLVENT) / (WIDTH_LEFT_2 * x.rows)
    return 1 / (1 + alpha * x.at(LEVERAGE, j)) + by_ridge


def _through_risks(pairings: tuple[Any, ...], risk: Any) -> Any:
    return sum(c * x.at(EFFECTIVE, k) * x.at(risk, k) for k, c in enumerate(pairings, start=1))

r"""The scaling laws of [D], and where the plateau of [S] starts on a power law, as statements of the theorem book.

No term is typed: bias, variance and what the labels of generators add are the terms of `scaling_terms`, which reads
the theorem of [D] part by part; the best penalty is that of `optimal_penalty`, the start of the plateau that of
`plateau_start`. With T rows in the last fit, lambda = T^{-l}, n = T^a generators on T_0 = T^b rows and d = phi_0 T_0,

    bias ~ lambda^{2 r},     variance ~ sigma^2 T^{-1} lambda^{-1/beta},
    collapse ~ n sigma_0^2 (T_0^{-1} + phi_0 T^{-1})/(1 - phi_0) lambda^{-1/beta},

the last with max(T/T_0, phi_0): directions that the last fit does not shrink are spread by its design over all d of
them. Where phi_0 stays, generator rows beyond T (b > 1) bring nothing. A noise T^{-nu} lambda^{-1/beta} meets the bias
at l = nu beta/(2 r beta + 1), nu the least of the noises' exponents, which are read off the same terms: 1, b - a, and
1 - a where phi_0 stays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy

from ..problem import notation as x
from ..rules.bibliography import DEMYSTIFIED, STRONG_COLLAPSE, Reference
from ..rules.kind import Kind
from ..rules.statement import Statement
from .demystified_family import Demystified
from .optimal_penalty import optimal_penalty
from .plateau_start import plateau_start
from .scaling_terms import BIAS, DIRECT, SPREAD, terms_of
from .scaling_terms import VARIANCE as OWN_NOISE

EXPONENT, SOURCE, PENALTY = x.scalar("beta"), x.scalar("r"), x.scalar("ell")
GENERATIONS, GENERATOR_ROWS, RATIO = x.scalar("a"), x.scalar("b"), x.scalar("phi_0")
NOISE, GENERATOR_NOISE, SHARE, SHIFT = x.noise, x.scalar("sigma_0"), x.scalar("f"), x.scalar("c")
NOISE_RATE = x.scalar("nu")

_FAMILY = Demystified(EXPONENT, SOURCE, PENALTY, GENERATIONS, GENERATOR_ROWS, RATIO, NOISE, GENERATOR_NOISE)
_NEAR = Demystified(2, 0.375, 0.5, 0.1, 1.3, 0.3)
_SPECTRUM = "eigenvalues k^(-beta), beta > 1, and a truth of source r: s_k w_k^2 = k^(-1 - 2 r beta)"
_CHAIN = "T rows in the last fit, penalty T^(-ell), T^a least-squares generators on T^b rows each, d = phi_0 T^b < T^b"
_INSIDE = (
    "ell < beta and ell < b beta: the penalty is above the ridgeless fit's effective ridge and the last eigenvalue"
)


def _sum(names: tuple[str, ...], family: Demystified, near: Demystified) -> sympy.Expr:
    """The terms of these names, at the regime of an example."""
    return sympy.Add(*(term.value for term in terms_of(family, near).terms if term.name in names))


def _law(name: str, description: str, result: sympy.Expr, *hypotheses: str, file: str = "laws") -> Statement:
    source = Reference((DEMYSTIFIED,), f"derived in theory/asymptotics/{file}.py")
    return Statement(name, description, (_SPECTRUM, *hypotheses), (), result, source, Kind.EQUIVALENT)


BIAS_OF_A_ROUGH_TRUTH = _law(
    "scaling law of the bias, rough truth",
    "The noise-free error falls like lambda^(2 r).",
    _sum((BIAS,), _FAMILY, _NEAR),
    _CHAIN,
    _INSIDE,
    "r < 1",
)
BIAS_AT_SOURCE_ONE = _law(
    "scaling law of the bias, source one",
    "At r = 1 the bias is lambda^2 times a logarithm, which a slope measured over a few decades does not show.",
    _sum((BIAS,), replace(_FAMILY, source=1), replace(_NEAR, source=1)),
    _CHAIN,
    _INSIDE,
    "r = 1",
)
BIAS_OF_A_SMOOTH_TRUTH = _law(
    "scaling law of the bias, smooth truth",
    "Beyond r = 1 ridge regression saturates: lambda^2 whatever r is, with a constant that the first directions set.",
    _sum((BIAS,), _FAMILY, replace(_NEAR, source=1.5)),
    _CHAIN,
    _INSIDE,
    "r > 1",
)
VARIANCE = _law(
    "scaling law of the variance",
    "Label noise of the last fit counts df_2/T, with df_2 of order lambda^(-1/beta) directions that are not shrunk.",
    _sum((OWN_NOISE,), _FAMILY, _NEAR),
    _CHAIN,
    _INSIDE,
)
COLLAPSE = _law(
    "scaling law of the collapse term",
    "Label noise of the generators adds T^a max(T/T_0, phi_0) times what the last fit's own noise adds.",
    _sum((DIRECT, SPREAD), _FAMILY, _NEAR),
    _CHAIN,
    _INSIDE,
)
PLATEAU_OF_THE_COLLAPSE = _law(
    "collapse term beyond the range of its law",
    "A penalty below the last eigenvalue shrinks nothing: the collapse term is that of least squares, whatever ell is.",
    _sum((DIRECT,), _FAMILY, Demystified(1.5, 0.5, 0.8, 0.1, 0.35, 0.2)),
    _CHAIN,
    "ell > b beta and b < 1: df_2 saturates at d",
)


def _noise_rate(family: Demystified, near: Demystified, *names: str) -> sympy.Expr:
    """nu: the noises of these names fall like T^(-nu) lambda^(-1/beta), the slowest of them."""
    terms = [term for term in terms_of(family, near).terms if term.name in names]
    return sympy.Min(*(sympy.simplify(term.exponent + PENALTY / EXPONENT) for term in terms))


_NOISES = OWN_NOISE, DIRECT, SPREAD
_FEW, _NEAR_FEW = replace(_FAMILY, generator_ratio=0), replace(_NEAR, generator_ratio=0)


def _least_error(name: str, description: str, rate: sympy.Expr, *hypotheses: str) -> Statement:
    """The exponent of the least error; its definitions are the noise's and the best penalty's."""
    own = Demystified(EXPONENT, SOURCE, 1, 0, NOISE_RATE, generator_noise=1, noise=0)
    best = optimal_penalty(own, replace(_NEAR, generations=0, generator_ratio=0))
    definitions = ((NOISE_RATE, rate), (PENALTY, best.exponent))
    result = sympy.expand(best.error_exponent / best.exponent) * PENALTY
    within = (*hypotheses, "r < 1, and ell < beta, ell < b beta come out")
    return replace(
        _law(name, description, sympy.simplify(result), _CHAIN, *within, file="optimal_penalty"),
        definitions=definitions,
    )


LEAST_ERROR_OF_FEW_DIRECTIONS = _least_error(
    "exponent of the least error, few directions",
    "With the best penalty, T^(-ell), the error falls like T^(-2 r ell): at the clean rate where b - a >= 1.",
    _noise_rate(_FEW, _NEAR_FEW, *_NOISES),
    "d/T and d/T_0 vanish",
)
LEAST_ERROR_OF_MANY_DIRECTIONS = _least_error(
    "exponent of the least error, many directions",
    "With the best penalty, T^(-ell), the error falls like T^(-2 r ell), and b > 1 brings nothing.",
    _noise_rate(_FAMILY, _NEAR, *_NOISES),
    "phi_0 = d/T_0 stays",
)
LEAST_ERROR_OF_EXACT_LABELS = _least_error(
    "exponent of the least error, exact labels in the last fit",
    "Where only generators are noisy, the error falls the faster, the more rows they have.",
    _noise_rate(replace(_FEW, noise=0), _NEAR_FEW, *_NOISES),
    "d/T and d/T_0 vanish, and sigma = 0",
)
BEST_PENALTY_AT_SOURCE_ONE = _law(
    "best penalty at source one",
    "At r = 1 the best penalty of clean labels has a logarithm: Lambert's function on its lower branch.",
    optimal_penalty(
        Demystified(EXPONENT, 1, 1, noise=NOISE, generator_noise=0), Demystified(2, 1, 0.5, generator_noise=0)
    ).penalty,
    "T rows with noise sigma, d/T vanishes",
    "r = 1",
    file="optimal_penalty",
)
START_OF_THE_PLATEAU = replace(
    _law(
        "rows at which the plateau starts, power law",
        "From here on a share f of synthetic rows adds more than all the rest, and more rows bring at most a factor 2.",
        plateau_start(Demystified(EXPONENT, SOURCE, 1, noise=NOISE), SHARE, SHIFT),
        "labels of a share f of the rows have a truth that is off by c, in root mean squared error; the best penalty",
        "f c is so small that the rows are many; r < 1",
    ),
    source=Reference((STRONG_COLLAPSE,), "derived in theory/asymptotics/plateau_start.py"),
)

LEAST_ERRORS = LEAST_ERROR_OF_FEW_DIRECTIONS, LEAST_ERROR_OF_MANY_DIRECTIONS, LEAST_ERROR_OF_EXACT_LABELS
TERMS = BIAS_OF_A_ROUGH_TRUTH, BIAS_AT_SOURCE_ONE, BIAS_OF_A_SMOOTH_TRUTH, VARIANCE, COLLAPSE, PLATEAU_OF_THE_COLLAPSE
STATEMENTS: tuple[Statement, ...] = (*TERMS, *LEAST_ERRORS, BEST_PENALTY_AT_SOURCE_ONE, START_OF_THE_PLATEAU)


def _as_printed() -> tuple[Any, Any]:
    """[D] as recalled: T/T_0 alone in the place of max(T/T_0, phi_0), hence the exponent b - a of the noise."""
    collapse = replace(COLLAPSE, result=_sum((DIRECT,), _FAMILY, _NEAR))
    (_, _), best = LEAST_ERROR_OF_MANY_DIRECTIONS.definitions
    definitions = ((NOISE_RATE, _noise_rate(_FAMILY, _NEAR, DIRECT)), best)
    return collapse, replace(LEAST_ERROR_OF_MANY_DIRECTIONS, definitions=definitions)


COLLAPSE_AS_PRINTED, LEAST_ERROR_AS_PRINTED = _as_printed()

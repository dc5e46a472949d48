"""Named checks of fits on a random projection: the one-step rules, the spectrum of one that is kept, and a chain.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ...theory.algebra.model import Model, ridge
from ...theory.algebra.risk import overlap, risk
from ...theory.evaluation.derive import derive
from ...theory.evaluation.lowering import Nodes
from ...theory.evaluation.prediction import Prediction, predict
from ...theory.problem import Chain, Coefficients, Levels, Population, RandomProjection
from ...theory.problem import notation as x
from ...theory.problem import replace as replacement
from ...theory.rules.kept_projection import PLACE, SPECTRUM_OF_A_KEPT_PROJECTION
from ...theory.rules.projected_least_squares import PROJECTED_LEAST_SQUARES
from ...theory.rules.projection import EFFECTIVE_RIDGE_OF_A_PROJECTION, PROJECTION
from ...theory.rules.statement import Statement
from ...theory.statements.ridge_chain import TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS
from .. import oracles
from ..dimensions import COVARIANCE, ERROR, is_consistent
from ..evaluated import forwards, named
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit
from .one_fit import FITS, UNPENALISED, WEIGHTS, finite_size, place, values
from .theorems import kept_and_lost_stay_one_in_sum

_LEVELS = (0.3, 1.7, 4.1)
_UNITS: Mapping[str, Any] = {
    EFFECTIVE_RIDGE_OF_A_PROJECTION.name: COVARIANCE,
    SPECTRUM_OF_A_KEPT_PROJECTION.name: 1 / COVARIANCE,
    TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS.name: ERROR,
}
_DRAWN = 40  # projections
_STEP, _OF_A_STEP = 1e-4, 1e-6  # of a central difference, and far above its error
TRUTH, NOISE = (0.11, 0.2, 0.29), (0.45, 0.65, 0.9)  # tau in every direction of a level
STEPS = tuple(
    Fit(_LEVELS, (50, 44, 32), WEIGHTS, rows=rows, penalty=penalty, replicates=25, width=width)
    for rows, penalty, width in ((170, 0.35, 85), (95, 0.6, 135), (210, 0.25, 160))
)
_CHAIN = replacement(
    Population(
        Levels(_LEVELS, STEPS[0].multiplicities),
        Coefficients(np.sqrt(np.repeat(TRUTH, STEPS[0].multiplicities) / STEPS[0].spectrum)),
    ),
    len(STEPS),
    [fit.rows for fit in STEPS],
    NOISE,
    [RandomProjection(fit.width, fit.penalty) for fit in STEPS],
)
PROBLEMS: Mapping[str, Chain] = {TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS.name: _CHAIN}


def dimensions_are_consistent(statement: Statement) -> bool:
    """Every exponent is tied to a scaling law: of the covariance, the size and the truth."""
    return is_consistent(statement, _UNITS[statement.name], {})


def moments_of_a_random_subspace(statement: Statement) -> bool:
    """The exact rule against moments that SciPy's Beta and inverse Wishart distributions give."""
    role, fit = place(statement)[1], UNPENALISED
    width = fit.width or fit.rank
    reference: dict[str, Array | float] = {
        "kept": width / fit.rank,
        "lost": 1 - width / fit.rank,
        "second_moment": oracles.second_moment_of_projected_rows(fit),
        "noise": oracles.inverse_wishart_trace(fit.rows, width) / fit.rank * float(np.sum(fit.weights)),
    }
    return agree(values(statement, fit)[0], reference[role])


def the_textbook_root_gives_back_the_penalty(statement: Statement) -> bool:
    """At the root of lambda = kappa (1 - df_1/n)(1 - df_1/m), found by SciPy, the expression is the penalty."""
    return all(agree(values(statement, fit)[0], fit.penalty or 0.0) for fit in FITS[statement.name])


def definitions_are_what_they_are_called(statement: Statement) -> bool:
    """Margins are differences; squares of W/(W + mu) come from differences of its equivalent q in log mu; SciPy only.

    x^2 = x + mu dx/dmu for x = w/(w + mu), and for 1 - x with a minus sign.
    """
    for fit in FITS[statement.name]:
        defined = values(statement, fit)[1]
        reference = _reference(fit) if fit.penalty is not None else {x.wishart_margin: _freedom(fit)}
        if not all(agree(value, reference[symbol], _OF_A_STEP) for symbol, value in defined.items()):
            return False
    return True


def the_engine_derives_the_same(statement: Statement) -> bool:
    """The rule that the engine derives for an expression with a projection, or that rule through a chain, backwards."""
    if statement.name in PROBLEMS:
        return agree(_end(statement), _engine_of_the_chain())
    role = place(statement)[1]
    return all(agree(values(statement, fit)[0], _engine(fit)[role]) for fit in FITS[statement.name])


def averages_over_drawn_projections(statement: Statement) -> bool:
    """The diagonal of (z - W)^-1 by NumPy: the mean lies within six standard errors and four finite-size gaps."""
    for fit in FITS[statement.name]:
        mean, error = _drawn_resolvent(fit)
        margin = 6 * error + 4 * finite_size(statement, fit) * np.abs(mean)
        if not agree(values(statement, fit)[0], mean, margin):
            return False
    return True


def resolvent_of_marchenko_and_pastur(statement: Statement) -> bool:
    """Isotropic, the mean of 1/(z - w) over the textbook's density of w = s x, zeros included."""
    for fit in FITS[statement.name]:
        single = replace(fit, eigenvalues=(1.7,) * len(fit.eigenvalues))
        value, defined = values(statement, single)
        x_nodes, density = _marchenko_pastur(single)
        zeros = 1 - float(np.sum(density))
        place = float(defined[PLACE])
        if not agree(value, float(np.sum(density / (place - 1.7 * x_nodes))) + zeros / place):
            return False
    return True


def monte_carlo_of_the_chain(statement: Statement) -> bool:
    """The chain drawn with NumPy: the mean lies within six standard errors and four finite-size gaps."""
    mean, error = oracles.error_of_fits(STEPS, NOISE, TRUTH)
    gap = max(finite_size(statement, fit) for fit in STEPS)
    return agree(_end(statement), mean, 6 * error + 4 * gap * mean)


def theorem_equals_the_recursion(statement: Statement) -> bool:
    """The theorem's number against the one-step rules iterated generation by generation."""
    return agree(_end(statement), float(_predicted(PROBLEMS[statement.name]).error[-1]))


@lru_cache(maxsize=1)
def _end(statement: Statement) -> float:
    """The error that a theorem on a chain ends with."""
    return forwards(statement, PROBLEMS[statement.name])


def _freedom(fit: Fit) -> float:
    """m over E tr (X'X)^-1 for n rows in m dimensions."""
    width = fit.width or fit.rank
    return width / oracles.inverse_wishart_trace(fit.rows, width)


@cache
def _reference(fit: Fit) -> dict[Any, Any]:
    """What the definitions of a projected fit must be."""
    width, penalty = fit.width or fit.rank, fit.penalty or 0.0
    first, second = (oracles.degrees_of_freedom(fit, order) for order in (1, 2))
    place = penalty / (1 - first / fit.rows)  # mu: given S, the effective ridge of rows of covariance W
    given_projection = replace(fit, rows=width, width=None)  # S is a sample of m rows
    lower, upper = (oracles.kappa(replace(given_projection, penalty=place * np.exp(step))) for step in (-_STEP, _STEP))
    s, middle, counts = np.array(fit.eigenvalues), oracles.kappa(fit), np.array(fit.multiplicities)
    kept, slope = s / (s + middle), (s / (s + upper) - s / (s + lower)) / (2 * _STEP)
    passed = kept + slope
    return {
        x.q: kept,
        x.p: 1 - kept,
        x.margin_1: fit.rows - first,
        x.width_margin_1: width - first,
        x.width_margin_2: width - second,
        x.spilled: 1 - np.log(upper / lower) / (2 * _STEP),
        x.passed: passed,
        x.missed: 1 - kept + slope,
        x.margin_2: fit.rows - counts @ passed,
        PLACE: -place,
    }


@cache
def _derived() -> dict[str, Any]:
    """The engine's risk, with a weight of its own, and its overlap, for ridge regression on a projection."""
    model = Model()
    design, projection = model.design("X", "n"), model.projection("S", "m")
    labels = design @ model.truth + model.noise("sigma")
    fitted = projection.T @ ridge(design @ projection.T, labels, "lambda")
    of_risk, of_overlap = derive(risk(fitted, model.spectrum("A"))).parts, derive(overlap(fitted, model.truth)).parts
    return {"error": of_risk["w_0"], "noise": of_risk["e_1"], "overlap": of_overlap["w_0"]}


@cache
def _engine(fit: Fit) -> dict[str, Array]:
    """The rule by the engine, at SciPy's root: theta = 1/s in one direction reads off what happens to that direction.

    In units of error, E|w - w_0|^2_B = E W'BW - 2 B E W + B, and noise; A = s B.
    """
    s, counts = np.array(fit.eigenvalues), np.array(fit.multiplicities, dtype=np.float64)
    kappa, first, width = oracles.kappa(fit), oracles.degrees_of_freedom(fit, 1), fit.width or fit.rank
    known: dict[str, Any] = {"kappa": kappa, "n": fit.rows, "m": width, "D_n": fit.rows - first, "D_m": width - first}
    known |= {"A": s * np.array(fit.weight), "sigma": 1.0, "p": kappa / (s + kappa), "q": s / (s + kappa)}
    kept, second, noise = [], [], 0.0
    for level, weight in enumerate(fit.weight):
        truth = np.where(np.arange(len(s)) == level, 1 / (s * counts), 0.0)
        nodes = Nodes(s, counts, counts * s * truth)
        found = {name: named(part, known | {"s": s, "theta": truth}, nodes) for name, part in _derived().items()}
        share, noise = found["overlap"] * s[level], found["noise"]
        kept.append(share)
        second.append(found["error"] + 2 * weight * share - weight)
    reference = {"kept": kept, "lost": 1 - np.array(kept), "second_moment": second, "noise": noise}
    return {role: np.array(value) for role, value in reference.items()}


@cache
def _engine_of_the_chain() -> float:
    """The error of the chain by the engine's rule for one fit, from the weight 1 on the last model to the first."""
    weight, kept, error = np.ones(len(_LEVELS)), np.ones(len(_LEVELS)), 0.0
    for fit, noise in zip(reversed(STEPS), reversed(NOISE), strict=True):
        rule = _engine(replace(fit, weight=tuple(weight.tolist())))
        error += noise**2 * float(rule["noise"])
        weight, kept = rule["second_moment"], kept * rule["kept"]
    return error + float(np.array(STEPS[0].multiplicities) @ ((weight - 2 * kept + 1) * np.array(TRUTH)))


@cache
def _drawn_resolvent(fit: Fit) -> tuple[Array, Array]:
    """The diagonal of (z - W)^-1 where W, and then mu = -z, are what a fit with this penalty has: mean, its error."""
    generator, width = np.random.default_rng(20240315), fit.width or fit.rank
    place = -(fit.penalty or 0.0) / (1 - oracles.degrees_of_freedom(fit, 1) / fit.rows)
    samples = []
    for _ in range(_DRAWN):
        drawn = generator.standard_normal((width, fit.rank)) * np.sqrt(fit.spectrum / width)
        inverse = np.linalg.inv(place * np.eye(fit.rank) - drawn.T @ drawn)
        samples.append(fit.averaged(np.diag(inverse)))
    found = np.array(samples)
    return found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(_DRAWN)


def _marchenko_pastur(fit: Fit, nodes: int = 600) -> tuple[Array, Array]:
    """The textbook's density of the eigenvalues of r dimensions in m rows, by angle, a Gauss rule; zeros left out."""
    width = fit.width or fit.rank
    y = fit.rank / width
    angle = np.arange(1, nodes + 1) * np.pi / (nodes + 1)
    eigenvalue = 1 + y + 2 * np.sqrt(y) * np.cos(angle)
    density = (2 * np.sqrt(y) * np.sin(angle)) ** 2 / (4 * np.pi * y * eigenvalue) * 2 * np.pi / (nodes + 1)
    return eigenvalue, density


@cache
def _predicted(chain: Chain) -> Prediction:
    return predict(chain)


_ALL = (*PROJECTION.statements(), *PROJECTED_LEAST_SQUARES.statements())
_RIDGE = (EFFECTIVE_RIDGE_OF_A_PROJECTION, SPECTRUM_OF_A_KEPT_PROJECTION)
_THEOREM = TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS

PROJECTION_CHECKS = (
    Check.of(dimensions_are_consistent, *_RIDGE, _THEOREM),
    Check.of(moments_of_a_random_subspace, *PROJECTED_LEAST_SQUARES.statements()),
    Check.of(the_textbook_root_gives_back_the_penalty, EFFECTIVE_RIDGE_OF_A_PROJECTION),
    Check.of(resolvent_of_marchenko_and_pastur, SPECTRUM_OF_A_KEPT_PROJECTION),
    Check.of(averages_over_drawn_projections, SPECTRUM_OF_A_KEPT_PROJECTION),
    Check.of(definitions_are_what_they_are_called, *_ALL, *_RIDGE),
    Check.of(kept_and_lost_stay_one_in_sum, _THEOREM),
    Check.of(theorem_equals_the_recursion, _THEOREM),
    Check.of(monte_carlo_of_the_chain, _THEOREM),
    Check.of(the_engine_derives_the_same, *PROJECTION.statements(), _THEOREM),
)

"""Named checks of the theorems on whole chains, and of the moments of a model.

No number in a problem below is 0, 1 or another number of the problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, final

import numpy as np
import sympy
from scipy.stats import beta

from ...numerics.measurement.label_noise import INTEGRATED
from ...numerics.simulation import Simulation, simulate
from ...theory.chains import moments
from ...theory.evaluation.backward import backward_error
from ...theory.evaluation.lowering import Nodes
from ...theory.evaluation.prediction import Prediction, predict
from ...theory.problem import (
    Chain,
    Coefficients,
    Isotropic,
    Levels,
    MinimumNorm,
    Population,
    Ridge,
    UniformTarget,
    demystified,
)
from ...theory.problem import notation as x
from ...theory.problem import replace as replacement
from ...theory.rules.statement import Statement
from ...theory.statements.demystified import (
    COLLAPSE_AFTER_GENERATORS,
    LIMIT_BELOW_THE_RANK,
    TEST_ERROR_AFTER_GENERATORS,
    TEST_ERROR_BELOW_THE_RANK,
    TEST_ERROR_WITHOUT_A_PENALTY,
    TRUTH_LEFT_BELOW_THE_RANK,
)
from ...theory.statements.kept_rows import TEST_ERROR_WITH_KEPT_REAL_ROWS
from ...theory.statements.least_squares import (
    SPREAD_OVER_DRAWS,
    SUM_OF_GAINS,
    SUM_OF_VARIANCES,
    TEST_ERROR_AFTER_REPLACEMENT,
)
from ...theory.statements.ridge_chain import TEST_ERROR_OF_A_CHAIN, TEST_ERROR_OF_A_CHAIN_BACKWARDS
from .. import oracles
from ..dimensions import COVARIANCE, ERROR, NONE, is_consistent
from ..evaluated import Reading, backwards, closed_form, executed, forwards, variance_over_draws
from ..exact_law import law_of
from ..measured import Array
from ..named_check import Check, agree
from ..oracles import Fit


@final
@dataclass(frozen=True)
class Problem:
    """A chain that a theorem covers.

    Attributes:
        chain: with numbers.
        reading: how the theorem is evaluated on it.
        replicates: how many the Monte Carlo of the chain takes; 0 for what is not a mean error.
    """

    chain: Chain
    reading: Reading
    replicates: int = 0


_POPULATION = Population(
    Levels([0.3, 1.7, 4.1], [50, 40, 30]), Coefficients(np.repeat([0.36, 0.12, 0.07], [50, 40, 30]))
)
_RIDGE_CHAIN = replacement(_POPULATION, 3, [170, 95, 210], [0.4, 0.7, 0.9], [Ridge(0.35), Ridge(0.6), Ridge(0.25)])
_GENERATORS = demystified(
    _POPULATION,
    generators=3,
    generator_rows=165,
    generator_noise=0.6,
    rows=190,
    noise=0.45,
    estimator=Ridge(0.35),
)
_SMALL = Population(Levels([0.45, 2.2], [2, 5]), UniformTarget(2.5))
_WALK = replacement(_SMALL, 3, 17, 0.6, MinimumNorm())
_UNEVEN_WALK = replacement(_SMALL, 3, [17, 14, 23], [0.6, 0.9, 0.35], MinimumNorm())
_NO_PENALTY = demystified(
    _SMALL, generators=3, generator_rows=17, generator_noise=0.6, rows=23, noise=0.35, estimator=MinimumNorm()
)
_SUBSPACES = replacement(Population(Isotropic(9, 1.7), UniformTarget(2.5)), 3, 5, 0.6, MinimumNorm())

PROBLEMS: Mapping[str, Problem] = {
    TEST_ERROR_OF_A_CHAIN.name: Problem(_RIDGE_CHAIN, forwards, 30),
    TEST_ERROR_OF_A_CHAIN_BACKWARDS.name: Problem(_RIDGE_CHAIN, backwards, 30),
    TEST_ERROR_AFTER_GENERATORS.name: Problem(_GENERATORS, closed_form, 30),
    TEST_ERROR_AFTER_REPLACEMENT.name: Problem(_WALK, closed_form, 2000),
    TEST_ERROR_BELOW_THE_RANK.name: Problem(_SUBSPACES, closed_form, 2000),
    SPREAD_OVER_DRAWS.name: Problem(_UNEVEN_WALK, variance_over_draws),
    COLLAPSE_AFTER_GENERATORS.name: Problem(_GENERATORS, closed_form),
    TEST_ERROR_WITHOUT_A_PENALTY.name: Problem(_NO_PENALTY, closed_form, 2000),
    LIMIT_BELOW_THE_RANK.name: Problem(_SUBSPACES, closed_form),
    TRUTH_LEFT_BELOW_THE_RANK.name: Problem(_SUBSPACES, closed_form),
}


def dimensions_are_consistent(statement: Statement) -> bool:
    """Every exponent is tied to a scaling law: of the covariance, the size, the truth and the noise."""
    wanted, known = _UNITS.get(statement.name, (ERROR, {}))
    return is_consistent(statement, wanted, known)


def it_can_be_evaluated(statement: Statement) -> bool:
    """Every symbol is defined before it is used, and nothing divides by zero."""
    problem = PROBLEMS[statement.name]
    problem.reading(statement, problem.chain)
    return True


def monte_carlo_of_the_chain(statement: Statement) -> bool:
    """The chain simulated: the mean lies within six standard errors and four finite-size gaps."""
    problem = PROBLEMS[statement.name]
    run = _simulated(problem.chain, problem.replicates)
    mean, error = run.mean[-1], run.standard_error[-1]
    finite_size = _predicted(problem.chain).finite_size[-1]
    return agree(problem.reading(statement, problem.chain), mean, 6 * error + 4 * finite_size * mean)


def theorem_equals_the_recursion(statement: Statement) -> bool:
    """The theorem's number against the one-step rules iterated generation by generation."""
    problem = PROBLEMS[statement.name]
    return agree(problem.reading(statement, problem.chain), _predicted(problem.chain).error[-1])


def forwards_equals_backwards(statement: Statement) -> bool:
    """The theorem's number against the one-step rules iterated from the last generation to the first."""
    problem = PROBLEMS[statement.name]
    return agree(problem.reading(statement, problem.chain), _predicted_backwards(problem.chain))


def kept_and_lost_stay_one_in_sum(statement: Statement) -> bool:
    """Where the definitions of Q and P start from Q + P = 1, they end there, symbolically."""
    defined = dict(statement.definitions)
    after = defined[x.at(x.kept, "g")] + defined[x.at(x.lost, "g")]
    after = after.subs(x.at(x.lost, "g-1"), 1 - x.at(x.kept, "g-1"))
    shares = {symbol: defined[symbol] for symbol in (x.at(x.q, "g"), x.at(x.p, "g"))}
    return bool(sympy.expand(sympy.numer(sympy.together(after.subs(shares) - 1))) == 0)


def walk_of_least_squares(statement: Statement) -> bool:
    """Mean or variance of the exact law of the error, a walk with multivariate t steps, from SciPy's chi-square."""
    problem = PROBLEMS[statement.name]
    law = law_of(problem.chain, len(problem.chain))
    assert law is not None  # these chains are least squares all the way
    mean, variance = oracles.mean_and_variance_of_walk(law)
    reference = variance if statement.name == SPREAD_OVER_DRAWS.name else mean
    return agree(problem.reading(statement, problem.chain), reference, 1e-6 * reference)


def projections_one_after_another(statement: Statement) -> bool:
    """Squared norm and overlap of the model, a random subspace kept in each generation, noise from SciPy.

    A limit is what eighty generations come to: they leave less than 10^-20 of the truth.
    """
    problem = PROBLEMS[statement.name]
    chain = problem.chain
    generations = 80 if statement.name == LIMIT_BELOW_THE_RANK.name else len(chain)
    step, s = chain.generations[0], chain.population.spectrum.eigenvalues()
    null_error = float(s @ chain.population.target.second_moments(chain.population.spectrum))
    reference = oracles.error_of_projections(
        chain.population.spectrum.rank(), step.rows, step.generated[0].noise, null_error, generations
    )
    return agree(problem.reading(statement, chain), reference)


def subspaces_inside_one_another(statement: Statement) -> bool:
    """The squared length of a unit vector that SciPy's Beta distribution leaves, generation after generation."""
    chain = PROBLEMS[statement.name].chain
    n, r = chain.generations[0].rows, chain.population.spectrum.rank()
    left = float(beta(n / 2, (r - n) / 2).mean()) ** len(chain)
    return agree(closed_form(statement, chain), left)


def overlap_with_the_truth(statement: Statement) -> bool:
    """The inner product of the last model with the truth, by the one-step rules, over that of the truth with itself."""
    chain = PROBLEMS[statement.name].chain
    squared_norm = float(np.sum(chain.population.target.second_moments(chain.population.spectrum)))
    return agree(closed_form(statement, chain), _predicted(chain).overlap[-1] / squared_norm)


def with_and_without_the_noise_of_generators(statement: Statement) -> bool:
    """What the recursion gives with the generators' noise, minus what it gives without it."""
    chain = PROBLEMS[statement.name].chain
    silent = chain.with_(noise=0.0).with_(noise=chain.generations[-1].generated[0].noise, generation=len(chain))
    return agree(closed_form(statement, chain), _predicted(chain).error[-1] - _predicted(silent).error[-1])


def noise_of_generators_through_drawn_fits(statement: Statement) -> bool:
    """Drawn ridge fits pass on the inverse Wishart means of all generators: six standard errors, four gaps."""
    chain = PROBLEMS[statement.name].chain
    generators, last = chain.generations[:-1], chain.generations[-1]
    levels, counts = np.unique(chain.population.spectrum.eigenvalues(), return_counts=True)
    assert isinstance(last.estimator, Ridge)
    fit = Fit(tuple(levels), tuple(counts), (1.0,) * len(levels), last.rows, last.estimator.penalty, replicates=30)
    mean, error = oracles.draws(fit).second_moment
    each = generators[0].generated[0].noise ** 2 * oracles.inverse_wishart_trace(generators[0].rows, fit.rank)
    added = len(generators) * each / fit.rank
    reference, deviation = added * float(counts @ mean), added * float(counts @ error)
    gap = 4 / (fit.rows - oracles.degrees_of_freedom(fit, 2))
    return agree(closed_form(statement, chain), reference, 6 * deviation + gap * reference)


def moments_of_a_model_on_either_side_of_its_mean(statement: Statement) -> bool:
    """Two models, mean plus and minus a standard deviation: their average error, overlap and norm, by definition."""
    s, counts, target = np.array([0.4, 1.7, 3.2]), np.array([2.0, 3.0, 4.0]), np.array([0.9, 2.6, 1.3])
    kept, spread = np.array([0.35, 0.65, 0.8]), np.array([0.15, 0.45, 0.28])
    truth = np.sqrt(target / counts / s)
    models = [kept * truth + side * np.sqrt(spread / s) for side in (1.0, -1.0)]
    averages: dict[str, Array] = {
        moments.ERROR.name: np.mean([counts @ (s * (w - truth) ** 2) for w in models]),
        moments.ERROR_BY_MODE.name: np.mean([s * (w - truth) ** 2 for w in models], axis=0),
        moments.OVERLAP.name: np.mean([counts @ (w * truth) for w in models]),
        moments.NORM.name: np.mean([counts @ w**2 for w in models]),
    }
    state = {x.kept: kept, x.lost: 1 - kept, x.spread: spread}
    return agree(executed(statement, state, Nodes(s, counts, target))[0], averages[statement.name])


# Units of results that are not errors, and of letters that mean something else in a statement.
_UNITS: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    TEST_ERROR_OF_A_CHAIN_BACKWARDS.name: (ERROR, {"B": NONE}),
    SPREAD_OVER_DRAWS.name: (ERROR**2, {SUM_OF_GAINS.name: ERROR, SUM_OF_VARIANCES.name: ERROR**2}),
    TRUTH_LEFT_BELOW_THE_RANK.name: (NONE, {}),
    moments.OVERLAP.name: (ERROR / COVARIANCE, {}),
    moments.NORM.name: (ERROR / COVARIANCE, {}),
}


@cache
def _simulated(chain: Chain, replicates: int) -> Simulation:
    return simulate(chain, replicates, seed=17, noise=INTEGRATED)


@cache
def _predicted(chain: Chain) -> Prediction:
    return predict(chain)


@cache
def _predicted_backwards(chain: Chain) -> float:
    return backward_error(chain)[0]


_FORWARD, _BACKWARD = (TEST_ERROR_OF_A_CHAIN, TEST_ERROR_WITH_KEPT_REAL_ROWS), (TEST_ERROR_OF_A_CHAIN_BACKWARDS,)
_RECURSIVE = (TEST_ERROR_OF_A_CHAIN, TEST_ERROR_OF_A_CHAIN_BACKWARDS)
_LEAST = (TEST_ERROR_AFTER_REPLACEMENT, TEST_ERROR_WITHOUT_A_PENALTY)
_CLOSED = (TEST_ERROR_AFTER_GENERATORS, *_LEAST, TEST_ERROR_BELOW_THE_RANK)
_OTHER = (SPREAD_OVER_DRAWS, COLLAPSE_AFTER_GENERATORS, LIMIT_BELOW_THE_RANK, TRUTH_LEFT_BELOW_THE_RANK)
_MOMENTS = (moments.ERROR, moments.ERROR_BY_MODE, moments.OVERLAP, moments.NORM)

THEOREM_CHECKS = (
    Check.of(dimensions_are_consistent, *_FORWARD, *_BACKWARD, *_CLOSED, *_OTHER, *_MOMENTS),
    Check.of(it_can_be_evaluated, *_RECURSIVE, *_CLOSED, *_OTHER),
    Check.of(moments_of_a_model_on_either_side_of_its_mean, *_MOMENTS),
    Check.of(walk_of_least_squares, *_LEAST, SPREAD_OVER_DRAWS),
    Check.of(projections_one_after_another, TEST_ERROR_BELOW_THE_RANK, LIMIT_BELOW_THE_RANK),
    Check.of(subspaces_inside_one_another, TRUTH_LEFT_BELOW_THE_RANK),
    Check.of(overlap_with_the_truth, TRUTH_LEFT_BELOW_THE_RANK),
    Check.of(noise_of_generators_through_drawn_fits, COLLAPSE_AFTER_GENERATORS),
    Check.of(with_and_without_the_noise_of_generators, COLLAPSE_AFTER_GENERATORS),
    Check.of(kept_and_lost_stay_one_in_sum, *_FORWARD),
    Check.of(monte_carlo_of_the_chain, *_RECURSIVE, *_CLOSED),
    Check.of(forwards_equals_backwards, *_RECURSIVE),
    Check.of(theorem_equals_the_recursion, *_RECURSIVE, *_CLOSED),
)

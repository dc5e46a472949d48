r"""Penalties that practical rules choose from data, and the error that follows.

Derivation. Generation g is fitted to y = X w_{g-1} + noise on T fresh rows, which do not depend on w_{g-1}. So for the
fit w_{g-1} is the truth, whose squared coordinates are those of the model before.

- Generalised cross-validation, |y - X w|^2/T over (1 - df/T)^2, tends to the error on fresh rows with labels of the
  same kind, sigma^2 + E|w_g - w_{g-1}|^2_Sigma, for all penalties of a range at once (proportional limit). It selects
  the penalty that is best against the *labeller*, and knows nothing of what earlier generations have lost.
- The squared error on held-out real rows tends, as their number grows, to their noise + E_g, given the models: it
  selects the penalty that is best against the *truth* at this generation. That is greedy: it does not ask what later
  generations make of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

import jax
import numpy as np

from ..chains.reading import read
from ..evaluation.inputs import full_nodes
from ..evaluation.penalised import penalised
from ..evaluation.straight_line import states
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import NoTheorem
from ..problem.estimator import Ridge
from ..problem.labels import PREVIOUS
from ..problem.population import Population
from ..problem.target import GaussianTarget
from ..problem.tuning import CrossValidated, HeldOut, Tuning, offered_penalties, require_tuning


def practical_penalties(chain: Chain, rule: Tuning, choices: Any) -> Vector:
    """The penalties that a practical rule selects generation by generation, in the proportional limit, shape (N,).

    $$ \\lambda_g = \\arg\\min_\\lambda \\mathbb E |w_g(\\lambda) - w_{g-1}|_\\Sigma^2 \\quad (CROSS_VALIDATED), \\qquad
    \\lambda_g = \\arg\\min_\\lambda E_g(\\lambda) \\quad (HELD_OUT) $$

    The error that follows is `scheduled_error(chain, penalties)`; `simulate_tuned` has the rule see data.

    Args:
        chain: as for `optimise_schedule`, the model before labelling all rows, of one noise and of weight 1.
        rule: `CROSS_VALIDATED`, or `HeldOut(rows, noise)`, whose number of rows grows with the size, too; its noise
            is the same for all penalties.
        choices: (C,) penalties > 0 among which the rule selects.

    Raises:
        NoTheorem: for other chains.
        SpecificationError: for anything but a rule, and for impossible penalties.

    Source: derived in theory/remedies/practical.py.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=1, rows=40, noise=0.5)
    >>> practical_penalties(chain, CROSS_VALIDATED, [0.05, 0.125, 0.3])  # best is sigma^2 d/(T |w_0|^2) = 0.125
    array([0.125])
    """
    require_tuning(rule)
    offered = offered_penalties(choices)
    penalised(chain)  # refuses other chains
    for number, step in enumerate(chain.generations, start=1):
        plain = len(step.sources) == 1 and step.generated[0].labels == PREVIOUS and step.generated[0].weight == 1
        if not plain:
            raise NoTheorem(f"the model before labels all rows, at weight 1 (not in generation {number})", _SIMULATE)
    match rule:
        case CrossValidated():
            return _against_the_labeller(chain, offered)
        case HeldOut():
            return _against_the_truth(chain, offered)
        case _ as never:
            assert_never(never)


_SIMULATE = "simulate_tuned(chain, rule, choices)"


def _against_the_truth(chain: Chain, offered: Vector) -> Vector:
    free = penalised(chain)
    chosen = np.full(len(chain), offered[0])
    for generation in range(len(chain)):
        errors = []
        for penalty in offered:
            chosen[generation] = penalty
            errors.append(free.errors(free.coordinates(chosen))[generation])
        chosen[generation] = offered[int(np.argmin(errors))]
    return chosen


def _against_the_labeller(chain: Chain, offered: Vector) -> Vector:
    chosen: list[float] = []
    for generation in range(len(chain)):
        own = chain.generations[generation]
        alone = penalised(Chain(_labelling_population(chain, chosen), (own,)))
        errors = [alone.errors(alone.coordinates(np.array([penalty])))[0] for penalty in offered]
        chosen.append(float(offered[int(np.argmin(errors))]))
    return np.array(chosen)


def _labelling_population(chain: Chain, penalties: list[float]) -> Population:
    """The population in which the model after the generations with these penalties is the truth."""
    if not penalties:
        return chain.population
    steps = zip(chain.generations, penalties, strict=False)
    so_far = Chain(chain.population, tuple(replace(step, estimator=Ridge(penalty)) for step, penalty in steps))
    nodes, spectrum = full_nodes(chain.population), chain.population.spectrum
    with jax.enable_x64(True):
        *_, (state, _) = states(read(so_far), nodes, spectrum.rank())
    kept, spread = (np.asarray(state[symbol]) for symbol in (x.kept, x.spread))
    variances = np.zeros(spectrum.dimension)
    variances[spectrum.eigenvalues() > 0] = (kept**2 * nodes.target + spread) / nodes.s
    return Population(spectrum, GaussianTarget(variances))

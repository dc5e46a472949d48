"""The backward recursion in numbers: an independent second route to the error of the last generation."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ..chains import moments
from ..chains.reading import last_restart, read
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.checks import Vector
from ..problem.errors import NoTheorem
from ..statements.book import since_restart
from .inputs import as_array, full_nodes
from .lowering import Nodes, evaluate, run
from .straight_line import fit_values


def backward_error(chain: Chain) -> tuple[float, Vector]:
    """The last generation's excess error and what the labels of each generation contribute to it.

    E_N = Tr[(B_0 - 2 Q_N + 1) tau] + sum_m chi_m, from the rules themselves (not their adjoints), on the full spectrum.

    Args:
        chain: as for `predict`, with finite errors.

    Returns:
        (error, contributions of shape (N,)).

    Raises:
        NoTheorem: where the error is infinite, or no statement applies.

    Source: `TEST_ERROR_OF_A_CHAIN_BACKWARDS` in theory/statements/ridge_chain.py.
    """
    steps = read(chain)
    if any(step.infinite_noise and step.noise_squared > 0 for step in since_restart(steps)):
        raise NoTheorem("the error is finite (rows within one of the rank: it is not)", "predict(chain)")
    if any(step.blended for step in since_restart(steps)):
        raise NoTheorem(
            "labels come from one model (blends of the truth and a model are read forwards)", "predict(chain)"
        )
    start = last_restart(steps)
    contributions = np.zeros(len(steps))
    with jax.enable_x64(True):
        nodes = Nodes(*(as_array(part) for part in full_nodes(chain.population)))
        weight, kept = jnp.ones_like(nodes.s), jnp.ones_like(nodes.s)
        for index in range(len(steps) - 1, start - 1, -1):
            step = steps[index]
            known = fit_values(step, nodes, chain.population.spectrum.rank()) | {x.weight: weight}
            rule = step.rule
            known = run(rule.definitions, known, nodes)
            contributions[index] = step.noise_squared * float(evaluate(rule.noise.result, known, nodes))
            weight = jnp.broadcast_to(evaluate(rule.second_moment.result, known, nodes), nodes.s.shape)
            kept = kept * evaluate(rule.kept.result, known, nodes)
        bias = evaluate(moments.BACKWARD_ERROR.result, {x.weight: weight, x.kept: kept}, nodes)
    return float(bias) + float(contributions.sum()), contributions

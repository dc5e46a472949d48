"""What the pictures simulate and predict: one chain, or several in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...numerics.designs import GAUSSIAN, Design
from ...numerics.sampling import Sampler
from ...numerics.simulation import Simulation, simulate
from ...theory.evaluation.prediction import predict
from ...theory.problem import Chain, ClassificationChain
from ..figures import Points
from ..measured import Array


def run(
    chain: Chain, replicates: int, seed: int, *, sampler: Sampler | None = None, design: Design = GAUSSIAN
) -> Simulation:
    """`simulate`, but all replicates or none.

    Args:
        chain, replicates, seed, sampler, design: as of `simulate`.

    Raises:
        KeyboardInterrupt: when interrupted from the keyboard.
    """
    simulation = simulate(chain, replicates, seed, sampler=sampler, design=design)
    if simulation.interrupted:
        raise KeyboardInterrupt
    return simulation


def last_errors(chains: Iterable[Chain]) -> Array:
    """The predicted error of the last generation of each chain, shape (chains,)."""
    return np.array([predict(chain).error[-1] for chain in chains])


def last_points(
    at: Any, chains: Sequence[Chain], replicates: int, seed: int, *, sampler: Sampler | None = None
) -> Points:
    """The simulated error of the last generation of each chain; all share their random numbers as far as they can.

    Args:
        at: where the chains stand on the lower axis, as many.
        chains: with numbers.
        replicates, seed, sampler: of each simulation.

    Raises:
        KeyboardInterrupt: when interrupted from the keyboard.
    """
    runs = [run(chain, replicates, seed, sampler=sampler) for chain in chains]
    return Points(at, [one.mean[-1] for one in runs], [one.standard_error[-1] for one in runs])


def by_generation(simulation: Simulation, places: Any) -> Points:
    """The simulated errors of some generations.

    Args:
        simulation: of one chain.
        places: generations, numbered from 1.
    """
    chosen = np.asarray(places) - 1
    return Points(places, simulation.mean[chosen], simulation.standard_error[chosen])


def accuracies(at: Any, chains: Sequence[ClassificationChain], replicates: int, seed: int) -> Points:
    """The simulated label accuracy of each chain.

    Args:
        at: where the chains stand on the lower axis, as many.
        chains: with numbers.
        replicates, seed: of each simulation.

    Raises:
        KeyboardInterrupt: when interrupted from the keyboard.
    """
    runs = [simulate(chain, replicates, seed) for chain in chains]
    if any(one.interrupted for one in runs):
        raise KeyboardInterrupt
    return Points(at, [one.accuracy for one in runs], [one.accuracy_error for one in runs])

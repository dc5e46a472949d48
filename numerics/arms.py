"""Several chains side by side with common random numbers: differences that need few replicates to be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..theory.problem.chain import Chain
from ..theory.problem.errors import SpecificationError
from ..theory.results import LABEL_UNITS, RATIO, Column, Labelled, Tabled, plain
from ..theory.results.progress import Progress
from .measurement.label_noise import DRAWN, LabelNoise
from .sampling import Sampler
from .sampling.choice import choose_for_all
from .simulation import Simulation, simulate

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False, repr=False)
class Arms(Tabled):
    """Simulations of several chains with the same random numbers; the first arm is the one compared with.

    Attributes:
        simulations: the simulation of each arm, by name; all of one length and of as many replicates.
    """

    simulations: Mapping[str, Simulation]

    def difference(self, name: str) -> tuple[Array, Array]:
        """Mean excess error of an arm minus that of the first, and its standard error, both of shape (generations,).

        Raises:
            SpecificationError: for a name that is no arm.
        """
        paired = self._arm(name).errors - self._first.errors
        return paired.mean(axis=0), paired.std(axis=0, ddof=1) / np.sqrt(paired.shape[0])

    def variance_ratio(self, name: str) -> Array:
        """How many times as many replicates independent arms would need, shape (generations,).

        $$ \\frac{\\mathrm{Var}\\,E_{arm} + \\mathrm{Var}\\,E_{first}}{\\mathrm{Var}(E_{arm} - E_{first})} $$

        Raises:
            SpecificationError: for a name that is no arm.
        """
        one, other = self._arm(name).errors, self._first.errors
        independent = one.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)
        with np.errstate(divide="ignore", invalid="ignore"):  # equal arms
            return np.asarray(independent / (one - other).var(axis=0, ddof=1))

    def best(self, generation: int = -1) -> str:
        """Name of the arm with the least mean error after a generation, 1-based; -1 is the last."""
        length = len(self._first.chain)
        if isinstance(generation, bool) or generation not in (-1, *range(1, length + 1)):
            raise SpecificationError("generation", generation, f"-1 or a whole number from 1 to {length}")
        index = generation if generation == -1 else generation - 1
        return min(self.simulations, key=lambda name: float(self.simulations[name].mean[index]))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        arms = {}
        for name, simulation in self.simulations.items():
            difference, error = self.difference(name)
            paired = {"difference": plain(difference), "standard_error_of_difference": plain(error)}
            arms[name] = simulation.to_dict() | paired
        return {"result": "Arms", "arms": arms, "best": self.best()}

    def labelled(self) -> Labelled:
        """One row for each arm and generation; the replicates are in each arm's own simulation."""
        arms = list(self.simulations.items())
        columns = {
            "mean": Column([one.mean for _, one in arms], LABEL_UNITS),
            "standard_error": Column([one.standard_error for _, one in arms], LABEL_UNITS),
            "difference": Column([self.difference(name)[0] for name, _ in arms], LABEL_UNITS),
            "standard_error_of_difference": Column([self.difference(name)[1] for name, _ in arms], LABEL_UNITS),
            "variance_ratio": Column([self.variance_ratio(name) for name, _ in arms], RATIO),
        }
        axes = {"arm": [name for name, _ in arms], "generation": range(1, len(self._first.chain) + 1)}
        about = {"kind": "Monte Carlo", "replicates": self._first.replicates, "seed": self._first.seed}
        return Labelled(axes, columns, {**about, "compared_with": arms[0][0]})

    _head = ("arm", "excess error", "difference", "standard error")

    def _rows(self) -> list[tuple[str, ...]]:
        """Name, mean, difference and its standard error of every arm after the last generation."""
        pairs = [(name, one.mean[-1], *self.difference(name)) for name, one in self.simulations.items()]
        return [(name, f"{mean:.6g}", f"{gap[-1]:.6g}", f"{error[-1]:.2g}") for name, mean, gap, error in pairs]

    def _caption(self) -> str:
        first = self._first
        return f"Arms after generation {len(first.chain)}: {first.replicates} replicates, common random numbers"

    @property
    def _first(self) -> Simulation:
        return next(iter(self.simulations.values()))

    def _arm(self, name: str) -> Simulation:
        if name not in self.simulations:
            raise SpecificationError("name", name, f"one of {', '.join(self.simulations)}")
        return self.simulations[name]


def compare_arms(
    chains: Mapping[str, Chain] | Sequence[Chain],
    replicates: int = 1000,
    seed: int = 0,
    *,
    noise: LabelNoise = DRAWN,
    sampler: Sampler | None = None,
    progress: Progress = False,
) -> Arms:
    """Simulate several chains with the same random numbers in each replicate.

    Args:
        chains: by name, or a sequence, whose chains are called "arm 1", "arm 2", ...; all of one length.
        replicates: of each arm, at least 2.
        seed: from 0 to 2^63 - 1.
        noise: `DRAWN` or `INTEGRATED`.
        sampler: of all arms; None takes one that is exact for every arm, the fastest for the first of them if it is.
            Arms of more than 300 directions of which some have a verifier, or more sources than others, may share
            little: `Arms.variance_ratio` tells.
        progress: True for a progress bar for each arm, or a function of (done, total).

    Returns:
        `Arms`; cut to the replicates that every arm has, when the last arm is interrupted from the keyboard.

    Raises:
        KeyboardInterrupt: when an earlier arm is.
        SpecificationError: for impossible values.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(4), UniformTarget()), generations=2, rows=20, noise=0.0)
    >>> arms = compare_arms({"ridge": chain, "least squares": chain.with_(estimator=MinimumNorm())}, replicates=10)
    >>> arms.best()
    'least squares'
    """
    named = _named(chains)
    if sampler is None:
        sampler = choose_for_all(named.values(), noise)
    simulations: dict[str, Simulation] = {}
    for name, chain in named.items():
        found = simulate(chain, replicates, seed, noise=noise, sampler=sampler, progress=progress)
        simulations[name] = found
        replicates = found.replicates
        if found.interrupted and len(simulations) < len(named):
            raise KeyboardInterrupt
    return Arms({name: _first_replicates(found, replicates) for name, found in simulations.items()})


def _first_replicates(simulation: Simulation, count: int) -> Simulation:
    if simulation.replicates == count:
        return simulation
    return replace(simulation, errors=simulation.errors[:count].copy(), interrupted=True)


def _named(chains: Any) -> dict[str, Chain]:
    if not isinstance(chains, Mapping):
        if isinstance(chains, str | bytes) or not isinstance(chains, Sequence):
            raise SpecificationError("chains", chains, "a mapping from names to chains, or a sequence of chains")
        chains = {f"arm {index}": chain for index, chain in enumerate(chains, start=1)}
    if not chains:
        raise SpecificationError("chains", chains, "at least one chain")
    for name, chain in chains.items():
        if not isinstance(name, str) or not isinstance(chain, Chain):
            raise SpecificationError("chains", chain, "chains, each with a name")
    lengths = {len(chain) for chain in chains.values()}
    if len(lengths) > 1:
        raise SpecificationError("chains", sorted(lengths), "chains with the same number of generations")
    return dict(chains)

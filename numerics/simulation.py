"""Monte Carlo of a chain, exact in law at finite size."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any, final, overload

import numpy as np
from numpy.typing import NDArray

from ..theory.problem import checks
from ..theory.problem.chain import Chain
from ..theory.problem.checks import ByContent
from ..theory.problem.classification import ClassificationChain
from ..theory.problem.errors import NotCertified, SpecificationError
from ..theory.results.chains import chain_record
from ..theory.results.labelled import LABEL_UNITS, Column, Labelled
from ..theory.results.plain import plain, record_from
from ..theory.results.progress import Progress
from ..theory.results.tabled import Tabled
from .classification.simulation import ClassificationSimulation, simulate_classification
from .designs import GAUSSIAN, Design, Gaussian, ResampledRows, StudentT
from .execution.cluster import JaxProcesses, run_together
from .execution.replicates import run
from .execution.work import Batched, Work
from .experiment import experiment
from .measurement.label_noise import DRAWN, INTEGRATED, Drawn, Integrated, LabelNoise
from .measurement.responses import response
from .sampling import NAIVE, RowSampler, Sampler
from .sampling.choice import LARGE, choose, require
from .saved import simulation_fields
from .selections.judging import is_judged

LARGEST_SEED = 2**63
LARGEST_REPLICATE = 2**32


@final
@dataclass(frozen=True, eq=False, repr=False)
class Simulation(ByContent, Tabled):
    """The excess error |w_g - w_0|^2_Sigma of every replicate after every generation.

    Attributes:
        chain: what was simulated.
        errors: shape (replicates, generations), read-only.
        seed: root of all random numbers.
        noise: `DRAWN` or `INTEGRATED`.
        design: of the rows.
        start: number of the first replicate.
        interrupted: whether fewer replicates are here than were asked for.
        sampler: which sampler was used, and why.
    """

    chain: Chain
    errors: NDArray[np.float64]
    seed: int
    noise: LabelNoise = DRAWN
    design: Design = GAUSSIAN
    start: int = 0
    interrupted: bool = False
    sampler: str = NAIVE.title

    def __post_init__(self) -> None:
        self.errors.setflags(write=False)

    @property
    def replicates(self) -> int:
        """Number of finished replicates."""
        return int(self.errors.shape[0])

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean excess error after each generation, shape (generations,)."""
        return np.asarray(self.errors.mean(axis=0))

    @property
    def standard_deviation(self) -> NDArray[np.float64]:
        """Standard deviation over replicates, shape (generations,)."""
        return np.asarray(self.errors.std(axis=0, ddof=1))

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """Standard error of `mean`, shape (generations,); honest only where the error has a finite variance."""
        return np.asarray(self.standard_deviation / np.sqrt(self.replicates))

    def extended(self, other: Simulation) -> Simulation:
        """This simulation followed by its continuation, bitwise what one longer run would have given.

        Raises:
            SpecificationError: unless `other` has the same chain, seed, noise, design and sampler, and starts where
                this stops.
        """
        for field in ("chain", "seed", "noise", "design", "sampler"):
            mine, theirs = getattr(self, field), getattr(other, field)
            if mine != theirs:
                raise SpecificationError(field, theirs, f"the same as here, {mine!r:.200}")
        stop = self.start + self.replicates
        if other.start != stop:
            raise SpecificationError("start", other.start, f"{stop}, where this simulation stops")
        errors = np.concatenate([self.errors, other.errors])
        return Simulation(
            self.chain, errors, self.seed, self.noise, self.design, self.start, other.interrupted, self.sampler
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "Simulation",
            **chain_record(self.chain),
            "generations": len(self.chain),
            "mean": plain(self.mean),
            "standard_error": plain(self.standard_error),
            "replicates": self.replicates,
            "seed": self.seed,
            "start": self.start,
            "noise": type(self.noise).__name__,
            "design": type(self.design).__name__,
            "design_freedom": self.design.freedom if isinstance(self.design, StudentT) else None,
            "design_rows": plain(self.design.rows) if isinstance(self.design, ResampledRows) else None,
            "interrupted": self.interrupted,
            "sampler": self.sampler,
            "errors": plain(self.errors),
        }

    @classmethod
    def from_json(cls, text: str) -> Simulation:
        """The simulation that `to_json` wrote, bit for bit; it can be `extended`.

        Raises:
            SpecificationError: for any other text, and for a chain that was kept without TOML.
        """
        return cls(**simulation_fields(record_from(text, "Simulation")))

    def labelled(self) -> Labelled:
        """One row for each replicate and generation; xarray holds `mean` and `standard_error`, too."""
        replicates = range(self.start, self.start + self.replicates)
        axes = {"replicate": replicates, "generation": range(1, len(self.chain) + 1)}
        about = {"sampler": self.sampler, "kind": "Monte Carlo", "seed": self.seed, "noise": type(self.noise).__name__}
        further = {
            name: Column(getattr(self, name), LABEL_UNITS, ("generation",)) for name in ("mean", "standard_error")
        }
        return Labelled(axes, {"error": Column(self.errors, LABEL_UNITS)}, about, further)

    _head = ("generation", "excess error", "standard error")

    def _rows(self) -> list[tuple[str, ...]]:
        pairs = zip(self.mean.tolist(), self.standard_error.tolist(), strict=True)
        return [(str(g), f"{mean:.6g}", f"{error:.2g}") for g, (mean, error) in enumerate(pairs, start=1)]

    def _caption(self) -> str:
        state = ", interrupted" if self.interrupted else ""
        noise = "drawn" if isinstance(self.noise, Drawn) else "integrated out"
        return f"Simulation: {self.replicates} replicates{state}, label noise {noise}, seed {self.seed}"


@overload
def simulate(
    chain: Chain,
    replicates: int = 1000,
    seed: int = 0,
    *,
    noise: LabelNoise = DRAWN,
    design: Design = GAUSSIAN,
    start: int = 0,
    sampler: Sampler | None = None,
    processes: int | JaxProcesses = 1,
    progress: Progress = False,
) -> Simulation: ...


@overload
def simulate(
    chain: ClassificationChain,
    replicates: int = 1000,
    seed: int = 0,
    *,
    start: int = 0,
    sampler: Sampler | None = None,
    processes: int | JaxProcesses = 1,
    progress: Progress = False,
) -> ClassificationSimulation: ...


def simulate(
    chain: Chain | ClassificationChain,
    replicates: int = 1000,
    seed: int = 0,
    *,
    noise: LabelNoise = DRAWN,
    design: Design = GAUSSIAN,
    start: int = 0,
    sampler: Sampler | None = None,
    processes: int | JaxProcesses = 1,
    progress: Progress = False,
) -> Simulation | ClassificationSimulation:
    """Run a chain `replicates` times and measure the excess error after every generation.

    Args:
        chain: with numbers in all its fields. Of a `ClassificationChain` the accuracies are measured; it has neither
            label noise nor another design than `GAUSSIAN`.
        replicates: at least 2; one alone has no standard error.
        seed: from 0 to 2^63 - 1. Replicate i depends on the seed and on i only, not on how many are run.
        noise: `DRAWN`, or `INTEGRATED`: label noise integrated out, the same mean with less spread.
        design: `GAUSSIAN`, `RADEMACHER`, `StudentT(freedom)` or `ResampledRows(rows)`.
        start: number of the first replicate; a continuation starts where the last run stopped (see `extended`).
        sampler: one of `numerics.sampling` (`NAIVE`, `SUFFICIENT_STATISTICS`, `LEAST_SQUARES_WALK`, `BANDED`,
            `LAZY_GAUSSIAN`, `WISHART`, `ONE_DESIGN`), or None for the fastest of those that are exact here;
            `Simulation.sampler` says which, and why.
        processes: how many share the work; more than one are spawned, which takes seconds and, in a script, the guard
            `if __name__ == "__main__":`. `JAX_PROCESSES` are those that `jax.distributed.initialize` has brought
            together, on as many machines: each of them makes this call, and each is given all replicates. The numbers
            do not depend on it, nor on the number of cores: each process has one thread of BLAS.
        progress: True for a progress bar, or a function of (done, total).

    Returns:
        A `Simulation`; the finished part of it when interrupted from the keyboard. For a `ClassificationChain` a
        `ClassificationSimulation`.

    Raises:
        SpecificationError: for impossible values, and for a sampler that is not exact for the chain, before any work.
        TooLarge: when a batch does not fit into memory.
        NotCertified: when a least-squares system is too close to singular to be solved to six digits, and when an error
            overflows, naming the replicate.
        NothingKept: when a verifier keeps no row of a replicate.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(4), UniformTarget()), generations=2, rows=20, noise=0.0)
    >>> simulate(chain.with_(estimator=MinimumNorm()), replicates=10).mean.tolist()
    [0.0, 0.0]
    """
    if not isinstance(chain, Chain | ClassificationChain):
        raise SpecificationError("chain", chain, "a Chain or a ClassificationChain")
    if not isinstance(noise, Drawn | Integrated):
        raise SpecificationError("noise", noise, "DRAWN or INTEGRATED")
    if not isinstance(design, Design):
        raise SpecificationError("design", design, "GAUSSIAN, RADEMACHER, StudentT(freedom) or ResampledRows(rows)")
    seed = _seed(seed)
    start = checks.concrete_size("start", start, least=0)
    replicates = checks.concrete_size("replicates", replicates, least=2)
    if start + replicates > LARGEST_REPLICATE:
        raise SpecificationError("replicates", replicates, f"at most {LARGEST_REPLICATE} with `start` included")
    if not isinstance(processes, JaxProcesses):
        processes = checks.concrete_size("processes", processes)
    if isinstance(chain, ClassificationChain):
        _require_plain(noise, design)
        checks.require_memory("replicates", replicates, 3 * 8 * 3)
        if isinstance(processes, JaxProcesses):
            raise SpecificationError("processes", processes, "a number for a ClassificationChain")
        return simulate_classification(chain, replicates, seed, start, sampler, processes, progress)
    if isinstance(noise, Integrated) and is_judged(chain):
        raise SpecificationError("noise", noise, "DRAWN where a verifier judges rows: their noise decides")
    checks.require_memory("replicates", replicates, 3 * 8 * len(chain))
    chosen, why = require(sampler, chain, design, noise)
    work = _work(chosen, chain, design, noise, seed)
    if isinstance(processes, JaxProcesses):
        errors, interrupted = run_together(_Finite(work), start, replicates, progress), False
    else:
        errors, interrupted = run(_Finite(work), start, replicates, progress, processes)
    return Simulation(chain, errors, seed, noise, design, start, interrupted, why)


@dataclass(frozen=True)
class _Finite:
    """Work that stops at the first error that is no number."""

    work: Batched

    @property
    def size(self) -> int:
        return self.work.size

    def batch(self, first: int, wanted: int) -> NDArray[np.float64]:
        errors = self.work.batch(first, wanted)
        if not np.isfinite(errors).all():
            replicate, generation = np.argwhere(~np.isfinite(errors))[0].tolist()
            raise NotCertified(
                f"the error of replicate {first + replicate} is {errors[replicate, generation]} in generation "
                f"{generation + 1}: it grew beyond what numbers can hold. Use fewer generations, or less noise."
            )
        return errors


def _work(sampler: Sampler, chain: Chain, design: Design, noise: LabelNoise, seed: int) -> Batched:
    """What the sampler does for one batch after the other."""
    if not isinstance(sampler, RowSampler):
        return sampler.work(chain, seed)
    parts, structure = experiment(chain, design, sampler)
    return Work(structure, response(noise, structure), parts, seed)


def _require_plain(noise: LabelNoise, design: Design) -> None:
    if isinstance(noise, Integrated):
        raise SpecificationError("noise", noise, "DRAWN: labels of a ClassificationChain are signs")
    if not isinstance(design, Gaussian):
        raise SpecificationError("design", design, "GAUSSIAN for a ClassificationChain")


def draws_no_rows(chain: Chain) -> bool:
    """Whether a chain has so many directions that it is simulated without rows, by one of the samplers for that.

    >>> from modelcollapse.theory.problem import *
    >>> [draws_no_rows(replace(Population(Isotropic(d), UniformTarget()), 2, rows=9 * d)) for d in (40, 10**6)]
    [False, True]
    """
    return chain.population.dimension > LARGE and not isinstance(choose(chain, GAUSSIAN)[0], RowSampler)


def integration_columns(chain: Chain, design: Design = GAUSSIAN, sampler: Sampler | None = None) -> int:
    """How many label noises `INTEGRATED` follows one by one in each replicate; 0 where a covariance does for all.

    Each is a column beside the labels: where they are many, `DRAWN` is cheaper.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(4), UniformTarget())
    >>> integration_columns(replace(population, generations=3, rows=5)), integration_columns(
    ...     accumulate(population, generations=3, rows=5)
    ... )
    (0, 15)
    """
    chosen = require(sampler, chain, design, INTEGRATED)[0]
    assert isinstance(chosen, RowSampler)
    return experiment(chain, design, chosen)[1].columns


def _seed(seed: Any) -> int:
    allowed = "a whole number from 0 to 2^63 - 1"
    try:
        number = operator.index(seed)
    except TypeError:
        raise SpecificationError("seed", seed, allowed) from None
    if isinstance(seed, bool | np.bool_) or not 0 <= number < LARGEST_SEED:
        raise SpecificationError("seed", seed, allowed)
    return number

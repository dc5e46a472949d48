"""`Sweep`: a quantity at every point of a grid, in a store that no crash takes a finished point from."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, final

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.errors import SpecificationError
from ...theory.results.progress import Progress, reporting
from .execution import done, executing
from .grid_file import read_sweep
from .identity import canonical
from .job import Job, versions
from .points import Points
from .quantity import Predicting, quantity_of
from .result import SweepResult
from .stopped import SweepStopped
from .store import Store

PREDICTING = Predicting()


@final
@dataclass(frozen=True, eq=False)
class Sweep:
    """One quantity of many chains: predictions, simulations, or comparisons of the two.

    Args:
        chains: a chain that the grid changes (`rows`, `noise`, `penalty`, `estimator`, `population`, as `Chain.with_`
            takes them), a function of the grid's names that returns a chain (as `vary` takes it), or, without a grid, a
            sequence of chains or a mapping from names to chains. All of one number of generations; of a changed chain
            only its recipe is kept and sent to workers, so that large grids are light.
        grid: name -> values.
        quantity: `Predicting()`, `Simulating(...)` or `Comparing(...)`, or `predict`, `simulate`, `compare` for those
            with defaults.

    Raises:
        SpecificationError: for impossible values, before any work starts.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(10), UniformTarget()), generations=2, rows=31, estimator=MinimumNorm())
    >>> Sweep(chain, {"noise": [1.0, 2.0]}).run()["error"]  # noise^2 10/(31 - 10 - 1) for each generation
    array([[0.5, 1. ],
           [2. , 4. ]])
    """

    chains: Chain | Callable[..., Chain] | Sequence[Chain] | Mapping[str, Chain]
    grid: Mapping[str, Sequence[Any]] | None = None
    quantity: Any = PREDICTING
    points: Points = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quantity", quantity_of(self.quantity))
        object.__setattr__(self, "points", Points.of(self.chains, self.grid))
        taken = {"generation", *self.quantity.columns, *self.quantity.words} & {name for name, _ in self.points.axes}
        if taken:
            raise SpecificationError("grid", sorted(taken), "other names than those of the quantity's columns")

    @classmethod
    def from_toml(cls, text: str) -> Sweep:
        """The sweep that a TOML text describes; nothing in it is run.

        Args:
            text: a chain as `Chain.to_toml` writes it, a table `axes` with an array of values for each name that
                `Chain.with_` takes, and `quantity`, the name of its class or a table of `class` and parameters.

        Raises:
            SpecificationError: naming the place in the text, what is there, and what may be.

        >>> from modelcollapse.theory.problem import *
        >>> chain = replace(Population(Isotropic(10), UniformTarget()), generations=2, rows=31, noise=1.0)
        >>> text = 'quantity = "Predicting"\\n' + chain.to_toml() + "[axes]\\npenalty = [0.1, 0.2]"
        >>> len(Sweep.from_toml(text).points)
        2
        """
        return cls(**read_sweep(text))

    def run(
        self,
        store: str | os.PathLike[str] | None = None,
        *,
        executor: Executor | None = None,
        workers: int = 1,
        progress: Progress = False,
        resume: bool = True,
    ) -> SweepResult:
        """Find out what the store does not hold yet, and return everything.

        Each point, once finished, is on the disk: a process that is killed at any moment loses only what it was at. A
        run that goes on later, on another executor, or beside another run on the same store, ends with the same content
        bit for bit (on one kind of processor and the same XLA flags; the file's pages may be arranged differently, see
        `SweepResult.fingerprint`). Points are done in random order, so that two runs rarely do the same. A point that
        the package refuses (`NoTheorem`, `NotCertified`, ...) has its reason for an answer and is not tried again.

        Args:
            store: a file, made if it is not there; None keeps everything in memory.
            executor: any `concurrent.futures.Executor`: threads, a process pool that spawns, Dask's
                `client.get_executor(pure=False)` (extra `distributed`; a pure task that has failed is not tried again;
                `dask-jobqueue` starts its workers under SLURM), mpi4py's `MPIPoolExecutor`; its workers need the same
                versions of the package and JAX. None: this process, or `workers` of its own.
            workers: how many processes to spawn, which in a script needs the guard `if __name__ == "__main__":`.
            progress: True for a progress bar, or a function of (done, total), called when a point is on the disk.
            resume: False refuses a store that is there already.

        Returns:
            A `SweepResult`; the finished part of it when interrupted from the keyboard.

        Raises:
            SpecificationError: for a store of another sweep or version, or a file that is none, or a damaged one.
            SweepStopped: when a worker dies, the disk is full, or a point ends in an error that is no refusal; it says
                how many points are kept.
        """
        workers = checks.concrete_size("workers", workers)
        if executor is not None and (workers != 1 or not isinstance(executor, Executor)):
            raise SpecificationError(
                "executor", executor, "a concurrent.futures.Executor, with its own workers, or None"
            )
        checks.flag("resume", resume)
        with Store(store, self._identity() if store is not None else {}, resume) as kept:
            with reporting(progress, len(self.points), "point") as report:
                self._fill(kept, executor, workers, report)
            return SweepResult.of(self.points, self.quantity, list(kept.rows()), kept.fingerprint())

    def _identity(self) -> dict[str, str]:
        quantity = canonical(self.quantity, "quantity")
        return {"versions": versions(), "quantity": quantity, **self.points.identity}

    def _fill(self, store: Store, executor: Executor | None, workers: int, report: Callable[[int, int], Any]) -> None:
        """Do what is missing; an interruption from the keyboard ends it."""
        total = len(self.points)
        report(len(store), total)
        try:
            with executing(executor, workers) as (hands, ahead):
                for rows in done(self._missing(store), hands, ahead):
                    store.keep(rows)
                    report(len(store), total)
        except KeyboardInterrupt:
            return
        except Exception as error:
            raise SweepStopped(_reason(error), len(store), total, store.name) from error

    def _missing(self, store: Store) -> Iterator[Job]:
        """Jobs that nobody has finished when it is their turn."""
        total, size = len(self.points), self.quantity.together
        firsts = list(range(0, total, size))
        random.Random().shuffle(firsts)
        for first in firsts:
            if not store.has(first, min(size, total - first)):
                yield Job.of(self.points, self.quantity, first)


def _reason(error: Exception) -> str:
    what = "the store cannot be written" if isinstance(error, sqlite3.Error) else "a point or its worker failed"
    return f"{what} ({type(error).__name__}: {error})"

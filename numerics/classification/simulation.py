"""Monte Carlo of a classification chain, exact in law at finite size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t

from ...theory.problem.checks import ByContent
from ...theory.problem.classification import ClassificationChain
from ...theory.problem.errors import NothingKept, SpecificationError
from ...theory.results.labelled import RATIO, Column, Labelled
from ...theory.results.plain import plain
from ...theory.results.progress import Progress
from ...theory.results.tabled import Tabled
from ..execution.replicates import run
from ..sampling import NAIVE, Sampler
from .setting import setting_of
from .work import ClassificationWork

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False, repr=False)
class ClassificationSimulation(ByContent, Tabled):
    """Classifiers fitted to verified labels, and what they are worth, exactly: no test set is drawn.

    Attributes:
        chain: what was simulated.
        classifiers: of each replicate w along mu, the norm of w across it, and the kept rows; shape (R, 3), read-only.
        seed: root of all random numbers.
        start: number of the first replicate.
        interrupted: whether fewer replicates are here than were asked for.
        sampler: which sampler was used, and why.
    """

    chain: ClassificationChain
    classifiers: Array
    seed: int
    start: int = 0
    interrupted: bool = False
    sampler: str = NAIVE.title

    def __post_init__(self) -> None:
        self.classifiers.setflags(write=False)

    @property
    def replicates(self) -> int:
        """Number of finished replicates."""
        return int(self.classifiers.shape[0])

    @property
    def accuracies(self) -> Array:
        """(R,) how often the sign of x'w is the class y: Phi(|mu| cos)."""
        along, across = self.classifiers[:, 0], self.classifiers[:, 1]
        return np.asarray(ndtr(float(self.chain.mixture.mean_norm) * along / np.hypot(along, across)))

    @property
    def agreements(self) -> Array:
        """(R,) how often the sign of x'w is that of x'mu: 1 - 2 T(|mu| cos, tan), with Owen's T, for an acute angle."""
        along, across = np.abs(self.classifiers[:, 0]), self.classifiers[:, 1]
        with np.errstate(divide="ignore"):
            apart = 2 * owens_t(float(self.chain.mixture.mean_norm) * along / np.hypot(along, across), across / along)
        return np.asarray(np.where(self.classifiers[:, 0] > 0, 1 - apart, apart))

    @property
    def kept_rows(self) -> Array:
        """(R,) rows that were kept and fitted."""
        return self.classifiers[:, 2]

    @property
    def accuracy(self) -> float:
        """Mean label accuracy."""
        return float(self.accuracies.mean())

    @property
    def accuracy_error(self) -> float:
        """Standard error of `accuracy`."""
        return _standard_error(self.accuracies)

    @property
    def agreement(self) -> float:
        """Mean Bayes agreement."""
        return float(self.agreements.mean())

    @property
    def agreement_error(self) -> float:
        """Standard error of `agreement`."""
        return _standard_error(self.agreements)

    @property
    def kept(self) -> float:
        """Mean number of kept rows."""
        return float(self.kept_rows.mean())

    def extended(self, other: ClassificationSimulation) -> ClassificationSimulation:
        """This simulation followed by its continuation, bitwise what one longer run would have given.

        Raises:
            SpecificationError: unless `other` has the same chain, seed and sampler, and starts where this stops.
        """
        for field in ("chain", "seed", "sampler"):
            mine, theirs = getattr(self, field), getattr(other, field)
            if mine != theirs:
                raise SpecificationError(field, theirs, f"the same as here, {mine!r:.200}")
        stop = self.start + self.replicates
        if other.start != stop:
            raise SpecificationError("start", other.start, f"{stop}, where this simulation stops")
        both = np.concatenate([self.classifiers, other.classifiers])
        return ClassificationSimulation(self.chain, both, self.seed, self.start, other.interrupted, self.sampler)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "ClassificationSimulation",
            "chain": repr(self.chain),
            **{name: getattr(self, name) for name in _NUMBERS},
            "replicates": self.replicates,
            "seed": self.seed,
            "start": self.start,
            "interrupted": self.interrupted,
            "sampler": self.sampler,
            "classifiers": plain(self.classifiers),
        }

    def labelled(self) -> Labelled:
        """One row for each replicate."""
        units = {"accuracies": RATIO, "agreements": RATIO, "kept_rows": "rows"}
        columns = {name: Column(getattr(self, name), unit) for name, unit in units.items()}
        replicates = range(self.start, self.start + self.replicates)
        return Labelled({"replicate": replicates}, columns, {"sampler": self.sampler, "seed": self.seed})

    _head = ("", "mean", "standard error")

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            ("label accuracy", f"{self.accuracy:.6g}", f"{self.accuracy_error:.2g}"),
            ("Bayes agreement", f"{self.agreement:.6g}", f"{self.agreement_error:.2g}"),
            ("kept rows", f"{self.kept:.6g}", f"{_standard_error(self.kept_rows):.2g}"),
        ]

    def _caption(self) -> str:
        state = ", interrupted" if self.interrupted else ""
        return f"Classification: {self.replicates} replicates{state}, seed {self.seed}"


_NUMBERS = ("accuracy", "accuracy_error", "agreement", "agreement_error", "kept")


def simulate_classification(
    chain: ClassificationChain,
    replicates: int,
    seed: int,
    start: int,
    sampler: Sampler | None,
    processes: int,
    progress: Progress,
) -> ClassificationSimulation:
    """Generate, verify and fit `replicates` times; arguments as for `simulate`, which has checked them.

    Raises:
        NothingKept: where a replicate keeps no row, with the mean number of kept rows.
        NotCertified: where a fit is spoiled by rounding.
        SpecificationError: for a chain that holds symbols, and for a sampler that the chain has not.

    >>> from modelcollapse.theory.problem import *
    >>> chain = ClassificationChain(GaussianMixture(1.5, 4), 20, Flips(0.0), None, Ridge(0.1))
    >>> simulate_classification(chain, 10, 0, 0, None, 1, False).kept
    20.0
    """
    setting, numbers, why = setting_of(chain, sampler)
    measured, interrupted = run(ClassificationWork(setting, numbers, seed), start, replicates, progress, processes)
    if not measured[:, 2].all():
        raise NothingKept(float(measured[:, 2].mean()))
    return ClassificationSimulation(chain, measured, seed, start, interrupted, why)


def _standard_error(values: Array) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))

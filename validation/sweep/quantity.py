"""What a sweep finds out about each chain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias, final

import numpy as np

from ...numerics.measurement.label_noise import DRAWN, Drawn, Integrated, LabelNoise
from ...numerics.sampling import Sampler
from ...numerics.simulation import simulate
from ...theory.evaluation.batch import attempt_all
from ...theory.evaluation.changes_over import changes_over
from ...theory.evaluation.prediction import predict
from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.errors import ModelCollapseError, SpecificationError
from ...theory.results.labelled import LABEL_UNITS, RATIO
from ..arguments import false_alarm_level, fixed_replicates, ladder_scales
from ..comparison import compare
from ..measured import Array
from .points import Recipe


@final
@dataclass(frozen=True)
class Measured:
    """What was found out about a chain.

    Attributes:
        numbers: name of a column -> one number for each generation.
        words: name of a column -> one word for each generation.
        statements: names of the statements behind it.
    """

    numbers: Mapping[str, Array]
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    statements: tuple[str, ...] = ()


Answer: TypeAlias = Measured | ModelCollapseError


class Quantity(ABC):
    """What is found out, and with which parameters.

    Attributes:
        columns: name -> unit of each number.
        words: names of what is no number.
        shown: names of what a table shows of the last generation.
        together: how many points are evaluated in one call, which is lost as a whole when a run is killed.
    """

    columns: ClassVar[Mapping[str, str]]
    words: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[tuple[str, ...]]
    together: ClassVar[int] = 1

    def at_once(self, recipes: Sequence[Recipe]) -> dict[int, Answer]:
        """Place -> what is found out about those chains that need not be made for it; no others are asked here."""
        return {}

    @abstractmethod
    def answers(self, chains: Sequence[Chain], points: int) -> list[Answer]:
        """What is found out about each chain of a sweep of so many points, or why nothing is."""


@final
@dataclass(frozen=True)
class Predicting(Quantity):
    """The test error in theory, as `predict` gives it; points are compiled once and evaluated in blocks of 256."""

    columns: ClassVar[Mapping[str, str]] = dict.fromkeys(("error", "bias", "variance"), LABEL_UNITS)
    words: ClassVar[tuple[str, ...]] = ("kind",)
    shown: ClassVar[tuple[str, ...]] = ("error",)
    together: ClassVar[int] = 256

    def at_once(self, recipes: Sequence[Recipe]) -> dict[int, Answer]:
        """Ridge chains that differ in rows, penalties and noises, as arrays."""
        chain, changes = recipes[0].chain, [recipe.changes for recipe in recipes]
        found = changes_over(chain, changes, self.together) if changes[0] else None
        if found is None:
            return {}
        error, kinds = found.bias + found.variance, {"kind": [kind.value for kind in found.kind]}
        return {
            place: Measured(
                {"error": error[place], "bias": found.bias[place], "variance": found.variance[place]},
                kinds,
                found.statements,
            )
            for place in np.flatnonzero(found.trusted).tolist()
        }

    def answers(self, chains: Sequence[Chain], points: int) -> list[Answer]:
        """`error`, `bias`, `variance` and their `kind`."""
        return [
            found
            if isinstance(found, ModelCollapseError)
            else Measured(
                {name: getattr(found, name) for name in self.columns},
                {"kind": [kind.value for kind in found.kind]},
                tuple(statement.name for statement in found.statements),
            )
            for found in attempt_all(chains)
        ]


@final
@dataclass(frozen=True)
class Simulating(Quantity):
    """The test error in an experiment, as `simulate` gives it.

    Args:
        replicates: at least 2, of each chain.
        seed: from 0 to 2^63 - 1, of every chain: with common random numbers, differences along the grid are seen early.
        noise: `DRAWN` or `INTEGRATED`.
        sampler: as `simulate` takes it.

    Raises:
        SpecificationError: for impossible values.
    """

    replicates: int = 1000
    seed: int = 0
    noise: LabelNoise = DRAWN
    sampler: Sampler | None = None

    columns: ClassVar[Mapping[str, str]] = dict.fromkeys(("mean", "standard_error"), LABEL_UNITS)
    shown: ClassVar[tuple[str, ...]] = ("mean", "standard_error")

    def __post_init__(self) -> None:
        object.__setattr__(self, "replicates", checks.concrete_size("replicates", self.replicates, least=2))
        object.__setattr__(self, "seed", checks.concrete_size("seed", self.seed, least=0))
        if not isinstance(self.noise, Drawn | Integrated):
            raise SpecificationError("noise", self.noise, "DRAWN or INTEGRATED")
        if not isinstance(self.sampler, Sampler | None):
            raise SpecificationError("sampler", self.sampler, "None, or a sampler")

    def answers(self, chains: Sequence[Chain], points: int) -> list[Answer]:
        """`mean` and `standard_error`."""
        return [_attempt(self._simulated, chain) for chain in chains]

    def _simulated(self, chain: Chain) -> Measured:
        found = simulate(chain, self.replicates, self.seed, noise=self.noise, sampler=self.sampler)
        if found.interrupted:
            raise KeyboardInterrupt
        return Measured({name: getattr(found, name) for name in self.columns})


@final
@dataclass(frozen=True)
class Comparing(Quantity):
    """Theory against experiment, as `compare` judges them, with fixed numbers of replicates: the same on every machine.

    Args:
        replicates: at least 256 at every size, of each chain.
        level: probability, in (0, 1), that a true formula is called DISAGREES anywhere in the sweep; each of n points
            has the n-th part of it.
        tolerance: relative error > 0 that AGREES excludes.
        scales: sizes of the ladder, as `compare` takes them.
        seed: of all random numbers, from 0 to 2^53 - 1.

    Raises:
        SpecificationError: for impossible values.
    """

    replicates: int = 4096
    level: float = 0.01
    tolerance: float = 0.02
    scales: tuple[int, ...] | None = None
    seed: int = 0

    columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("theory", "simulation", "standard_error"), LABEL_UNITS),
        **dict.fromkeys(("z", "gap", "detectable_error"), RATIO),
    }
    words: ClassVar[tuple[str, ...]] = ("verdict", "kind")
    shown: ClassVar[tuple[str, ...]] = ("theory", "simulation", "standard_error", "verdict")

    def __post_init__(self) -> None:
        if self.scales is not None:
            object.__setattr__(self, "scales", ladder_scales(self.scales, usual=(1,)))
        fixed_replicates(checks.concrete_size("replicates", self.replicates), (1,))
        false_alarm_level(self.level)
        checks.positive("tolerance", self.tolerance)
        object.__setattr__(self, "seed", checks.concrete_size("seed", self.seed, least=0))

    def answers(self, chains: Sequence[Chain], points: int) -> list[Answer]:
        """`theory`, `simulation`, how far they are apart, and the `verdict`."""
        return [_attempt(lambda one: self._compared(one, points), chain) for chain in chains]

    def _compared(self, chain: Chain, points: int) -> Measured:
        chosen: dict[str, Any] = {"tolerance": self.tolerance, "scales": self.scales, "seed": self.seed}
        found = compare(chain, level=self.level / points, replicates=self.replicates, **chosen)
        if found.simulation.interrupted:
            raise KeyboardInterrupt
        read = {"theory": "theory", "simulation": "estimate", "standard_error": "standard_error", "gap": "gap"}
        read |= {"detectable_error": "detectable_error"}
        numbers = {name: np.array([getattr(j, of) for j in found.judgements]) for name, of in read.items()}
        with np.errstate(divide="ignore", invalid="ignore"):  # no error left, as where the noise is zero
            numbers["z"] = (numbers["simulation"] - numbers["theory"]) / numbers["standard_error"]
        words = {"verdict": [v.value for v in found.verdicts], "kind": [kind.value for kind in found.prediction.kind]}
        return Measured(numbers, words, tuple(one.name for one in getattr(found.prediction, "statements", ())))


def _attempt(measure: Any, chain: Chain) -> Answer:
    try:
        found: Measured = measure(chain)
    except ModelCollapseError as refusal:
        return refusal
    return found


def quantity_of(quantity: Any) -> Quantity:
    """A quantity, also by the function that gives it for one chain.

    Raises:
        SpecificationError: for anything else.

    >>> quantity_of(simulate)
    Simulating(replicates=1000, seed=0, noise=Drawn(), sampler=None)
    """
    if isinstance(quantity, Quantity):
        return quantity
    for function, kind in ((predict, Predicting), (simulate, Simulating), (compare, Comparing)):
        if quantity is function:
            return kind()
    raise SpecificationError(
        "quantity", quantity, "predict, simulate, compare, Predicting(), Simulating(...), Comparing(...)"
    )

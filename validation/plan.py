"""The plan of a comparison: how each generation is judged, and which simulations that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never, final

import numpy as np

from ..numerics.measurement.label_noise import DRAWN, INTEGRATED, LabelNoise
from ..numerics.sampling import BANDED, LEAST_SQUARES_WALK
from ..numerics.simulation import Simulation, draws_no_rows, integration_columns
from ..theory.problem import Chain, KeepAll
from ..theory.rules.kind import Kind
from .agreement import Judgement, Standard, judge_exact, judge_single_size, judge_zero, unresolved
from .candidate import Candidate, Formula, candidate_of, finite_size_of
from .exact_law import law_of
from .law_agreement import heavy_tails, judge_law
from .measured import Array
from .size_ladder import Ladder, judge_ladder

# Label noise that is used again is integrated out column by column; beyond this many, drawing it is cheaper.
MOST_COLUMNS = 128


class Route(Enum):
    """How a generation is judged."""

    ZERO = "theory is zero: every replicate is"
    LAW = "no finite variance: by the exact law"
    BLOCKED = "no finite variance and no law"
    EXACT = "by the mean at the size itself"
    LADDER = "by the gap extrapolated to infinite size"
    SINGLE = "by the mean, with room for the finite-size gap"


@final
@dataclass(frozen=True)
class Setup:
    """One simulation of a comparison: how many times as large as the chain, and what happens to its label noise."""

    scale: int
    noise: LabelNoise


@final
@dataclass(frozen=True, eq=False)
class Plan:
    """What is compared with what.

    Attributes:
        chain: the chain.
        candidate: the formula's numbers for it.
        scales: sizes of the ladder; a single one for no ladder.
        theories: the formula's errors at each of these sizes, shape (N,) each.
        finite_size: indicative relative gap of each generation, shape (N,).
        routes: how each generation is judged.
    """

    chain: Chain
    candidate: Candidate
    scales: tuple[int, ...]
    theories: tuple[Array, ...]
    finite_size: Array
    routes: tuple[Route, ...]

    @classmethod
    def of(cls, chain: Chain, prediction: Candidate | Formula | None, scales: tuple[int, ...]) -> Plan:
        """Read the theory and choose the route of every generation.

        Raises:
            NoTheorem: where `prediction` is None and no statement of the book applies.
            SpecificationError: for a prediction that does not fit the chain.
        """
        candidate, formula = candidate_of(chain, prediction)
        routes = tuple(
            _route(chain, g, float(candidate.error[g - 1]), candidate.kind[g - 1], scales)
            for g in range(1, len(chain) + 1)
        )
        sizes = scales if Route.LADDER in routes else ()
        theories = tuple(np.asarray(formula(chain.scaled(c)).error, dtype=np.float64) for c in sizes)
        return cls(chain, candidate, scales, theories, finite_size_of(chain), routes)

    @property
    def base(self) -> Setup:
        """The simulation at the chain's own size."""
        by_law = all(route is Route.LAW for route in self.routes)
        return Setup(1, DRAWN) if by_law else self._setup(1)

    @property
    def rungs(self) -> tuple[Setup, ...]:
        """The simulations of the ladder, smallest size first; none without a ladder."""
        return tuple(self._setup(c) for c in self.scales) if Route.LADDER in self.routes else ()

    @property
    def setups(self) -> tuple[Setup, ...]:
        """All simulations of the comparison."""
        needed = [self.base, *(s for g in range(1, len(self.chain) + 1) for s in self.needs(g))]
        return tuple(dict.fromkeys(needed))

    def needs(self, generation: int) -> tuple[Setup, ...]:
        """The simulations that would make the judgement of `generation` sharper."""
        match self.routes[generation - 1]:
            case Route.LAW:
                return (Setup(1, DRAWN),)
            case Route.LADDER:
                return self.rungs
            case Route.BLOCKED:
                return ()
            case Route.ZERO | Route.EXACT | Route.SINGLE:
                return (self._setup(1),)
            case _ as never:
                assert_never(never)

    def _setup(self, scale: int) -> Setup:
        """The simulation at a size, label noise integrated out where that pays, and where rows are drawn."""
        if any(not isinstance(step.selection, KeepAll) for step in self.chain.generations):
            return Setup(scale, DRAWN)
        chain = self.chain.scaled(scale)
        if self._cheap or draws_no_rows(chain) or integration_columns(chain) > MOST_COLUMNS:
            return Setup(scale, DRAWN)
        return Setup(scale, INTEGRATED)

    @property
    def _cheap(self) -> bool:
        """Whether replicates without rows, label noise included, are so cheap that this outweighs what it adds.

        On a ladder the design makes errors vary as much as label noise does (variances in a ratio of 1 to 6), and a
        replicate of the banded model costs a tenth to a hundredth of one with rows. Least squares is another matter:
        its errors are all label noise.
        """
        largest = self.chain.scaled(max(self.scales))
        without_rows = not BANDED.obstacle(largest) and bool(LEAST_SQUARES_WALK.obstacle(largest))
        return Route.LADDER in self.routes and without_rows

    def ladder(self, simulations: Mapping[Setup, Simulation]) -> Ladder | None:
        """Gaps at all sizes of the ladder, if there is one."""
        if not self.rungs:
            return None
        return Ladder.measured(self.scales, self.theories, [simulations[rung].errors for rung in self.rungs])

    def judge(
        self, generation: int, simulations: Mapping[Setup, Simulation], standard: Standard, seed: int
    ) -> Judgement:
        """The judgement of one generation on what has been simulated; `seed` is for draws of an exact law."""
        theory = float(self.candidate.error[generation - 1])
        needed = self.needs(generation) or (self.base,)
        errors = simulations[needed[0]].errors[:, generation - 1]
        match self.routes[generation - 1]:
            case Route.ZERO:
                return judge_zero(generation, errors, _null_risk(self.chain), standard)
            case Route.LAW:
                law = law_of(self.chain, generation)
                assert law is not None
                generator = np.random.default_rng([seed, generation, len(errors)])
                return judge_law(generation, theory, errors, law, standard, generator)
            case Route.BLOCKED:
                return unresolved(generation, theory, errors, standard, _advice(self.chain, generation, self.scales))
            case Route.EXACT:
                return judge_exact(generation, theory, errors, standard)
            case Route.SINGLE:
                return judge_single_size(generation, theory, errors, self.finite_size[generation - 1], standard)
            case Route.LADDER:
                ladder = self.ladder(simulations)
                assert ladder is not None
                return judge_ladder(generation, theory, ladder, self.finite_size[generation - 1], standard)
            case _ as never:
                assert_never(never)


def _route(chain: Chain, generation: int, theory: float, kind: Kind, scales: Sequence[int]) -> Route:
    if theory == 0:
        return Route.ZERO
    laddered = kind is Kind.EQUIVALENT and len(scales) > 1
    if heavy_tails(chain.scaled(min(scales)) if laddered else chain, generation):
        return Route.BLOCKED if law_of(chain, generation) is None else Route.LAW
    if kind is Kind.EXACT:
        return Route.EXACT
    return Route.LADDER if laddered else Route.SINGLE


def _advice(chain: Chain, generation: int, scales: Sequence[int]) -> str:
    at_smallest = heavy_tails(chain.scaled(min(scales)) if len(scales) > 1 else chain, generation)
    cause = at_smallest or heavy_tails(chain, generation)
    return (
        f"The error has no finite variance, because {cause}, and no exact law is known: take at least 4 rows more or "
        "fewer than the rank, a ridge penalty, or (where rows and rank differ) larger scales."
    )


def _null_risk(chain: Chain) -> float:
    """E|w_0|^2_Sigma, the error of the zero model."""
    spectrum = chain.population.spectrum
    return float(np.sum(spectrum.eigenvalues() * chain.population.target.second_moments(spectrum)))

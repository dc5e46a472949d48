"""A chain as lazy matrices: which rows each generation makes, and which, with which labels, it is fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ....theory.problem import checks
from ....theory.problem.chain import Chain
from ....theory.problem.covariates import SameRows
from ....theory.problem.estimator import Estimator, MinimumNorm, RandomProjection, Ridge
from ....theory.problem.memory import Forget
from ....theory.problem.source import Source
from ...reading.labelling import Labelling, labelling
from ...reading.numbers import number
from .ground import Ground, ground
from .rows import Vector

Name = tuple[int, int]  # generation and position of a source


@dataclass(frozen=True, eq=False)
class Made:
    """The rows of a source and how they are labelled.

    Label minus the truth's = sum_b share_b z'basis_b + recorded * (the label of `old`) + noise; the basis is the
    remembered models, then the offsets.
    """

    name: Name
    root: Name  # the source that drew these rows first
    rows: int
    noise: float
    share: Vector  # (basis,)
    recorded: float
    old: Name


@dataclass(frozen=True, eq=False)
class Read:
    """Rows of a fit: one matrix, with several labels for each of its rows where it is read several times."""

    root: Name
    labels: tuple[tuple[Name, float], ...]  # and their weights, > 0
    rows: int

    @property
    def weight(self) -> float:
        """The sum of the weights."""
        return sum(weight for _, weight in self.labels)


@dataclass(frozen=True, eq=False)
class Step:
    """A generation."""

    made: tuple[Made, ...]
    read: tuple[Read, ...]
    ridge: float  # number of rows times penalty
    width: int | None  # of a projection
    drawing: int  # the generation that drew it
    write: int  # slot of the model
    last_of: tuple[Name, ...]  # matrices that no later generation looks at
    features_stay: bool  # a later generation uses the projection again

    @property
    def rows(self) -> int:
        """Rows of the fit, each counted once however often it is read."""
        return sum(read.rows for read in self.read)


@dataclass(frozen=True, eq=False)
class Plan:
    """A chain, read once; NumPy only, so that it can be sent to other processes."""

    ground: Ground
    slots: int
    spreads: dict[Name, Vector | None]  # standard deviations of whitened rows, for each block of the ground; None: 1
    steps: tuple[Step, ...]


def plan(chain: Chain) -> Plan:
    """Read a chain.

    Raises:
        SpecificationError: when the chain holds symbols or traced values.
        TooLarge: when its vectors do not fit into memory.
    """
    who = labelling(chain)
    base = ground(chain, who.offsets)
    made = [tuple(_made(chain, who, g)) for g in range(1, len(chain) + 1)]
    known = {one.name: one for step in made for one in step}
    read = [_read(chain, g, known) for g in range(1, len(chain) + 1)]
    last: dict[Name, int] = {}
    for g in range(len(chain)):
        last |= dict.fromkeys([one.root for one in made[g]] + [one.root for one in read[g]], g)
    drawings, steps = _drawings(chain), []
    for g, step in enumerate(chain.generations):
        penalty, width = _estimator(step.estimator)
        steps.append(
            Step(
                made=made[g],
                read=read[g],
                ridge=checks.concrete_size("rows", chain.rows[g]) * penalty,
                width=width,
                drawing=drawings[g],
                write=int(who.write[g]),
                last_of=tuple(root for root, end in last.items() if end == g),
                features_stay=drawings[g] > 0 and drawings[g] in drawings[g + 1 :],
            )
        )
    roots = {root: known[root] for root in last}
    return Plan(base, who.slots, {root: base.spread(_source(chain, root).covariance) for root in roots}, tuple(steps))


def _source(chain: Chain, name: Name) -> Source:
    source = chain.generations[name[0] - 1].sources[name[1]]
    assert isinstance(source, Source)  # checked when the chain was made
    return source


def _root(chain: Chain, name: Name) -> Name:
    """The source that drew the rows of a source first."""
    covariates = _source(chain, name).covariates
    while isinstance(covariates, SameRows):
        name = covariates.generation, covariates.source
        covariates = _source(chain, name).covariates
    return name


def _generated(chain: Chain, g: int) -> list[Name]:
    return [(g, p) for p, source in enumerate(chain.generations[g - 1].sources) if isinstance(source, Source)]


def _made(chain: Chain, who: Labelling, g: int) -> Iterator[Made]:
    """The sources that generation g generates."""
    for s, name in enumerate(_generated(chain, g)):
        source, old = _source(chain, name), name
        if isinstance(source.covariates, SameRows):
            old = source.covariates.generation, source.covariates.source
        yield Made(
            name=name,
            root=_root(chain, name),
            rows=checks.concrete_size("rows", source.rows),
            noise=number("noise", source.noise),
            share=who.share[g - 1, s, 0],
            recorded=float(who.recorded[g - 1, s, 0]),
            old=old,
        )


def _read(chain: Chain, g: int, known: dict[Name, Made]) -> tuple[Read, ...]:
    """The rows that generation g is fitted to."""
    step = chain.generations[g - 1]
    names = [((kept.generation, kept.source), kept.weight) for kept in step.kept]
    first = g if isinstance(step.memory, Forget) else 1
    for h in range(first, g + 1):
        names += [(name, _source(chain, name).weight) for name in _generated(chain, h)]
    found: dict[Name, list[tuple[Name, float]]] = {}
    for name, weight in names:
        if number("weight", weight) > 0:
            found.setdefault(known[name].root, []).append((name, number("weight", weight)))
    return tuple(Read(root, tuple(labels), known[root].rows) for root, labels in found.items())


def _drawings(chain: Chain) -> list[int]:
    """The generation whose random features each generation uses; 0 for none."""
    drawings, latest = [], 0
    for g, step in enumerate(chain.generations, start=1):
        projection = isinstance(step.estimator, RandomProjection)
        if isinstance(step.estimator, RandomProjection) and (step.estimator.redraw or not latest):
            latest = g
        drawings.append(latest if projection else 0)
    return drawings


def _estimator(estimator: Estimator) -> tuple[float, int | None]:
    """Penalty and width."""
    match estimator:
        case Ridge():
            return number("penalty", estimator.penalty), None
        case MinimumNorm():
            return 0.0, None
        case RandomProjection():
            penalty = 0.0 if estimator.penalty is None else number("penalty", estimator.penalty)
            return penalty, checks.concrete_size("width", estimator.width)

"""The space in which the models of a chain live, and the laws of what is drawn in it before any rows are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....theory.problem.chain import Chain
from ....theory.problem.labels import Shifted
from ....theory.problem.spectrum import Spectrum
from ...reading.directions import Directions, directions
from ...reading.levels import levels
from .rows import Vector, plus
from .space import Explicit, Grown, Space

MOST_LEVELS = 64  # with more distinct eigenvalues directions are written out one by one


@dataclass(frozen=True, eq=False)
class Ground:
    """Whitened models v = Sigma^(1/2) w in blocks of one eigenvalue each.

    Attributes:
        where: the directions, where each is a block; None where blocks are levels.
        eigenvalues: of each block, > 0.
        multiplicities: dimension of each block.
        counted: of each block, 1 where the population has variance, else 0.
        axes: of each block, axes that the means of the laws take.
        laws: means, in these axes, and for each block the standard deviation: of the truth, model 0 and the offsets.
    """

    where: Directions | None
    eigenvalues: Vector
    multiplicities: NDArray[np.int64]
    counted: Vector
    axes: NDArray[np.int64]
    laws: tuple[tuple[Vector, Vector], ...]

    @property
    def count(self) -> int:
        """Number of directions."""
        return int(self.multiplicities.sum())

    @property
    def coordinates(self) -> int:
        """Coordinates of a vector before anything is drawn."""
        return int(self.axes.sum()) + self.axes.size

    def space(self) -> Space:
        """The space before anything is drawn."""
        if self.where is not None:
            return Explicit(self.count)
        return Grown(self.multiplicities.tolist(), self.axes.tolist())

    def spread(self, covariance: Spectrum | None) -> Vector | None:
        """Standard deviations of whitened rows in each block; None where all are 1."""
        if self.where is None or (covariance is None and self.where.counted.all()):
            return None
        return self.where.counted if covariance is None else self.where.spread(covariance)

    def tail(self, first: int) -> float:
        """The sum of all eigenvalues but the `first` largest."""
        order = np.argsort(-self.eigenvalues)
        ends = np.cumsum(self.multiplicities[order])
        taken = np.clip(first - (ends - self.multiplicities[order]), 0, self.multiplicities[order])
        return float(np.sum(self.eigenvalues[order] * (self.multiplicities[order] - taken)))


def drawn(law: tuple[Vector, Vector], space: Space, generator: np.random.Generator) -> Vector:
    """A vector with a law, in a space."""
    mean, deviation = law
    if not deviation.any():
        return mean
    noise = space.fresh(generator)
    return plus(mean, space.each(deviation)[: noise.size] * noise)


def ground(chain: Chain, offsets: Sequence[Shifted]) -> Ground:
    """Levels where the spectrum names a few and every source has the population's covariance, else all directions."""
    spectrum, target = chain.population.spectrum, chain.population.target
    vectors = [("target", target), ("initial", chain.initial), *(("offset", one.offset) for one in offsets)]
    plain = all(source.covariance is None for step in chain.generations for source in step.generated)
    named = spectrum.levels() if plain else None
    found = levels(spectrum, vectors) if named is not None and len(named[0]) <= MOST_LEVELS else None
    if found:
        blocks = range(len(vectors))
        return Ground(
            where=None,
            eigenvalues=np.array([level.value for level in found]),
            multiplicities=np.array([level.multiplicity for level in found], np.int64),
            counted=np.ones(len(found)),
            axes=np.array([level.means.shape[1] for level in found], np.int64),
            laws=tuple(
                (np.concatenate([level.means[i] for level in found]), np.array([level.deviation[i] for level in found]))
                for i in blocks
            ),
        )
    where = directions(chain)
    nothing = np.zeros(where.count), np.zeros(where.count)
    return Ground(
        where=where,
        eigenvalues=where.scale,
        multiplicities=np.ones(where.count, np.int64),
        counted=where.counted,
        axes=np.ones(where.count, np.int64),
        laws=tuple(nothing if law is None else where.moments(field, law, spectrum) for field, law in vectors),
    )

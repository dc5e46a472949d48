"""Vectors that are remembered, by their coordinates in a frame that follows them: a few numbers at any dimension.

Axes are, in order: explicit ones; those of the fixed vectors in the bulk (truth, offsets, model 0); one for each slot
of a model. Everything in the bulk is invariant under rotations, so that a direction no one remembers is forgotten.
The last axis of all arrays is the replicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..reading.levels import Level
from .backends import Draws, Numbers

LARGEST_EXPLICIT = 5  # directions beside the bulk, from which on other samplers are as good


class Vectors(NamedTuple):
    """Laws of the fixed vectors; the rows of arrays are the vectors."""

    explicit: Numbers  # (explicit axes,) eigenvalues
    value: Numbers  # the eigenvalue of the bulk
    multiplicity: Numbers  # of the bulk
    means: Numbers  # (vectors, axes) explicit axes, then mean axes of the bulk
    deviation: Numbers  # (vectors, axes) the same
    beyond: Numbers  # (vectors,) standard deviation in the bulk
    freedom: Numbers  # (vectors,) dimensions of the bulk that no earlier vector has an axis for


@dataclass(frozen=True)
class Frame:
    """What is compiled for."""

    explicit: int
    known: int  # axes in which vectors have a mean, the explicit ones included
    random: tuple[bool, ...]  # whether each vector is random in the bulk: then it has an axis of its own
    slots: int

    @property
    def fixed(self) -> int:
        """Axes that do not turn."""
        return self.known + sum(self.random)

    @property
    def axes(self) -> int:
        """All axes."""
        return self.fixed + self.slots

    @property
    def bulk(self) -> int:
        """Axes in the bulk."""
        return self.axes - self.explicit

    def draw(self, xp: Any, vectors: Vectors, draws: Draws) -> Numbers:
        """The fixed vectors, shape (vectors, axes, replicates)."""
        count = len(self.random)
        normal = draws.normal(max(count, 1) * self.axes).reshape(max(count, 1), self.axes, -1)
        nothing = 0 * normal[0, :1]
        if not count:
            return xp.zeros_like(normal)[:0]
        own, place, rows = draws.chi(vectors.freedom), 0, []
        for v, is_random in enumerate(self.random):
            row = [vectors.means[v][:, None] + vectors.deviation[v][:, None] * normal[v, : self.known]]
            later = sum(self.random) - place
            if is_random:
                row += [vectors.beyond[v] * normal[v, self.known : self.known + place]]
                row += [vectors.beyond[v] * own[v][None, :], *[nothing] * (later - 1)]
                place += 1
            else:
                row += [nothing] * sum(self.random)
            rows.append(xp.concatenate([*row, *[nothing] * self.slots]))
        return xp.stack(rows)


def frame(levels: list[Level], slots: int) -> tuple[Frame, Vectors]:
    """The frame of the vectors in these levels; that of largest multiplicity is the bulk, the others are explicit."""
    bulk = max(levels, key=lambda level: level.multiplicity)
    others = sorted((level for level in levels if level is not bulk), key=lambda level: -level.value)
    means, deviation = [], []
    for level in others:
        means.append(np.pad(level.means, ((0, 0), (0, level.multiplicity - level.means.shape[1]))))
        deviation.append(np.tile(level.deviation[:, None], level.multiplicity))
    means.append(bulk.means)
    deviation.append(np.tile(bulk.deviation[:, None], bulk.means.shape[1]))
    explicit = np.repeat([level.value for level in others], [level.multiplicity for level in others])
    random = bulk.deviation > 0
    before = np.concatenate([[0], np.cumsum(random)[:-1]])[: random.size]
    vectors = Vectors(
        explicit=explicit,
        value=np.float64(bulk.value),
        multiplicity=np.float64(bulk.multiplicity),
        means=np.concatenate(means, axis=1),
        deviation=np.concatenate(deviation, axis=1),
        beyond=bulk.deviation,
        freedom=bulk.multiplicity - bulk.means.shape[1] - before.astype(float),
    )
    return Frame(explicit.size, vectors.means.shape[1], tuple(random.tolist()), slots), vectors


def remembered(xp: Any, slots: Numbers, write: Any, model: Numbers, outside: Numbers, fixed: int) -> Numbers:
    """The models in their slots after a new one is written, shape (slots, axes, replicates).

    Args:
        xp: namespace of array functions.
        slots: as before, shape (slots, axes, replicates).
        write: slot of the new model; the number of slots where it is not kept.
        model: its coordinates in the frame, shape (axes, replicates).
        outside: its component outside of the frame, shape (replicates,).
        fixed: number of axes that do not turn.
    """
    count = slots.shape[0]
    here = (xp.arange(count) == write)[:, None, None]
    inside = xp.where(here, model[None], slots)
    beyond = xp.where(here[:, 0], outside[None], 0 * outside[None])[:, None]
    free = inside[:, fixed:]
    if count == 1:
        return xp.concatenate([inside[:, :fixed], xp.sqrt(free**2 + beyond**2)], axis=1)
    stacked = xp.moveaxis(xp.concatenate([free, beyond], axis=1), -1, 0)  # (replicates, slots, slots + 1)
    turned = xp.linalg.qr(xp.swapaxes(stacked, 1, 2), mode="r")
    return xp.concatenate([inside[:, :fixed], xp.moveaxis(xp.swapaxes(turned, 1, 2), 0, -1)], axis=1)

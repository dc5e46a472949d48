"""The truth, offsets and models of a replicate as arrays on the host."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...theory.problem.chain import Chain
from ...theory.problem.errors import NotCertified
from ...theory.problem.labels import Shifted
from ..reading.directions import Directions
from .backends import ROUNDING

Array = NDArray[np.float64]

BATCH = 2**24  # numbers that are drawn between two interruptions
LARGEST_BATCH = 32


@dataclass(frozen=True, eq=False)
class HostVectors:
    """Laws of the truth, the offsets and, if there is one, model 0, whitened, in this order.

    Attributes:
        means: shape (vectors, d).
        deviations: the same.
        offsets: their number.
        slots: models that are remembered.
    """

    means: Array
    deviations: Array
    offsets: int
    slots: int

    def draw(self, seed: int, replicate: int) -> tuple[Array, Array, Array]:
        """The truth, the offsets, and the models in their slots, below which stands one that is forgotten."""
        drawn = host_stream(seed, replicate, 0, 0).standard_normal(self.means.shape)
        vectors = self.means + self.deviations * drawn
        models = np.zeros((self.slots + 1, vectors.shape[1]))
        initial = vectors[1 + self.offsets :]
        models[: len(initial)] = initial
        return vectors[0], vectors[1 : 1 + self.offsets], models


def host_vectors(chain: Chain, where: Directions, offsets: tuple[Shifted, ...], slots: int) -> HostVectors:
    """The vectors of a chain in the directions where anything happens."""
    spectrum = chain.population.spectrum
    laws = [where.moments("target", chain.population.target, spectrum)]
    laws += [where.moments("offset", shifted.offset, spectrum) for shifted in offsets]
    if chain.initial is not None:
        laws.append(where.moments("initial", chain.initial, spectrum))
    means, deviations = (np.array([law[part] for law in laws]) for part in (0, 1))
    return HostVectors(means, deviations, len(offsets), slots)


def require_rounding(rounding: float, replicate: int, generation: int) -> None:
    """Raise `NotCertified` where a fit is not known to six digits."""
    if not rounding <= ROUNDING:
        raise NotCertified(
            f"replicate {replicate} has in generation {generation} a relative rounding error of up to {rounding:.1e}, "
            f"more than {ROUNDING:.0e}: use a larger penalty, or numbers of rows further from the rank."
        )


def host_stream(seed: int, replicate: int, generation: int, purpose: int) -> np.random.Generator:
    """A stream of its own for each replicate, generation (0 is before all of them) and purpose."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, replicate, generation, purpose])))


def batch_of(numbers: int, most: int = BATCH) -> int:
    """Replicates in a batch, one after the other, each of which takes so many numbers; at most `most` together."""
    return max(1, min(LARGEST_BATCH, most // numbers))

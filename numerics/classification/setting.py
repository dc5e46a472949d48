"""A classification chain as numbers: what is compiled, and what is computed with."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...theory.problem.classification import ClassificationChain, Flips, KeepRates, LinearLabels, LinearVerifier
from ...theory.problem.errors import SpecificationError
from ..reading.numbers import number
from ..sampling import NAIVE, SUFFICIENT_STATISTICS, Naive, RowSampler, Sampler, SufficientStatistics

Array: TypeAlias = NDArray[np.float64]

DIRECTIONS = 3  # the mean, the generator, the verifier
WORTHWHILE = 2  # rows for each direction, from which sufficient statistics are faster


class Setting(NamedTuple):
    """What a compilation depends on.

    Attributes:
        rows: that are generated.
        dimension: of the rows.
        generator: `Flips` or `LinearLabels`.
        verifier: `KeepRates`, `LinearVerifier` or the type of None.
        sampler: `NAIVE` or `SUFFICIENT_STATISTICS`.
    """

    rows: int
    dimension: int
    generator: type[Any]
    verifier: type[Any]
    sampler: RowSampler

    @property
    def directions(self) -> int:
        """Coordinates that labels and verifier can see."""
        return min(DIRECTIONS, self.dimension)


class Numbers(NamedTuple):
    """What a replicate is computed with.

    Attributes:
        mean: mu in the first coordinates.
        labeller: the generator's unit vector there, zeros where it has none.
        verifier: the verifier's unit vector there, zeros where it has none.
        flips: rate of flipped labels.
        keep: rates at which right and wrong labels are kept.
        penalty: lambda.
    """

    mean: Array
    labeller: Array
    verifier: Array
    flips: float
    keep: Array
    penalty: float


def setting_of(chain: ClassificationChain, sampler: Sampler | None) -> tuple[Setting, Numbers, str]:
    """A chain as arrays, and which sampler draws it and why.

    Raises:
        SpecificationError: for a chain that holds symbols, and for a sampler that the chain has not.
    """
    rows, dimension = int(number("rows", chain.rows)), int(number("dimension", chain.mixture.dimension))
    chosen, why = _sampler(sampler, rows, dimension)
    setting = Setting(rows, dimension, type(chain.generator), type(chain.verifier), chosen)
    return setting, _numbers(chain, setting.directions), why


def _sampler(sampler: Sampler | None, rows: int, dimension: int) -> tuple[RowSampler, str]:
    enough = dimension > DIRECTIONS and rows > DIRECTIONS
    if sampler is None:
        if enough and rows > WORTHWHILE * dimension:
            why = (
                "labels and verifier see three coordinates, the others are drawn as the triangular factor of kept rows"
            )
            return SUFFICIENT_STATISTICS, f"sufficient statistics: {why}"
        return NAIVE, f"{NAIVE.title}, as there are few rows for their directions"
    if not isinstance(sampler, Naive | SufficientStatistics):
        raise SpecificationError("sampler", sampler, "None, NAIVE or SUFFICIENT_STATISTICS")
    if sampler == SUFFICIENT_STATISTICS and not enough:
        raise SpecificationError("sampler", sampler, f"NAIVE or None for up to {DIRECTIONS} dimensions or rows")
    return sampler, f"{sampler.title}, as asked for"


def _numbers(chain: ClassificationChain, directions: int) -> Numbers:
    generator, verifier = chain.generator, chain.verifier
    labeller, inspector = np.zeros(DIRECTIONS), np.zeros(DIRECTIONS)
    flips, keep = 0.0, np.ones(2)
    if isinstance(generator, Flips):
        flips = number("rate", generator.rate)
    if isinstance(generator, LinearLabels):
        cosine = number("cosine", generator.cosine)
        labeller[:2] = cosine, math.sqrt((1.0 - cosine) * (1.0 + cosine))
    if isinstance(verifier, KeepRates):
        keep = np.array([number("right", verifier.right), number("wrong", verifier.wrong)])
    if isinstance(verifier, LinearVerifier):
        inspector = _unit_vector(labeller, verifier)
    mean = np.zeros(DIRECTIONS)
    mean[0] = number("mean_norm", chain.mixture.mean_norm)
    mean, labeller, inspector = (vector[:directions] for vector in (mean, labeller, inspector))
    return Numbers(mean, labeller, inspector, flips, keep, number("penalty", chain.estimator.penalty))


def _unit_vector(labeller: Array, verifier: LinearVerifier) -> Array:
    """The verifier's direction, with its cosines to mu, which is the first axis, and to the labeller."""
    cosine = number("cosine", verifier.cosine)
    aside = 0.0
    if labeller[1] > 0:
        between = number("to_generator", verifier.to_generator)
        aside = (between - labeller[0] * cosine) / labeller[1]
    rest = math.sqrt(max(1.0 - cosine**2 - aside**2, 0.0))
    return np.array([cosine, aside, rest] if labeller[1] > 0 else [cosine, rest, 0.0])

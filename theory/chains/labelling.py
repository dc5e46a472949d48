"""Who labels the rows of a generation: the mean labeller, and how far the labellers of its rows disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NoTheorem
from ..problem.generation import Generation
from ..problem.labels import Blend, LabelledBy, Labels, Lottery, Previous, Shifted, Truth
from .hypotheses import SIMULATE, weighed

Shares = tuple[Any, ...]


@final
@dataclass(frozen=True, eq=False)
class Labelling:
    """The labels of a generation's rows, as shares of the model before and of offsets from the truth.

    Everything is measured from the truth: a row's label says x'(w_0 + a_0 e + a_1 o_1 + ...) plus noise, e being the
    error of the model before and o_k the offset of a shifted truth.

    Attributes:
        mean: (a_0, a_1, ...), averaged over the rows.
        covariance: of (a_0, a_1, ...) over the rows, shape (1 + offsets, 1 + offsets); None where all rows agree.
        offsets: the shifted truths of the chain, one for each of a_1, a_2, ...
    """

    mean: Shares
    covariance: Any
    offsets: tuple[Shifted, ...]

    @property
    def previous(self) -> Any:
        """theta = a_0, the share of the model before."""
        return self.mean[0]

    @property
    def disagrees(self) -> bool:
        """Whether rows have different labellers."""
        return self.covariance is not None

    @property
    def pattern(self) -> tuple[bool, ...]:
        """Which shares, and which of their covariances, do not vanish."""
        spread = () if self.covariance is None else self.covariance.ravel()
        return (self.disagrees, *(not _vanishes(share) for share in (*self.mean, *spread)))

    @property
    def several(self) -> bool:
        """Whether anything but the truth and the model before, or more than one of them, labels rows."""
        return self.disagrees or any(not _vanishes(share) for share in self.mean[1:])


def labelling_of(number: int, generation: Generation, offsets: tuple[Shifted, ...]) -> Labelling:
    """The labels of a generation.

    Args:
        number: of the generation; before the first, the model is the truth.
        generation: with fresh rows.
        offsets: all shifted truths of the chain.

    Raises:
        NoTheorem: where anything but the truth, the model before and shifted truths labels rows.

    >>> from modelcollapse.theory.problem import *
    >>> step = Generation((Source(30, 0.1), Source(10, 0.2, PREVIOUS)), Ridge(0.1))
    >>> labelling_of(2, step, ()).mean, labelling_of(2, step, ()).covariance.tolist()
    ((0.25,), [[0.1875]])
    """
    groups = [
        (_shares(labels, number, offsets), source.rows * probability)
        for source in weighed(generation)
        for labels, probability in options(source.labels)
    ]
    first = groups[0][0]
    if all(_alike(shares, first) for shares, _ in groups[1:]):
        return Labelling(first, None, offsets)
    total = sum(rows for _, rows in groups)
    mean = tuple(sum(shares[k] * rows for shares, rows in groups) / total for k in range(len(first)))
    parts = range(len(mean))
    entries = [
        sum(rows * (shares[i] - mean[i]) * (shares[j] - mean[j]) for shares, rows in groups) / total
        for i in parts
        for j in parts
    ]
    return Labelling(mean, numbers(objects(entries)).reshape(len(mean), len(mean)), offsets)


def offsets_of(chain: Chain) -> tuple[Shifted, ...]:
    """The different shifted truths that label rows of a chain."""
    return tuple(dict.fromkeys(part for step in chain.generations for part in _shifts(step)))


def options(labels: Labels) -> tuple[tuple[Any, Any], ...]:
    """What may label a row, with its probability."""
    return labels.parts if isinstance(labels, Lottery) else ((labels, 1),)


def parts_of(labels: Any) -> tuple[tuple[Any, Any], ...]:
    """What a label is blended from, with its share."""
    return labels.parts if isinstance(labels, Blend) else ((labels, 1.0),)


def objects(values: Iterable[Any]) -> Any:
    """An array of objects; NumPy would ask a tracer for its numbers."""
    entries = list(values)
    array = np.empty(len(entries), dtype=object)
    for position, value in enumerate(entries):
        array[position] = value
    return array


def _shifts(step: Generation) -> Iterator[Shifted]:
    for source in step.generated:
        for labels, _ in options(source.labels):
            yield from (part for part, _ in parts_of(labels) if isinstance(part, Shifted))


def _shares(labels: Any, number: int, offsets: tuple[Shifted, ...]) -> Shares:
    """The share of the model before in a labeller, then those of the offsets."""
    shares: list[Any] = [0.0] * (1 + len(offsets))
    for part, share in parts_of(labels):
        match part:
            case Truth():
                continue
            case Previous():
                position = 0
            case LabelledBy(generation) if generation == number - 1:
                position = 0
            case Shifted():
                position = 1 + offsets.index(part)
            case _:
                raise NoTheorem(
                    f"the truth, shifted truths and the model before label rows (others in generation {number})",
                    SIMULATE,
                )
        if position > 0 or number > 1:
            shares[position] = share if _vanishes(shares[position]) else shares[position] + share
    total = [share for _, share in parts_of(labels)]
    if number > 1 and all(isinstance(part, Previous | LabelledBy) for part, _ in parts_of(labels)) and len(total) > 1:
        shares[0] = 1.0  # all of it, whatever rounding says
    return tuple(shares)


def _alike(first: Shares, second: Shares) -> bool:
    return all(checks.same(a, b) for a, b in zip(first, second, strict=True))


def _vanishes(share: Any) -> bool:
    return isinstance(share, float) and share == 0.0  # NumPy's float64 is a float


def numbers(values: Any) -> Any:
    """float64 where all are numbers, else an array of objects (symbols, tracers)."""
    return values.astype(np.float64) if all(checks.is_concrete(value) for value in values.ravel()) else values

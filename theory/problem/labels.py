"""Labels: who answers for a row, before label noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, final

from . import checks
from .checks import Scalar
from .errors import SpecificationError
from .target import Target

SHARES_TOLERANCE = 1e-9  # how far from 1 shares may sum, as sums of decimal fractions do


@final
@dataclass(frozen=True)
class Truth:
    """Labels come from the truth w_0."""


@final
@dataclass(frozen=True)
class Previous:
    """Labels come from the model of the generation before; in generation 1 model 0, the truth plus `initial`."""


@final
@dataclass(frozen=True)
class LabelledBy:
    """Labels come from the model of an earlier generation.

    Args:
        generation: its number, a whole number >= 1 and smaller than the generation that is labelled.
    """

    generation: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "generation", checks.concrete_size("generation", self.generation))


@final
@dataclass(frozen=True)
class Shifted:
    """Labels come from the truth plus an offset: y = x'(w_0 + offset).

    Equal values share one draw of a random offset in each replicate, across sources and generations, independent of
    the truth.

    Args:
        offset: a `Target`, the law of the difference to the truth in the eigenbasis.
        tag: tells apart random offsets with the same law, a whole number >= 0.
    """

    offset: Target
    tag: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.offset, Target):
            raise SpecificationError("offset", self.offset, "a Target, such as GaussianTarget(variances)")
        object.__setattr__(self, "tag", checks.concrete_size("tag", self.tag, least=0))


@final
@dataclass(frozen=True)
class Recorded:
    """The labels that the rows of an earlier source were given, its label noise included.

    Only for rows with `SameRows(generation, source)`.

    Args:
        generation: number of the earlier generation, >= 1.
        source: position of the source in it, >= 0.
    """

    generation: int
    source: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "generation", checks.concrete_size("generation", self.generation))
        object.__setattr__(self, "source", checks.concrete_size("source", self.source, least=0))


@final
@dataclass(frozen=True)
class Blend:
    """A weighted mean of labels: y = sum_i share_i y_i, each y_i without new noise.

    Args:
        parts: pairs (labels, share), shares > 0 with sum 1; `Blend` and `Lottery` are not nested.

    >>> Blend(((TRUTH, 0.25), (PREVIOUS, 0.5)))
    Traceback (most recent call last):
    ...
    modelcollapse.theory.problem.errors.SpecificationError: parts: got 0.75; allowed: shares with sum 1
    """

    parts: tuple[tuple[Simple, Scalar], ...]

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "parts", _weighted("share", self.parts, Truth | Previous | LabelledBy | Shifted | Recorded)
        )


@final
@dataclass(frozen=True)
class Lottery:
    """Each row draws who labels it, independently.

    Args:
        parts: pairs (labels, probability), probabilities > 0 with sum 1; a part may be a `Blend`.
    """

    parts: tuple[tuple[Simple | Blend, Scalar], ...]

    def __post_init__(self) -> None:
        kinds = Truth | Previous | LabelledBy | Shifted | Recorded | Blend
        object.__setattr__(self, "parts", _weighted("probability", self.parts, kinds))


TRUTH = Truth()
PREVIOUS = Previous()
Simple: TypeAlias = Truth | Previous | LabelledBy | Shifted | Recorded
Labels: TypeAlias = Simple | Blend | Lottery


def labellers(labels: Labels) -> Iterator[Simple]:
    """The labellers that labels are made of, in their order.

    >>> list(labellers(Lottery(((TRUTH, 0.5), (Blend(((TRUTH, 0.5), (PREVIOUS, 0.5))), 0.5)))))
    [Truth(), Truth(), Previous()]
    """
    if isinstance(labels, Blend | Lottery):
        for part, _ in labels.parts:
            yield from labellers(part)
    else:
        yield labels


def _weighted(name: str, parts: Any, kinds: Any) -> tuple[tuple[Any, Scalar], ...]:
    """Pairs (labels, weight) with weights > 0 that sum to 1, where they are numbers."""
    checked = []
    for part in checks.members("parts", parts, f"a non-empty tuple of pairs (labels, {name})"):
        pair = checks.members("parts", part, f"a pair (labels, {name}), such as (TRUTH, 0.5)")
        if len(pair) != 2 or not isinstance(pair[0], kinds):
            raise SpecificationError("parts", part, f"a pair (labels, {name}), such as (TRUTH, 0.5)")
        checked.append((pair[0], checks.positive(name, pair[1])))
    weights = [weight for _, weight in checked]
    if all(checks.is_number(weight) for weight in weights) and abs(float(sum(weights)) - 1.0) > SHARES_TOLERANCE:
        raise SpecificationError("parts", sum(weights), f"{_PLURAL[name]} with sum 1")
    return tuple(checked)


_PLURAL = {"share": "shares", "probability": "probabilities"}

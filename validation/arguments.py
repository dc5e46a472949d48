"""Arguments that everything judged on an experiment has in common, checked before any work starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..theory.problem import SpecificationError, checks
from .confidence import FIRST_LOOK


def false_alarm_level(level: Any) -> float:
    """A probability strictly between 0 and 1."""
    number = float(checks.positive("level", level))
    if number >= 1:
        raise SpecificationError("level", level, "a probability between 0 and 1")
    return number


def ladder_scales(scales: Sequence[int] | None, usual: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes relative to the given one, smallest first; `usual` unless given, a single 1 for no ladder.

    >>> ladder_scales([4, 1, 2], usual=(1,))
    (1, 2, 4)
    """
    if scales is None:
        return usual
    sizes = checks.counts("scales", scales)
    if len(sizes) != len(set(sizes)) or (len(sizes) < 3 and sizes != (1,)):
        raise SpecificationError("scales", scales, "(1,), or at least three different whole numbers such as (1, 2, 4)")
    return tuple(sorted(sizes))


def fixed_replicates(replicates: int | Mapping[int, int] | None, sizes: Collection[int]) -> dict[int, int] | None:
    """Replicates of each size, or None for a budget of time.

    >>> fixed_replicates(512, (1, 2))
    {1: 512, 2: 512}
    """
    if replicates is None:
        return None
    if not isinstance(replicates, Mapping):
        replicates = dict.fromkeys(sizes, replicates)
    missing = set(sizes) - set(replicates)
    if missing:
        raise SpecificationError("replicates", replicates, f"an entry for each of the sizes {sorted(sizes)}")
    return {size: checks.concrete_size("replicates", replicates[size], least=FIRST_LOOK) for size in sizes}

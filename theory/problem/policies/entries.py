"""What policies are made of: one entry per generation for every argument, and generations made from the entries."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import groupby
from typing import Any

from .. import checks
from ..checks import Scalar
from ..errors import SpecificationError
from ..generation import Generation

Check = Callable[[str, Any], Any]


def number_of_generations(generations: Any, field: str = "generations", least: int = 1) -> int:
    """A whole number of generations that fits into memory."""
    count = checks.concrete_size(field, generations, least)
    checks.require_memory(field, count, 2000)
    return count


def entries(field: str, value: Any, count: int, check: Check) -> list[Any]:
    """One checked entry per generation, from a scalar, a sequence or a vector of the right length.

    >>> entries("rows", (10, 20.0), 2, checks.size)
    [10, 20]
    """
    if not isinstance(value, list | tuple) and getattr(value, "ndim", None) != 1:
        return [check(field, value)] * count
    try:
        given = list(value)
    except Exception:  # whatever a foreign sequence raises
        given = []
    if len(given) != count:
        raise SpecificationError(field, value, f"a single value or {count} of them, one per generation")
    checked: dict[int, Any] = {}  # by identity, so that a million equal entries stay one object
    for entry in given:
        if id(entry) not in checked:
            checked[id(entry)] = check(field, entry)
    return [checked[id(entry)] for entry in given]


def made_of(make: Callable[..., Generation], *columns: list[Any]) -> tuple[Generation, ...]:
    """make(entry, entry, ...) for every generation."""
    # Runs of the same entries share one object, so that a million equal generations cost little.
    steps: list[Generation] = []
    for _, run in groupby(zip(*columns, strict=True), key=lambda row: [id(entry) for entry in row]):
        rows = list(run)
        steps += [make(*rows[0])] * len(rows)
    return tuple(steps)


def part_of(rows: Any, field: str, share: Scalar) -> Any:
    """round(share * rows), or the product itself where it is symbolic.

    >>> part_of(12, "share", 0.25), part_of(10, "share", 0.66)
    (3, 7)
    """
    if checks.is_tracer(share):
        raise SpecificationError(field, share, "a number, since rows are static and cannot be traced")
    product = share * rows
    return product if checks.is_symbolic(product) and not product.is_number else round(float(product))


def is_zero(value: Any) -> bool:
    """Whether `value` is known to be 0; a tracer never is."""
    return not checks.is_tracer(value) and bool(value == 0)


def in_quadrature(*deviations: Scalar) -> Scalar:
    """Standard deviation of a sum of independent noises, sqrt(sum of squares).

    >>> in_quadrature(3.0, 0.0, 4.0)
    5.0
    """
    present = [deviation for deviation in deviations if not is_zero(deviation)]
    if len(present) < 2:
        return present[0] if present else 0.0
    if all(isinstance(deviation, float) for deviation in present):
        return math.hypot(*present)
    half = Fraction(1, 2) if any(checks.is_symbolic(deviation) for deviation in present) else 0.5
    return sum(deviation**2 for deviation in present) ** half

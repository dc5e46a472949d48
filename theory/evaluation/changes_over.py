"""A chain of ridge fits under many changes of its numbers, for those who ask for many points again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..chains.family import kinds_of, reading_of
from ..problem.chain import Chain
from ..problem.errors import ModelCollapseError
from ..rules.kind import Kind
from ..statements.book import statements_of
from .errors_over import checked, parts_over, require_plain
from .numbers_only import refuse_symbols

NUMBERS = ("rows", "penalty", "noise")


@final
@dataclass(frozen=True)
class Changed:
    """What is known of many changes at once.

    Attributes:
        bias: the noise-free error, shape (changes, generations).
        variance: what label noise injects, shape (changes, generations).
        trusted: where both are certified, and compressions agree; elsewhere `predict` is to be asked. Shape (changes,).
        kind: of the numbers after each generation.
        statements: behind them, by name.
    """

    bias: Any
    variance: Any
    trusted: Any
    kind: tuple[Kind, ...]
    statements: tuple[str, ...]


def changes_over(chain: Chain, changes: Sequence[Mapping[str, Any]], at_once: int) -> Changed | None:
    """What `predict` gives for `chain.with_(**change)`, if that is a chain of ridge fits for each; else None.

    Args:
        chain: what is changed.
        changes: of the same names, at least one; arrays are possible for numbers among `rows`, `penalty` and `noise`.
        at_once: each call is filled up to this number: a number does not depend on how many others are asked for.

    Returns:
        A `Changed`; deterministic equivalents, on the compressed spectrum.

    Source: as `errors_over`.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(10), UniformTarget()), generations=3, rows=30, noise=0.5)
    >>> changes_over(chain, [{"rows": 20}, {"rows": 30}], 16).bias.shape
    (2, 3)
    """
    names = changes[0].keys()
    numbers = all(
        isinstance(value, int | float | np.integer | np.floating) for change in changes for value in change.values()
    )
    if not numbers or not names <= set(NUMBERS):
        return None
    try:
        flat = {name: checked(name, [change[name] for change in changes]) for name in names}
        first = chain.with_(**changes[0])
        refuse_symbols(first)
        reading = reading_of(first)
        require_plain(first, reading)
    except ModelCollapseError:
        return None
    assert isinstance(reading, tuple)
    filled = {name: np.pad(values, (0, -len(changes) % at_once), mode="edge") for name, values in flat.items()}
    parts, sure, agreed = (part[: len(changes)] for part in parts_over(first, reading, filled, at_once))
    names_of = tuple(statement.name for statement in statements_of(reading))
    return Changed(parts[..., 0], parts[..., 1], sure & agreed, kinds_of(first, reading), names_of)

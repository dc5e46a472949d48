"""Functions that build a chain, as `gradient` and `vary` take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import SpecificationError


def require_builder(chain_builder: Any) -> None:
    """Raise `SpecificationError` for anything that cannot be called."""
    if not callable(chain_builder):
        raise SpecificationError("chain_builder", chain_builder, "a function that returns a Chain")


def built(chain_builder: Callable[..., Chain], *arguments: Any, **named: Any) -> Chain:
    """The chain that the function builds.

    Raises:
        SpecificationError: where it returns anything else.
    """
    chain = chain_builder(*arguments, **named)
    if not isinstance(chain, Chain):
        raise SpecificationError("chain_builder", chain, "a function that returns a Chain")
    return chain


def position(generation: int, count: int) -> int:
    """Array position of a generation 1..count, or of the last one for -1."""
    if generation == -1:
        return count - 1
    number = checks.concrete_size("generation", generation)
    if number > count:
        raise SpecificationError("generation", generation, f"-1 or a whole number from 1 to {count}")
    return number - 1

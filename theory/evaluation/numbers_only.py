"""What is evaluated holds numbers: chains with symbols are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from ..chains.family import require_chain
from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import SpecificationError
from ..problem.spectrum import Spectrum
from ..problem.target import Target


def refuse_symbols(chain: Chain) -> None:
    """Raise `SpecificationError` where a chain holds symbols instead of numbers, and for anything but a chain."""
    require_chain(chain)
    for value in _values(chain, set()):
        if checks.is_symbolic(value):
            raise SpecificationError("chain", value, "numbers; a chain with symbols is read by derive(chain)")


def _values(part: Any, seen: set[int]) -> Iterator[Any]:
    """Everything that a specification holds, each object once."""
    if id(part) in seen:
        return
    seen.add(id(part))
    if isinstance(part, tuple):
        for one in part:
            yield from _values(one, seen)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _values(getattr(part, field.name), seen)
    elif isinstance(part, Spectrum | Target):  # a user's own, without declared fields
        yield from vars(part).values()
    else:
        yield part

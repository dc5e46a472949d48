"""The chain of a result, kept with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..problem.chain import Chain
from ..problem.errors import MissingExtra, SpecificationError
from ..problem.interchange.reading import LARGEST_TEXT


def chain_record(chain: Chain) -> dict[str, Any]:
    """The chain as Python prints it and as TOML, None where it has none (symbols, a class of one's own, no tomli-w).

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(20), UniformTarget()), generations=2, rows=50, noise=0.3)
    >>> chain_from(chain_record(chain)) == chain
    True
    """
    try:
        text = chain.to_toml()
    except (SpecificationError, MissingExtra):
        text = None
    return {"chain": repr(chain), "toml": text}


def chain_from(record: Mapping[str, Any]) -> Chain:
    """The chain that `chain_record` kept.

    Raises:
        SpecificationError: where it was kept without TOML, or by another hand.
    """
    text = record.get("toml")
    if not isinstance(text, str):
        raise SpecificationError("toml", text, "the chain as TOML, which this result was kept without")
    return Chain.from_toml(text, largest=max(len(text), LARGEST_TEXT))

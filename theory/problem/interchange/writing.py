"""A specification as TOML."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from ..errors import MissingExtra, SpecificationError
from ..generation import Generation
from ..population import Population
from .classes import DEEPEST, PACKAGED, VERSION, field_names


def written(population: Population, generations: tuple[Generation, ...], initial: Any) -> str:
    """The text of a chain.

    Raises:
        SpecificationError: for symbols, traced values and classes that are not the package's own.
        MissingExtra: without the library `tomli-w`.
    """
    document = {"format": VERSION, "population": _fields(population, "population")}
    if initial is not None:
        document["initial"] = plain(initial, "initial")
    document["generations"] = _runs(generations)
    try:
        import tomli_w
    except ImportError:
        raise MissingExtra("writing TOML", "tomli-w", "report") from None
    return tomli_w.dumps(document)


def plain(value: Any, where: str, depth: int = 1) -> Any:
    """`value` in TOML's types.

    >>> plain(PACKAGED["Ridge"](0.5), "estimator"), plain(PACKAGED["MinimumNorm"](), "estimator")
    ({'class': 'Ridge', 'penalty': 0.5}, 'MinimumNorm')
    """
    if depth > DEEPEST:
        raise SpecificationError(where, value, f"objects nested at most {DEEPEST} deep")
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return [plain(entry, f"{where}[{number}]", depth + 1) for number, entry in enumerate(value)]
    name = type(value).__name__
    if PACKAGED.get(name) is not type(value):
        raise SpecificationError(where, value, "numbers and classes of the package itself; only these can be written")
    held = _fields(value, where, depth)
    return {"class": name, **held} if held else name


def _fields(value: Any, where: str, depth: int = 1) -> dict[str, Any]:
    """The fields of a specification; None, which TOML lacks, is left out."""
    held = {name: getattr(value, name) for name in field_names(type(value))}
    return {name: plain(entry, f"{where}.{name}", depth + 1) for name, entry in held.items() if entry is not None}


def _runs(generations: tuple[Generation, ...]) -> list[dict[str, Any]]:
    """One table for every run of equal generations, with their number."""
    tables, number = [], 0
    for step, run in groupby(generations):
        count = sum(1 for _ in run)
        tables.append({"count": count, **_fields(step, f"generations[{number}]")})
        number += count
    return tables

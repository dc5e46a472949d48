"""Sweeps in files: a chain, what varies in it, and what is found out."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ...numerics.measurement.label_noise import DRAWN, INTEGRATED
from ...numerics.sampling import NAIVE, SUFFICIENT_STATISTICS, VERIFIED_STATISTICS
from ...theory.problem.chain import Chain
from ...theory.problem.errors import SpecificationError
from ...theory.problem.interchange.reading import chain_fields, object_of, parsed, population_of, refuse_others
from .points import CHANGES
from .quantity import Comparing, Predicting, Quantity, Simulating

_QUANTITIES: dict[str, type[Quantity]] = {kind.__name__: kind for kind in (Predicting, Simulating, Comparing)}
_NAMED = {type(one).__name__: one for one in (DRAWN, INTEGRATED, NAIVE, SUFFICIENT_STATISTICS, VERIFIED_STATISTICS)}


def read_sweep(text: Any) -> dict[str, Any]:
    """The fields of a sweep, from its text.

    Raises:
        SpecificationError: naming the place in the text, what is there, and what may be.
    """
    document = parsed(text)
    axes, quantity = document.pop("axes", None), document.pop("quantity", "Predicting")
    return {
        "chains": Chain(**chain_fields(document)),
        "grid": _axes(axes),
        "quantity": _quantity(quantity),
    }


def _axes(table: Any) -> dict[str, list[Any]]:
    if not isinstance(table, dict) or not table:
        raise SpecificationError("axes", table, f"a table of arrays, named by {', '.join(CHANGES)}")
    refuse_others(table, CHANGES, "axes.", "a grid")
    return {name: _values(name, values) for name, values in table.items()}


def _values(name: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise SpecificationError(f"axes.{name}", values, "a non-empty array")
    read = population_of if name == "population" else object_of
    return [read(value, f"axes.{name}[{number}]") for number, value in enumerate(values)]


def _quantity(value: Any) -> Quantity:
    table = {"class": value} if isinstance(value, str) else value
    if not isinstance(table, dict):
        raise SpecificationError("quantity", value, f"one of {', '.join(_QUANTITIES)}, or a table with it as `class`")
    name = table.pop("class", None)
    kind = _QUANTITIES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise SpecificationError("quantity.class", name, f"one of {', '.join(_QUANTITIES)}")
    known = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
    refuse_others(table, known, "quantity.", f"{kind.__name__}")
    try:
        return kind(**{key: _parameter(f"quantity.{key}", entry) for key, entry in table.items()})
    except SpecificationError as error:
        where = error.field if error.field.startswith("quantity.") else f"quantity.{error.field}"
        raise SpecificationError(where, error.value, error.allowed) from None


def _parameter(where: str, value: Any) -> Any:
    """Numbers and arrays of them, and the names of what has no parameters."""
    if isinstance(value, str):
        if value not in _NAMED:
            raise SpecificationError(where, value, f"a number, or one of {', '.join(_NAMED)}")
        return _NAMED[value]
    return tuple(value) if isinstance(value, list) else value

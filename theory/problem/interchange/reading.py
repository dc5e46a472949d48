"""A specification from TOML: nothing in the text is run, and whatever does not belong there is refused by name."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, fields
from typing import Any

from .. import checks
from ..errors import SpecificationError, TooLarge
from ..generation import Generation
from ..population import Population
from .classes import DEEPEST, PACKAGED, VERSION, field_names

LARGEST_TEXT = 1_000_000
LARGEST_COUNT = 1_000_000

_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
# The standard library's parser takes quadratic time for a dotted key; a longer one than tables may nest is no use.
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{DEEPEST},}}")


def read(text: Any, largest: int = LARGEST_TEXT) -> dict[str, Any]:
    """The fields of a chain, from its text.

    Args:
        text: TOML as `written` makes it, or as a person does.
        largest: characters that are read at most.

    Raises:
        SpecificationError: naming the place in the text, what is there, and what may be.
    """
    document = parsed(text, largest)
    try:
        return chain_fields(document)
    except RecursionError:
        raise SpecificationError("text", text, f"tables nested at most {DEEPEST} deep") from None


def chain_fields(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a chain, from its document.

    Raises:
        SpecificationError: naming the place in the document, what is there, and what may be.
    """
    version = document.pop("format", None)
    if type(version) is not int or version != VERSION:
        raise SpecificationError("format", version, f"format = {VERSION}, the only one that this version reads")
    refuse_others(document, ("population", "initial", "generations"), "", "a chain")
    for name in ("population", "generations"):
        if name not in document:
            raise SpecificationError(name, None, "a table of this name" if name == "population" else "an array of it")
    population = population_of(document["population"], "population")
    initial = object_of(document["initial"], "initial", 1) if "initial" in document else None
    return {"population": population, "generations": _generations(document["generations"]), "initial": initial}


def _generations(tables: Any) -> tuple[Generation, ...]:
    """Every run of equal generations, as often as its count says."""
    if not isinstance(tables, list) or not tables:
        raise SpecificationError("generations", tables, "one table [[generations]] or more")
    steps: list[Generation] = []
    for number, table in enumerate(tables):
        where = f"generations[{number}]"
        if not isinstance(table, dict):
            raise SpecificationError(where, table, "a table with sources and an estimator")
        count = checks.concrete_size(f"{where}.count", table.pop("count", 1))
        if len(steps) + count > LARGEST_COUNT:
            raise TooLarge(f"{where}.count", count, f"at most {LARGEST_COUNT} generations in all")
        steps += [_made(Generation, table, where)] * count
    return tuple(steps)


def object_of(value: Any, where: str, depth: int = 1) -> Any:
    """What stands for `value`: numbers and arrays for themselves, tables and names for packaged classes."""
    if depth > DEEPEST:
        raise SpecificationError(where, value, f"tables nested at most {DEEPEST} deep")
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list):
        return tuple(object_of(entry, f"{where}[{number}]", depth + 1) for number, entry in enumerate(value))
    table = {"class": value} if isinstance(value, str) else value
    if not isinstance(table, dict):
        raise SpecificationError(where, value, "numbers, arrays, tables and names of classes")
    name = table.pop("class", None)
    kind = PACKAGED.get(name) if isinstance(name, str) else None
    if kind is None:
        raise SpecificationError(f"{where}.class", name, f"one of {', '.join(PACKAGED)}")
    return _made(kind, table, where, depth)


def population_of(table: Any, where: str) -> Population:
    """Covariates and truth, from their table.

    Raises:
        SpecificationError: naming the place in the table, what is there, and what may be.
    """
    population: Population = _made(Population, table, where)
    return population


def _made(kind: type[Any], table: Any, where: str, depth: int = 1) -> Any:
    """An object of `kind` from the fields in a table."""
    if not isinstance(table, dict):
        raise SpecificationError(where, table, f"a table with {', '.join(field_names(kind))}")
    refuse_others(table, field_names(kind), f"{where}.", f"a {kind.__name__}")
    for field in fields(kind):
        if field.default is MISSING and field.name not in table:
            raise SpecificationError(f"{where}.{field.name}", None, f"a value: a {kind.__name__} needs it")
    held = {name: object_of(value, f"{where}.{name}", depth + 1) for name, value in table.items()}
    try:
        return kind(**held)
    except SpecificationError as error:
        raise type(error)(f"{where}.{error.field}", error.value, error.allowed) from None


def refuse_others(table: dict[str, Any], known: tuple[str, ...], where: str, what: str) -> None:
    """Raise `SpecificationError` for the first key that is not known."""
    for key, value in table.items():
        if key not in known:
            name = key if key.isidentifier() and len(key) <= 40 else ascii(key[:40])
            allowed = f"no such key; {what} has {', '.join(known) or 'no fields'}"
            raise SpecificationError(f"{where}{name}", value, allowed)


def parsed(text: Any, largest: int = LARGEST_TEXT) -> dict[str, Any]:
    """The document; every failure of the parser says where it is."""
    largest = checks.concrete_size("largest", largest)
    if not isinstance(text, str):
        raise SpecificationError("text", text, "TOML as a str")
    if len(text) > largest:
        raise TooLarge("text", len(text), f"at most {largest} characters")
    if _LONG_KEY.search(text):
        raise SpecificationError("text", text, f"keys of at most {DEEPEST} parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SpecificationError("text", text, f"tables and arrays nested at most {DEEPEST} deep") from None
    except Exception as error:  # beside its own error the parser raises ValueError (long integers), MemoryError, ...
        raise SpecificationError("text", text, f"TOML ({ascii(str(error))[1:-1]})") from None

"""What a specification says, as text: equal texts, equal problems."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from ...theory.problem.errors import SpecificationError


def canonical(value: Any, where: str) -> str:
    """A text that tells `value` from every other: numbers to the bit, arrays by their hash, objects by their fields.

    Raises:
        SpecificationError: naming what cannot be told apart: symbols, functions, objects without declared fields.

    >>> canonical((0.5, "rows"), "axes")
    '[0.5, "rows"]'
    """
    return json.dumps(_plain(value, where))


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return {"array": value.dtype.str, "shape": value.shape, "sha256": digest}
    if isinstance(value, list | tuple):
        return [_plain(entry, f"{where}[{number}]") for number, entry in enumerate(value)]
    return _object(value, where)


def _object(value: Any, where: str) -> Any:
    kind = type(value)
    if not is_dataclass(value) or isinstance(value, type):
        raise SpecificationError(where, value, "numbers, texts and dataclasses: a store must know what it holds")
    name = f"{kind.__module__}.{kind.__qualname__}"
    return {"class": name, **{field.name: _plain(getattr(value, field.name), where) for field in fields(value)}}

"""Values as plain JSON, which knows no infinities and no NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problem.errors import SpecificationError


def plain(value: Any) -> Any:
    """`value` in JSON's types: arrays as lists, infinities and NaN as strings, whatever else as its text.

    >>> import numpy as np
    >>> plain({"error": np.array([0.5, np.inf]), "rows": (3, np.float64("nan"))})
    {'error': [0.5, 'inf'], 'rows': [3, 'nan']}
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Mapping):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def json_text(value: Any) -> str:
    """`value` as JSON that every parser reads."""
    return json.dumps(plain(value), indent=1, allow_nan=False)


def record_from(text: Any, name: str) -> dict[str, Any]:
    """The object in a JSON text that a result called `name` wrote.

    Raises:
        SpecificationError: for any other text.
    """
    allowed = f"JSON as {name}.to_json makes it"
    try:
        record = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):  # RecursionError: nested too deep; ValueError: digits without end, too
        record = None
    if not isinstance(record, dict) or record.get("result") != name:
        raise SpecificationError("text", text, allowed)
    return record


def numbers(record: Mapping[str, Any], name: str, dimensions: int = 1) -> NDArray[np.float64]:
    """The array that `plain` wrote under a name.

    Raises:
        SpecificationError: unless it is a list of numbers of equal lengths.

    >>> numbers({"error": [0.5, "inf"]}, "error")
    array([0.5, inf])
    """
    allowed = f"an array of numbers in {dimensions} dimension{'s' if dimensions > 1 else ''}"
    value = record.get(name)
    try:
        array = np.array(_numbers(value), dtype=np.float64)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise SpecificationError(name, value, allowed) from None
    if array.ndim != dimensions:
        raise SpecificationError(name, value, allowed)
    return array


_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(entry) for entry in value]
    if isinstance(value, str):
        value = _NOT_FINITE.get(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)

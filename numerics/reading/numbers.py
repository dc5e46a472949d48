"""Numbers of a chain: a simulation needs every one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...theory.problem import checks
from ...theory.problem.errors import SpecificationError


def number(field: str, value: Any) -> float:
    """A value as float.

    Raises:
        SpecificationError: for symbols and traced values.

    >>> number("noise", 2)
    2.0
    """
    if not checks.is_concrete(value):
        raise SpecificationError(field, value, "a number: a simulation needs every value of the chain")
    return float(value)


def numbers(field: str, values: Any, *, negative: bool = False) -> NDArray[np.float64]:
    """A vector of values as float64.

    Raises:
        SpecificationError: for symbols and traced values.
    """
    if not checks.is_concrete(values) or np.asarray(values).dtype == object:
        raise SpecificationError(field, values, "numbers: a simulation needs every value of the chain")
    checked: NDArray[np.float64] = checks.vector(field, values, negative=negative)
    return checked

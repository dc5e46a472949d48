"""Power series in one variable, cut off behind a fixed order, with exact coefficients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

ORDER = 6


class Series:
    """sum_k c_k t^k + O(t^7)."""

    def __init__(self, *coefficients: Any) -> None:
        self.c = [*map(Fraction, coefficients), *[Fraction(0)] * ORDER][: ORDER + 1]

    def __add__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented  # entry by entry
        return Series(*(a + b for a, b in zip(self.c, _series(other).c, strict=True)))

    def __neg__(self) -> Series:
        return Series(*(-a for a in self.c))

    def __sub__(self, other: Any) -> Series:
        return self + -_series(other)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented  # entry by entry
        b = _series(other).c
        return Series(*(sum(self.c[i] * b[k - i] for i in range(k + 1)) for k in range(ORDER + 1)))

    def inverse(self) -> Series:
        found: list[Fraction] = []
        for k in range(ORDER + 1):
            rest = sum((self.c[i] * found[k - i] for i in range(1, k + 1)), Fraction(0))
            found.append(((k == 0) - rest) / self.c[0])
        return Series(*found)

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented  # entry by entry
        return self * _series(other).inverse()

    def __rtruediv__(self, other: Any) -> Series:
        return _series(other) * self.inverse()

    def __pow__(self, exponent: int) -> Series:
        return self * self ** (exponent - 1) if exponent else Series(1)

    def __eq__(self, other: object) -> bool:
        return self.c == _series(other).c

    def __repr__(self) -> str:
        return f"Series{tuple(map(str, self.c))}"

    __hash__ = None  # type: ignore[assignment]
    __radd__ = __add__
    __rmul__ = __mul__


def _series(value: Any) -> Series:
    return value if isinstance(value, Series) else Series(value)


T = Series(0, 1)

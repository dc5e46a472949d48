"""Validation of specification fields: concrete numbers are checked, symbols and tracers pass."""

from __future__ import annotations

import numbers
import os
import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import SpecificationError, TooLarge

# A Python or NumPy number, a SymPy expression, or a JAX tracer.
Scalar: TypeAlias = Any
Vector: TypeAlias = NDArray[np.float64]

SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)
LARGEST_SIZE = 2**53  # whole numbers beyond it are not exact in float64


def is_symbolic(value: Any) -> bool:
    """Whether `value` is a SymPy expression, decided without importing SymPy."""
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, sympy.Basic)


def is_tracer(value: Any) -> bool:
    """Whether `value` is a JAX array without a concrete value, decided without importing JAX."""
    jax = sys.modules.get("jax")
    if jax is None or not isinstance(value, jax.Array):
        return False
    try:
        np.asarray(value)
    except jax.errors.TracerArrayConversionError:
        return True
    return False


def is_concrete(value: Any) -> bool:
    """Whether `value` is a plain number or array of numbers."""
    return not (is_symbolic(value) or is_tracer(value))


def _as_float(field: str, value: Any, allowed: str) -> float:
    if (isinstance(value, np.ndarray) and value.ndim == 0) or _is_jax_scalar(value):
        value = np.asarray(value)[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real | np.floating | np.integer):
        raise SpecificationError(field, value, allowed)
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        raise SpecificationError(field, value, allowed) from None
    if not np.isfinite(number):
        raise SpecificationError(field, value, allowed)
    return number


def _is_jax_scalar(value: Any) -> bool:
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array) and value.ndim == 0


def real(field: str, value: Scalar) -> Scalar:
    """A finite real number, a symbol or a tracer; numbers come back as `float`."""
    return value if not is_concrete(value) else _as_float(field, value, "a finite number")


def nonnegative(field: str, value: Scalar) -> Scalar:
    """A finite number >= 0 (denormal values are refused: JAX would flush them to zero)."""
    allowed = f"a finite number >= 0 (0, or at least {SMALLEST_NORMAL:.3g})"
    if not is_concrete(value):
        return value
    number = _as_float(field, value, allowed)
    if number != 0 and number < SMALLEST_NORMAL:
        raise SpecificationError(field, value, allowed)
    return abs(number)


def positive(field: str, value: Scalar) -> Scalar:
    """A finite number > 0 (denormal values are refused: JAX would flush them to zero)."""
    allowed = f"a finite number > 0 (at least {SMALLEST_NORMAL:.3g})"
    if not is_concrete(value):
        return value
    number = _as_float(field, value, allowed)
    if number < SMALLEST_NORMAL:
        raise SpecificationError(field, value, allowed)
    return number


def size(field: str, value: Any, least: int = 1) -> Any:
    """A whole number >= `least`, or a symbol; never a tracer: sizes are static."""
    allowed = f"a whole number from {least} to 2^53, or a symbol"
    if is_symbolic(value):
        return value
    if is_tracer(value):
        raise SpecificationError(field, value, allowed + "; sizes are static and cannot be traced")
    number = _as_float(field, value, allowed)
    if number != np.floor(number) or not least <= number <= LARGEST_SIZE:
        raise SpecificationError(field, value, allowed)
    return int(number)


def concrete_size(field: str, value: Any, least: int = 1) -> int:
    """A whole number >= `least`; symbols are refused where an array must be built."""
    checked = size(field, value, least)
    if is_symbolic(checked):
        raise SpecificationError(field, value, f"a whole number >= {least}")
    return int(checked)


def vector(field: str, values: Any, *, negative: bool = False) -> Any:
    """A one-dimensional array of finite numbers as read-only float64, or a tracer of one dimension."""
    sign = "" if negative else " >= 0 (0, or at least 2.23e-308)"
    allowed = f"a non-empty one-dimensional sequence of finite numbers{sign}"
    if is_tracer(values):
        if values.ndim != 1 or values.shape[0] == 0:
            raise SpecificationError(field, values, allowed)
        return values
    array = _number_array(field, values, allowed)
    if array.ndim != 1 or array.size == 0 or not np.all(np.isfinite(array)):
        raise SpecificationError(field, values, allowed)
    if not negative and (np.any(array < 0) or np.any((array > 0) & (array < SMALLEST_NORMAL))):
        raise SpecificationError(field, values, allowed)
    array = array + 0.0  # a fresh copy, in which -0.0 reads 0.0
    array.setflags(write=False)
    return array


def _number_array(field: str, values: Any, allowed: str) -> Vector:
    if isinstance(values, str | bytes | dict | set | frozenset | np.ma.MaskedArray):
        raise SpecificationError(field, values, allowed)
    if isinstance(values, Sequence) and any(isinstance(v, bool | np.bool_) for v in values):
        raise SpecificationError(field, values, allowed)
    try:
        raw = np.asarray(values)
    except Exception:
        raise SpecificationError(field, values, allowed) from None
    if raw.dtype.kind not in "iuf":
        raise SpecificationError(field, values, allowed)
    return raw.astype(np.float64)


def counts(field: str, values: Any) -> tuple[int, ...]:
    """A non-empty sequence of whole numbers >= 1."""
    array = vector(field, values)
    if is_tracer(array):
        raise SpecificationError(field, values, "whole numbers >= 1; sizes are static and cannot be traced")
    return tuple(concrete_size(field, float(value)) for value in array)


def require_memory(what: str, count: float, bytes_each: float) -> None:
    """Refuse arrays that would take more than three quarters of the machine's memory.

    Raises:
        TooLarge: naming what was asked for, its bytes, and what is there.
    """
    available = 0.75 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    needed = float(count) * bytes_each
    if needed > available:
        raise TooLarge(what, int(count), f"at most {available / bytes_each:.3g} ({needed:.2e} bytes would be needed)")


def content_key(value: Any) -> Any:
    """A hashable picture of a field: arrays compare by shape and bytes, everything else by itself."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    return value


class ByContent:
    """Equality and hash by content for frozen dataclasses that hold arrays."""

    __dataclass_fields__: dict[str, Any]

    def _key(self) -> tuple[Any, ...]:
        return (type(self), *(content_key(getattr(self, name)) for name in self.__dataclass_fields__))

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())

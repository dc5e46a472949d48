"""Validation of specification fields: concrete numbers are checked, symbols and tracers pass."""

from __future__ import annotations

import numbers
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import SpecificationError, TooLarge

# A Python or NumPy number, a SymPy expression, or a JAX tracer.
Scalar: TypeAlias = Any
Vector: TypeAlias = NDArray[np.float64]

SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)
LARGEST_SIZE = 2**53 - 1  # larger whole numbers are not exact in float64


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
    except Exception:  # random keys and deleted arrays: values, though not numbers
        return False
    return False


def is_concrete(value: Any) -> bool:
    """Whether `value` is a plain number or array of numbers."""
    return not (is_symbolic(value) or is_tracer(value))


def is_number(value: Any) -> bool:
    """Whether `value` is a number, plain or exact; symbols and tracers stand for one but are none."""
    return not is_tracer(value) and (not is_symbolic(value) or bool(value.is_number))


def _float_or_nan(value: Any) -> float:
    """A finite real number as float; NaN for anything else, truth values and durations included."""
    try:
        if isinstance(value, np.ndarray) or _is_jax_array(value):
            value = _entry(value)
        if isinstance(value, bool | np.bool_ | np.timedelta64):
            return np.nan
        is_real = is_symbolic(value) or isinstance(value, numbers.Real | np.floating | np.integer)
        number = float(value) if is_real else np.nan
    except Exception:  # whatever a foreign `__float__` raises
        return np.nan
    return number if np.isfinite(number) else np.nan


def _entry(array: Any) -> Any:
    """The number inside an array without dimensions; anything else as it is."""
    return np.asarray(array)[()] if array.ndim == 0 and not isinstance(array, np.ma.MaskedArray) else array


def _is_jax_array(value: Any) -> bool:
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def _is_real_tracer(value: Any, dimensions: int) -> bool:
    jnp = sys.modules["jax"].numpy
    return value.ndim == dimensions and any(jnp.issubdtype(value.dtype, kind) for kind in (np.floating, np.integer))


def _may_be_finite(value: Any) -> bool:
    """Whether a SymPy object is an expression that can stand for a finite number."""
    return isinstance(value, sys.modules["sympy"].Expr) and value.is_commutative and value.is_finite is not False


def _scalar(field: str, value: Scalar, allowed: str, fits: Callable[[float], bool], assumption: str) -> Scalar:
    """A number as `float` where it `fits` (NaN never does); a symbol, by its assumptions; a tracer of a real number."""
    if is_tracer(value):
        accepted = _is_real_tracer(value, 0)
    elif is_symbolic(value) and not value.is_number:
        accepted = _may_be_finite(value) and getattr(value, assumption) is not False
    else:
        number = _float_or_nan(value)
        accepted = fits(number)
    if not accepted:
        raise SpecificationError(field, value, allowed)
    return number if is_concrete(value) else value


def real(field: str, value: Scalar) -> Scalar:
    """A finite real number, a symbol or a tracer; numbers come back as `float`."""
    return _scalar(field, value, "a finite number", lambda number: bool(np.isfinite(number)), "is_extended_real")


def nonnegative(field: str, value: Scalar) -> Scalar:
    """A finite number >= 0 (denormal values are refused: JAX would flush them to zero)."""
    allowed = f"a finite number >= 0 (0, or at least {SMALLEST_NORMAL:.3g})"
    value = _scalar(field, value, allowed, lambda number: number == 0 or number >= SMALLEST_NORMAL, "is_nonnegative")
    return 0.0 if isinstance(value, float) and value == 0 else value  # -0.0 reads 0.0


def share(field: str, value: Scalar) -> Scalar:
    """A number in [0, 1] (denormal values are refused)."""
    value = nonnegative(field, value)
    if is_number(value) and float(value) > 1:
        raise SpecificationError(field, value, "a number from 0 to 1")
    return value


def positive(field: str, value: Scalar) -> Scalar:
    """A finite number > 0 (denormal values are refused: JAX would flush them to zero)."""
    allowed = f"a finite number > 0 (at least {SMALLEST_NORMAL:.3g})"
    return _scalar(field, value, allowed, lambda number: number >= SMALLEST_NORMAL, "is_positive")


def size(field: str, value: Any, least: int = 1) -> Any:
    """A whole number >= `least`, or a symbol; never a tracer: sizes are static."""
    allowed = f"a whole number >= {least} and < 2^53, or a symbol"
    if is_tracer(value):
        raise SpecificationError(field, value, allowed + "; sizes are static and cannot be traced")
    sign = "is_positive" if least > 0 else "is_nonnegative"
    value = _scalar(field, value, allowed, lambda number: number.is_integer() and least <= number <= LARGEST_SIZE, sign)
    if is_symbolic(value):
        if value.is_integer is False:
            raise SpecificationError(field, value, allowed)
        return value
    return int(value)


def concrete_size(field: str, value: Any, least: int = 1) -> int:
    """A whole number >= `least`; symbols are refused where an array must be built."""
    checked = size(field, value, least)
    if is_symbolic(checked):
        raise SpecificationError(field, value, f"a whole number >= {least}")
    return int(checked)


def flag(field: str, value: Any) -> bool:
    """True or False, and nothing that merely reads like it."""
    if not isinstance(value, bool):
        raise SpecificationError(field, value, "True or False")
    return value


def vector(field: str, values: Any, *, negative: bool = False) -> Any:
    """A one-dimensional array of finite numbers as read-only float64, or a tracer of one dimension."""
    sign = "" if negative else " >= 0 (0, or at least 2.23e-308)"
    allowed = f"a non-empty one-dimensional sequence of finite numbers{sign}"
    if is_tracer(values):
        if not _is_real_tracer(values, 1) or values.shape[0] == 0:
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


def positive_numbers(field: str, values: Any) -> Vector:
    """A number, plain or exact, or an array of such of any shape, finite and > 0, as float64."""
    allowed = "finite numbers > 0"
    try:
        array = np.vectorize(_float_or_nan, otypes=[np.float64])(np.asarray(values, dtype=object))
    except Exception:  # whatever a foreign array raises
        raise SpecificationError(field, values, allowed) from None
    if not np.all(array > 0):  # NaN is not
        raise SpecificationError(field, values, allowed)
    return np.asarray(array)


def members(field: str, values: Any, allowed: str) -> tuple[Any, ...]:
    """A non-empty list or tuple, as a tuple."""
    try:
        entries = tuple(values) if isinstance(values, list | tuple) else ()
    except Exception:  # whatever a foreign list raises
        entries = ()
    if not entries:
        raise SpecificationError(field, values, allowed)
    return entries


def _number_array(field: str, values: Any, allowed: str) -> Vector:
    if isinstance(values, str | bytes | dict | set | frozenset | np.ma.MaskedArray):
        raise SpecificationError(field, values, allowed)
    try:
        has_truth_values = isinstance(values, Sequence) and any(_is_truth_value(value) for value in values)
        raw = np.asarray(values)
    except Exception:
        raise SpecificationError(field, values, allowed) from None
    if has_truth_values or raw.dtype.kind not in "iuf":
        raise SpecificationError(field, values, allowed)
    with np.errstate(over="ignore"):  # a long double beyond float64 becomes inf, which no caller accepts
        return raw.astype(np.float64)


def _is_truth_value(value: Any) -> bool:
    return isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", None) == "b"


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


def same(first: Any, second: Any) -> bool:
    """Whether two numbers or symbols are equal; a tracer equals only itself."""
    if is_tracer(first) or is_tracer(second):
        return first is second
    return bool(first == second)

"""Specifications as expressions that can be pasted."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from itertools import groupby
from typing import Any

import numpy as np


def expression_of(value: Any) -> str:
    """A Python expression, after `import modelcollapse as mc`, for a specification or a plain value.

    Arrays are written as lists with all their digits, fields with their usual value are left out, and equal
    generations are written once.

    >>> from modelcollapse.theory.problem import *
    >>> print(expression_of(Population(Levels([2.0, 1.0], [3, 4]), UniformTarget())))
    mc.Population(mc.Levels([2.0, 1.0], (3, 4)), mc.UniformTarget(1.0))
    """
    if isinstance(value, np.ndarray):
        return repr(value.tolist())
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, tuple):
        return _tuple(value)
    if isinstance(value, list):
        return f"[{', '.join(expression_of(one) for one in value)}]"
    return _instance(value) if is_dataclass(value) and not isinstance(value, type) else repr(value)


def _tuple(values: tuple[Any, ...]) -> str:
    """Runs of equal specifications as (one,) * count."""
    if not any(is_dataclass(value) for value in values):
        inner = ", ".join(expression_of(value) for value in values)
        return f"({inner},)" if len(values) == 1 else f"({inner})"
    runs = [(one, sum(1 for _ in run)) for one, run in groupby(values)]
    if all(count == 1 for _, count in runs):
        inner = ", ".join(expression_of(one) for one, _ in runs)
        return f"({inner},)" if len(runs) == 1 else f"({inner})"
    return " + ".join(f"({expression_of(one)},)" + (f" * {count}" if count > 1 else "") for one, count in runs)


def _instance(value: Any) -> str:
    shown, named = [], False
    for field in fields(value):
        if not field.init:
            continue
        given = getattr(value, field.name)
        if _is_usual(given, field.default) and len(fields(value)) > 1:
            named = True  # what follows needs its name
            continue
        written = expression_of(given)
        shown.append(f"{field.name}={written}" if named else written)
    kind = type(value)
    ours = kind.__module__.startswith("modelcollapse.theory.problem")
    return f"{'mc.' if ours else ''}{kind.__name__}({', '.join(shown)})"


def _is_usual(given: Any, default: Any) -> bool:
    return type(given) is type(default) and not isinstance(given, np.ndarray) and bool(given == default)

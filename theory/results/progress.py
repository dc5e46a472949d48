"""Progress reports from the host, between pieces of work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

from ..problem.errors import SpecificationError

Report: TypeAlias = Callable[[int, int], Any]
Progress: TypeAlias = bool | Report


@contextmanager
def reporting(progress: Progress, total: int, unit: str = "replicate", units: str = "") -> Iterator[Report]:
    """A function of (done, total): the caller's own, a bar on standard error, or nothing.

    Args:
        progress: True for a bar, False for nothing, or a function.
        total: how many there are.
        unit: what is counted.
        units: plural of it; the unit with an s unless given.

    Raises:
        SpecificationError: for anything but True, False or a callable.
    """
    if progress is False:
        yield lambda done, total: None
    elif progress is True:
        yield from _bar(total, unit, units or f"{unit}s")
    elif callable(progress):
        yield progress
    else:
        raise SpecificationError("progress", progress, "True, False, or a function of (done, total)")


def _bar(total: int, unit: str, units: str) -> Iterator[Report]:
    try:
        from tqdm import tqdm
    except ImportError:
        yield partial(_print, units)
        return
    with tqdm(total=total, unit=unit) as bar:
        yield lambda done, total: bar.update(done - bar.n)


def _print(units: str, done: int, total: int) -> None:
    print(f"\r{done} of {total} {units}", end="\n" if done == total else "", file=sys.stderr, flush=True)

"""Progress reports from the host, between batches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

from ...theory.problem.errors import SpecificationError

Report: TypeAlias = Callable[[int, int], Any]
Progress: TypeAlias = bool | Report


@contextmanager
def reporting(progress: Progress, total: int, unit: str = "replicate") -> Iterator[Report]:
    """A function of (done, total): the caller's own, a bar on standard error, or nothing.

    Raises:
        SpecificationError: for anything but True, False or a callable.
    """
    if progress is False:
        yield lambda done, total: None
    elif progress is True:
        yield from _bar(total, unit)
    elif callable(progress):
        yield progress
    else:
        raise SpecificationError("progress", progress, "True, False, or a function of (done, total)")


def _bar(total: int, unit: str) -> Iterator[Report]:
    try:
        from tqdm import tqdm
    except ImportError:
        yield partial(_print, unit)
        return
    with tqdm(total=total, unit=unit) as bar:
        yield lambda done, total: bar.update(done - bar.n)


def _print(unit: str, done: int, total: int) -> None:
    print(f"\r{done} of {total} {unit}s", end="\n" if done == total else "", file=sys.stderr, flush=True)

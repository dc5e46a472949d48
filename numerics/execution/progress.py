"""Progress reports from the host, between batches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from ...theory.problem.errors import SpecificationError

Report: TypeAlias = Callable[[int, int], Any]
Progress: TypeAlias = bool | Report


@contextmanager
def reporting(progress: Progress, total: int) -> Iterator[Report]:
    """A function of (done, total): the caller's own, a bar on standard error, or nothing.

    Raises:
        SpecificationError: for anything but True, False or a callable.
    """
    if progress is False:
        yield lambda done, total: None
    elif progress is True:
        yield from _bar(total)
    elif callable(progress):
        yield progress
    else:
        raise SpecificationError("progress", progress, "True, False, or a function of (done, total)")


def _bar(total: int) -> Iterator[Report]:
    try:
        from tqdm import tqdm
    except ImportError:
        yield _print
        return
    with tqdm(total=total, unit="replicate") as bar:
        yield lambda done, total: bar.update(done - bar.n)


def _print(done: int, total: int) -> None:
    print(f"\r{done} of {total} replicates", end="\n" if done == total else "", file=sys.stderr, flush=True)

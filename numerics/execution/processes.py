"""Batches of replicates, here or in several processes: the same numbers, as every batch is computed alone."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from types import TracebackType

from .threads import one_thread
from .work import Batched, Errors

AHEAD = 2  # batches given out for each process

_own: list[Batched] = []  # of a worker process


class Batches:
    """The errors of each piece (first replicate, number) of some work, in order.

    Workers are spawned, as JAX does not survive a fork. They ignore interruptions from the keyboard, so that a batch
    that has begun is finished and can be had from `begun`.

    Args:
        work: what is computed.
        pieces: at most a batch each.
        processes: 1 computes here.
    """

    def __init__(self, work: Batched, pieces: list[tuple[int, int]], processes: int) -> None:
        self._work, self._rest, self._count = work, deque(pieces), min(processes, len(pieces))
        self._pool: ProcessPoolExecutor | None = None
        self._given: deque[Future[Errors]] = deque()

    def __enter__(self) -> Batches:
        if self._count > 1:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._count, spawn, _begin, (self._work,))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[Errors]:
        if self._pool is None:
            while self._rest:
                yield _computed(self._work, *self._rest.popleft())
            return
        while self._rest or self._given:
            while self._rest and len(self._given) < AHEAD * self._count:
                self._given.append(self._pool.submit(_batch, *self._rest.popleft()))
            errors = self._given[0].result()
            self._given.popleft()
            yield errors

    def begun(self) -> list[Errors]:
        """The errors of the batches that had begun and were not handed out, without a gap."""
        self._rest.clear()
        waiting = [future for future in self._given if not future.cancel()]
        self._given.clear()
        with suppress(KeyboardInterrupt):  # a second one means it
            return [future.result() for future in waiting]
        return []


def _begin(work: Batched) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _own[:] = [work]


def _batch(first: int, wanted: int) -> Errors:
    return _computed(_own[0], first, wanted)


def _computed(work: Batched, first: int, wanted: int) -> Errors:
    with one_thread():
        return work.batch(first, wanted)

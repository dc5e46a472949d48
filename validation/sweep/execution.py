"""Jobs done here, by processes of this machine, or by any executor."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import chain

from .job import Job, Row, evaluate

AHEAD = 2  # jobs given out for each process
IN_FLIGHT = 256  # jobs given to an executor of the user's, of whose workers nothing is known


@contextmanager
def executing(executor: Executor | None, workers: int) -> Iterator[tuple[Executor | None, int]]:
    """The executor, and how many jobs it is given ahead; None does them here.

    Workers are spawned, as JAX does not survive a fork.
    """
    if executor is not None:
        yield executor, IN_FLIGHT
    elif workers == 1:
        yield None, 1
    else:
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)
        try:
            yield pool, AHEAD * workers
        finally:
            pool.shutdown(cancel_futures=True)


def done(jobs: Iterable[Job], executor: Executor | None, ahead: int) -> Iterator[list[Row]]:
    """The rows of the jobs as they are finished, those that are ready at the same time together.

    Jobs are taken only when it is their turn.

    Raises:
        Exception: whatever the executor or a job raises.
    """
    if executor is None:
        yield from map(evaluate, jobs)
        return
    waiting: set[Future[list[Row]]] = set()
    try:
        for job in jobs:
            waiting.add(executor.submit(evaluate, job))
            if len(waiting) >= ahead:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from _finished(ready, waiting)
        while waiting:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from _finished(ready, waiting)
    finally:
        for future in waiting:
            future.cancel()


def _finished(ready: set[Future[list[Row]]], waiting: set[Future[list[Row]]]) -> Iterator[list[Row]]:
    """What is finished; an error only when what had begun beside it is finished, too: it costs no other job."""
    failed = next((future for future in ready if future.exception() is not None), None)
    if failed is not None:
        begun = {future for future in waiting if not future.cancel()}
        wait(begun)
        ready = ready | begun
    yield list(chain.from_iterable(future.result() for future in ready if future.exception() is None))
    if failed is not None:
        failed.result()


def _begin() -> None:
    """A worker leaves interruptions to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

"""One thread of BLAS while replicates are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import Any

import scipy.linalg  # noqa: F401  (JAX factorises with its BLAS, which has to be loaded to be found)
from threadpoolctl import ThreadpoolController


class _Limit:
    """The first that comes in sets the limit, and the last that goes out restores what was before."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._set: Any = None

    @cached_property
    def _libraries(self) -> ThreadpoolController:
        return ThreadpoolController()

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._set = self._libraries.limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._set.restore_original_limits()


_limit = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread of BLAS in this process.

    Sums are then taken in one order, so that no bit depends on the number of cores; and replicates are many small
    systems, for which threads that wait for each other cost ten times what they save. More cores need more processes.
    """
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()

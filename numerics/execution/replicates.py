"""Replicates in fixed batches: bitwise the same numbers, however the work is cut."""

from __future__ import annotations

import numpy as np

from ...theory.results.progress import Progress, reporting
from .processes import Batches
from .work import Batched, Errors


def run(work: Batched, start: int, replicates: int, progress: Progress, processes: int) -> tuple[Errors, bool]:
    """What is measured, one row for each replicate, fewer when interrupted; and whether that happened.

    Raises:
        NotCertified: when an error is not known to a relative accuracy of `TOLERANCE`.
        KeyboardInterrupt: when interrupted before anything is finished.
    """
    size = work.size
    pieces = [(start + first, min(size, replicates - first)) for first in range(0, replicates, size)]
    finished: list[Errors] = []
    done = 0
    with reporting(progress, replicates) as report, Batches(work, pieces, processes) as batches:
        try:
            for errors in batches:
                finished.append(errors)
                done += errors.shape[0]
                report(done, replicates)
        except KeyboardInterrupt:
            finished += batches.begun()
            if not finished:
                raise
            return np.concatenate(finished), True
    return np.concatenate(finished), False

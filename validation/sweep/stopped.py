"""A sweep that could not go on."""

from __future__ import annotations

from ...theory.problem.errors import ModelCollapseError


class SweepStopped(ModelCollapseError):
    """A sweep that ended before its last point, by a worker that died, a full disk, or an error in a point.

    Attributes:
        reason: what happened.
        kept: how many finished points are in the store.
        points: of the whole sweep.
        store: the file; empty where there is none, and nothing is kept.
    """

    def __init__(self, reason: str, kept: int, points: int, store: str) -> None:
        self.reason, self.kept, self.points, self.store = reason, kept, points, store
        super().__init__(reason, kept, points, store)

    def __str__(self) -> str:
        if not self.store:
            return f"{self.reason}; nothing is kept, as the sweep has no store"
        return f"{self.reason}; {self.kept} of {self.points} points are kept in {self.store}: run it again to go on"

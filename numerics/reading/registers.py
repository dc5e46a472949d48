"""Places for what must be remembered: those of what is forgotten are used again."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Life(NamedTuple):
    """Something of `size` places that is left behind by generation `born` and last read in generation `last`."""

    born: int
    last: int
    size: int


def allocate(lives: Sequence[Life]) -> tuple[list[NDArray[np.int64]], int]:
    """The places of each, and how many there are. What generation g reads last makes room for what it leaves behind.

    >>> places, count = allocate([Life(0, 1, 1), Life(1, 2, 1), Life(2, 3, 1)])
    >>> [place.tolist() for place in places], count
    ([[0], [0], [0]], 1)
    """
    free: list[int] = []
    leaving: list[tuple[int, int]] = []
    places: list[NDArray[np.int64]] = [np.zeros(0, np.int64) for _ in lives]
    count = 0
    for index in sorted(range(len(lives)), key=lambda i: lives[i].born):
        life = lives[index]
        while leaving and leaving[0][0] <= life.born:
            for place in places[heapq.heappop(leaving)[1]]:
                heapq.heappush(free, int(place))
        taken = [heapq.heappop(free) for _ in range(min(life.size, len(free)))]
        fresh = range(count, count + life.size - len(taken))
        count += len(fresh)
        places[index] = np.array([*taken, *fresh], np.int64)
        heapq.heappush(leaving, (life.last, index))
    return places, count

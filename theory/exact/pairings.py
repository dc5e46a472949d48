"""Pairings of the letters of a word, and the cycles that they close.

A word is a ring of edges. Edge i runs from node 2i to node 2i + 1; between two edges stands a letter, so that letter i
holds the head of edge i - 1 on its left and the tail of edge i on its right. A pairing of all nodes closes the edges
into cycles.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cache
from typing import TypeAlias

Pairs: TypeAlias = tuple[tuple[int, int], ...]
Cycle: TypeAlias = tuple[int, ...]


def pairings(kinds: Sequence[Hashable]) -> Iterator[Pairs]:
    """Every way to pair all positions with positions of the same kind.

    Args:
        kinds: what stands at each position.

    Returns:
        Tuples of pairs (i, j), i < j; none where some kind stands an odd number of times.

    >>> list(pairings("aabb"))
    [((0, 1), (2, 3))]
    >>> len(list(pairings("aaaaaa")))
    15
    """
    return _completed(kinds, tuple(range(len(kinds))))


def _completed(kinds: Sequence[Hashable], free: tuple[int, ...]) -> Iterator[Pairs]:
    if not free:
        yield ()
        return
    first, *others = free
    for index, second in enumerate(others):
        if kinds[first] == kinds[second]:
            for rest in _completed(kinds, (*others[:index], *others[index + 1 :])):
                yield ((first, second), *rest)


def count_pairings(kinds: Sequence[Hashable]) -> int:
    """How many `pairings` there are: the product over kinds of 1 * 3 * ... * (m - 1).

    >>> count_pairings("aaaaaabb"), count_pairings("aaab")
    (15, 0)
    """
    counts = Counter(kinds).values()
    return 0 if any(count % 2 for count in counts) else math.prod(math.prod(range(1, count, 2)) for count in counts)


def planar_pairings(length: int, fit: Callable[[int, int], bool]) -> tuple[Pairs, ...]:
    """Every way to pair positions on a ring so that no two pairs cross.

    Args:
        length: the number of positions.
        fit: whether two positions may be paired.

    >>> planar_pairings(4, lambda i, j: True)
    (((0, 1), (2, 3)), ((0, 3), (1, 2)))
    """

    @cache
    def within(start: int, stop: int) -> tuple[Pairs, ...]:
        if start == stop:
            return ((),)
        return tuple(
            ((start, middle), *inside, *outside)
            for middle in range(start + 1, stop, 2)
            if fit(start, middle)
            for inside in within(start + 1, middle)
            for outside in within(middle + 1, stop)
        )

    return within(0, length) if length % 2 == 0 else ()


def cycles(joined: Pairs) -> tuple[Cycle, ...]:
    """The cycles that edges form when their nodes are joined in pairs.

    Args:
        joined: pairs of nodes; edge i runs from node 2i to node 2i + 1, and every node stands in one pair.

    Returns:
        Each cycle as the nodes at which it enters its edges, an even node where it runs along an edge, an odd one where
        it runs against it; it starts with its first edge, along it.

    A letter paired with its neighbour leaves one edge closed on itself; two letters that look the same way turn one:

    >>> cycles(((0, 1), (3, 2)))
    ((0,), (2,))
    >>> cycles(((0, 2), (1, 3)))
    ((0, 3),)
    """
    partner = dict(joined) | {second: first for first, second in joined}
    found: list[Cycle] = []
    seen: set[int] = set()
    for start in range(0, len(partner), 2):
        if start in seen:
            continue
        node = start
        cycle: list[int] = []
        while not cycle or node != start:
            cycle.append(node)
            seen.add(node - node % 2)
            node = partner[node + 1 - 2 * (node % 2)]  # out at the edge's other end
        found.append(tuple(cycle))
    return tuple(found)

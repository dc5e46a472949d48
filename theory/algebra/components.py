"""Strongly connected components, in the order of dependence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node")


def strongly_connected(edges: Mapping[Node, Iterable[Node]]) -> list[list[Node]]:
    """Components of a directed graph, each after all that it points to (Tarjan 1972, without recursion).

    Args:
        edges: for every node those that it points to.

    >>> strongly_connected({"a": ["b"], "b": ["c"], "c": ["b"]})
    [['c', 'b'], ['a']]
    """
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    waiting: list[Node] = []
    placed: set[Node] = set()
    components: list[list[Node]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        waiting.append(root)
        while work:
            node, successors = work[-1]
            for other in successors:
                if other not in index:
                    index[other] = low[other] = len(index)
                    waiting.append(other)
                    work.append((other, iter(edges[other])))
                    break
                if other not in placed:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = _popped(waiting, node)
                    placed.update(component)
                    components.append(component)
    return components


def _popped(waiting: list[Node], root: Node) -> list[Node]:
    component = []
    while True:
        node = waiting.pop()
        component.append(node)
        if node == root:
            return component

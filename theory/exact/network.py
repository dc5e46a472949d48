"""Deterministic factors joined by pairs of ends: sums over pairings of products of traces."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, final

import sympy

from ..problem import checks
from ..problem.errors import SpecificationError
from ..problem.notation import Spectral
from .factor import Factor, Space
from .pairings import Cycle, Pairs, cycles


@final
class Network:
    """Edges that carry factors, and nodes at which pairs put in others.

    Commuting factors are told apart by what they are, not by where they stand, so that equal products of traces are
    counted and not computed again.

    Args:
        edges: the factor of each edge, with the space that it acts on; edge i runs from node 2i to node 2i + 1.
        ends: for each node the symmetric factor that a pair puts in there; both ends of a pair have the same.

    Raises:
        SpecificationError: where matrices and functions of the eigenvalue meet on one space.
    """

    def __init__(self, edges: Sequence[tuple[Space, Factor]], ends: Sequence[Factor]) -> None:
        self._spaces = tuple(space for space, _ in edges)
        self._factors = tuple(factor for _, factor in edges)
        self._ends = tuple(ends)
        at_nodes = [*zip((space for space in self._spaces for _ in range(2)), self._ends, strict=True), *edges]
        self._matrix_spaces = {space for space, factor in at_nodes if factor.matrix is not None}
        for space, factor in at_nodes:
            if space in self._matrix_spaces and checks.is_symbolic(factor.scalar) and factor.scalar.has(Spectral):
                raise SpecificationError(space.name, factor.scalar, "matrices only, where one factor is a matrix")
        self._names: dict[Any, int] = {}  # of equal commuting factors
        self._numbers: dict[Any, int] = {}  # of cycles with equal traces
        self._traces: list[Any] = []
        self._known: dict[Cycle, int] = {}

    def total(self, joined: Iterable[Pairs]) -> Any:
        """The sum over pairings of the product of the traces around all cycles."""
        counts = Counter(tuple(sorted(self._number(cycle) for cycle in cycles(pairs))) for pairs in joined)
        return added([count * math.prod(self._traces[one] for one in product) for product, count in counts.items()])

    def opened(self, joined: Iterable[Pairs]) -> Factor:
        """The same with edge 0 left out of its cycle: the factor M for which `total` is tr(edge 0 M)."""
        parts = []
        for pairs in joined:
            first, *others = cycles(pairs)
            around = self._ends[1] @ reduce(Factor.__matmul__, self._along(first)[2:], Factor())
            parts.append(Factor(math.prod((self._traces[self._number(one)] for one in others), start=1)) @ around)
        space = self._spaces[0]
        if space in self._matrix_spaces:
            return Factor(1, sum(part.array(space) for part in parts))
        return Factor(added([part.scalar for part in parts]))

    def _number(self, cycle: Cycle) -> int:
        """The same number for cycles whose traces are known to be equal."""
        if cycle not in self._known:
            space, around = self._spaces[cycle[0] // 2], self._along(cycle)
            commuting = space not in self._matrix_spaces
            key = (space, *sorted(self._name(factor.scalar) for factor in around)) if commuting else cycle
            if key not in self._numbers:
                self._numbers[key] = len(self._traces)
                self._traces.append(reduce(Factor.__matmul__, around).trace(space))
            self._known[cycle] = self._numbers[key]
        return self._known[cycle]

    def _name(self, scalar: Any) -> int:
        return self._names.setdefault(scalar, len(self._names))

    def _along(self, cycle: Cycle) -> list[Factor]:
        """The factors around a cycle, each edge followed by what the pair at its exit puts in."""
        around = []
        for node in cycle:
            factor = self._factors[node // 2]
            around += [factor.T, self._ends[node - 1]] if node % 2 else [factor, self._ends[node + 1]]
        return around


def added(terms: Sequence[Any]) -> Any:
    """The sum, in one step where there are symbols."""
    return sympy.Add(*terms) if any(checks.is_symbolic(term) for term in terms) else sum(terms)

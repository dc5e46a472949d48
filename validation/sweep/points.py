"""The points of a sweep: which chain stands at which."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, final

import numpy as np

from ...theory.evaluation.builder import built
from ...theory.evaluation.grid import axes_of
from ...theory.problem.chain import Chain
from ...theory.problem.errors import SpecificationError
from .identity import canonical

Axes: TypeAlias = tuple[tuple[str, tuple[Any, ...]], ...]

CHANGES = ("rows", "noise", "penalty", "estimator", "population")  # what `with_` changes


@final
@dataclass(frozen=True)
class Recipe:
    """A chain, or how it is made from one; small, as it is sent to workers.

    Attributes:
        chain: what is begun with.
        changes: what `with_` is told; empty for the chain itself.
    """

    chain: Chain
    changes: Mapping[str, Any]

    def made(self) -> Chain:
        """The chain itself.

        Raises:
            SpecificationError: where the changes do not go together.
        """
        return self.chain.with_(**self.changes) if self.changes else self.chain


@final
@dataclass(frozen=True)
class Points:
    """Chains along axes, numbered from 0, the last axis fastest.

    Attributes:
        axes: name and values of each.
        chains: one for each point, or the one that the axes change.
        varied: whether it is that one.
    """

    axes: Axes
    chains: tuple[Chain, ...]
    varied: bool

    @classmethod
    def of(cls, chains: Any, grid: Mapping[str, Sequence[Any]] | None) -> Points:
        """The points that a user describes.

        Args:
            chains: a chain whose `with_` takes the names of the grid, a function that does, or chains without a grid.
            grid: name -> values.

        Raises:
            SpecificationError: for anything else, and for chains of several lengths.
        """
        if grid is None:
            labels, listed = _listed(chains)
            return cls((("chain", labels),), _of_one_length(listed), False)
        axes = axes_of(grid)
        if isinstance(chains, Chain):
            return cls._varied(chains, axes)
        if not callable(chains):
            raise SpecificationError("chains", chains, "with a grid, a Chain, or a function that returns one")
        names = [name for name, _ in axes]
        values = itertools.product(*(values for _, values in axes))
        made = tuple(built(chains, **dict(zip(names, point, strict=True))) for point in values)
        return cls(axes, _of_one_length(made), False)

    @classmethod
    def _varied(cls, chain: Chain, axes: Axes) -> Points:
        """Each value is tried by itself at once; whether they go together is seen at each point."""
        names = [name for name, _ in axes]
        for name, values in axes:
            if name not in CHANGES or (name == "estimator" and "penalty" in names):
                raise SpecificationError("grid", name, f"for a Chain, {', '.join(CHANGES)}, or a function of the names")
            for value in values:
                chain.with_(**{name: value})
        return cls(axes, (chain,), True)

    def __len__(self) -> int:
        return math.prod(self.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(len(values) for _, values in self.axes)

    @property
    def generations(self) -> int:
        """Of every chain."""
        return len(self.chains[0])

    def at(self, number: int) -> dict[str, Any]:
        """The values of the axes at a point."""
        places = np.unravel_index(number, self.shape)
        return {name: values[place] for (name, values), place in zip(self.axes, places, strict=True)}

    def recipe(self, number: int) -> Recipe:
        """How the chain of a point is made."""
        return Recipe(self.chains[0], self.at(number)) if self.varied else Recipe(self.chains[number], {})

    @cached_property
    def identity(self) -> dict[str, str]:
        """Axes and chains as texts.

        Raises:
            SpecificationError: where they hold what has none, see `canonical`.
        """
        if self.varied:
            return {"axes": canonical(self.axes, "axes"), "chains": canonical(self.chains[0], "chains")}
        digest = hashlib.sha256()
        for number, chain in enumerate(self.chains):
            digest.update(canonical(chain, f"chains[{number}]").encode() + b"\n")
        names = [[name, [_label(value) for value in values]] for name, values in self.axes]
        return {"axes": canonical(names, "axes"), "chains": digest.hexdigest()}


def _label(value: Any) -> Any:
    """Where a function makes the chains, the values are mere names of them."""
    return value if isinstance(value, bool | int | float | str) else type(value).__name__


def _listed(chains: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Names and chains of a collection."""
    allowed = "a grid, or a non-empty sequence or mapping of chains"
    if isinstance(chains, Mapping) and chains:
        return tuple(map(str, chains)), tuple(chains.values())
    if isinstance(chains, str | bytes) or not isinstance(chains, Sequence) or not chains:
        raise SpecificationError("chains", chains, allowed)
    return tuple(range(1, len(chains) + 1)), tuple(chains)


def _of_one_length(chains: tuple[Any, ...]) -> tuple[Chain, ...]:
    for chain in chains:
        if not isinstance(chain, Chain):
            raise SpecificationError("chains", chain, "Chain objects")
    lengths = {len(chain) for chain in chains}
    if len(lengths) > 1:
        raise SpecificationError("chains", sorted(lengths), "chains with one and the same number of generations")
    return chains

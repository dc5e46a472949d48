"""A fit as least squares in an unknown whose space may grow: products with its matrix and with the transpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, final

from .matrix import LazyMatrix
from .rows import Vector, plus
from .space import Space

# One vector for each lazy matrix of the fit, in its left space, and one for the penalty where there is one.
Stacked = list[Vector]


@dataclass(frozen=True, eq=False)
class Block:
    """Weighted rows sqrt(weight) Z diag(spread) of a fit."""

    matrix: LazyMatrix
    root_weight: float
    spread: Vector | None  # for each block of the space of models; None: 1

    def times(self, model: Vector, space: Space) -> Vector:
        """What the rows make of a whitened model."""
        seen = model if self.spread is None else space.each(self.spread)[: model.size] * model
        return self.root_weight * self.matrix.times(seen)

    def transposed_times(self, vector: Vector, space: Space) -> Vector:
        """The gradient of a combination of the rows."""
        gradient = self.root_weight * self.matrix.transposed_times(vector)
        return gradient if self.spread is None else space.each(self.spread)[: gradient.size] * gradient


class Unknown(Protocol):
    """What is solved for, and the whitened model that it stands for."""

    @property
    def space(self) -> Space: ...

    @property
    def largest(self) -> float:
        """How long a model a vector of length 1 may stand for, random features up to their last few per cent."""

    def model(self, vector: Vector) -> Vector:
        """The whitened model."""

    def gradient(self, vector: Vector) -> Vector:
        """The transpose of `model`."""


@final
@dataclass(frozen=True, eq=False)
class Scaled:
    """The model itself, each coordinate divided by a scale: v = diag(scale) x."""

    space: Space
    scale: Vector  # for each block of the space

    @property
    def largest(self) -> float:
        """The largest scale."""
        return float(self.scale.max())

    def model(self, vector: Vector) -> Vector:
        """Whitened model."""
        return self.space.each(self.scale)[: vector.size] * vector

    def gradient(self, vector: Vector) -> Vector:
        """The transpose, which is the same."""
        return self.model(vector)


@final
@dataclass(frozen=True, eq=False)
class Projected:
    """Weights of random features: v = diag(root) S' x / sqrt(width)."""

    features: LazyMatrix  # S, shape (width, directions)
    around: Space  # of the models
    root: Vector  # of the eigenvalues, for each block of `around`, over sqrt(width)
    largest: float

    @property
    def space(self) -> Space:
        """Weights of features are combinations of rows of S."""
        return self.features.left

    def model(self, vector: Vector) -> Vector:
        """Whitened model."""
        found = self.features.transposed_times(vector)
        return self.around.each(self.root)[: found.size] * found

    def gradient(self, vector: Vector) -> Vector:
        """Gradient in the weights."""
        return self.features.times(self.around.each(self.root)[: vector.size] * vector)


@final
@dataclass(frozen=True, eq=False)
class Equations:
    """The rows of a fit and, below them, the roots of the penalty."""

    blocks: Sequence[Block]
    unknown: Unknown
    around: Space  # of the models
    damping: Vector | None  # for each block of the space of the unknown; None: no penalty

    def times(self, vector: Vector) -> Stacked:
        """The product with a vector of the space of the unknown."""
        model = self.unknown.model(vector)
        images = [block.times(model, self.around) for block in self.blocks]
        if self.damping is not None:
            images.append(self.unknown.space.each(self.damping)[: vector.size] * vector)
        return images

    def transposed_times(self, stacked: Stacked) -> Vector:
        """The product of the transpose."""
        total = None
        for block, vector in zip(self.blocks, stacked, strict=False):
            part = block.transposed_times(vector, self.around)
            total = part if total is None else plus(total, part)
        assert total is not None  # a fit has rows
        gradient = self.unknown.gradient(total)
        if self.damping is None:
            return gradient
        return plus(gradient, self.unknown.space.each(self.damping)[: stacked[-1].size] * stacked[-1])

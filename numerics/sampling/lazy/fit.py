"""How a fit is written as least squares, so that few steps solve it and few digits are lost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .equations import Block, Equations, Projected, Scaled, Unknown
from .ground import Ground
from .matrix import LazyMatrix
from .plan import Name, Read, Step
from .rows import Vector, plus
from .solver import Goal, solve
from .space import Space


def deviation_of_fit(
    step: Step,
    ground: Ground,
    space: Space,
    blocks: Mapping[Name, Block],
    labels: Mapping[Name, Vector],
    features: LazyMatrix | None,
    truth: Vector,
    tolerance: float,
) -> Vector:
    """v - truth of the model that a generation fits.

    Where rows and penalty determine every direction, the fit is measured from the truth: labels are label deviations
    and the truth enters through the penalty alone. Else labels are as they are, and the truth is subtracted at the end.

    Args:
        step: the generation.
        ground: the laws of the space.
        space: of models, as it is now.
        blocks: the rows of each matrix of the fit.
        labels: label deviations of the rows of each source.
        features: of a projection.
        truth: in the space.
        tolerance: relative, of the root of the excess error.
    """
    used = [blocks[read.root] for read in step.read]
    right = [block.root_weight * _mean(read, labels) for read, block in zip(step.read, used, strict=True)]
    near = features is None and _is_determined(step, ground, used)
    unknown, damping, rank = _unknown(step, ground, space, used, features, near)
    if near and damping is not None:
        right.append(-space.each(np.sqrt(step.ridge / ground.eigenvalues))[: truth.size] * truth)
    elif not near:
        right = [plus(one, block.times(truth, space)) for one, block in zip(right, used, strict=True)]
        right += [] if damping is None else [np.zeros(0)]
    goal = Goal(tolerance, rank, None if near else truth, ground.counted)
    return solve(Equations(used, unknown, space, damping), right, goal)


def _mean(read: Read, labels: Mapping[Name, Vector]) -> Vector:
    """Weighted mean of the labels of the same rows: their least squares differ from its own by a constant."""
    total = np.zeros(0)
    for name, weight in read.labels:
        total = plus(total, (weight / read.weight) * labels[name])
    return total


def _unknown(
    step: Step, ground: Ground, space: Space, blocks: list[Block], features: LazyMatrix | None, near: bool
) -> tuple[Unknown, Vector | None, int]:
    """What is solved for, the roots of its penalty, and the rank."""
    rank = min(step.rows, ground.count)
    if features is not None:
        assert step.width is not None  # there are no features without
        root = np.sqrt(ground.eigenvalues / step.width)
        largest = float(root.max() * (np.sqrt(step.width) + np.sqrt(ground.count)))
        damping = np.array([np.sqrt(step.ridge)]) if step.ridge > 0 else None
        return Projected(features, space, root, largest), damping, min(step.width, rank)
    penalised = step.ridge / ground.eigenvalues
    if near:  # the expected normal matrix becomes the identity
        scale = 1 / np.sqrt(_expected(step, ground, blocks) + penalised)
    else:  # the penalty becomes a multiple of it, so that no step leaves the span of the rows
        scale = np.sqrt(ground.eigenvalues / ground.eigenvalues.max())
    damping = np.sqrt(penalised) * scale if step.ridge > 0 else None
    return Scaled(space, scale), damping, ground.count if near else rank


def _is_determined(step: Step, ground: Ground, blocks: list[Block]) -> bool:
    """Whether the rows, with the penalty, show all directions: they span them, or what they may miss is penalised."""
    spanning = sum(
        read.rows
        for read, block in zip(step.read, blocks, strict=True)
        if block.spread is None or bool(np.all(block.spread > 0))
    )
    return spanning >= ground.count or (step.ridge > 0 and ground.tail(spanning // 2) <= step.ridge)


def _expected(step: Step, ground: Ground, blocks: list[Block]) -> Vector:
    """The diagonal of the expected Gram matrix of the rows, for each block of the ground."""
    total = np.zeros(ground.eigenvalues.size)
    for read, block in zip(step.read, blocks, strict=True):
        total = total + read.weight * read.rows * (1.0 if block.spread is None else block.spread**2)
    return total

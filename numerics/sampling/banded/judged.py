r"""The triangles of sources whose rows a verifier judges.

A residual r depends on a row z through its coordinate g along u = labeller - verifier alone: r = |u| g + noise. Only g
and the noise are drawn, row by row; of the n rows that are kept the other coordinates are standard normal as before.
Turned by the orthogonal matrix that brings the columns (g, r) to upper triangular form they are so again, so that two
rows carry g and r, and the n - 2 others, with neither, are a triangle of chi and normal variables. A source that no one
judges is one whose triangle (g, r) is drawn at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...reading.fresh_rows import FreshRows
from ...selections.judging import Judging, Rules
from ..backends import Backend, Numbers, Own
from .rows import triangular


@dataclass(frozen=True)
class Judged:
    """What is compiled for.

    Attributes:
        rules: what some generation's rule asks for.
        places: rows of each source that are judged, at most.
    """

    rules: Rules
    places: tuple[int, ...]


class Kept(NamedTuple):
    """Of each source, shape (sources, replicates)."""

    rows: Numbers  # that are kept
    length: Numbers  # a in the upper triangular form (a, b; 0, c) of (g, r)
    slope: Numbers  # b
    rest: Numbers  # c


def judge(
    backend: Backend, judged: Judged, step: FreshRows, rule: Judging, length: Numbers, each: Callable[..., Numbers]
) -> Kept:
    """What is kept of judged rows; of sources that are not judged, nothing.

    Args:
        backend: where it is computed.
        judged: static.
        step: the generation.
        rule: how its rows are judged.
        length: |u| of each source, shape (sources, replicates).
        each: see `Draws`.
    """
    xp, places = backend.numbers, judged.places
    ends = list(itertools.accumulate(places))
    pieces = [slice(end - size, end) for size, end in zip(places, ends, strict=True)]
    rows = xp.where(rule.judged, step.rows, 0 * step.rows)

    def of_place(values: Numbers) -> Numbers:
        return xp.concatenate([xp.broadcast_to(values[s], (size,)) for s, size in enumerate(places)])

    def one(own: Own, length: Numbers) -> Numbers:
        along = own.normal(ends[-1])
        there = xp.concatenate([xp.arange(size, dtype=rows.dtype) < rows[s] for s, size in enumerate(places)])
        said, noise = of_place(length) * along, of_place(step.noise)
        residuals, good = _verdict(backend, judged.rules, rule, own, said, noise, there)
        kept = there & good
        found = [_triangle(xp, along[piece], residuals[piece], kept[piece]) for piece in pieces]
        return xp.stack([xp.stack(of_source) for of_source in found])

    found = each(one, length)
    return Kept(*(found[:, k] for k in range(4)))


def _verdict(
    backend: Backend, rules: Rules, rule: Judging, own: Own, said: Numbers, noise: Numbers, there: Numbers
) -> tuple[Numbers, Numbers]:
    """Residuals, and whether each row is kept."""
    xp = backend.numbers

    def one_try() -> tuple[Numbers, Numbers]:
        residual = said + noise * own.normal(said.size)
        good = (residual >= rule.lower) & (residual <= rule.upper)
        if rules.ranks:
            good = good & backend.least(xp.where(there, xp.abs(residual), xp.inf), rule.best)
        if rules.errs:
            chance = own.uniform(said.size)
            good = xp.where(good, chance >= rule.false_drop, chance < rule.false_keep)
        return residual, good

    residual, good = one_try()
    for tried in range(1, rules.tries):
        newer, fine = one_try()
        another = ~good & (tried < rule.tries)
        residual, good = xp.where(another, newer, residual), good | (another & fine)
    if rules.revises:
        residual = xp.where(xp.abs(residual) > rule.threshold, (1 - rule.shrink) * residual, residual)
    return residual, good | rule.keep_last


def _triangle(xp: Any, along: Numbers, residuals: Numbers, kept: Numbers) -> tuple[Numbers, ...]:
    """Number of rows that are kept, and the upper triangular form (a, b; 0, c) of their (along, residuals)."""
    zero = xp.zeros_like(along)
    along, residuals = xp.where(kept, along, zero), xp.where(kept, residuals, zero)
    square = xp.sum(along**2)
    ratio = xp.sum(along * residuals) / xp.where(square > 0, square, 1 + 0 * square)
    length = xp.sqrt(square)
    return xp.sum(kept, dtype=along.dtype), length, ratio * length, xp.sqrt(xp.sum((residuals - ratio * along) ** 2))


def numbers_of_judged(sources: int, c: int) -> int:
    """How many standard normals the triangles of the sources take."""
    return sources * (1 + 2 * (c - 1) + (c - 1) * (c - 2) // 2)


def freedom_of_judged(xp: Any, rows: Numbers, kept: Numbers, c: int) -> Numbers:
    """Degrees of freedom of the chi variables that they take: two for (g, r), then those of the other coordinates.

    Args:
        xp: namespace of array functions.
        rows: of each source, where it is not judged, shape (sources,).
        kept: of each source, shape (sources, replicates).
        c: number of directions that labels and verifiers depend on.
    """
    seen = xp.stack([rows, rows - 1], axis=1).reshape(-1, 1)
    beyond = kept[:, None] - 2 - xp.arange(c - 1, dtype=kept.dtype)[None, :, None]
    both = [xp.broadcast_to(seen, (seen.shape[0], kept.shape[1])), beyond.reshape(-1, kept.shape[1])]
    return xp.concatenate(both)


def judged_triangle(
    xp: Any, chi: Numbers, normal: Numbers, kept: Kept, judged: Numbers, step: FreshRows, toward: Numbers
) -> list[list[Numbers]]:
    """The upper triangular form of [Z q, labels] of all sources, row by row; labels are measured from the verifier's.

    Args:
        xp: namespace of array functions.
        chi: with `freedom_of_judged`.
        normal: `numbers_of_judged` of them.
        kept: of judged rows.
        judged: whether each source is, shape (sources,).
        step: the generation.
        toward: u along each direction q, shape (sources, c, replicates).
    """
    sources, c, _ = toward.shape
    others, each = chi[2 * sources :].reshape(sources, c - 1, -1), normal.shape[0] // sources
    blocks = []
    for s in range(sources):
        mine = normal[s * each : (s + 1) * each]
        drawn = _unjudged(xp, chi[2 * s : 2 * s + 2], mine[0], step.rows[s], step.noise[s], toward[s])
        rows, length, slope, rest = (xp.where(judged[s], a[s], b) for a, b in zip(kept, drawn, strict=True))
        unseen = _other_coordinates(xp, others[s], mine[1:], rows)
        nothing = [0 * length] * (c - 1)
        first, labels = xp.stack([length, 0 * length, *nothing]), xp.stack([slope, rest, *nothing])
        design = _reflected(xp, xp.concatenate([first[:, None], unseen], axis=1), toward[s])
        blocks.append(xp.concatenate([design, labels[:, None]], axis=1))
    return triangular(xp, xp.concatenate(blocks))


def _unjudged(
    xp: Any, chi: Numbers, normal: Numbers, rows: Numbers, noise: Numbers, toward: Numbers
) -> tuple[Numbers, ...]:
    """Number of rows, and the upper triangular form (a, b; 0, c) of (g, r), where no one judges."""
    length = xp.sqrt(xp.sum(toward**2, axis=0))
    slope = length * chi[0] + noise * xp.where(rows >= 1, normal, 0 * normal)
    return rows + 0 * normal, chi[0], slope, noise * chi[1]


def _other_coordinates(xp: Any, chi: Numbers, normal: Numbers, rows: Numbers) -> Numbers:
    """What the rows are beside g, turned with (g, r), shape (c + 1, c - 1, replicates)."""
    width = chi.shape[0]
    zero = 0 * rows
    seen = [[xp.where(rows > i, normal[i * width + j], zero) for j in range(width)] for i in range(2)]
    above = {pair: k for k, pair in enumerate((i, j) for i in range(width) for j in range(i + 1, width))}
    for i in range(width):
        drawn = {j: xp.where(rows - 2 > i, normal[2 * width + above[i, j]], zero) for j in range(i + 1, width)}
        seen.append([chi[i] if i == j else drawn.get(j, zero) for j in range(width)])
    if not width:
        return xp.stack([zero, zero])[:, None][:, :0]
    return xp.stack([xp.stack(row) for row in seen])


def _reflected(xp: Any, rows: Numbers, toward: Numbers) -> Numbers:
    """Rows whose first coordinate was along the first direction, reflected so that it is along `toward`."""
    length = xp.sqrt(xp.sum(toward**2, axis=0))[None]
    first = xp.where(xp.arange(toward.shape[0])[:, None] == 0, 1 + 0 * toward, 0 * toward)
    unit = xp.where(length > 0, toward / xp.where(length > 0, length, 1 + 0 * length), first)
    sign = xp.where(unit[:1] > 0, -1 + 0 * length, 1 + 0 * length)  # the reflection that cancels no digits
    normal = first - sign * unit
    flipped = rows * xp.where(first > 0, sign, 1 + 0 * first)[None]
    product = xp.sum(flipped * normal[None], axis=1)
    return flipped - product[:, None] * (2 * normal / xp.sum(normal**2, axis=0)[None])[None]

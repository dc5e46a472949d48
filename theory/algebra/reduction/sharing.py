"""Sizes that two nonlinear blocks share: one margin less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..expression import Space
from .elimination import linear
from .fractions import Field, Rational
from .packed import Packed


def shared_sizes(
    field: Field, sizes: Sequence[Mapping[Space, Rational]], margins: Sequence[Mapping[Space, Packed]]
) -> dict[Packed, Rational]:
    """Margins in terms of the others, for spaces that two blocks share (rows that are used again, a fixed projection).

    A margin of that space that enters its size alone is preferred, D = size - flow; the difference is where such
    programs lose their certificates.

    Args:
        field: of the sizes.
        sizes: of the spaces of every block.
        margins: of the same spaces.
    """
    result: dict[Packed, Rational] = {}
    first: dict[Space, int] = {}
    for block, own in enumerate(sizes):
        for space in own:
            if space not in first:
                first[space] = block
                continue
            relation = field.difference(own[space], sizes[first[space]][space])
            relation = field.replaced(relation, field, result)
            candidates = [margins[first[space]][space], margins[block][space]]
            found = _solved(field, relation, candidates)
            if found is not None:
                margin, value = found
                result = {known: field.replaced(old, field, {margin: value}) for known, old in result.items()}
                result[margin] = value
    return result


def _solved(field: Field, relation: Rational, candidates: list[Packed]) -> tuple[Packed, Rational] | None:
    best: tuple[int, Packed, Rational] | None = None
    for margin in candidates:
        parts = linear(field, relation.terms, margin)
        if parts and (best is None or len(parts[0]) < best[0]):
            below, above = (Rational(part, {}) for part in parts)
            value = field.cancelled(field.product(field.negative(above), field.inverse(below)))
            best = (len(parts[0]), margin, value)
    return best and best[1:]

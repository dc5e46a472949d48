"""Affine blocks solved by elimination over the field of fractions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from .fractions import Field, Rational
from .packed import Packed

Row: TypeAlias = dict[Packed, Rational]  # unknown -> coefficient, 0 -> constant


def solved(field: Field, equations: Mapping[Packed, Row]) -> dict[Packed, Rational]:
    """The unknowns u of u = sum of coefficient times unknown, plus constant.

    Unknowns without a term in themselves go first, since they need no division; among equals the shortest row does.

    Args:
        field: of the coefficients.
        equations: for every unknown its row.
    """
    rows = {unknown: dict(row) for unknown, row in equations.items()}
    done: list[tuple[Packed, Row]] = []
    while rows:
        unknown = min(rows, key=lambda u: (u in rows[u], sum(len(value.terms) for value in rows[u].values())))
        row = rows.pop(unknown)
        own = row.pop(unknown, None)
        if own is not None:
            scale = field.inverse(field.difference(field.one, own))
            row = {place: field.cancelled(field.product(value, scale)) for place, value in row.items()}
        for other, target in rows.items():
            if unknown in target:
                rows[other] = _substituted(field, target, unknown, row)
        done.append((unknown, row))
    values: dict[Packed, Rational] = {}
    for unknown, row in reversed(done):
        parts = [field.product(value, values[place]) if place else value for place, value in row.items()]
        values[unknown] = field.cancelled(field.total(parts))
    return values


def _substituted(field: Field, target: Row, unknown: Packed, row: Row) -> Row:
    factor = target[unknown]
    result = {place: value for place, value in target.items() if place != unknown}
    for place, value in row.items():
        term = field.product(factor, value)
        result[place] = field.cancelled(field.total((result[place], term)) if place in result else term)
    return {place: value for place, value in result.items() if value}

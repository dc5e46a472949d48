"""Traces of higher degree put together where their sum is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy

from ..algebra.reduction.reduced import PositiveBlock
from ..rules.trace import Trace, distributed

DEGREE = 3  # tr[q] = tr[q (p + q)^k] is looked for up to this k


def gathered(expression: Any, blocks: Iterable[PositiveBlock], flows: Mapping[Any, Any]) -> Any:
    """Factors such as tr[q^2] + tr[p q], which is tr[q] at a higher degree, replaced by the known value of tr[q].

    Args:
        expression: a product of powers of sums.
        blocks: with the shrinkage factors.
        flows: values of traces tr[q].
    """
    sums = list(_sums(blocks, flows))
    for terms, value in sums:
        expression = sympy.Mul(*(_factor(factor, terms, value) for factor in sympy.Mul.make_args(expression)))
    return expression


def _sums(blocks: Iterable[PositiveBlock], flows: Mapping[Any, Any]) -> Iterable[tuple[dict[Any, Any], Any]]:
    """Sums of traces of degree 2 and more, as coefficients, with their values."""
    for block in blocks:
        whole = block.lost[0] + sympy.Add(*dict.fromkeys(block.kept))
        for kept in dict.fromkeys(block.kept):
            for degree in range(1, DEGREE + 1) if Trace(kept) in flows else ():
                yield distributed(Trace(kept * whole**degree)).as_coefficients_dict(), flows[Trace(kept)]


def _factor(factor: Any, terms: Mapping[Any, Any], value: Any) -> Any:
    base, power = factor.as_base_exp()
    if not base.is_Add or not power.is_Integer:
        return factor
    present = base.as_coefficients_dict()
    times = {present.get(term, 0) / number for term, number in terms.items()}
    if len(times) > 1 or 0 in times:
        return factor
    (count,) = times
    rest = sympy.Add(*(number * term for term, number in present.items() if term not in terms))
    return (rest + count * value) ** power

r"""Test error of an estimator that is linear in the truth, the offsets and the noises, as a sum of traces.

For w = sum_a M_a a over independent sources a with E a a' = V_a and error weight S,

    E |w - w_0|_S^2 = sum_a E tr [S (M_a - 1{a = w_0}) V_a (M_a - 1{a = w_0})'].

The matrices M_a are read off the factored expression, never expanded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from ..problem.errors import SpecificationError
from .expression import UNIT, Deterministic, Expression, Product, Role, Source, Sum, identity, joined


@final
@dataclass(frozen=True, eq=False)
class Traces:
    """A sum of named traces, each of one square expression.

    Attributes:
        parts: (name, expression) pairs.
    """

    parts: tuple[tuple[str, Expression], ...]


def tr(expression: Expression) -> Traces:
    """The trace of a square expression.

    Raises:
        SpecificationError: for other shapes.
    """
    if not isinstance(expression, Expression) or expression.rows != expression.cols or expression.has_source:
        raise SpecificationError("tr", expression, "a square expression without truths or noises")
    return Traces((("trace", expression),))


def risk(estimator: Expression, metric: Deterministic | None = None) -> Traces:
    """E|w - w_0|^2 in the given metric, one trace for each source of error.

    Args:
        estimator: w, linear in the truth, offsets and noises.
        metric: covariance of the test points; by default the one named Sigma.

    Returns:
        The traces, named as the sources: the truth's is the noise-free error.

    Raises:
        SpecificationError: for anything but a vector of features that contains the truth.
    """
    if not isinstance(estimator, Expression) or estimator.cols != UNIT:
        raise SpecificationError("risk", estimator, "an estimator, which is a vector of features")
    sources = _sources(estimator)
    truths = [source for source in sources if source.role is Role.TRUTH]
    if len(truths) != 1 or truths[0].space != estimator.rows:
        raise SpecificationError("risk", estimator, "an estimator of the truth, in which the truth occurs")
    if metric is None:
        from .model import Model

        metric = Model(truths[0].space.size).metric
    parts = []
    for source in sources:
        matrix = coefficient(estimator, source)
        if matrix is not None and source is truths[0]:
            matrix = matrix + -1 * identity(source.space)
        if matrix is not None:
            second = Deterministic(source.space, source.second, source.spectral)
            parts.append((source.name, joined(metric, matrix, second, matrix.T)))
    return Traces(tuple(parts))


def coefficient(expression: Expression, source: Source) -> Expression | None:
    """The matrix in front of a source, None where it does not occur.

    Raises:
        SpecificationError: where the expression is not linear in it, showing the part that is not.
    """
    found: dict[int, Expression | None] = {}

    def visit(part: Expression) -> Expression | None:
        if id(part) not in found:
            found[id(part)] = _coefficient(part, source, visit)
        return found[id(part)]

    return visit(expression)


def _coefficient(part: Expression, source: Source, visit: Any) -> Expression | None:
    match part:
        case Source():
            return identity(source.space) if part is source or part.name == source.name else None
        case Product():
            if any(factor.has_source for factor in part.factors[:-1]):
                raise SpecificationError("linear", part, "an expression that is linear in truths and noises")
            inside = visit(part.factors[-1])
            return None if inside is None else joined(*part.factors[:-1], inside)
        case Sum():
            terms = [term for term in map(visit, part.terms) if term is not None]
            return terms[0] if len(terms) == 1 else (Sum(tuple(terms)) if terms else None)
        case _:
            return None


def _sources(expression: Expression) -> list[Source]:
    """All sources in the order in which they are met, each once."""
    seen: dict[int, Expression] = {}
    found: dict[str, Source] = {}
    stack = [expression]
    while stack:
        part = stack.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        if isinstance(part, Source):
            found.setdefault(part.name, part)
        stack.extend(reversed(part.parts))
    return list(found.values())

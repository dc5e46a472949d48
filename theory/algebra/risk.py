r"""Test error of an estimator that is linear in the truth, the offsets and the noises, as a sum of traces.

For w - w_0 = sum_a M_a a over independent sources a with E a a' = V_a and error weight S,

    E |w - w_0|_S^2 = sum_a E tr [S M_a V_a M_a'] + 2 sum_{a < b} E tr [S M_a E[a] E[b]' M_b'].

The matrices M_a are read off the factored expression, never expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, final

from ..problem.errors import SpecificationError
from .expression import UNIT, Deterministic, Expression, Product, Role, Source, Sum, identity, joined
from .polynomial import Letter, Polynomial


@final
@dataclass(frozen=True, eq=False)
class Traces:
    """A sum of named traces, each of one square expression.

    Attributes:
        parts: (name, expression) pairs.
        second_moments, means: which spectral letters are mean squares and means of truths and offsets: what the
            directions share out when their number grows.
        estimator, metric: whose risk it is, and what the error counts; None for other traces.
    """

    parts: tuple[tuple[str, Expression], ...]
    second_moments: frozenset[Letter] = frozenset()
    means: frozenset[Letter] = frozenset()
    estimator: Expression | None = None
    metric: Deterministic | None = None


def tr(expression: Expression) -> Traces:
    """The trace of a square expression.

    Raises:
        SpecificationError: for other shapes.
    """
    if not isinstance(expression, Expression) or expression.rows != expression.cols or expression.has_source:
        raise SpecificationError("tr", expression, "a square expression without truths or noises")
    if _directions(expression) > 1:
        raise SpecificationError("tr", expression, "a direction at most once in a product: it need not commute")
    return Traces((("trace", expression),))


def _directions(expression: Expression) -> int:
    """The largest number of directions in a product."""
    inside = [_directions(part) for part in expression.parts]
    if isinstance(expression, Product):
        return sum(inside)
    return max(inside, default=int(expression.has_direction))


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
    sources = sources_of(estimator)
    truths = [source for source in sources if source.role is Role.TRUTH]
    if len(truths) != 1 or truths[0].space != estimator.rows:
        raise SpecificationError("risk", estimator, "an estimator of the truth, in which the truth occurs")
    if metric is None:
        from .model import Model

        metric = Model(truths[0].space.size).metric
    if not isinstance(metric, Deterministic) or metric.space != truths[0].space:
        raise SpecificationError("metric", metric, f"a covariance of {truths[0].space}")
    matrices = {source: _error_matrix(estimator, source) for source in sources}
    parts = []
    for source, matrix in matrices.items():
        if matrix is not None:
            second = Deterministic(source.space, source.second, source.spectral)
            parts.append((source.name, joined(metric, matrix, second, matrix.T)))
    parts += [part for pair in combinations(matrices, 2) for part in _cross(metric, matrices, *pair)]
    return replace(_traces(parts, sources), estimator=estimator, metric=metric)


def overlap(estimator: Expression, truth: Source) -> Traces:
    """E w'w_0 for the truth w_0, from the means of all sources.

    >>> from .model import Model
    >>> m = Model()
    >>> overlap(m.truth, m.truth).parts
    (('w_0', theta),)
    """
    parts = []
    sources = sources_of(estimator)
    for source in sources:
        matrix = coefficient(estimator, source)
        if source.name == truth.name and matrix is not None:
            parts.append((truth.name, joined(matrix, Deterministic(truth.space, truth.second, truth.spectral))))
        elif matrix is not None and source.mean and truth.mean:
            parts.append((f"{source.name}, {truth.name}", joined(matrix, product_of_means(source, truth))))
    return _traces(parts, [*sources, truth])


def _traces(parts: list[tuple[str, Expression]], sources: list[Source]) -> Traces:
    """Traces whose letters are shared out as those of the sources."""
    vectors = [source for source in sources if source.role is not Role.NOISE]
    return Traces(
        tuple(parts),
        frozenset().union(*(vector.second.letters for vector in vectors)),
        frozenset(vector.mean for vector in vectors if vector.mean is not None),
    )


def _error_matrix(estimator: Expression, source: Source) -> Expression | None:
    """What a source is multiplied with in w - w_0."""
    matrix = coefficient(estimator, source)
    if source.role is not Role.TRUTH:
        return matrix
    minus = -1 * identity(source.space)
    return minus if matrix is None else matrix + minus


def _cross(
    metric: Deterministic, matrices: dict[Source, Expression | None], first: Source, second: Source
) -> list[tuple[str, Expression]]:
    left, right = matrices[first], matrices[second]
    if left is None or right is None or not first.mean or not second.mean:
        return []
    twice = 2 * joined(left, product_of_means(first, second), right.T)
    return [(f"{first.name}, {second.name}", joined(metric, twice))]


def product_of_means(first: Source, second: Source) -> Deterministic:
    """E[a] E[b]' of two vectors, which need not commute."""
    assert first.mean is not None
    assert second.mean is not None
    product = Polynomial.letter(first.mean) * Polynomial.letter(second.mean)
    return Deterministic(first.space, product, frozenset({first.mean, second.mean}), directional=True)


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


def sources_of(expression: Expression) -> list[Source]:
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
            known = found.setdefault(part.name, part)
            if (known.space, known.second) != (part.space, part.second):
                raise SpecificationError("name", part.name, "one vector of a name: each noise is added to labels once")
        stack.extend(reversed(part.parts))
    return list(found.values())

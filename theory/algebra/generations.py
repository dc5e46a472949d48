r"""Which models of an estimator are generations that do not depend on what comes after them.

A model v inside an estimator, a vector of features that contains the truth, is a generation of its own where none of
its Gaussian matrices and noises occurs in the rest of the estimator: the rest then sees v through its mean and its
covariance alone (`stage`). Independence is a matter of names: one name is one matrix.
"""

from __future__ import annotations

from collections.abc import Iterator

from .expression import UNIT, Expression, Gaussian, Role, Source

Generation = tuple[Expression, Expression]  # the model that labels, the truth at first, and the new model


def generations(estimator: Expression, truth: Source) -> tuple[Generation, ...]:
    """An estimator as generations, the first one first; one alone where nothing in it is independent of the rest.

    The model before the first one is the truth.

    Args:
        estimator: linear in the truth, offsets and noises.
        truth: w_0.

    >>> from .model import Model, ridge
    >>> m = Model(); X, Y = m.design("X", "T"), m.design("Y", "T")
    >>> first = ridge(X, X @ m.truth, "lambda")
    >>> [before is first for before, _ in generations(ridge(Y, Y @ first, "lambda"), m.truth)]
    [False, True]
    >>> len(generations(ridge(X, X @ first, "lambda"), m.truth))  # the same rows again
    1
    """
    found: list[Generation] = []
    model = estimator
    while model is not truth:
        before = _labeller(model, truth)
        found.append((before, model))
        model = before
    return tuple(reversed(found))


def gaussians(expression: Expression, until: Expression | None = None) -> frozenset[str]:
    """Names of the Gaussian matrices and noises of an expression, without those of a part `until`."""
    return frozenset(
        part.name
        for part in _parts(expression, until)
        if isinstance(part, Gaussian) or (isinstance(part, Source) and part.role is Role.NOISE)
    )


def _labeller(model: Expression, truth: Source) -> Expression:
    """The outermost model inside a model that is independent of the rest, if that is random at all, or the truth."""
    for part in _parts(model):
        if part is model or isinstance(part, Source) or (part.rows, part.cols) != (truth.space, UNIT):
            continue
        inside, outside = gaussians(part), gaussians(model, until=part)
        if inside and outside and inside.isdisjoint(outside) and _contains(part, truth):
            return part
    return truth


def _contains(expression: Expression, truth: Source) -> bool:
    return any(isinstance(part, Source) and part.name == truth.name for part in _parts(expression))


def _parts(expression: Expression, until: Expression | None = None) -> Iterator[Expression]:
    """All parts, shared ones once, outer ones before inner ones, level by level."""
    seen: set[int] = set()
    level = [expression]
    while level:
        following: list[Expression] = []
        for part in level:
            if id(part) not in seen and part is not until:
                seen.add(id(part))
                yield part
                following += part.parts
        level = following

r"""Chains by independence: one generation as a map of the model before it, never expanded into the others.

Where the Gaussian matrices of a generation occur nowhere in the model v that labels it, v acts on it only through its
mean and its covariance. With a the truth and the offsets from it,

    v = sum_a R_a a + xi,      E xi = 0,   E xi xi' = U,

R_a and U commuting functions of the eigendirection (R of the truth is Q, what is kept). The new model is w = sum_a M_a
a + M_xi xi + noise, so

    R_a'  = E M_a,      b = E M_xi,
    U'    = E M_xi U M_xi' + (noise) + sum_ab (E M_a E[a b'] M_b' - R_a' R_b' E[a b']),

the law of total covariance; the difference cancels exactly, in symbols. What is lost of the truth, P = 1 - Q, is
carried by itself, P' = (1 - E M_truth at Q = 1) + b P, so that no digits are lost where almost nothing is. Results
carry a weight B of the eigendirection; they are linear in it, and what stands with it is the function itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations, count
from typing import Any, final

from .dyson import dyson
from .expression import (
    Deterministic,
    Expression,
    Inverse,
    Product,
    Role,
    Source,
    Space,
    Sum,
    identity,
    joined,
)
from .pencil import pencil
from .polynomial import Letter, Polynomial
from .program import Program, Target
from .risk import coefficient, product_of_means, sources_of

WEIGHT, SPREAD, LOST = "#B", "#U", "#P"
XI = "#xi"


@final
@dataclass(frozen=True, eq=False)
class Stage:
    """One generation as a program.

    Attributes:
        program: its targets are named ("mean", a), ("carried",), ("lost",), ("spread", part) joined by blanks.
        shares: the letter of R_a for the truth and every offset of the model before.
    """

    program: Program
    shares: dict[str, Letter]


def stage(estimator: Expression, before: Expression, truth: Source) -> Stage:
    """One generation as a map of the model before it.

    Args:
        estimator: the new model.
        before: the model that labels its rows, independent of everything else in it; at first w_0 itself, or it and
            offsets, written in another object than `truth` where rows that the truth labels are told apart.
        truth: w_0.
    """
    known = [one for one in sources_of(before) if one.role is not Role.NOISE]
    shares = {one.name: f"#R_{one.name}" for one in known}
    xi = Source(XI, Role.NOISE, truth.space, Polynomial.letter(SPREAD), frozenset({SPREAD}))
    state: Expression = xi
    for one in known:
        state = state + _times(truth.space, shares[one.name]) @ replace(one)
    at_truth = substituted(estimator, before, truth)
    # Where the truth labels rows too it is (Q + P) w_0, so that differences from Q need no subtraction.
    whole = (_times(truth.space, shares[truth.name]) + _times(truth.space, LOST)) @ replace(truth)
    own = substituted(substituted(estimator, before, state), truth, whole)
    vectors = tuple(one for one in sources_of(own) if one.role is not Role.NOISE)
    return Stage(_program(own, at_truth, vectors, truth), shares)


def _times(space: Space, letter: Letter) -> Expression:
    return Deterministic(space, Polynomial.letter(letter), frozenset({letter}))


def substituted(expression: Expression, old: Expression, new: Expression) -> Expression:
    """The expression with a shared part replaced by another of the same shape."""
    done: dict[int, Expression] = {id(old): new}

    def visit(part: Expression) -> Expression:
        if id(part) not in done:
            done[id(part)] = _rebuilt(part, visit)
        return done[id(part)]

    return visit(expression)


def _rebuilt(part: Expression, visit: Any) -> Expression:
    inner = tuple(visit(one) for one in part.parts)
    if all(a is b for a, b in zip(inner, part.parts, strict=True)):
        return part
    match part:
        case Product():
            return Product(inner)
        case Sum():
            return Sum(inner)
        case _:
            assert isinstance(part, Inverse)
            return Inverse(inner[0])


def _program(own: Expression, at_truth: Expression, vectors: tuple[Source, ...], truth: Source) -> Program:
    """Means and second moments as functions of the eigendirection, then the targets made of them."""
    matrices = {one.name: coefficient(own, one) for one in sources_of(own)}
    whole = coefficient(at_truth, truth)
    parts: list[tuple[str, Expression]] = [("whole", whole if whole is not None else 0 * identity(truth.space))]
    for one in sources_of(own):
        matrix = matrices[one.name]
        assert matrix is not None
        second = Deterministic(one.space, one.second, one.spectral)
        parts += [(f"mean {one.name}", matrix)] if one.role is not Role.NOISE or one.name == XI else []
        parts.append((f"second {one.name}", joined(matrix, second, matrix.T)))
    for first, other in _with_means(vectors):
        left, right = matrices[first.name], matrices[other.name]
        assert left is not None
        assert right is not None
        parts.append((f"second {first.name} {other.name}", joined(left, product_of_means(first, other), right.T)))
    program = dyson(pencil(parts))
    body = {target.name: target.body for target in program.targets}
    weight = Polynomial.letter(WEIGHT)
    targets = {"lost": Polynomial.number(1) - body["whole"]}
    if f"mean {XI}" in body:
        targets["carried"] = body[f"mean {XI}"]
    targets |= {f"mean {one.name}": body[f"mean {one.name}"] for one in vectors}
    noises = count(1)  # within the generation, so that generations of one shape are one program
    for one in sources_of(own):
        fixed = Polynomial({}) if one.role is Role.NOISE else body[f"mean {one.name}"] ** 2 * one.second
        label = f"e_{next(noises)}" if one.role is Role.NOISE and one.name != XI else one.name
        targets[f"spread {label}"] = body[f"second {one.name}"] - fixed
    for first, other in _with_means(vectors):
        assert first.mean is not None
        assert other.mean is not None
        fixed = body[f"mean {first.name}"] * body[f"mean {other.name}"]
        fixed = fixed * Polynomial.letter(first.mean) * Polynomial.letter(other.mean)
        both = body[f"second {first.name} {other.name}"] - fixed
        targets[f"spread {first.name} {other.name}"] = both + both
    spectral = {**program.spectral, WEIGHT: truth.space}
    return replace(
        program,
        targets=tuple(Target(name, truth.space, weight * value) for name, value in targets.items() if value),
        spectral=spectral,
    )


def _with_means(vectors: Iterable[Source]) -> Iterable[tuple[Source, Source]]:
    return combinations([one for one in vectors if one.mean is not None], 2)

r"""Derived programs in positive generators: short, readable, and accurate where they are evaluated.

The method is that of three substitutions, all exact. Unknowns of the nonlinear blocks are written in effective ridges
kappa, margins D and traces; traces are raised to one degree in every shrinkage factor; the affine blocks are solved
over the field of fractions of those quantities. What is left contains, for independent data, no subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import sympy

from ..polynomial import Letter, Polynomial
from ..program import Program, Target
from .atoms import BareTruth
from .bodies import Bodies
from .certificate import Certificate, Factor
from .fractions import Field, Rational
from .groups import Groups, grouped
from .names import Names
from .solution import size_of
from .start import EIGENVALUE, TRUTH, start
from .walk import Walk

LIMIT = 40_000  # terms of one polynomial: some ten seconds


@final
@dataclass(frozen=True)
class PositiveBlock:
    """A nonlinear block in its generators.

    Attributes:
        ridges: kappa_x for every eigenvalue x; the first is a generator, the others are among the equations.
        eigenvalues: the x.
        dimensions: for every eigenvalue the size of its space.
        lost: for every eigenvalue p = 1/(1 + sum x/kappa_x) of its resolvent.
        kept: q_x = p x/kappa_x.
        margins: pairs (size, margin D).
        equations: penalty, sizes and further ridges as functions of kappa, the margins and the flows Tr[q_x].
        letters: the block's own unknowns as functions of the generators.
    """

    ridges: tuple[Any, ...]
    eigenvalues: tuple[Any, ...]
    dimensions: tuple[Any, ...]
    lost: tuple[Any, ...]
    kept: tuple[Any, ...]
    margins: tuple[tuple[Any, Any], ...]
    equations: tuple[Any, ...]
    letters: Mapping[Letter, Any]

    def renamed(self, names: Mapping[Any, Any]) -> PositiveBlock:
        """The block with other symbols."""

        def all_of(symbols: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(one.xreplace(names) for one in symbols)

        return PositiveBlock(
            ridges=all_of(self.ridges),
            eigenvalues=all_of(self.eigenvalues),
            dimensions=all_of(self.dimensions),
            lost=all_of(self.lost),
            kept=all_of(self.kept),
            margins=tuple((size.xreplace(names), margin.xreplace(names)) for size, margin in self.margins),
            equations=all_of(self.equations),
            letters={letter: value.xreplace(names) for letter, value in self.letters.items()},
        )


@final
@dataclass(frozen=True)
class Quotient:
    """Numerator and denominator, coprime, in letters that are the printed generators: equal where the values are."""

    numerator: Polynomial
    denominator: Polynomial


@final
@dataclass(frozen=True, eq=False)
class Reduced:
    """A program in positive generators.

    Attributes:
        blocks: the nonlinear blocks.
        definitions: ordered pairs (symbol, expression) for the shrinkage factors, given kappas and margins.
        relations: margins that another block determines (data that is used again), as equations.
        results: for every target an expression in traces, generators and the user's letters.
        certificates: what their signs say about accuracy.
        quotients: the results again, expanded, for exact comparisons.
    """

    blocks: tuple[PositiveBlock, ...]
    definitions: tuple[tuple[Any, Any], ...]
    relations: tuple[Any, ...]
    results: Mapping[str, Any]
    certificates: Mapping[str, Certificate]
    quotients: Mapping[str, Quotient]

    @property
    def certified(self) -> bool:
        """Whether no result contains a subtraction."""
        return all(certificate.certified for certificate in self.certificates.values())


def reduced(program: Program, limit: int = LIMIT) -> Reduced:
    """The program in positive generators.

    Args:
        program: derived by `dyson`.
        limit: the largest number of terms that any polynomial may have on the way; bounds the time too.

    Raises:
        Irreducible: for nonlinear blocks of a kind that is not known.
        Swell: where the limit is exceeded.

    >>> from ..dyson import dyson
    >>> from ..model import Model, ridge
    >>> from ..pencil import pencil
    >>> from ..risk import risk
    >>> m = Model(); X = m.design("X", "T")
    >>> made = reduced(dyson(pencil(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda")).parts)))
    >>> made.results["e_1"]
    sigma**2*tr[q**2]/(D_T + tr[p*q])
    >>> for equation in made.blocks[0].equations:
    ...     print(equation.lhs, "=", equation.rhs)
    lambda = D_T*kappa/T
    T = D_T + tr[q]
    """
    bodies = Bodies(program, limit)
    groups = grouped(bodies)
    tau = program.spectral.keys() >= {TRUTH, EIGENVALUE}
    try:
        values = _values(bodies, groups, tau)
    except BareTruth:
        tau = False
        values = _values(bodies, groups, tau)
    names = Names(bodies, groups, tau)
    results, certificates, quotients = {}, {}, {}
    for target in program.targets:
        field, value = values[target.name]
        results[target.name] = names.expression(value, field)
        certificates[target.name] = _certificate(names, field, value)
        quotients[target.name] = Quotient(names.plain(field.numerator(value)), names.plain(field.denominator(value)))
    relations = (
        sympy.Eq(names.monomial(known.margin), names.expression(known.value, groups.field), evaluate=False)
        for known in groups.relations
    )
    blocks = tuple(_block(names, index) for index in range(len(groups.groups)))
    return Reduced(blocks, _definitions(bodies, groups, names), tuple(relations), results, certificates, quotients)


def _values(bodies: Bodies, groups: Groups, tau: bool) -> dict[str, tuple[Field, Rational]]:
    """The targets, factored; those with the same degrees are computed together."""
    together: dict[tuple[int, ...], list[Target]] = {}
    for target in bodies.program.targets:
        together.setdefault(bodies.degrees(target, groups.numbers), []).append(target)
    values = {}
    for degrees, targets in together.items():
        walk = Walk(bodies, start(bodies, groups, degrees, tau))
        for name, value in walk.targets(targets).items():
            values[name] = (walk.field, walk.field.factored(value))
    return values


def _certificate(names: Names, field: Field, value: Rational) -> Certificate:
    above: list[Factor] = []
    below: list[Factor] = []
    for index, power in value.powers.items():
        terms = field.factors[index]
        negative = sum(number < 0 for number in terms.values())
        factor = Factor(names.factor(field, index), abs(power), len(terms), negative)
        (above if power > 0 else below).append(factor)
    return Certificate(tuple(above), tuple(below), -1 if value.unit < 0 else 1)


def _block(names: Names, index: int) -> PositiveBlock:
    group = names.groups[index]
    shrinkages = group.shrinkages
    made = group.first
    equations = []
    for variable, value in made.shown.items():
        left, right = names.polynomial({variable: 1}, index), made.field.factored(value)
        equations.append(sympy.Eq(left, names.expression(right, made.field, index), evaluate=False))
    letters: dict[Letter, Any] = {}
    for block in group.blocks:
        for letter, value in block.letters.items():
            letters[letter] = names.expression(block.field.factored(value), block.field, index)
        for number, node in zip(shrinkages, block.nodes, strict=True):
            scale = block.field.factored(block.field.replaced(node.scale, block.field, block.solved))
            below = names.expression(scale, block.field, index) * names.monomial(node.weight)
            letters[node.letter] = names.lost[number] / below
    return PositiveBlock(
        ridges=tuple(ridge for number in shrinkages for ridge in names.ridges[number]),
        eigenvalues=tuple(names.monomial(x) for node in made.nodes for x in node.eigenvalues),
        dimensions=tuple(names.symbol(size_of(node.space)) for node in made.nodes for _ in node.eigenvalues),
        lost=tuple(names.lost[number] for number in shrinkages for _ in names.ridges[number]),
        kept=tuple(kept for number in shrinkages for kept in names.kept[number]),
        margins=tuple(
            (names.symbol(size_of(space)), names.polynomial({margin: 1}, index))
            for space, margin in made.margins.items()
        ),
        equations=tuple(equations),
        letters=letters,
    )


def _definitions(bodies: Bodies, groups: Groups, names: Names) -> tuple[tuple[Any, Any], ...]:
    """p = kappa_1/(kappa_1 + sum x kappa_1/kappa_x) and so on, finite where the kappas vanish."""
    pairs = []
    made = start(bodies, groups, (0,) * len(names.lost), tau=False)
    field = made.field
    for number, own in enumerate(made.traces.shrinkages):
        first = own.ridges[0]
        kept = [
            names.monomial(x) * names.expression(field.factored(field.product(first, field.inverse(ridge))), field)
            for x, ridge in zip(own.eigenvalues, own.ridges, strict=True)
        ]
        kappa = names.expression(first, field)
        below = kappa + sympy.Add(*kept)
        pairs.append((names.lost[number], kappa / below))
        pairs += [(symbol, value / below) for symbol, value in zip(names.kept[number], kept, strict=True)]
    return tuple(pairs)

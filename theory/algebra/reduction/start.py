"""What the nonlinear blocks of a program are, in atoms of chosen degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ..polynomial import Letter
from .atoms import Resolvent, Shrinkage, Traces
from .bodies import Bodies
from .fractions import Field, Rational
from .groups import Group, Groups
from .packed import Packed
from .solution import Solution

TRUTH, EIGENVALUE = "theta", "s"  # a program in which every theta comes with an s is written in tau = s theta


@final
@dataclass(frozen=True, eq=False)
class Start:
    """Traces, and the values of what nonlinear blocks define.

    Attributes:
        field: of all values.
        traces: in atoms.
        values: sizes, the penalty, and the blocks' own letters, by packed generator.
    """

    field: Field
    traces: Traces
    values: dict[Packed, Rational]


def start(bodies: Bodies, groups: Groups, degrees: tuple[int, ...], tau: bool) -> Start:
    """The values of those groups that have a degree.

    Args:
        bodies: of the program.
        groups: of its nonlinear blocks.
        degrees: of every shrinkage.
        tau: whether theta is replaced by tau/s.
    """
    field = Field(bodies.ring, bodies.limit)
    shrinkages = [
        Shrinkage(
            node.space,
            node.eigenvalues,
            tuple(_ridge(field, group, ridge) for ridge in node.ridges),
            degrees[number],
        )
        for group in groups.groups
        for number, node in zip(group.shrinkages, group.first.nodes, strict=True)
    ]
    truth = (TRUTH, EIGENVALUE) if tau else None
    resolvents: dict[Letter, Resolvent] = {}
    result = Start(field, Traces(field, shrinkages, resolvents, truth), {})
    live = {index for index, group in enumerate(groups.groups) if any(degrees[number] for number in group.shrinkages)}
    inside = {index: _inside(result, groups.groups[index]) for index in live}
    margins = _margins(result, groups, live, inside)
    for index in sorted(live):
        for made in groups.groups[index].blocks:
            _take(bodies, result, made, inside[index], margins)
            for number, node in zip(groups.groups[index].shrinkages, made.nodes, strict=True):
                scale = made.field.replaced(node.scale, made.field, made.solved)
                scale = field.replaced(scale, made.field, inside[index])
                resolvents[node.letter] = Resolvent(number, field.replaced(scale, field, margins), node.weight)
    return result


def _ridge(field: Field, group: Group, ridge: Packed) -> Rational:
    """kappa_x in the first kappa and the margins."""
    names = {generator: field.monomial(name) for generator, name in group.names.items()}
    made = group.first
    return field.replaced(made.solved[ridge], made.field, names) if ridge in made.solved else names[ridge]


def _inside(result: Start, group: Group) -> dict[Packed, Rational]:
    """A group's generators and flows."""
    inside = {generator: result.field.monomial(name) for generator, name in group.names.items()}
    for number, node in zip(group.shrinkages, group.first.nodes, strict=True):
        for place, flow in enumerate(node.flows):
            inside[flow] = result.traces.flow(number, place)
    return inside


def _margins(
    result: Start, groups: Groups, live: set[int], inside: dict[int, dict[Packed, Rational]]
) -> dict[Packed, Rational]:
    """The margins that relations determine."""
    flows = {groups.groups[index].names[own]: value for index in live for own, value in inside[index].items()}
    margins: dict[Packed, Rational] = {}
    for relation in reversed(groups.relations):
        if relation.groups <= live:
            value = result.field.replaced(relation.value, groups.field, {**flows, **margins})
            margins[relation.margin] = value
    return margins


def _take(
    bodies: Bodies, result: Start, made: Solution, inside: dict[Packed, Rational], margins: dict[Packed, Rational]
) -> None:
    """Values of sizes, of the penalty and of the block's own letters."""
    field, ring = result.field, bodies.ring

    def here(value: Rational) -> Rational:
        return field.replaced(field.replaced(value, made.field, inside), field, margins)

    for variable, value in made.solved.items():
        ((name, _),) = ring.powers(variable)
        if isinstance(name, str):
            result.values.setdefault(variable, here(value))
        elif isinstance(name, tuple) and name[0] == "size":
            result.values.setdefault(variable, here(value))
            result.values.setdefault(ring.generator(name[1].size), result.values[variable])
    for letter, value in made.letters.items():
        result.values[ring.generator(letter)] = here(value)

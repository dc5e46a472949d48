"""What happens to a nonlinear block where its penalty vanishes: it depends on which of the sizes is smallest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, assert_never, final

import sympy

from ..algebra.reduction.bottlenecks import bottlenecks
from ..algebra.reduction.reduced import PositiveBlock
from ..problem.errors import SpecificationError
from ..rules.trace import Trace


@final
@dataclass(frozen=True)
class Above:
    """Every size exceeds the dimension: kappa vanishes, margins stay."""


@final
@dataclass(frozen=True, init=False)
class Below:
    """The named sizes are the bottleneck: together fewer than the dimension and than every other set of sizes.

    Attributes:
        sizes: all that limit together, such as the rows of all sources of a mixture. Rows and width of a projection
            limit one by one; both are named where they are equal.
    """

    sizes: tuple[str, ...]

    def __init__(self, *sizes: Any) -> None:
        object.__setattr__(self, "sizes", tuple(str(size) for size in sizes))


@final
@dataclass(frozen=True, init=False)
class At:
    """The named sizes, together, are as many as the dimension, and fewer than every other set of sizes.

    Attributes:
        sizes: as of `Below`.
    """

    sizes: tuple[str, ...]

    def __init__(self, *sizes: Any) -> None:
        object.__setattr__(self, "sizes", tuple(str(size) for size in sizes))


@final
@dataclass(frozen=True)
class Penalised:
    """The block keeps its penalty."""


Regime: TypeAlias = Above | Below | At | Penalised
Bottleneck: TypeAlias = tuple[tuple[Any, Any], ...]


class Boundary(NamedTuple):
    """A regime of one block in symbols.

    Attributes:
        vanishing: generators that vanish, all of the same order.
        equations: between them, which the leading terms of the block's equations do not contain.
        conditions: on the sizes.
    """

    vanishing: tuple[Any, ...]
    equations: tuple[Any, ...]
    conditions: tuple[Any, ...]


def boundary(block: PositiveBlock, regime: Regime) -> Boundary:
    """The regime of a block in its symbols: what vanishes with the penalty, and under which conditions.

    Args:
        block: a resolvent, as the derivation engine has reduced it.
        regime: which of its sizes is smallest, by name.

    Returns:
        A `Boundary`; nothing vanishes in `Penalised`.

    Raises:
        SpecificationError: for names that are not those of a bottleneck.
    """
    sets, dimension = bottlenecks(block), block.dimensions[0]
    match regime:
        case Penalised():
            return Boundary((), (), ())
        case Above():
            return Boundary((block.ridges[0],), (), tuple(sympy.Gt(_size(one), dimension) for one in sets))
        case Below(sizes):
            named = _named(sets, sizes)
            margins, equations = _together(named)
            rest = (dimension, *(_size(one) for one in sets if one not in named))
            return Boundary(margins, equations, _smallest(named, rest))
        case At(sizes):
            named = _named(sets, sizes)
            margins, equations = _together(named)
            equal = sympy.Eq(_size(named[0]), dimension, evaluate=False)
            rest = tuple(_size(one) for one in sets if one not in named)
            # sum of sizes - d = sum of margins - tr p
            meeting = sympy.Eq(_margin(named[0]), Trace(block.lost[0]), evaluate=False)
            return Boundary((block.ridges[0], *margins), (*equations, meeting), (equal, *_smallest(named, rest)))
    assert_never(regime)


def _together(named: tuple[Bottleneck, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The margins of all sets, and that sets of equal size have equal margins."""
    first, *others = named
    equations = tuple(sympy.Eq(_margin(other), _margin(first), evaluate=False) for other in others)
    return tuple(margin for one in named for _, margin in one), equations


def _smallest(named: tuple[Bottleneck, ...], rest: tuple[Any, ...]) -> tuple[Any, ...]:
    first, *others = (_size(one) for one in named)
    equal = (sympy.Eq(first, other, evaluate=False) for other in others)
    return (*equal, *(sympy.Lt(first, other) for other in rest))


def _named(sets: tuple[Bottleneck, ...], sizes: tuple[str, ...]) -> tuple[Bottleneck, ...]:
    names = {one: {str(size) for size, _ in one} for one in sets}
    chosen = tuple(one for one in sets if names[one] <= set(sizes))
    if not chosen or set().union(*(names[one] for one in chosen)) != set(sizes):
        known = " or ".join(" with ".join(str(size) for size, _ in one) for one in sets)
        raise SpecificationError("sizes", sizes, f"all sizes of a bottleneck: {known or 'there is none'}")
    return chosen


def _size(bottleneck: Bottleneck) -> Any:
    return sympy.Add(*(size for size, _ in bottleneck))


def _margin(bottleneck: Bottleneck) -> Any:
    return sympy.Add(*(margin for _, margin in bottleneck))

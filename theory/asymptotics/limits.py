r"""Limits of reduced programs: a size that is large, a penalty that vanishes.

Both are found from the orders of the generators alone (`leading`). A large size has a large margin. A penalty that
vanishes makes kappa vanish where all sizes exceed the dimension, or the margins of those that are the bottleneck; how
fast follows from the equation of the penalty, which is a product of kappa and margins. In the limits that are taken
margins are therefore written as penalty times something, and equations such as T = D_T + tr[q] become T = tr[q].

The dimension counts directions in which every covariance of the program has a positive eigenvalue; there is nothing in
the others. Leading terms cannot cancel because nothing is subtracted: formulas with a subtraction are refused.
"""

from __future__ import annotations

from typing import Any

import sympy

from ..algebra.reduction.reduced import PositiveBlock, Reduced
from ..problem.errors import SpecificationError
from ..rules.trace import Trace
from .gathering import gathered
from .leading import Leading
from .limit import Limit
from .regimes import Above, Boundary, Regime, boundary
from .settling import Question, oriented, settled, tidy

_STRICT = (sympy.StrictLessThan, sympy.StrictGreaterThan)


def large(reduced: Reduced, *sizes: Any) -> Limit:
    """The limit where these sizes grow beyond all bounds, in fixed proportions to each other.

    Args:
        reduced: a reduced program.
        sizes: their letters.

    Raises:
        SpecificationError: for letters that are no sizes with a margin.
        Irreducible: where leading terms could cancel.

    >>> from ..algebra.dyson import dyson
    >>> from ..algebra.model import Model, ridge
    >>> from ..algebra.pencil import pencil
    >>> from ..algebra.reduction import reduced
    >>> from ..algebra.risk import risk
    >>> m = Model(); X = m.design("X", "T")
    >>> made = reduced(dyson(pencil(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda")).parts)))
    >>> print(large(made, "T"))
    D_T = T
    kappa = lambda
    p = kappa/(s + kappa)
    q = s/(s + kappa)
    w_0 = tr[p**2*tau]
    e_1 ~ sigma**2*tr[q**2]/T -> 0
    """
    names = {str(size) for size in sizes}
    margins = [margin for block in reduced.blocks for size, margin in block.margins if str(size) in names]
    known = sorted({str(size) for block in reduced.blocks for size, _ in block.margins})
    if not names or not names <= set(known):
        raise SpecificationError("sizes", sorted(names), f"some of {', '.join(known) or 'none, as there are none'}")
    first = dict.fromkeys(margins, -1)
    # The penalty is proportional to kappa, which takes up what the penalty's scale leaves.
    leading = Leading(reduced, first)
    ridges = {block.ridges[0]: -leading.of(_penalty(block).rhs).order for block in reduced.blocks}
    leading = Leading(reduced, {**first, **ridges})
    for block in reduced.blocks:
        for one in block.equations:
            if str(one.lhs) in known and leading.of(one.rhs).order != (-1 if str(one.lhs) in names else 0):
                raise SpecificationError("sizes", sorted(names), f"sizes that can grow while {one.lhs} does not")
    unbound = [Boundary((), (), ())] * len(reduced.blocks)
    return _limit(reduced, leading, tuple(unbound))


def ridgeless(reduced: Reduced, *regimes: Regime) -> Limit:
    """The limit where penalties vanish, those of several blocks in fixed proportions to each other.

    Args:
        reduced: a reduced program.
        regimes: for every nonlinear block which of its sizes are smallest; `Above()` for all unless given.

    Raises:
        SpecificationError: for regimes that there are not, or penalties that are numbers.
        Irreducible: where leading terms could cancel.

    >>> from ..algebra.dyson import dyson
    >>> from ..algebra.model import Model, ridge
    >>> from ..algebra.pencil import pencil
    >>> from ..algebra.reduction import reduced
    >>> from ..algebra.risk import risk
    >>> from .regimes import At, Below
    >>> m = Model(); X = m.design("X", "T")
    >>> made = reduced(dyson(pencil(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda")).parts)))
    >>> print(ridgeless(made))
    T > d
    D_T = T - d
    kappa = T*lambda/(T - d)
    p = kappa/s
    w_0 ~ (D_T + d)*tr[p**2*tau]/D_T -> 0
    e_1 = d*sigma**2/D_T
    >>> print(ridgeless(made, Below("T")))
    T < d
    tr[q] = T
    D_T = T*lambda/kappa
    p = kappa/(s + kappa)
    q = s/(s + kappa)
    w_0 = T*tr[p**2*tau]/tr[p*q]
    e_1 = sigma**2*tr[q**2]/tr[p*q]
    >>> print(ridgeless(made, At("T")).results)
    {'w_0': 0, 'e_1': oo}
    """
    chosen = regimes or (Above(),) * len(reduced.blocks)
    if len(chosen) != len(reduced.blocks):
        raise SpecificationError("regimes", chosen, f"one for each of the {len(reduced.blocks)} blocks")
    boundaries = tuple(boundary(block, regime) for block, regime in zip(reduced.blocks, chosen, strict=True))
    leading = Leading(reduced, _orders(boundaries, [1] * len(boundaries)))
    scales = [_scale(block, one, leading) for block, one in zip(reduced.blocks, boundaries, strict=True)]
    leading = Leading(reduced, _orders(boundaries, scales))
    sizes = {size for block in reduced.blocks for size, _ in block.margins}
    for block, regime in zip(reduced.blocks, chosen, strict=True):
        if any(one.lhs in sizes and leading.of(one.rhs).order != 0 for one in block.equations):
            raise SpecificationError("regimes", regime, "a regime in which all sizes stay finite")
    return _limit(reduced, leading, boundaries)


def _orders(boundaries: tuple[Boundary, ...], scales: list[Any]) -> dict[Any, Any]:
    return {symbol: scale for one, scale in zip(boundaries, scales, strict=True) for symbol in one.vanishing}


def _scale(block: PositiveBlock, own: Boundary, leading: Leading) -> Any:
    """The order of the vanishing generators in the penalty."""
    penalty = _penalty(block)
    if not own.vanishing:
        return 0
    if not penalty.lhs.is_Symbol:
        raise SpecificationError("penalty", penalty.lhs, "a letter, where it is to vanish")
    return 1 / leading.of(penalty.rhs).order


def _penalty(block: PositiveBlock) -> Any:
    others = {*(size for size, _ in block.margins), *block.ridges}
    (found,) = (one for one in block.equations if one.lhs not in others)
    return found


def _limit(reduced: Reduced, leading: Leading, boundaries: tuple[Boundary, ...]) -> Limit:
    flows: dict[Any, Any] = {}
    values: dict[Any, Any] = {}
    equations: list[Any] = []
    for block, own in zip(reduced.blocks, boundaries, strict=True):
        left, found = _block(block, own, leading)
        equations += left
        for unknown, value in found.items():
            (flows if isinstance(unknown, Trace) else values)[unknown] = value
    ridges = {ridge for block in reduced.blocks for ridge in block.ridges}
    vanishing = {symbol for one in boundaries for symbol in one.vanishing}
    put = {
        symbol: value
        for symbol, value in values.items()
        if symbol not in ridges and (symbol in vanishing or value.is_Symbol)
    }
    conditions = tuple(condition for one in boundaries for condition in one.conditions)
    differences = [one.gts - one.lts for one in conditions if isinstance(one, _STRICT)]
    values = {symbol: oriented(value, differences) for symbol, value in values.items()}
    shares = [(symbol, leading.definition(symbol)) for symbol, _ in reduced.definitions]
    known = sorted(values.items(), key=lambda pair: (bool(pair[1].free_symbols & ridges), pair[0] in ridges))
    shown = {}
    for name, result in reduced.results.items():
        value = tidy(leading.of(result).value.xreplace(put))
        shown[name] = gathered(value, reduced.blocks, flows)
    return Limit(
        conditions=conditions,
        equations=(
            *(sympy.Eq(one.lhs, one.rhs.xreplace(put), evaluate=False) for one in equations),
            *(sympy.Eq(flow, value, evaluate=False) for flow, value in flows.items()),
        ),
        definitions=(*known, *((a, tidy(b.xreplace(put))) for a, b in shares if not b.is_number)),
        leading=shown,
        orders={name: leading.of(result).order for name, result in reduced.results.items()},
        signs={name: certificate.sign for name, certificate in reduced.certificates.items()},
    )


def _block(block: PositiveBlock, own: Boundary, leading: Leading) -> tuple[list[Any], dict[Any, Any]]:
    """The equations that stay, and what the others determine."""
    sizes = {size for size, _ in block.margins}
    margins = tuple(margin for _, margin in block.margins)
    ridges = tuple(dict.fromkeys(block.ridges))
    left = [sympy.Eq(one.lhs, leading.of(one.rhs).value, evaluate=False) for one in block.equations]
    traces = {trace for one in left for trace in one.rhs.atoms(Trace)}
    flows = tuple(sorted(traces & {Trace(kept) for kept in block.kept}, key=str))
    vanishing = tuple(margin for margin in margins if margin in own.vanishing)
    # The equation of the penalty gives margins that vanish with it, and kappa where no trace does.
    free = vanishing if traces or own.equations else (*vanishing, *ridges)
    questions = [Question(one, (*flows, *margins) if one.lhs in sizes else free) for one in left]
    questions += [Question(one, margins) for one in own.equations]
    unknowns = (*flows, *margins, *ridges)
    found = settled(questions, {one: frozenset(ridges) if one in vanishing else frozenset() for one in unknowns})
    stays = [one for one in (*left, *own.equations) if tidy((one.lhs - one.rhs).xreplace(found)).has(*unknowns)]
    return stays, found

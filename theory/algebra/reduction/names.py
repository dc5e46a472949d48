"""The symbols of a reduced program, and its rational functions written in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any, final

import sympy

from ...problem import notation
from ...rules.trace import Trace
from ..polynomial import Number, Polynomial
from .atoms import Atom
from .bodies import Bodies
from .fractions import Field, Rational
from .groups import Groups
from .packed import Packed
from .start import TRUTH


@final
class Names:
    """Symbols for generators.

    kappa, D_T, p, q where there is one nonlinear block with one covariance; the number of the covariance, then that
    of the block are appended where there are several.
    """

    def __init__(self, bodies: Bodies, groups: Groups, tau: bool) -> None:
        self.ring, self.spectral, self.groups, self.tau = bodies.ring, bodies.program.spectral, groups.groups, tau
        self._taken = _letters(bodies)
        self._symbols: dict[Hashable, Any] = {("penalty",): sympy.S.One}
        self._factors: dict[tuple[Field, int, int | None], Any] = {}
        self.ridges: list[tuple[Any, ...]] = []  # for every shrinkage
        self.lost: list[Any] = []
        self.kept: list[tuple[Any, ...]] = []
        self._name_margins()
        for own, group in enumerate(self.groups):
            self._name_shrinkages(own, sum(len(node.ridges) for node in group.first.nodes))

    def symbol(self, name: Hashable, group: int | None = None) -> Any:
        """The symbol, or trace, of a generator; in a block's own field, of that of the group."""
        if group is not None and (group, name) in self._symbols:
            return self._symbols[group, name]
        if name not in self._symbols:
            self._symbols[name] = self._made(name)
        return self._symbols[name]

    def expression(self, value: Rational, field: Field, group: int | None = None) -> Any:
        """A rational function as a product of powers of sums."""
        factors = [sympy.Rational(value.unit), self.polynomial(value.terms, group)]
        factors += [self.factor(field, index, group) ** power for index, power in value.powers.items()]
        return sympy.Mul(*factors)

    def factor(self, field: Field, index: int, group: int | None = None) -> Any:
        """A factor of a field."""
        key = (field, index, group)
        if key not in self._factors:
            self._factors[key] = self.polynomial(field.factors[index], group)
        return self._factors[key]

    def polynomial(self, terms: Mapping[Packed, Number], group: int | None = None) -> Any:
        """A Laurent polynomial."""
        return sympy.Add(
            *(
                sympy.Mul(
                    sympy.Rational(number),
                    *(self.symbol(name, group) ** power for name, power in self.ring.powers(monomial)),
                )
                for monomial, number in terms.items()
            )
        )

    def plain(self, terms: Mapping[Packed, Number]) -> Polynomial:
        """A Laurent polynomial in letters that are the printed symbols."""
        found = {monomial: self.ring.powers(monomial) for monomial in terms}
        names = dict.fromkeys(name for powers in found.values() for name, _ in powers)
        letters = {name: str(self.symbol(name)) for name in names}
        return Polynomial(
            {
                tuple(sorted((letters[name], power) for name, power in powers)): terms[monomial]
                for monomial, powers in found.items()
            }
        )

    def monomial(self, packed: Packed) -> Any:
        """A power product."""
        return self.polynomial({packed: 1})

    def _made(self, name: Hashable) -> Any:
        if isinstance(name, Atom):
            function = self.monomial(name.rest)
            for own, (lost, kept) in enumerate(name.powers):
                function *= self.lost[own] ** lost
                for symbol, power in zip(self.kept[own], kept, strict=True):
                    function *= symbol**power
            return Trace(function)
        if isinstance(name, tuple) and name[0] == "size":
            return notation.scalar(name[1].size)
        assert isinstance(name, str)
        if name == TRUTH and self.tau:
            return notation.tau
        return notation.spectral(name) if name in self.spectral else notation.scalar(name)

    def _name_margins(self) -> None:
        margins = [(own, margin) for own, group in enumerate(self.groups) for margin in group.first.margins.items()]
        count = Counter(space.size for _, (space, _) in margins)
        seen: Counter[str] = Counter()
        for own, (space, packed) in margins:
            seen[space.size] += 1
            base = notation.scalar(f"D_{space.size}")
            named = notation.at(base, seen[space.size]) if count[space.size] > 1 else base
            self._both(own, packed, self._free(named))

    def _name_shrinkages(self, own: int, letters: int) -> None:
        group, number = self.groups[own], 0
        for node in group.first.nodes:
            lost = self._indexed(notation.p, own, None)
            self.lost.append(lost if len(group.first.nodes) == 1 else notation.at(lost, len(self.lost) + 1))
            ridges, kept = [], []
            for ridge, flow in zip(node.ridges, node.flows, strict=True):
                number += 1
                ridges.append(self._indexed(notation.kappa, own, number if letters > 1 else None))
                kept.append(self._indexed(notation.q, own, number if letters > 1 else None))
                self._both(own, ridge, ridges[-1])
                self._symbols[own, self._name(flow)] = Trace(kept[-1])
            self.ridges.append(tuple(ridges))
            self.kept.append(tuple(kept))

    def _indexed(self, symbol: Any, own: int, number: int | None) -> Any:
        if number is not None:
            symbol = notation.at(symbol, number)
        if len(self.groups) > 1:
            symbol = notation.at(symbol, own + 1)
        return self._free(symbol)

    def _free(self, symbol: Any) -> Any:
        name = symbol.name
        while name in self._taken:
            name += "'"
        return type(symbol)(name, **symbol.assumptions0)

    def _both(self, own: int, packed: Packed, symbol: Any) -> None:
        self._symbols[own, self._name(packed)] = symbol

    def _name(self, packed: Packed) -> Hashable:
        return self.ring.powers(packed)[0][0]


def _letters(bodies: Bodies) -> frozenset[str]:
    """The letters that the user chose."""
    program = bodies.program
    written = [*(known.body for known in program.definitions.values()), *(target.body for target in program.targets)]
    return frozenset(program.spectral).union(*(body.letters for body in written)) - program.definitions.keys()

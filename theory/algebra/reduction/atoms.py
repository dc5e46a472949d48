r"""Traces in the one basis in which no two are dependent: all of the same degree in every shrinkage factor.

With N = 1/(1 + sum_x x/kappa_x), the share that is lost, and x N/kappa_x, the shares that are kept,

    1 = N (1 + sum_x x/kappa_x)

raises the degree in N of any trace. At one degree b the traces of f s^a N^b are algebraically independent and positive;
written with p = N and q_x = x N/kappa_x they stay finite where a kappa vanishes.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import final

from ..expression import Space
from ..polynomial import Letter
from .fractions import Field, Rational
from .packed import Packed, Ring


@final
@dataclass(frozen=True, eq=False)
class Shrinkage:
    """The factors of one resolvent: p, and q_x for every eigenvalue x.

    Attributes:
        space: where they live.
        eigenvalues: the monomials x.
        ridges: kappa_x in the generators.
        degree: the power of N in every trace.
    """

    space: Space
    eigenvalues: tuple[Packed, ...]
    ridges: tuple[Rational, ...]
    degree: int


@final
@dataclass(frozen=True, eq=False)
class Resolvent:
    """h = N/(scale * weight), N being p of a shrinkage."""

    shrinkage: int
    scale: Rational
    weight: Packed


@final
@dataclass(frozen=True)
class Atom:
    """tr[rest * product of p_i^a q_ix^b], a generator.

    Attributes:
        space: of the trace.
        rest: a monomial in spectral letters.
        powers: for every shrinkage of the program the power of p and of its q's.
    """

    space: Space
    rest: Packed
    powers: tuple[tuple[int, tuple[int, ...]], ...]


@final
class Traces:
    """Traces of monomials in spectral letters and resolvents, as linear forms in atoms.

    Args:
        field: of the coefficients.
        shrinkages: of the program.
        resolvents: by letter.
        truth: the letters of the truth's mean square theta and of s, where theta is to be replaced by tau/s.
    """

    def __init__(
        self,
        field: Field,
        shrinkages: Sequence[Shrinkage],
        resolvents: dict[Letter, Resolvent],
        truth: tuple[Letter, Letter] | None,
    ) -> None:
        self.field, self.shrinkages, self.resolvents, self.truth = field, shrinkages, resolvents, truth
        self._known: dict[tuple[Space, Packed], Rational] = {}
        self._atoms: dict[tuple[Space, Packed], Rational] = {}

    def trace(self, space: Space, monomial: Packed) -> Rational:
        """tr of a monomial in the ring's low generators."""
        key = (space, monomial)
        if key not in self._known:
            self._known[key] = self._trace(space, monomial)
        return self._known[key]

    def flow(self, index: int, place: int) -> Rational:
        """tr[q_x] of a shrinkage."""
        own = self.shrinkages[index]
        counts = [0] * len(self.shrinkages)
        counts[index] = 1
        value = self._raised(own.space, own.eigenvalues[place], counts)
        return self.field.product(value, self.field.inverse(own.ridges[place]))

    def _trace(self, space: Space, monomial: Packed) -> Rational:
        counts = [0] * len(self.shrinkages)
        factors = []
        letters = monomial
        for name, power in self.field.ring.powers(monomial):
            known = self.resolvents.get(name) if isinstance(name, str) else None
            if known is not None:
                counts[known.shrinkage] += power
                letters -= power * (self.field.ring.generator(name) + known.weight)
                factors.append(self.field.power(known.scale, -power))
            elif self.truth is not None and name == self.truth[0]:
                letters -= power * self.field.ring.generator(self.truth[1])
        return self.field.product(*factors, self._raised(space, letters, counts))

    def _raised(self, space: Space, letters: Packed, counts: list[int]) -> Rational:
        """tr[letters * product of N^count], every N at its full degree."""
        field = self.field
        form = {letters: field.one}
        for own, count in zip(self.shrinkages, counts, strict=True):
            for _ in range(own.degree - count if own.space == space else 0):
                raised = {place: [value] for place, value in form.items()}
                for x, ridge in zip(own.eigenvalues, own.ridges, strict=True):
                    for place, value in form.items():
                        raised.setdefault(place + x, []).append(field.product(value, field.inverse(ridge)))
                form = {place: field.total(values) for place, values in raised.items()}
        return field.total(field.product(value, self._atom(space, place)) for place, value in form.items())

    def _atom(self, space: Space, letters: Packed) -> Rational:
        """tr[letters * product of N^degree] as a power product of kappas times an atom."""
        key = (space, letters)
        if key not in self._atoms:
            ring, field = self.field.ring, self.field
            rest, factors, powers = letters, [], []
            for own in self.shrinkages:
                left = own.degree if own.space == space else 0
                kept = []
                for x, ridge in zip(own.eigenvalues, own.ridges, strict=True):
                    count = _multiplicity(ring, rest, x, left)
                    rest -= count * x
                    left -= count
                    kept.append(count)
                    factors.append(field.power(ridge, count))
                powers.append((left, tuple(kept)))
            if self.truth is not None and _bare(ring, rest, *self.truth):
                raise BareTruth
            name: Hashable = Atom(space, rest, tuple(powers))
            if not rest and not any(p or any(q) for p, q in powers):
                name = space.size
            self._atoms[key] = field.product(*factors, field.monomial(ring.generator(name)))
        return self._atoms[key]


class BareTruth(Exception):
    """The truth's mean square occurs without an eigenvalue."""


def _bare(ring: Ring, rest: Packed, truth: Letter, eigenvalue: Letter) -> bool:
    exponents = dict(ring.powers(rest))
    return truth in exponents and exponents.get(eigenvalue, 0) < 0


def _multiplicity(ring: Ring, monomial: Packed, divisor: Packed, most: int) -> int:
    """How often one monomial divides another, at most so often; 1 divides as often as it may."""
    own = dict(ring.powers(monomial))
    upper = [(name, power) for name, power in ring.powers(divisor) if power > 0] or ring.powers(divisor)
    return max(0, min([most, *(own.get(name, 0) // power for name, power in upper)]))

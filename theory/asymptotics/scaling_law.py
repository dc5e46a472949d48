"""How the error of a family of chains decays with the rows: exponents, constants, crossovers, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple, final

import numpy as np
import sympy

from ..problem import checks
from ..problem.errors import NoTheorem, SpecificationError
from ..results.labelled import LABEL_UNITS, RATIO, Column, Labelled
from ..results.plain import plain
from ..results.tables import Row
from ..rules.bibliography import cite
from ..rules.statement import latex
from ..statements.demystified import TEST_ERROR_AFTER_GENERATORS
from .demystified_family import Demystified, a_family
from .law_regimes import LawRegime
from .power_law import Step
from .scaling_terms import ROWS, LawTerm, terms_of
from .wording import Fitted, stated, upright, wrapped

EXAMPLE = Demystified(2, 0.375, 0.5, 0.1, 1.3, 0.3)
_SWEPT = ("penalty", "generations", "generator_rows")


class Crossover(NamedTuple):
    """Where two terms meet.

    Attributes:
        first, second: names of the terms.
        parameter: T, or the field of the family that is varied.
        value: where they meet.
        conditions: on the family's symbols, beside those of the law that do not name the parameter; where they hold,
            so does this.
    """

    first: str
    second: str
    parameter: Any
    value: Any
    conditions: tuple[Any, ...]

    def __str__(self) -> str:
        where = f" (as long as {', '.join(map(str, self.conditions))})" if self.conditions else ""
        return f"{self.first} meets {self.second} at {self.parameter} = {_shown(self.value)}{where}"


@final
@dataclass(frozen=True, eq=False, repr=False)
class ScalingLaw(Fitted):
    """The error of a family as a sum of powers of the rows T.

    Attributes:
        family: its exponents.
        terms: of the error, each the leading order of a part of the theorem.
        conditions: on the family's symbols, under which these are the leading orders; empty for numbers.
        regimes: warnings: what is to be known about this family.
        crossovers: where two terms meet, in T and in the family's exponents.
        derivation: how the terms are found.
        example: values of the symbols, which told the regime.
    """

    family: Demystified
    terms: tuple[LawTerm, ...]
    conditions: tuple[Any, ...]
    regimes: tuple[LawRegime, ...]
    crossovers: tuple[Crossover, ...]
    derivation: tuple[Step, ...]
    example: Demystified

    @property
    def leading(self) -> tuple[LawTerm, ...]:
        """The terms that decay slowest, at the family's numbers, or the example's."""
        values = self.family.symbols(self.example)
        rates = [term.exponent.subs(values) for term in self.terms]
        least = min(rates, default=sympy.S.Zero)
        slowest = [term for term, rate in zip(self.terms, rates, strict=True) if rate == least]
        most = max((term.log for term in slowest), default=0)
        return tuple(term for term in slowest if term.log == most)

    @property
    def exponent(self) -> Any:
        """e of the error T^(-e): the least exponent of the terms."""
        return sympy.Min(*(term.exponent for term in self.terms))

    @property
    def constant(self) -> Any:
        """What stands before T^(-e), times log(T) where there is one."""
        return sympy.Add(*(term.constant for term in self.leading))

    @property
    def log(self) -> int:
        """The power of log(T) in the leading term."""
        return max((term.log for term in self.leading), default=0)

    @property
    def expression(self) -> Any:
        """The law as an expression in T."""
        return sympy.Add(*(term.value for term in self.terms))

    def parts(self, rows: Any) -> dict[str, Any]:
        """The error's parts at numbers of rows, by name.

        Args:
            rows: T > 0, array.

        Raises:
            SpecificationError: for a family with symbols, or rows that are no numbers > 0.
        """
        if self.expression.free_symbols - {ROWS}:
            raise SpecificationError("family", self.family, "numbers only")
        many = checks.positive_numbers("rows", rows)
        found: dict[str, Any] = {}
        for term in self.terms:
            value = float(term.constant) * many ** -float(term.exponent) * np.log(many) ** term.log
            found[term.name] = found.get(term.name, 0.0) + value
        return found

    def error_at(self, rows: Any) -> Any:
        """The error at numbers of rows, T > 0, in the shape of the array."""
        return sum(self.parts(rows).values(), start=np.zeros(np.shape(rows)))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "ScalingLaw",
            "family": {name: str(value) for name, value in vars(self.family).items()},
            "terms": [[term.name, str(term.constant), str(term.exponent), term.log] for term in self.terms],
            "exponent": plain(str(self.exponent)),
            "conditions": [str(condition) for condition in self.conditions],
            "regimes": [str(regime) for regime in self.regimes],
            "crossovers": [str(crossover) for crossover in self.crossovers],
            "derivation": [[step.words, str(step.formula)] for step in self.derivation],
        }

    def labelled(self) -> Labelled:
        """One row for each term; symbolic exponents and constants as text."""
        columns = {
            "constant": column_of([term.constant for term in self.terms], LABEL_UNITS),
            "exponent": column_of([term.exponent for term in self.terms], RATIO),
            "log": Column(np.array([term.log for term in self.terms]), RATIO),
        }
        return Labelled(
            {"term": [term.name for term in self.terms]}, columns, {"regimes": [str(one) for one in self.regimes]}
        )

    def cite(self) -> str:
        """BibTeX of the software and of the paper behind the theorem."""
        return cite([TEST_ERROR_AFTER_GENERATORS.source])

    _head = ("term", "constant", "exponent", "log")
    _details_title = "warnings, conditions, crossovers"

    def _remarks(self) -> list[str]:
        valid = [f"as long as {condition}" for condition in self.conditions]
        meetings = [line for one in self.crossovers for line in wrapped(str(one))]
        return [*map(str, self.regimes), *valid, *meetings]

    def _cells(self) -> list[Row]:
        return [(term.name, _shown(term.constant), str(term.exponent), str(term.log)) for term in self.terms]

    def _repr_latex_(self) -> str:
        lines = [rf"&{latex(term.value)} && \text{{{term.name}}}" for term in self.terms]
        return "$$\n\\begin{aligned}\n" + " \\\\\n+".join(lines) + "\n\\end{aligned}\n$$"


def scaling_law(family: Demystified, near: Demystified = EXAMPLE) -> ScalingLaw:
    r"""The scaling law of a family of chains as the rows T of its last fit grow: exponents and constants.

    Inside the spectrum (l < beta, and l < b beta where d = phi_0 T^b) it is
    $$ E \simeq \frac{1}{\beta} B(2-2r, 2r) \lambda^{2r} + \Big(\sigma^2 T^{-1} +
    n \sigma_0^2 \frac{T_0^{-1} + \phi_0 T^{-1}}{1 - \phi_0}\Big) \frac{(\beta - 1) \pi}{\beta^2 \sin(\pi/\beta)}
    \lambda^{-1/\beta}, $$
    with zeta(1 + 2 (r - 1) beta) lambda^2 in the place of the first term where r > 1, and a logarithm where r = 1.

    Args:
        family: numbers, or SymPy symbols (positive).
        near: values for the symbols; they tell which regime is meant.

    Returns:
        A `ScalingLaw`; its terms are the leading orders of a deterministic equivalent.

    Raises:
        NoTheorem: on the boundary of two regimes.
        SpecificationError: for anything but such families.

    Source: derived in theory/asymptotics/power_law.py and scaling_terms.py from the theorem of [D].

    >>> law = scaling_law(Demystified(exponent=2, source=0.75, penalty=0.5, generator_rows=0.7, generator_ratio=0.5))
    >>> law.exponent, law.constant  # n sigma_0^2/(T_0 (1 - phi_0)) * (pi/4) lambda^(-1/2)
    (9/20, pi/2)
    """
    found = terms_of(a_family("family", family), a_family("near", near))
    conditions = stated(found.conditions, family.ranges())
    meetings = (*_in_rows(found.terms), *_in_exponents(family, near, conditions))
    return ScalingLaw(family, found.terms, conditions, found.regimes, meetings, found.steps, near)


def _in_rows(terms: Sequence[LawTerm]) -> tuple[Crossover, ...]:
    """Where two powers of T without logarithms are equal."""
    found = []
    logarithmic = {term.name for term in terms if term.log}
    for one, other in combinations([term for term in terms if term.name not in logarithmic], 2):
        gap = sympy.expand(one.exponent - other.exponent)
        if gap != 0 and one.name != other.name:
            value = sympy.powsimp(one.constant / other.constant) ** (1 / gap)
            if not value.is_number or value > 1:
                found.append(Crossover(one.name, other.name, ROWS, value, ()))
    return tuple(found)


def _in_exponents(family: Demystified, near: Demystified, known: tuple[Any, ...]) -> tuple[Crossover, ...]:
    """Where two exponents are equal, as one field of the family varies, and what is not yet known of it."""
    found: list[Crossover] = []
    for field in _SWEPT:
        own = getattr(family, field)
        letter = own if own.is_Symbol else sympy.Symbol(_LETTERS[field], positive=True)
        example = near if own.is_Symbol else replace(near, **{field: own})
        try:
            varied = terms_of(replace(family, **{field: letter}), example)
        except NoTheorem:  # the family itself lies on a boundary in this direction
            continue
        for one, other in combinations(varied.terms, 2):
            for value in sympy.solve(one.exponent - other.exponent, letter):
                if one.name == other.name or value.is_negative:
                    continue
                conditions = stated((one.subs(letter, value) for one in varied.conditions), family.ranges())
                if sympy.false not in conditions:
                    left = tuple(condition for condition in conditions if condition not in known)
                    place = upright(sympy.factor_terms(value), family.symbols(near))
                    found.append(Crossover(one.name, other.name, letter, place, left))
    return tuple(found)


_LETTERS = {"penalty": "ell", "generations": "a", "generator_rows": "b"}


def column_of(values: Sequence[Any], unit: str) -> Column:
    """Numbers with their unit; text where there are symbols."""
    if all(checks.is_number(value) for value in values):
        return Column(np.array([float(value) for value in values]), unit)
    return Column(np.array([str(value) for value in values]))


def _shown(value: Any) -> str:
    return f"{float(value):.5g}" if checks.is_number(value) else str(value)

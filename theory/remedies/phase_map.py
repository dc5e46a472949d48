"""Maps of remedies: which one wins where, over two axes, and where one takes over from another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, final

import numpy as np

from ..problem import checks
from ..problem.errors import NoTheorem, SpecificationError
from ..problem.population import Population
from ..problem.target import Target
from ..results.labelled import LABEL_UNITS, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..results.tables import latex_table
from ..rules.bibliography import cite
from ..rules.statement import Statement
from .axes import Axis, require_axis
from .boundaries import Boundary, closed_between
from .budget import Means
from .policy import optimised, require_remedies
from .remedy import Remedy
from .search import QUICK, Effort
from .situation import Situation

NOBODY = -1
FINEST = 1e-12  # relative width to which a boundary is bisected


class Curve(NamedTuple):
    """A boundary in closed form, on a map.

    Attributes:
        statement: the equation.
        first, second: titles of the remedies that it separates.
        x, y: points of it.
    """

    statement: Statement
    first: str
    second: str
    x: Any
    y: Any


@final
@dataclass(frozen=True, eq=False, repr=False)
class RemedyMap(Tabled):
    """Which remedy wins where.

    Attributes:
        situation: of which two quantities are varied.
        x, y: the axes.
        titles: of the remedies.
        errors: (remedies, y, x) least error of each remedy, infinite where it has none.
        curves: the boundaries that are known in closed form, where they cross the map.
    """

    situation: Situation
    x: Axis
    y: Axis
    titles: tuple[str, ...]
    errors: Any
    curves: tuple[Curve, ...]

    @property
    def winner(self) -> Any:
        """(y, x) place of the winner in `titles`; -1 where no remedy has a finite error."""
        return np.where(np.isfinite(self.errors).any(axis=0), self.errors.argmin(axis=0), NOBODY)

    @property
    def gap(self) -> Any:
        """(y, x) by what part the second best error exceeds the best; infinite where there is no second."""
        with np.errstate(invalid="ignore", divide="ignore"):
            first, second = np.sort(self.errors, axis=0)[:2] if len(self.titles) > 1 else (self.errors[0], np.inf)
            return np.asarray(second / first - 1)

    @property
    def wins(self) -> dict[str, float]:
        """Title -> the share of the map that the remedy wins."""
        return {title: float(np.mean(self.winner == place)) for place, title in enumerate(self.titles)}

    def at(self, x: int, y: int) -> str:
        """Title of the winner at the x-th and y-th values, from 0; empty where there is none."""
        place = int(self.winner[y, x])
        return "" if place == NOBODY else self.titles[place]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "RemedyMap",
            "x": {"name": self.x.name, "values": list(self.x.values)},
            "y": {"name": self.y.name, "values": list(self.y.values)},
            "titles": list(self.titles),
            "errors": plain(self.errors),
            "winner": plain(self.winner),
            "curves": [
                {
                    "statement": one.statement.name,
                    "between": [one.first, one.second],
                    "x": plain(one.x),
                    "y": plain(one.y),
                }
                for one in self.curves
            ],
        }

    def labelled(self) -> Labelled:
        """One row for each remedy and point."""
        wins = np.stack([self.winner == place for place in range(len(self.titles))])
        axes: dict[str, list[Any]] = {"remedy": list(self.titles), "y": list(self.y.values), "x": list(self.x.values)}
        about = {"x": self.x.name, "y": self.y.name, "boundaries": [one.statement.name for one in self.curves]}
        return Labelled(axes, {"error": Column(self.errors, LABEL_UNITS), "wins": Column(wins)}, about)

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the boundaries."""
        return cite([one.statement.source for one in self.curves])

    _head = ("remedy", "wins", "least error", "largest error")
    _details_title = "boundaries in closed form"

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (title, f"{share:.1%}", f"{self.errors[place].min():.4g}", f"{self.errors[place].max():.4g}")
            for place, (title, share) in enumerate(self.wins.items())
        ]

    def _notes(self) -> list[str]:
        return [f"{one.first} against {one.second}: {one.statement.name}" for one in self.curves]

    def _repr_latex_(self) -> str:
        """The equations of the boundaries, or else the table."""
        equations = dict.fromkeys(one.statement for one in self.curves)
        return "\n".join(one._repr_latex_() for one in equations) or latex_table(self._head, self._rows())


def remedy_map(
    population: Population,
    budget: Means,
    generations: int,
    remedies: Sequence[Remedy],
    *,
    x: Axis,
    y: Axis,
    noise: float,
    real_noise: float | None = None,
    verifier: Target | None = None,
    initial: Target | None = None,
    endless: bool = False,
    effort: Effort = QUICK,
) -> RemedyMap:
    """Which remedy wins where: every one at its best parameters, at every point of two axes.

    Args:
        population: covariates and truth.
        budget: what there is in every generation.
        generations: N, a whole number >= 1.
        remedies: with different titles.
        x, y: what is varied, such as `Noise`, `AspectRatio`, `VerifierError`, `RealShare`, `BudgetFactor`.
        noise: standard deviation of the noise on labels of a model, >= 0.
        real_noise: the same of real labels; None is `noise`.
        verifier: offset of the verifier from the truth, where there is one.
        initial: offset of model 0 from the truth; None where the first generation has true labels.
        endless: whether the error after infinitely many generations counts.
        effort: how thoroughly parameters are searched at each point.

    Returns:
        A `RemedyMap`; its `curves` are the boundaries between these remedies that are known in closed form, each under
        its statement's hypotheses. `crossing` finds any boundary from the errors themselves.

    Raises:
        SpecificationError: for impossible values, at any point of the map.

    Source: `predict`; theory/statements/remedies.py.

    >>> from modelcollapse.theory.problem import *
    >>> from modelcollapse.theory.remedies import AccumulateRows, Budget, Noise, AspectRatio, Replace
    >>> found = remedy_map(Population(Isotropic(10), UniformTarget()), Budget(synthetic_rows=40), 3,
    ...                    [Replace(), AccumulateRows()], x=Noise((0.1, 0.2)), y=AspectRatio((0.1, 0.3)), noise=0.1)
    >>> found.wins  # accumulation is never worse than replacement
    {'replace': 0.0, 'accumulate': 1.0}
    """
    situation = Situation(population, budget, generations, noise, real_noise, verifier, initial, endless)
    chosen = require_remedies(remedies)
    across, up = require_axis("x", x), require_axis("y", y)
    if type(across) is type(up):
        raise SpecificationError("y", up, "another axis than x")
    errors = np.full((len(chosen), len(up.values), len(across.values)), np.inf)
    for column, first in enumerate(across.values):
        for row, second in enumerate(up.values):
            here = up.at(across.at(situation, first), second)
            for place, remedy in enumerate(chosen):
                errors[place, row, column] = least_error(remedy, here, effort)
    return RemedyMap(
        situation, across, up, tuple(one.title for one in chosen), errors, _curves(situation, across, up, chosen)
    )


def least_error(remedy: Remedy, situation: Situation, effort: Effort = QUICK) -> float:
    """The error of a remedy at its best parameters; infinite where it has none."""
    policy, _ = optimised(remedy, situation, effort)
    return math.inf if policy is None else policy.error


def crossing(
    situation: Situation, axis: Axis, first: Remedy, second: Remedy, *, effort: Effort = QUICK
) -> tuple[float, float]:
    """Where, along an axis, one of two remedies takes over from the other: neighbouring values on either side.

    Args:
        situation: of which one quantity is varied.
        axis: its first and last values are on different sides.
        first, second: the remedies.
        effort: how thoroughly their parameters are searched.

    Returns:
        Two values, the lower first, a relative 1e-12 apart, with different winners by `predict`.

    Raises:
        NoTheorem: where the same remedy wins at both ends.

    >>> from modelcollapse.theory.problem import *
    >>> from modelcollapse.theory.remedies import Budget, Noise, Situation
    >>> from modelcollapse.theory.remedies.packaged import Mix, OnlyReal
    >>> population = Population(Isotropic(2), UniformTarget())
    >>> situation = Situation(population, Budget(10**9, 10**9), 2, noise=1.0, real_noise=1.0, endless=True)
    >>> low, high = crossing(situation, Noise((0.1, 9.0)), Mix(every_row=True), OnlyReal())
    >>> round(low**2, 6), round(high**2, 6)  # synthetic rows may be twice as noisy, whatever their share
    (2.0, 2.0)
    """

    def first_wins(value: float) -> bool:
        here = axis.at(situation, value)
        return least_error(first, here, effort) < least_error(second, here, effort)

    low, high = axis.values[0], axis.values[-1]
    at_low = first_wins(low)
    if first_wins(high) is at_low:
        winner = first.title if at_low else second.title
        raise NoTheorem(f"different remedies win at the ends of the axis ({winner} wins at both)", "another axis")
    while high - low > FINEST * max(abs(high), checks.SMALLEST_NORMAL):
        middle = low + (high - low) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if first_wins(middle) is at_low else (low, middle)
    return low, high


def _curves(situation: Situation, x: Axis, y: Axis, remedies: Sequence[Remedy]) -> tuple[Curve, ...]:
    found = []
    for boundary, first, second in closed_between(remedies):
        rising = [(one, root) for one in x.values for root in _roots(boundary, x.at(situation, one), y, first, second)]
        across = [(root, one) for one in y.values for root in _roots(boundary, y.at(situation, one), x, first, second)]
        points = sorted(set(rising)) if len(rising) >= len(across) else across  # steep lines are found from row to row
        if points:
            line = np.array(points)
            found.append(Curve(boundary.statement, first.title, second.title, line[:, 0], line[:, 1]))
    return tuple(found)


def _roots(boundary: Boundary, situation: Situation, axis: Axis, first: Remedy, second: Remedy) -> list[float]:
    """The values along an axis at which the first remedy begins, or ceases, to win by the statement."""

    def sign(value: float) -> float:
        return float(np.sign(boundary.excess(axis.at(situation, value), first, second)))

    signs = [sign(value) for value in axis.values]
    found = []
    for (low, high), (left, right) in zip(pairwise(axis.values), pairwise(signs), strict=True):
        if left * right < 0:
            while high - low > FINEST * high and (middle := low + (high - low) / 2) not in (low, high):
                low, high = (middle, high) if sign(middle) == left else (low, middle)
            found.append(high)
    return found

"""Maps of remedies: which one wins where, over two axes, and where one takes over from another."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from ..problem.errors import SpecificationError
from ..problem.population import Population
from ..problem.target import Target
from ..results.labelled import LABEL_UNITS, Column, Labelled
from ..results.plain import plain
from ..results.progress import Progress, reporting
from ..results.tabled import Tabled
from ..results.tables import latex_table
from ..rules.bibliography import cite
from .axes import AspectRatio, Axis, BudgetFactor, require_axis
from .budget import Means
from .crossing import Curve, curves_on
from .optimum import optimised
from .policy import PACKAGED, grouped
from .remedy import Remedy, require_remedies
from .search import QUICK, Effort
from .situation import Situation

NOBODY = -1


@final
@dataclass(frozen=True, eq=False, repr=False)
class RemedyMap(Tabled):
    """Which remedy wins where.

    Attributes:
        situation: of which two quantities are varied.
        x, y: the axes.
        titles: of the remedies.
        errors: (remedies, y, x) least error of each remedy, infinite where it has none; NaN at points to which an
            interrupted map did not come.
        curves: the boundaries that are known in closed form, where the errors change sides beside them.
        refused: title -> why a remedy has no number at most of the points where it has none.
    """

    situation: Situation
    x: Axis
    y: Axis
    titles: tuple[str, ...]
    errors: Any
    curves: tuple[Curve, ...]
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def interrupted(self) -> bool:
        """Whether points are missing."""
        return bool(np.isnan(self.errors).any())

    @property
    def winner(self) -> Any:
        """(y, x) place of the winner in `titles`; -1 where no remedy has a finite error."""
        return np.where(np.isfinite(self.errors).any(axis=0), self.errors.argmin(axis=0), NOBODY)

    @property
    def gap(self) -> Any:
        """(y, x) by what part the second best error exceeds the best; infinite without a second, NaN without any."""
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
            "refused": dict(self.refused),
            "interrupted": self.interrupted,
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
        x, y = (_named(axis) for axis in (self.x, self.y))
        axes: dict[str, list[Any]] = {"remedy": list(self.titles), y: list(self.y.values), x: list(self.x.values)}
        about = {x: self.x.name, y: self.y.name, "boundaries": [one.statement.name for one in self.curves]}
        return Labelled(axes, {"error": Column(self.errors, LABEL_UNITS), "wins": Column(wins)}, about)

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the boundaries."""
        return cite([one.statement.source for one in self.curves])

    _head = ("remedy", "wins", "least error", "largest error")
    _details_title = "boundaries, and what has no number"

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (title, f"{share:.1%}", *(f"{end(self.errors[place]):.4g}" for end in (np.nanmin, np.nanmax)))
            for place, (title, share) in enumerate(self.wins.items())
        ]

    def _notes(self) -> list[str]:
        lines = [f"{one.first} against {one.second}: {one.statement.name}" for one in self.curves]
        missing = [f"interrupted: {np.isnan(self.errors[0]).sum()} points are missing"] if self.interrupted else []
        return [*lines, *grouped(self.refused), *missing]

    def _repr_latex_(self) -> str:
        """The equations of the boundaries, or else the table."""
        equations = dict.fromkeys(one.statement for one in self.curves)
        return "\n".join(one._repr_latex_() for one in equations) or latex_table(self._head, self._rows())


def remedy_map(
    population: Population,
    budget: Means,
    generations: int,
    remedies: Sequence[Remedy] | None = None,
    *,
    x: Axis,
    y: Axis,
    noise: float,
    real_noise: float | None = None,
    verifier: Target | None = None,
    initial: Target | None = None,
    endless: bool = False,
    effort: Effort = QUICK,
    progress: Progress = False,
) -> RemedyMap:
    """Which remedy wins where: every one at its best parameters, at every point of two axes.

    Args:
        population: covariates and truth.
        budget: what there is in every generation.
        generations: N, a whole number >= 1.
        remedies: with different titles; None takes all packaged ones for which there is a verifier where one is called.
        x, y: what is varied, such as `Noise`, `AspectRatio`, `VerifierError`, `RealShare`, `BudgetFactor`.
        noise: standard deviation of the noise on labels of a model, >= 0.
        real_noise: the same of real labels; None is `noise`.
        verifier: offset of the verifier from the truth, where there is one.
        initial: offset of model 0 from the truth; None where it is the truth, so that the synthetic rows of the first
            generation carry true labels.
        endless: whether the error after infinitely many generations counts.
        effort: how thoroughly parameters are searched at each point; where two are free, the default may end a few per
            cent above the optimum.
        progress: True for a progress bar, or a function of (done, total) points.

    Returns:
        A `RemedyMap`; its `curves` are the boundaries between these remedies that are known in closed form, each under
        its statement's hypotheses and no further than a cell of the map from where the errors change sides: a limit of
        many rows has no line where rows are few. `crossing` finds any boundary from the errors themselves. When
        interrupted from the keyboard, the points so far, and no curves.

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
    chosen = _for(situation) if remedies is None else require_remedies(remedies)
    across, up = require_axis("x", x), require_axis("y", y)
    if type(across) is type(up):
        raise SpecificationError("y", up, "another axis than x")
    if {type(across), type(up)} == {AspectRatio, BudgetFactor}:
        raise SpecificationError("y", up, "an axis that does not set the rows, which x does")
    points = list(np.ndindex(len(across.values), len(up.values)))
    errors = np.full((len(chosen), len(up.values), len(across.values)), np.nan)
    reasons: dict[str, Counter[str]] = {one.title: Counter() for one in chosen}
    with reporting(progress, len(points), "point") as report, suppress(KeyboardInterrupt):
        for done, (column, row) in enumerate(points):
            report(done, len(points))
            here = up.at(across.at(situation, across.values[column]), up.values[row])
            found = [optimised(remedy, here, effort) for remedy in chosen]
            errors[:, row, column] = [math.inf if policy is None else policy.error for policy, _ in found]
            for remedy, (_, why) in zip(chosen, found, strict=True):
                reasons[remedy.title].update([why] if why else [])
        report(len(points), len(points))
    if np.isnan(errors).all():
        raise KeyboardInterrupt
    curves = () if np.isnan(errors).any() else curves_on((situation, across, up), chosen, errors)
    refused = {title: found.most_common(1)[0][0] for title, found in reasons.items() if found}
    return RemedyMap(situation, across, up, tuple(one.title for one in chosen), errors, curves, refused)


def _for(situation: Situation) -> tuple[Remedy, ...]:
    """The packaged ones, those with a verifier where there is one; budgets differ from point to point."""
    return tuple(one for one in PACKAGED if situation.verifier is not None or not one.needs.verifier)


def _named(axis: Axis) -> str:
    """A short name: that of its class, in words."""
    return "_".join(re.findall("[A-Z][a-z]+", type(axis).__name__)).lower()

"""Sabotage: every mutant of a statement must be told from it by a named check."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, final

from ..theory.problem import SpecificationError
from ..theory.results import Column, Labelled, Result, html_table
from ..theory.rules.statement import Statement
from .checks.blended_loop import BLENDED_LOOP_CHECKS
from .checks.blends import BLEND_CHECKS
from .checks.classification import CLASSIFICATION_CHECKS
from .checks.kept_rows import KEPT_ROWS_CHECKS
from .checks.labellers import LABELLER_CHECKS
from .checks.mixed_least_squares import MIXED_LEAST_SQUARES_CHECKS
from .checks.monitors import MONITOR_CHECKS
from .checks.one_fit import FIT_CHECKS
from .checks.performance_gap import PERFORMANCE_GAP_CHECKS
from .checks.projections import PROJECTION_CHECKS
from .checks.refitted_covariates import REFITTED_COVARIATES_CHECKS
from .checks.remedies import REMEDY_CHECKS
from .checks.rules import RULE_CHECKS
from .checks.scaling import SCALING_CHECKS
from .checks.stores import STORE_CHECKS
from .checks.strong_collapse import STRONG_COLLAPSE_CHECKS
from .checks.theorems import THEOREM_CHECKS
from .checks.verified_rows import VERIFIED_CHECKS
from .equivalence import why_equivalent
from .mutants import Mutant, mutants
from .named_check import Check

CHECKS: tuple[Check, ...] = (
    *FIT_CHECKS,
    *RULE_CHECKS,
    *THEOREM_CHECKS,
    *BLEND_CHECKS,
    *STORE_CHECKS,
    *LABELLER_CHECKS,
    *KEPT_ROWS_CHECKS,
    *REFITTED_COVARIATES_CHECKS,
    *PROJECTION_CHECKS,
    *STRONG_COLLAPSE_CHECKS,
    *MIXED_LEAST_SQUARES_CHECKS,
    *BLENDED_LOOP_CHECKS,
    *VERIFIED_CHECKS,
    *CLASSIFICATION_CHECKS,
    *MONITOR_CHECKS,
    *PERFORMANCE_GAP_CHECKS,
    *REMEDY_CHECKS,
    *SCALING_CHECKS,
)


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


@final
@dataclass(frozen=True)
class Outcome:
    """One mutant.

    Attributes:
        mutant: the mutated statement.
        fate: killed, equivalent or survived.
        by: the name of the check that killed it, or why it is equivalent; empty for a survivor.
    """

    mutant: Mutant
    fate: Fate
    by: str


@final
@dataclass(frozen=True, repr=False)
class Report(Result):
    """What became of the mutants of a statement.

    Attributes:
        statement: the statement.
        checks: the checks that judged it, in their order.
        failed: names of the checks that the statement itself fails: it is wrong, or they are; kills then mean nothing.
        outcomes: one for each mutant.
    """

    statement: Statement
    checks: tuple[Check, ...]
    failed: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    def those(self, fate: Fate) -> tuple[Outcome, ...]:
        """The mutants with that fate."""
        return tuple(outcome for outcome in self.outcomes if outcome.fate is fate)

    @property
    def survivors(self) -> tuple[Outcome, ...]:
        """The mutants that no check tells from the statement."""
        return self.those(Fate.SURVIVED)

    @property
    def sound(self) -> bool:
        """Whether the statement passes every check and no mutant survives."""
        return not self.failed and not self.survivors

    @property
    def kills(self) -> dict[str, int]:
        """How many mutants each check killed; a mutant counts for the first check that it fails."""
        counts = Counter(outcome.by for outcome in self.those(Fate.KILLED))
        return {check.name: counts[check.name] for check in self.checks}

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "result": "Report",
            "statement": self.statement.name,
            "checks": {check.name: check.description for check in self.checks},
            "failed": list(self.failed),
            "kills": self.kills,
            "mutants": [
                {"mutant": outcome.mutant.description, "fate": outcome.fate.value, "by": outcome.by}
                for outcome in self.outcomes
            ],
        }

    def labelled(self) -> Labelled:
        """One row for each mutant: what was changed, what became of it, and by what."""
        columns = {
            "change": Column([one.mutant.description for one in self.outcomes]),
            "fate": Column([one.fate.value for one in self.outcomes]),
            "by": Column([one.by for one in self.outcomes]),
        }
        about = {"statement": self.statement.name, "failed": list(self.failed)}
        return Labelled({"mutant": range(1, len(self.outcomes) + 1)}, columns, about)

    def __str__(self) -> str:
        lines = [self._headline(), *(f"  {count:4d} killed by: {name}" for name, count in self.kills.items() if count)]
        lines += [f"  equivalent: {one.mutant.description} ({one.by})" for one in self.those(Fate.EQUIVALENT)]
        lines += [f"  SURVIVED: {one.mutant.description}" for one in self.survivors]
        lines += [f"  THE STATEMENT ITSELF FAILS: {name}" for name in self.failed]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        cells = [(one.mutant.description, one.fate.value, one.by) for one in self.outcomes]
        failed = "".join(f"<p>The statement itself fails: {html.escape(name)}</p>" for name in self.failed)
        table = html_table(("mutant", "fate", "by"), cells)
        return (
            f"<p><b>{html.escape(self._headline())}</b></p>{failed}<details><summary>mutants</summary>{table}</details>"
        )

    def _repr_latex_(self) -> str:
        """The statement that was mutated."""
        return self.statement._repr_latex_()

    def _headline(self) -> str:
        count = {fate: len(self.those(fate)) for fate in Fate}
        return (
            f"{self.statement.name}: {len(self.outcomes)} mutants, {count[Fate.KILLED]} killed, "
            f"{count[Fate.EQUIVALENT]} equivalent, {count[Fate.SURVIVED]} survived"
        )


def sabotage(statement: Statement, checks: Sequence[Check] = CHECKS) -> Report:
    """Make every mutant of a statement and name the check that kills it.

    Args:
        statement: of the theorem book, or one's own with one's own checks.
        checks: asked in this order; those that cannot judge the statement are left out.

    Returns:
        A `Report`: each mutant killed by a named check, equivalent with a reason, or a survivor.

    Raises:
        SpecificationError: for anything but a statement, or where no check can judge it.

    A statement of one's own, and a check of one's own that does not read it:

    >>> from modelcollapse.theory.problem import notation as x
    >>> from modelcollapse.theory.rules.kind import Kind
    >>> from modelcollapse.theory.rules.statement import Reference
    >>> source = Reference("", "any textbook")
    >>> mine = Statement("error of a mean", "Of n labels.", (), (), x.noise**2 / x.rows, source, Kind.EXACT)
    >>> def two_coins(statement):
    ...     '''The mean of 2 labels +-3, whose four values are -3, 0, 0 and 3.'''
    ...     return float(statement.result.subs({x.noise: 3, x.rows: 2})) == (9 + 0 + 0 + 9) / 4
    >>> print(sabotage(mine, [Check.of(two_coins, mine)]))
    error of a mean: 10 mutants, 10 killed, 0 equivalent, 0 survived
        10 killed by: two coins
    """
    if not isinstance(statement, Statement):
        raise SpecificationError("statement", statement, "a Statement")
    able = tuple(check for check in checks if statement.name in check.statements)
    if not able:
        raise SpecificationError("statement", statement.name, "a statement that one of the checks can judge")
    failed = tuple(check.name for check in able if not check.passes(statement))
    outcomes = tuple(_outcome(statement, mutant, able) for mutant in mutants(statement))
    return Report(statement, able, failed, outcomes)


def _outcome(statement: Statement, mutant: Mutant, checks: tuple[Check, ...]) -> Outcome:
    for check in checks:
        if not check.passes(mutant.statement):
            return Outcome(mutant, Fate.KILLED, check.name)
    reason = why_equivalent(statement, mutant.statement)
    return Outcome(mutant, Fate.SURVIVED if reason is None else Fate.EQUIVALENT, reason or "")

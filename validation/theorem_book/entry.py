"""An entry of the theorem book: a formula, where it is claimed, and how it is judged."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, final

from ...theory.rules.bibliography import Paper
from ...theory.rules.statement import Statement
from ..agreement import Verdict
from ..claims import Claim

Formula: TypeAlias = Statement | Claim[Any]


@final
@dataclass(frozen=True)
class Case:
    """One way of judging a formula, and what came of it.

    Attributes:
        verdict: AGREES where the formula holds and a relative error of a few per cent would have been noticed.
        numbers: how many numbers of the formula were held against others.
        gap: the largest relative gap among them, at most `detectable` where the formula holds; NaN where the
            question is not about numbers.
        z: standard errors by which the formula misses an experiment, beyond the finite-size gap that it may have; NaN
            where nothing was drawn at random, or where the standard error is not told apart from the margin.
        detectable: relative error that would have been noticed; NaN where the question is not about numbers.
    """

    verdict: Verdict
    numbers: int
    gap: float
    z: float = math.nan
    detectable: float = math.nan


NOTHING = Case(Verdict.UNRESOLVED, 0, math.nan)


@final
@dataclass(frozen=True)
class Finding:
    """What all ways of judging a formula have found.

    Attributes:
        cases: of all witnesses.
    """

    cases: tuple[Case, ...]

    @property
    def verdict(self) -> Verdict:
        """DISAGREES if any way does, AGREES if another one does and none disagrees, else UNRESOLVED."""
        verdicts = {case.verdict for case in self.cases}
        return next((one for one in (Verdict.DISAGREES, Verdict.AGREES) if one in verdicts), Verdict.UNRESOLVED)

    @property
    def numbers(self) -> int:
        """How many numbers were compared by all ways that reach the verdict."""
        return sum(case.numbers for case in self._decisive)

    @property
    def sharpest(self) -> Case:
        """The way that would have noticed the smallest error; `NOTHING` where no number was compared.

        Its gap is read beside its own `detectable`, never beside that of another way.
        """
        known = [case for case in self._decisive if not math.isnan(case.detectable)]
        return min(known, key=lambda case: (case.detectable, -case.gap), default=NOTHING)

    @property
    def widest(self) -> Case:
        """The way with the largest gap; `NOTHING` where no number was compared.

        Where the formula holds that is no mistake: it is within what this way would have noticed, its own `detectable`.
        """
        known = [case for case in self._decisive if not math.isnan(case.gap)]
        return max(known, key=lambda case: case.gap, default=NOTHING)

    @property
    def z(self) -> float:
        """The largest number of standard errors; NaN where there was no experiment."""
        return _largest([case.z for case in self._decisive])

    @property
    def _decisive(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.verdict is self.verdict)


class Witness(ABC):
    """A way of judging formulas that does not read the true formula to judge a wrong one in its place."""

    @abstractmethod
    def cases(self, formula: Formula) -> tuple[Case, ...]:
        """What is found of a formula.

        Args:
            formula: the entry's own, or another one in its place.
        """

    @abstractmethod
    def described(self, formula: Formula) -> tuple[str, ...]:
        """What it is held against, in sentences.

        Args:
            formula: the entry's own.
        """


@final
@dataclass(frozen=True)
class Correction:
    """What this project corrects or sharpens in a published formula.

    Attributes:
        remark: what is different, and when it matters.
        printed: the published formula, with the name of the entry's own; None where only a reading is sharpened.
        witnesses: that judge the published formula; none for those of the entry.
    """

    remark: str
    printed: Statement | None = None
    witnesses: tuple[Witness, ...] = ()


@final
@dataclass(frozen=True)
class Entry:
    """A claim of a paper with the formula that holds it, and its witnesses.

    Attributes:
        paper: that makes the claim; None for what no one of the four papers claims.
        formula: a statement of the book, or a claim about a function of the library.
        witnesses: at least one.
        place: theorem number in the paper, empty where it is not known; for none of the four, another paper.
        relation: how the formula stands to what the paper says, where no theorem number is known.
        correction: of the published formula, None where it stands.
    """

    paper: Paper | None
    formula: Formula
    witnesses: tuple[Witness, ...]
    place: str = ""
    relation: str = "cf."
    correction: Correction | None = None

    @property
    def name(self) -> str:
        """That of the formula."""
        return self.formula.name

    @property
    def sentence(self) -> str:
        """What is claimed."""
        return self.formula.description if isinstance(self.formula, Statement) else self.formula.statement

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """What must hold; of a computed claim, the grid that it is computed on."""
        return self.formula.hypotheses if isinstance(self.formula, Statement) else (self.formula.grid,)

    @property
    def source(self) -> str:
        """The paper with the theorem number where it is known, and where the formula is derived."""
        letter = f"[{self.paper.letter}]" if self.paper else ""
        derived = self.formula.source.place if isinstance(self.formula, Statement) else "computed in validation/claims"
        known, alike = f"{letter} {self.place}".strip(), f"{self.relation} {letter}"
        cited = known if self.place or not letter else alike
        return "; ".join(part for part in (derived, cited) if part)

    def judged(self, formula: Formula | None = None) -> Finding:
        """Judge the entry.

        Args:
            formula: what is judged; None is the entry's own. A wrong one must come out as DISAGREES.
        """
        return _judged(self.witnesses, self.formula if formula is None else formula)

    def judged_as_printed(self, printed: Statement) -> Finding:
        """A published formula under the witnesses of the correction, or under the entry's own."""
        own = self.correction.witnesses if self.correction else ()
        return _judged(own or self.witnesses, printed)


def entries(
    paper: Paper | None, witness: Witness, *formulas: Formula, place: str = "", relation: str = "cf."
) -> tuple[Entry, ...]:
    """One entry for each formula, all judged by one witness and of one relation to the paper.

    Args:
        paper, place, relation: as of `Entry`.
        witness: of all of them.
        formulas: statements of the book, or claims.
    """
    return tuple(Entry(paper, formula, (witness,), place, relation) for formula in formulas)


def _judged(witnesses: tuple[Witness, ...], formula: Formula) -> Finding:
    return Finding(tuple(case for witness in witnesses for case in witness.cases(formula)))


def _largest(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return max(known, default=math.nan)

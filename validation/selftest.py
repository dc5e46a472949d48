"""`selftest`: the package put under its own laws."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..theory.evaluation.prediction import predict
from .laws.book import LAWS, law_named
from .laws.checking import settings_of
from .laws.finding import LawReport
from .laws.formula import errors_by
from .laws.law import About, Law
from .laws.trial import tried


def selftest(
    profile: str = "ci", *, laws: Sequence[str] | None = None, seed: int | None = None, progress: bool = False
) -> LawReport:
    """Try every law, on `predict` where it speaks of a formula.

    Args:
        profile: "ci" (the same cases every time), "dev" or "thorough".
        laws: names of the laws to try; None for all.
        seed: of the draws, a whole number >= 0; None for the one of the profile.
        progress: whether the name of each law is printed on standard error.

    Returns:
        A `LawReport`; a broken law comes with its smallest case and the command that finds it again.

    >>> print(selftest(laws=["the rank counts positive eigenvalues"]).findings[0].holding.value)
    holds
    """
    chosen, number = settings_of(profile, seed)
    wanted = LAWS if laws is None else tuple(law_named(name) for name in laws)

    def again(law: Law, case: str) -> str:
        return f'modelcollapse selftest --profile {profile} --seed {number} --law "{law.name}"'

    findings = []
    for law in wanted:
        if progress:
            print(law.name, file=sys.stderr, flush=True)
        formula = errors_by(predict) if law.about is About.FORMULA else None
        findings.append(tried(law, chosen, number, formula=formula, replay=again))
    return LawReport(f"modelcollapse, profile {profile}, seed {number}", tuple(findings))

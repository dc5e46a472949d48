"""Chains in which single rows matter, whatever statistics of them a fit sees."""

from __future__ import annotations

from collections.abc import Callable

from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Covariates
from ...theory.problem.labels import Lottery
from ...theory.problem.memory import Subsample
from ...theory.problem.selection import KeepAll


def single_rows_matter(chain: Chain, changed: Callable[[Covariates], bool], how: str) -> str:
    """Why single rows must be drawn; empty where they need not.

    Args:
        chain: what is simulated.
        changed: whether covariates are changed row by row.
        how: what is said of those that are.
    """
    for step in chain.generations:
        if not isinstance(step.selection, KeepAll):
            return "a verifier judges single rows"
        if isinstance(step.memory, Subsample):
            return "a subsample picks single rows"
        for source in step.generated:
            if isinstance(source.labels, Lottery):
                return "a lottery labels single rows"
            if changed(source.covariates):
                return how
    return ""

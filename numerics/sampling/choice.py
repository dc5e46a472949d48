"""Which sampler is right for a chain, and which of them is fast."""

from __future__ import annotations

from typing import assert_never

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Covariates, Fresh, Perturbed, Refitted, SameRows
from ...theory.problem.errors import SpecificationError
from ...theory.problem.labels import Lottery
from ...theory.problem.memory import Forget, Subsample
from ...theory.problem.selection import KeepAll, NormWindow, Resample, Unreliable
from ..designs import Design, Gaussian
from ..reading.directions import directions
from ..reading.numbers import number
from ..selections.judging import is_judged
from . import NAIVE, SUFFICIENT_STATISTICS, VERIFIED_STATISTICS, Sampler

WORTHWHILE = 2.0  # rows for each pseudo-row


def choose(chain: Chain, design: Design) -> tuple[Sampler, str]:
    """The sampler for a chain, and why.

    >>> from modelcollapse.numerics.designs import GAUSSIAN
    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(4), UniformTarget()), generations=2, rows=20, noise=0.1)
    >>> choose(chain, GAUSSIAN)[0]
    SufficientStatistics()
    """
    if is_judged(chain):
        obstacle = needs_judged_rows(chain, design)
        if obstacle:
            return NAIVE, f"{NAIVE.title}, as {obstacle}"
        return VERIFIED_STATISTICS, f"{VERIFIED_STATISTICS.title}, exact in law"
    obstacle = needs_real_rows(chain, design)
    if obstacle:
        return NAIVE, f"{NAIVE.title}, as {obstacle}"
    rows, sources = 0, 0
    for step in chain.generations:
        rows += checks.concrete_size("rows", step.rows)
        sources += len(step.generated)
    count = directions(chain).count
    if rows > WORTHWHILE * sources * count:
        return SUFFICIENT_STATISTICS, f"{SUFFICIENT_STATISTICS.title}, exact in law and independent of their number"
    return NAIVE, f"{NAIVE.title}, as sources have few rows for their {count} directions"


def require(sampler: Sampler | None, chain: Chain, design: Design) -> tuple[Sampler, str]:
    """The sampler that was asked for, or the chosen one; and why.

    Raises:
        SpecificationError: for anything else, and for statistics where real rows are needed.
    """
    if sampler is None:
        return choose(chain, design)
    if sampler not in (NAIVE, SUFFICIENT_STATISTICS, VERIFIED_STATISTICS):
        raise SpecificationError("sampler", sampler, "None, NAIVE, SUFFICIENT_STATISTICS or VERIFIED_STATISTICS")
    obstacle = ""
    if sampler == SUFFICIENT_STATISTICS:
        obstacle = needs_real_rows(chain, design)
    elif sampler == VERIFIED_STATISTICS:
        obstacle = needs_judged_rows(chain, design) if is_judged(chain) else "no verifier judges any rows"
    if obstacle:
        raise SpecificationError("sampler", sampler, f"NAIVE or None, as {obstacle}")
    return sampler, f"{sampler.title}, as asked for"


def needs_judged_rows(chain: Chain, design: Design) -> str:
    """Why each row that a verifier judges must be drawn; empty where only what it sees must be."""
    if not isinstance(design, Gaussian):
        return "rows are not Gaussian"
    if directions(chain).count < 2:
        return "there is one direction only"
    for step in chain.generations:
        inner = step.selection
        while isinstance(inner, Unreliable | Resample):
            inner = inner.selection
        if isinstance(inner, NormWindow):
            return "a verifier sees the norm of the row"
        if step.kept or not isinstance(step.memory, Forget):
            return "rows are remembered"
        for source in step.generated:
            plain = isinstance(source.covariates, Fresh) and source.covariance is None
            if not plain or isinstance(source.labels, Lottery):
                return "rows have a law of their own"
    return ""


def needs_real_rows(chain: Chain, design: Design) -> str:
    """Why each row must be drawn; empty where it need not."""
    if not isinstance(design, Gaussian):
        return "rows are not Gaussian"
    for step in chain.generations:
        if not isinstance(step.selection, KeepAll):
            return "a verifier judges single rows"
        if isinstance(step.memory, Subsample):
            return "a subsample picks single rows"
        for source in step.generated:
            if isinstance(source.labels, Lottery):
                return "a lottery labels single rows"
            if _changes_rows(source.covariates):
                return "covariates are changed row by row"
    return ""


def _changes_rows(covariates: Covariates) -> bool:
    match covariates:
        case Fresh() | SameRows():
            return False
        case Refitted():
            return covariates.rank is not None or number("shrink", covariates.shrink) > 0
        case Perturbed():
            return True
        case _:
            assert_never(covariates)

"""The selections of a chain as arrays: one rule with numbers for every generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, assert_never

import numpy as np

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.generation import Generation
from ...theory.problem.labels import Truth
from ...theory.problem.selection import (
    KeepAll,
    NormWindow,
    Resample,
    ResidualWindow,
    Revise,
    Selection,
    TopShare,
    Unreliable,
    verifier_of,
)
from ...theory.problem.target import Target
from ..reading.numbers import number


class Judging(NamedTuple):
    """How the rows of one generation are judged; with a leading axis, of all of them.

    A residual r is good where lower - slope |x| <= r <= upper + slope |x|, and among the `best` smallest |r|.
    """

    judged: Any  # (sources,) whether the rows of a source are
    verifier: Any  # (verifiers,) 1 for the one that judges
    lower: Any
    upper: Any
    slope: Any
    best: Any
    false_keep: Any
    false_drop: Any
    tries: Any
    keep_last: Any  # whether the last try is kept in any case
    threshold: Any  # beyond which a residual is revised
    shrink: Any


@dataclass(frozen=True)
class Rules:
    """What some generation's rule asks for, which must be compiled."""

    ranks: bool  # residuals are compared with each other
    errs: bool  # good rows are dropped, or bad ones kept, by chance
    tries: int  # most draws of a label
    revises: bool


def is_judged(chain: Chain) -> bool:
    """Whether a verifier judges any rows."""
    return any(not isinstance(step.selection, KeepAll) for step in chain.generations)


def rule_of(selection: Selection) -> Selection:
    """What a selection does where it neither errs nor tries again."""
    return rule_of(selection.selection) if isinstance(selection, Unreliable | Resample) else selection


def judging(chain: Chain, sources: int) -> tuple[Judging, tuple[Target, ...], Rules]:
    """The rules of all generations, the distinct verifiers' offsets, and what must be compiled.

    Args:
        chain: of which some generation selects.
        sources: largest number of sources of a generation.
    """
    found = [verifier_of(step.selection) for step in chain.generations]
    verifiers = tuple(dict.fromkeys(one for one in found if one is not None))
    steps = [_judging(step, verifiers, sources) for step in chain.generations]
    stacked = Judging(*(np.array(values) for values in zip(*steps, strict=True)))
    rules = Rules(
        ranks=bool((stacked.best < np.inf).any()),
        errs=bool((stacked.false_keep > 0).any() or (stacked.false_drop > 0).any()),
        tries=int(stacked.tries.max()),
        revises=bool((stacked.shrink > 0).any()),
    )
    return stacked, verifiers, rules


def _judging(step: Generation, verifiers: tuple[Target, ...], sources: int) -> Judging:
    verifier = verifier_of(step.selection)
    named = [not isinstance(source.labels, Truth) for source in step.generated]
    judged = np.zeros(sources, dtype=bool)
    judged[: len(named)] = np.array(named) & (verifier is not None)
    rows = sum(checks.concrete_size("rows", s.rows) for s, own in zip(step.generated, named, strict=True) if own)
    everything = Judging(
        judged=judged,
        verifier=np.array([float(one == verifier) for one in verifiers]),
        lower=-np.inf,
        upper=np.inf,
        slope=0.0,
        best=np.inf,
        false_keep=0.0,
        false_drop=0.0,
        tries=1.0,
        keep_last=False,
        threshold=np.inf,
        shrink=0.0,
    )
    return _with(everything, step.selection, rows)


def _with(rule: Judging, selection: Selection, rows: int) -> Judging:
    match selection:
        case KeepAll():
            return rule
        case ResidualWindow(_, lower, upper):
            return rule._replace(lower=number("lower", lower), upper=number("upper", upper))
        case NormWindow(_, slope, offset):
            tolerance = number("offset", offset)
            return rule._replace(lower=-tolerance, upper=tolerance, slope=number("slope", slope))
        case TopShare(_, share):
            return rule._replace(best=max(1.0, np.round(number("share", share) * rows)) if rows else np.inf)
        case Unreliable(inner, false_keep, false_drop):
            errors = number("false_keep", false_keep), number("false_drop", false_drop)
            return _with(rule, inner, rows)._replace(false_keep=errors[0], false_drop=errors[1])
        case Resample(inner, tries, keep_last):
            return _with(rule, inner, rows)._replace(tries=float(tries), keep_last=keep_last)
        case Revise(_, threshold, shrink):
            return rule._replace(threshold=number("threshold", threshold), shrink=number("shrink", shrink))
        case _ as never:
            assert_never(never)

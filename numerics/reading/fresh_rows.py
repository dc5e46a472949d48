"""Chains whose fits see nothing but fresh Gaussian rows, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...theory.problem import checks
from ...theory.problem.chain import Chain
from ...theory.problem.covariates import Fresh
from ...theory.problem.estimator import MinimumNorm, RandomProjection, Ridge
from ...theory.problem.generation import Generation
from ...theory.problem.labels import Lottery, Recorded, Shifted, Truth, labellers
from ...theory.problem.memory import Forget
from ...theory.problem.selection import KeepAll
from ...theory.problem.source import Source
from ..selections.judging import is_judged
from .labelling import labelling
from .numbers import number

Floats = NDArray[np.float64]


class FreshRows(NamedTuple):
    """The fits of a chain; axes: generations, sources. Sources that are labelled alike are one."""

    rows: Floats  # 0 where there is no source
    noise: Floats
    share: Floats  # (generations, sources, basis): models in their slots, then offsets
    ridge: Floats  # (generations,) number of rows times penalty, for rows of weight 1
    write: NDArray[np.int64]  # (generations,) slot of each model; the number of slots where no one asks for it
    judged: NDArray[np.bool_]  # whether a verifier judges the rows


def obstacle(chain: Chain) -> str:
    """Why a chain has other rows than fresh ones, or other fits; empty where it has not."""
    return "a verifier judges rows" if is_judged(chain) else obstacle_beside_verifiers(chain)


def obstacle_beside_verifiers(chain: Chain) -> str:
    """The same, whoever judges the rows."""
    for step in chain.generations:
        found = _of_fit(step) or next(filter(None, map(_of_source, step.generated)), "")
        if found:
            return found
    return ""


def fresh_rows(chain: Chain) -> tuple[FreshRows, int, tuple[Shifted, ...]]:
    """The fits of a chain without `obstacle`, the number of slots for models, and the offsets of the basis."""
    who = labelling(chain)
    merged = [_merged(step, who.share[g, :, 0]) for g, step in enumerate(chain.generations)]
    sources = max(len(each) for each in merged)
    shape = len(chain), sources
    rows, noise, share = np.zeros(shape), np.zeros(shape), np.zeros((*shape, who.share.shape[-1]))
    judged = np.zeros(shape, bool)
    for g, each in enumerate(merged):
        for s, one in enumerate(each):
            rows[g, s], noise[g, s], share[g, s], judged[g, s] = one.rows, one.noise, one.share, one.judged
        share[g, len(each) :] = share[g, 0]
    ridge = np.array([_ridge(step) for step in chain.generations])
    return FreshRows(rows, noise, share, ridge, who.write, judged), who.slots, who.offsets


def _of_fit(step: Generation) -> str:
    if step.kept or not isinstance(step.memory, Forget):
        return "rows are remembered"
    if isinstance(step.estimator, RandomProjection):
        return "models are fitted on random features"
    if len({number("weight", source.weight) for source in step.generated}) > 1:
        return "sources have weights of their own"
    return ""


def _of_source(source: Source) -> str:
    if source.covariance is not None:
        return "a source has a covariance of its own"
    if not isinstance(source.covariates, Fresh):
        return "covariates are not fresh"
    if isinstance(source.labels, Lottery):
        return "a lottery labels single rows"
    if any(isinstance(who, Recorded) for who in labellers(source.labels)):
        return "labels are remembered"
    return ""


class _Rows(NamedTuple):
    """Sources that are alike."""

    rows: int
    noise: float
    share: Floats
    judged: bool


def _merged(step: Generation, share: Floats) -> list[_Rows]:
    """The sources, those that are judged or not, with equal noise and shares, added up."""
    found: dict[tuple[float, ...], int] = {}
    selects = not isinstance(step.selection, KeepAll)
    for source, shares in zip(step.generated, share, strict=False):
        judged = selects and not isinstance(source.labels, Truth)
        key = judged, number("noise", source.noise), *shares.tolist()
        found[key] = found.get(key, 0) + checks.concrete_size("rows", source.rows)
    return [_Rows(rows, key[1], np.array(key[2:]), bool(key[0])) for key, rows in found.items()]


def _ridge(step: Generation) -> float:
    match step.estimator:
        case Ridge():
            rows = sum(checks.concrete_size("rows", source.rows) for source in step.generated)
            return rows * number("penalty", step.estimator.penalty) / number("weight", step.generated[0].weight)
        case MinimumNorm() | RandomProjection():
            return 0.0

"""Chains on verified rows, for which only deterministic equivalents are known."""

from __future__ import annotations

import numpy as np

from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Estimator,
    Generation,
    Labels,
    Levels,
    MinimumNorm,
    NormWindow,
    Population,
    Resample,
    ResidualWindow,
    Revise,
    Ridge,
    Selection,
    Source,
    TopShare,
    UniformTarget,
    Unreliable,
)

_POPULATION = Population(Levels([1.6, 0.7, 0.25], [6, 6, 4]), UniformTarget(0.3))
_START = Coefficients(0.21 * np.cos(np.arange(16)))
_UNBIASED = Coefficients(np.zeros(16))
_BIASED = Coefficients(0.17 * np.sin(1 + np.arange(16)))
_WINDOW = ResidualWindow(_BIASED, -0.8, 0.8)
_FIT = MinimumNorm()


def _chain(
    selection: Selection, estimator: Estimator, *parts: tuple[int, float, Labels], generations: int = 2
) -> Chain:
    """Equal generations on sources of (rows, noise, labels); model 0 is off the truth."""
    sources = tuple(Source(rows, noise, labels) for rows, noise, labels in parts)
    return Chain(_POPULATION, (Generation(sources, estimator, selection),) * generations, _START)


def _verified() -> dict[str, Chain]:
    one = (90, 0.8, PREVIOUS)
    blended = (70, 0.7, Blend(((TRUTH, 0.35), (PREVIOUS, 0.65))))
    tried = ResidualWindow(_BIASED, -0.6, 0.6)
    return {
        "a window": _chain(_WINDOW, Ridge(0.3), one),
        "a window beside real rows": _chain(_WINDOW, Ridge(0.2), (30, 0.5, TRUTH), one),
        "a window that is not symmetric": _chain(ResidualWindow(_BIASED, -0.3, 1.4), Ridge(0.4), one),
        "a window, least squares": _chain(_WINDOW, _FIT, (160, 0.8, PREVIOUS)),
        "a share": _chain(TopShare(_BIASED, 0.45), Ridge(0.25), one),
        "a share of blended labels": _chain(TopShare(_BIASED, 0.6), Ridge(0.15), blended),
        "an unreliable share, least squares": _chain(
            Unreliable(TopShare(_BIASED, 0.45), 0.1, 0.15), _FIT, (150, 0.9, PREVIOUS)
        ),
        "a tolerance by the norm": _chain(NormWindow(_BIASED, 0.12, 0.3), Ridge(0.3), one),
        "drawn again, failures dropped": _chain(Resample(tried, 3), Ridge(0.3), one),
        "drawn again, the last kept": _chain(Resample(tried, 4, keep_last=True), Ridge(0.3), (60, 0.8, PREVIOUS)),
        "revised": _chain(Revise(_BIASED, 0.7, 0.6), Ridge(0.2), (50, 0.8, PREVIOUS)),
        "revised, few rows": _chain(Revise(_BIASED, 0.5, 0.9), Ridge(0.5), (12, 0.6, PREVIOUS)),
        "twelve generations, unbiased": _chain(
            ResidualWindow(_UNBIASED, -0.9, 0.9), Ridge(0.1), (110, 0.8, PREVIOUS), generations=12
        ),
        "twelve generations, biased": _chain(_WINDOW, Ridge(0.1), (110, 0.8, PREVIOUS), generations=12),
    }


VERIFIED = _verified()

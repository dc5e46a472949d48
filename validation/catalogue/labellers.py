"""Chains whose rows have several labellers, or labels blended from several."""

from __future__ import annotations

import numpy as np

from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Estimator,
    GaussianTarget,
    Generation,
    LabelledBy,
    Lottery,
    MinimumNorm,
    Population,
    Ridge,
    Shifted,
    Source,
    Truth,
    blend_labels,
    inject_noise,
    mix,
    rephrase,
    retain_real,
)
from .populations import SMALL, isotropic, linear, power, random_truth, rank_deficient, spiked, two_levels

_FIT = MinimumNorm()


def _chain(population: Population, *generations: tuple[Source, ...], estimator: Estimator = _FIT) -> Chain:
    return Chain(population, tuple(Generation(sources, estimator) for sources in generations))


def _any_model_so_far(rows: int, noise: float, generations: int) -> Chain:
    """Every row draws its labeller from the truth and all models so far."""
    steps = []
    for g in range(1, generations + 1):
        parts: list[tuple[Truth | LabelledBy, float]] = [(TRUTH, 1 / g)]
        parts += [(LabelledBy(m), 1 / g) for m in range(1, g)]
        steps.append((Source(rows, noise, Lottery(tuple(parts))),))
    return _chain(power(9), *steps)


def _shifts() -> tuple[Shifted, Shifted]:
    return Shifted(GaussianTarget(np.linspace(0.1, 0.4, 8))), Shifted(Coefficients(np.linspace(0.5, -0.3, 8)), tag=2)


def _blended(population: Population, rows: int, noise: float, *, share: float, estimator: Estimator) -> Chain:
    labels = Blend(((TRUTH, 1 - share), (PREVIOUS, share)))
    return _chain(population, *((Source(rows, noise, labels),) for _ in range(3)), estimator=estimator)


def _weighted(weight: float, estimator: Estimator) -> Chain:
    return _chain(power(SMALL), *((Source(44, 0.3, PREVIOUS, weight=weight),) for _ in range(3)), estimator=estimator)


_RANDOM, _FIXED = _shifts()

EXACT: dict[str, Chain] = {
    "mixture, few real rows": mix(power(9), 3, real_rows=8, synthetic_rows=16, noise=0.4, estimator=_FIT),
    "mixture, two noises": mix(spiked(8), 4, real_rows=13, synthetic_rows=9, noise=0.3, real_noise=0.7, estimator=_FIT),
    "fresh real rows, a quarter": retain_real(isotropic(8), 4, 24, 0.5, _FIT, share=0.25),
    "fresh real rows, a half, two noises": retain_real(power(10), 3, 28, 0.4, _FIT, share=0.5, real_noise=0.6),
    "fresh real rows, rank below dimension": retain_real(rank_deficient(), 3, 30, 0.4, _FIT, share=0.3),
    "any model so far labels, by lot": _any_model_so_far(23, 0.4, 4),
    "truth or previous model, by lot": _chain(
        isotropic(8), *((Source(20, 0.5, Lottery(((TRUTH, 0.35), (PREVIOUS, 0.65)))),) for _ in range(3))
    ),
    "a blend or the truth, by lot": _chain(
        power(8),
        *((Source(22, 0.4, Lottery(((Blend(((TRUTH, 0.4), (PREVIOUS, 0.6))), 0.7), (TRUTH, 0.3)))),) for _ in range(3)),
    ),
    "an older model labels": _chain(
        power(9), (Source(21, 0.5),), (Source(24, 0.3, PREVIOUS),), (Source(26, 0.4, LabelledBy(1)),)
    ),
    "two older models label": _chain(
        spiked(9),
        (Source(21, 0.5),),
        (Source(24, 0.3, PREVIOUS),),
        (Source(12, 0.4, LabelledBy(1)), Source(17, 0.2, PREVIOUS)),
    ),
    "two older models blended": _chain(
        isotropic(9),
        (Source(23, 0.5),),
        (Source(21, 0.3),),
        (Source(25, 0.4, Blend(((LabelledBy(1), 0.3), (PREVIOUS, 0.7)))),),
    ),
    "a shifted truth, drawn": _chain(power(8), *((Source(12, 0.4), Source(11, 0.3, _RANDOM)),) * 2),
    "a shifted truth, fixed": _chain(spiked(8), *((Source(9, 0.4), Source(14, 0.3, _FIXED)),) * 2),
    "two shifted truths and the model before": _chain(
        power(8), *((Source(9, 0.4, _RANDOM), Source(8, 0.3, _FIXED), Source(10, 0.5, PREVIOUS)),) * 3
    ),
    "three sources": _chain(
        isotropic(8),
        (Source(20, 0.6),),
        *((Source(7, 0.5), Source(8, 0.3, PREVIOUS), Source(11, 0.2, LabelledBy(1))),) * 2,
    ),
    "rephrased, least squares": rephrase(power(10), 3, 25, 0.5, _FIT, synthetic_share=0.6, extra_noise=0.2),
    "blended labels, least squares": blend_labels(isotropic(9), 4, 22, 0.4, _FIT, real_share=0.3),
    "blended labels, the same rows": blend_labels(isotropic(9), 3, 24, 0.4, _FIT, real_share=0.4, same_rows=True),
    "blended labels, minimum norm below, isotropic": _blended(isotropic(20), 9, 0.4, share=0.7, estimator=_FIT),
    "label noise injected": inject_noise(power(9), 3, 22, 0.3, _FIT, label=0.4),
}

EQUIVALENT: dict[str, Chain] = {
    "rephrased, ridge": rephrase(power(SMALL), 3, 46, 0.4, Ridge(0.03), synthetic_share=0.7, extra_noise=0.2),
    "blended labels, ridge, isotropic": blend_labels(isotropic(SMALL), 3, 44, 0.5, Ridge(0.2), real_share=0.4),
    "blended labels, ridge, rows below": _blended(power(SMALL), 15, 0.3, share=0.6, estimator=Ridge(0.05)),
    "blended labels, ridge, random truth": _blended(random_truth(), 42, 0.6, share=0.8, estimator=Ridge(0.04)),
    "blended labels, ridge, two levels": _blended(two_levels(), 38, 0.4, share=0.3, estimator=Ridge(0.06)),
    "blended labels, minimum norm below the rank": _blended(power(32, 1.3), 13, 0.2, share=0.5, estimator=_FIT),
    "label noise injected, ridge": inject_noise(linear(), 3, 40, 0.4, Ridge(0.15), label=0.3),
    "one weight for all rows, ridge": _weighted(2.5, Ridge(0.05)),
}

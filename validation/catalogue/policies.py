"""Policies of the public debate by least squares: refitted covariates, a fifth of real rows, noise on purpose."""

from __future__ import annotations

from ...theory.problem import (
    Chain,
    MinimumNorm,
    inject_noise,
    regenerate_covariates,
    rephrase,
    retain_real,
)
from .populations import isotropic, power, rank_deficient, spiked

_FIT = MinimumNorm()

EXACT: dict[str, Chain] = {
    "refitted covariates": regenerate_covariates(isotropic(8), 3, 40, 0.4, _FIT),
    "refitted covariates, rescaled": regenerate_covariates(power(9), 4, 44, [0.4, 0.3, 0.5, 0.4], _FIT, rescale=1.2),
    "refitted covariates, rank below dimension": regenerate_covariates(rank_deficient(), 3, 48, 0.3, _FIT),
    "fresh real rows, a fifth": retain_real(spiked(9), 4, 30, 0.5, _FIT, share=0.2),
    "fresh real rows, close to the threshold": retain_real(isotropic(10), 4, 20, 0.5, _FIT, share=0.3),
    "rephrased with more noise": rephrase(power(8), 3, 30, 0.4, _FIT, synthetic_share=0.8, extra_noise=0.3),
    "input noise injected": inject_noise(power(8), 4, 34, 0.4, _FIT, label=0.3, input=0.35),
    "label noise injected, rank below dimension": inject_noise(rank_deficient(), 3, 36, 0.3, _FIT, label=0.4),
}

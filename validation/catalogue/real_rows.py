"""Chains that keep the same real rows in every generation."""

from __future__ import annotations

from ...theory.problem import (
    PREVIOUS,
    TRUTH,
    Chain,
    Generation,
    Kept,
    MinimumNorm,
    Source,
    retain_real,
)
from .populations import SMALL, isotropic, power, spiked

_FIT = MinimumNorm()


def _kept(real: Source, *synthetic: Source, weight: float = 1.0) -> Chain:
    """Real rows alone first, then beside each of the synthetic sources."""
    later = (Generation((Kept(1, weight=weight), source), _FIT) for source in synthetic)
    return Chain(spiked(SMALL), (Generation((real,), _FIT), *later))


EQUIVALENT: dict[str, Chain] = {
    "the same real rows, a half": retain_real(power(SMALL), 3, 96, 0.4, _FIT, share=0.5, same_rows=True),
    "the same real rows, a third, full start": retain_real(
        isotropic(SMALL), 3, 120, 0.5, _FIT, share=0.35, same_rows=True, start_full=True
    ),
    "the same real rows, two noises": retain_real(
        power(SMALL), 3, 100, 0.3, _FIT, share=0.6, same_rows=True, real_noise=0.7
    ),
    "the same real rows, unequal synthetic ones": _kept(
        Source(60, 0.5, TRUTH), Source(30, 0.4, PREVIOUS), Source(45, 0.2, PREVIOUS)
    ),
    "the same real rows, weighted": _kept(
        Source(56, 0.4, TRUTH), Source(40, 0.5, PREVIOUS), Source(40, 0.5, PREVIOUS), weight=1.8
    ),
}

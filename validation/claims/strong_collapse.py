"""Claims of the paper on strong collapse: what a little synthetic data does to one fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np

from ...theory.evaluation.collapse_over import MixtureErrors, collapse_over
from ...theory.evaluation.width_study import WidthStudy
from ...theory.problem import (
    Chain,
    GaussianTarget,
    Generation,
    Isotropic,
    MinimumNorm,
    Population,
    PowerLaw,
    RandomProjection,
    Shifted,
    Source,
    Spectrum,
    UniformTarget,
)
from ..figures.strong_collapse import plot_clean_rate, plot_collapse_versus_width, plot_plateau
from .claim import Claim, Evidence, everywhere

DECAY = 0.01  # the slope of log E in log n that counts as none
SEARCHED = 200  # penalties in each of two searches, the second within one step of the first
RELEVANT = 0.05  # the share of c^2 below which a collapse term would count as removed


class ErrorFormula(Protocol):
    """What these claims are judged by; `collapse_over` is one."""

    def __call__(
        self, chain: Chain, *, rows: Any = ..., width: Any = ..., penalty: Any = ..., synthetic_share: Any = ...
    ) -> MixtureErrors: ...


def mixture(
    spectrum: Spectrum,
    *,
    shift: float,
    noise: float,
    rows: int = 200,
    share: float = 0.5,
    width: int | None = None,
) -> Chain:
    """One fit without a penalty on real rows and rows of a shifted truth; truth and shift favour no direction.

    Args:
        spectrum: of the rows.
        shift: c > 0, with c^2 = E|x'o|^2 for the offset o.
        noise: standard deviation of all label noise, >= 0.
        rows: n, at least two.
        share: of synthetic rows, so that there is a row of either kind.
        width: of a random projection; None for none.

    Returns:
        A chain of one generation, as `collapse_over` wants it.

    >>> chain = mixture(Isotropic(4), shift=2.0, noise=0.1, rows=40)
    >>> chain.generations[0].sources[1].labels.offset.variance(1, chain.population.spectrum)  # c^2/tr Sigma
    np.float64(1.0)
    """
    synthetic = round(share * rows)
    variance = shift**2 / float(np.sum(spectrum.eigenvalues()))
    shifted = Shifted(GaussianTarget(np.full(spectrum.dimension, variance)))
    sources = Source(rows - synthetic, noise), Source(synthetic, noise, shifted)
    estimator = MinimumNorm() if width is None else RandomProjection(width)
    return Chain(Population(spectrum, UniformTarget()), (Generation(sources, estimator),))


def a_little_stops_the_decay(chain: Chain, formula: ErrorFormula) -> Evidence:
    """From 10^3 to 10^13 rows without a penalty: E ~ 1/n of real labels, E -> f^2 c^2 of others.

    Args:
        chain: as for `collapse_over`, by `MinimumNorm`.
        formula: for the error.

    Returns:
        An `Evidence`; "plateau" is the error of f = 0.001 at the most rows, "slope" d log E/d log n there.
    """
    shares, rows = np.array([0.0, 0.001, 0.01, 0.1]), np.geomspace(1e3, 1e13, 81)
    error = formula(chain, rows=rows[:, None], synthetic_share=shares).error
    slope = np.log(error[-1] / error[-2]) / np.log(rows[-1] / rows[-2])
    plateau = shares[1:] ** 2 * _squared_shift(chain)
    stopped = np.abs(slope[1:]) < DECAY
    reached = np.abs(error[-1, 1:] / plateau - 1) < DECAY
    decays = abs(slope[0] + 1) < DECAY
    numbers = {
        "plateau": float(error[-1, 1]),
        "slope": float(slope[1]),
        "slope of real labels": float(slope[0]),
    }
    holds = bool(decays and stopped.all() and reached.all())
    return Evidence(holds, numbers, lambda ax: plot_plateau(chain, list(shares), rows, ax=ax))


def a_peak_divides_the_widths(chain: Chain, formula: ErrorFormula) -> Evidence:
    """Widths below, at and above n, for several shares: zeta rises, is infinite, falls, and stays.

    Args:
        chain: as for `collapse_over`, by a ridgeless `RandomProjection`, with fewer rows than dimensions.
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are zeta at a share of a half, by the width.
    """
    rows, shares = float(chain.rows[0]), np.array([0.1, 0.5, 0.9])
    below = rows * np.array([*np.linspace(0.1, 0.9, 17), 0.95, 0.98])
    above = rows * np.array([1.02, 1.05, *np.geomspace(1.1, 20.0, 17), 1e6])
    widths = np.array([*below, rows, *above])
    found = formula(chain, width=widths[:, None], synthetic_share=shares)
    low, peak, high = np.split(found.collapse, [len(below), len(below) + 1])
    amplified, mitigated = np.all(np.diff(low, axis=0) > 0), np.all(np.diff(high, axis=0) < 0)
    remains = np.all(high[-1] > RELEVANT * _squared_shift(chain))
    numbers = {
        "0.1 n": float(low[0, 1]),
        "0.9 n": float(low[16, 1]),
        "1.1 n": float(high[2, 1]),
        "in the end": float(high[-1, 1]),
    }
    study = _study(chain, widths[:-1], np.zeros(len(widths) - 1), MixtureErrors(*(one[:-1, 1] for one in found)))
    holds = bool(amplified and mitigated and remains and np.isinf(peak).all())
    return Evidence(holds, numbers, lambda ax: plot_collapse_versus_width(study, ax=ax))


def tuned_models_amplify(chain: Chain, formula: ErrorFormula) -> Evidence:
    """Widths from n/10 to 20 n, each at the penalty of least error: E falls, zeta and the gap to real labels rise.

    Args:
        chain: as for `collapse_over`, by a `RandomProjection`; noises are equal.
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are E, zeta and the gap of the narrowest and of the widest model.
    """
    widths = float(chain.rows[0]) * np.geomspace(0.1, 20.0, 12)
    penalty, found = _tuned(chain, widths, formula, lambda one: one.error)
    _, real = _tuned(chain, widths, formula, lambda one: one.bias + one.variance)
    study = _study(chain, widths, penalty, found, real=real.bias + real.variance)
    curves = {"error": -study.error, "collapse": study.collapse, "gap": study.gap}
    numbers = {
        f"{name}, {end}": float(abs(curve[at]))
        for name, curve in curves.items()
        for end, at in (("narrowest", 0), ("widest", -1))
    }
    holds = all(bool(np.all(np.diff(curve) > 0)) for curve in curves.values())
    return Evidence(holds, numbers, lambda ax: plot_collapse_versus_width(study, ax=ax))


def vanishing_shares_are_not_enough(chain: Chain, formula: ErrorFormula) -> Evidence:
    """From 10^4 to 10^10 rows: f = n^(-1/2) leaves 1 + c^2/(sigma^2 d), n^(-1/4) grows, n^(-3/4) is harmless.

    Args:
        chain: as for `collapse_over`, by `MinimumNorm`, one noise.
        formula: for the error.

    Returns:
        An `Evidence`; its numbers are the ratios to the error of real labels at 2e6 rows and at the most.
    """
    rows = np.array([*np.geomspace(1e4, 1e6, 20), 2e6, *np.geomspace(4e6, 1e10, 20)])
    powers = np.array([0.5, 0.25, 0.75])
    found = formula(chain, rows=rows[:, None], synthetic_share=rows[:, None] ** -powers)
    ratio = found.error / (found.bias + found.variance)
    noise, rank = chain.generations[0].generated[0].noise, float(chain.population.spectrum.rank())
    limit = 1 + _squared_shift(chain) / (noise**2 * rank)
    left = abs(ratio[-1, 0] / limit - 1) < 1e-3
    grows = np.all(np.diff(ratio[:, 1]) > 0) and ratio[-1, 1] > 10 * ratio[0, 1]
    harmless = abs(ratio[-1, 2] - 1) < 1e-3
    at = int(np.flatnonzero(rows == 2e6)[0])
    numbers = {
        "n^(-1/2) at 2e6": float(ratio[at, 0]),
        "n^(-1/2) in the end": float(ratio[-1, 0]),
        "n^(-1/4) at 2e6": float(ratio[at, 1]),
        "n^(-1/4) in the end": float(ratio[-1, 1]),
        "n^(-3/4) in the end": float(ratio[-1, 2]),
    }
    named = {f"$f = n^{{-{name}}}$": ratio[:, k] for k, name in enumerate(("1/2", "1/4", "3/4"))}
    return Evidence(bool(left and grows and harmless), numbers, lambda ax: plot_clean_rate(rows, named, ax=ax))


def _squared_shift(chain: Chain) -> float:
    """c^2 = sum s E o^2."""
    labels, spectrum = chain.generations[0].generated[1].labels, chain.population.spectrum
    assert isinstance(labels, Shifted)
    return float(np.sum(spectrum.eigenvalues() * labels.offset.second_moments(spectrum)))


def _tuned(
    chain: Chain, widths: Any, formula: ErrorFormula, objective: Callable[[MixtureErrors], Any]
) -> tuple[Any, MixtureErrors]:
    """The penalty of least objective at each width, up to 10^-3, and all that is known there."""
    scale = float(np.sum(chain.population.spectrum.eigenvalues()))
    logs = np.broadcast_to(np.log(scale) + np.linspace(-20.0, 5.0, SEARCHED), (len(widths), SEARCHED))
    for _ in range(2):
        found = formula(chain, width=widths[:, None], penalty=np.exp(logs))
        best = np.argmin(objective(found), axis=1)[:, None]
        middle, step = np.take_along_axis(logs, best, axis=1), logs[:, 1:2] - logs[:, :1]
        kept = MixtureErrors(*(np.take_along_axis(one, best, axis=1)[:, 0] for one in found))
        logs = middle + step * np.linspace(-1.0, 1.0, SEARCHED)
    return np.exp(middle[:, 0]), kept


def _study(chain: Chain, widths: Any, penalty: Any, found: MixtureErrors, real: Any = None) -> WidthStudy:
    """As `collapse_versus_width` would give it, of any formula."""
    own = found.bias + found.variance if real is None else real
    return WidthStudy(chain, widths, penalty, *found[:4], own, tuned=real is not None)


_LOW = partial(mixture, rows=10_000)
_MANY_FEATURES = partial(mixture, shift=0.5**0.5, noise=0.1**0.5, rows=200, width=20)

STRONG_COLLAPSE_CLAIMS: tuple[Claim[ErrorFormula], ...] = (
    Claim(
        "a thousandth stops the decay",
        "A synthetic fraction of 1/1000 already stops the decay of the error with the rows.",
        "10^3 to 10^13 rows, f = 0, 0.001, 0.01, 0.1, 100 dimensions, isotropic and k^(-1.2), no penalty",
        everywhere(
            a_little_stops_the_decay,
            _LOW(Isotropic(100), shift=1.0, noise=0.3),
            _LOW(PowerLaw(100, 1.2), shift=1.0, noise=0.3),
        ),
        collapse_over,
    ),
    Claim(
        "larger models amplify, then mitigate",
        "Without a penalty larger models amplify collapse below the interpolation threshold; above it they mitigate "
        "it, but do not remove it.",
        "200 rows, 400 dimensions, widths 20 to 2 10^8, f = 0.1, 0.5, 0.9, isotropic and k^(-1.2)",
        everywhere(a_peak_divides_the_widths, _MANY_FEATURES(Isotropic(400)), _MANY_FEATURES(PowerLaw(400, 1.2))),
        collapse_over,
    ),
    Claim(
        "tuned larger models amplify",
        "With the penalty tuned at every width the error falls in the width, yet the collapse term and the gap to "
        "the tuned fit on real labels rise (for a truth that favours no direction).",
        "200 rows, 400 dimensions, widths 20 to 4000, half of the rows synthetic, isotropic and k^(-1.2)",
        everywhere(
            tuned_models_amplify,
            _MANY_FEATURES(Isotropic(400)),
            _MANY_FEATURES(PowerLaw(400, 1.2), shift=0.005**0.5, noise=0.1),
        ),
        collapse_over,
    ),
    Claim(
        "a vanishing share is not enough",
        "f -> 0 restores consistency but not the clean rate: f = n^(-1/2) leaves the ratio 1 + c^2/(sigma^2 d), "
        "f = n^(-1/4) makes it grow without end.",
        "10^4 to 10^10 rows, 100 dimensions, isotropic, c^2 = 0.5, sigma^2 = 0.1, no penalty",
        everywhere(vanishing_shares_are_not_enough, _LOW(Isotropic(100), shift=0.5**0.5, noise=0.1**0.5)),
        collapse_over,
    ),
)
